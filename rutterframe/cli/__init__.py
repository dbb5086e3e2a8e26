"""The command line: ``rutterframe demo``, ``load``, ``report`` and ``refresh``."""

from rutterframe.cli.app import app

__all__ = ["app"]
