"""The command line: ``rutterframe demo``, ``load``, ``report``, ``refresh`` and ``doctor``."""

from rutterframe.cli.app import app

__all__ = ["app"]
