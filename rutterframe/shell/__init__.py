"""What the command line is made of: its commands, the statements they make, and what they print."""
