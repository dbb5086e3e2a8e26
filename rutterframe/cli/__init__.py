"""The command line: ``rutterframe demo``, ``load``, ``report``, ``refresh``, ``status`` and ``doctor``."""

from rutterframe.cli.app import app

__all__ = ["app"]
