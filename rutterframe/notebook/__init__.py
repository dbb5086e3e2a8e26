"""Display in notebooks: HTML cards and short tracebacks."""
