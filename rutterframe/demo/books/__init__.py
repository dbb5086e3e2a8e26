"""The books of two made-up companies: who they are, what they sell and buy, and what they are owed."""
