"""What the command line is made of: its commands, and what they print."""
