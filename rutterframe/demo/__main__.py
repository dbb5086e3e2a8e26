"""Run the demo server: python -m rutterframe.demo."""

from __future__ import annotations

import sys

from rutterframe.demo.command import main

if __name__ == "__main__":
    sys.exit(main())
