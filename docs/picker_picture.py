"""Draw the README's picture of the connection picker: ``python docs/picker_picture.py``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

TEST = "tests/browser/test_picker.py::test_picture"


def main() -> None:
    """Run the test that draws it, in a real JupyterLab, and have it keep the picture here."""
    docs = Path(__file__).resolve().parent
    subprocess.run(  # noqa: S603 - our own test
        [sys.executable, "-m", "pytest", "-q", TEST],
        cwd=docs.parent,
        env=os.environ | {"RUTTERFRAME_SCREENSHOTS": str(docs)},
        check=True,
    )


if __name__ == "__main__":
    main()
