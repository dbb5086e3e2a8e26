"""`make matrix` runs pytest on a Python of this machine, and states which one is missing."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.release.conftest import ROOT


def test_a_python_that_is_missing_is_skipped(tmp_path: Path) -> None:
    """A version that this machine has not is skipped with a sentence, and the next one is tested."""
    command = [
        "sh",
        "requirements/matrix.sh",
        "3.99",
        str(tmp_path / "venv"),
        "requirements/dev.lock.txt",
        "--",
        "-q",
    ]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    assert done.stdout == "skipped: no Python 3.99 on this machine\n"
    assert not (tmp_path / "venv").exists()
