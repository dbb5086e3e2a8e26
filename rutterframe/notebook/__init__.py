"""What a notebook shows: HTML cards and short tracebacks."""
