"""``python -m rutterframe`` is the command line."""

from rutterframe.cli import app

app()
