"""`python -m rutterframe.demo`: the demo server for a shell."""

from __future__ import annotations

import sys

from rutterframe.demo.command import main

if __name__ == "__main__":
    sys.exit(main())
