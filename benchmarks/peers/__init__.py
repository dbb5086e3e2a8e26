"""rutterframe side by side with other tools: in one run, on the same server and data."""
