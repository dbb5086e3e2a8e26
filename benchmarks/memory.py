"""Peak memory of a load, over the memory the process had after its imports.

Each load runs in a fresh process::

    python -m benchmarks.memory --side rutterframe --url http://127.0.0.1:8000

Both sides import the same modules first, so that only the load differs. The peak is ``VmHWM``: unlike
``ru_maxrss`` it is not inherited from the process that started this one.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import resource
import subprocess
import sys
from pathlib import Path

from benchmarks import baselines, subject

ROOT = Path(__file__).resolve().parent.parent
STATUS = Path("/proc/self/status")
CLEAR_REFS = Path("/proc/self/clear_refs")
MEGABYTE = 1024 * 1024
SIDES = ("user's loop", "rutterframe")


def memory_bytes(field: str) -> int:
    """Return VmRSS or VmHWM of this process; where there is no /proc, the peak so far."""
    if STATUS.exists():
        for line in STATUS.read_text().splitlines():
            if line.startswith(f"{field}:"):
                return int(line.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def measured(side: str, url: str) -> dict[str, int]:
    """Load the transactions and return rows, cents and the bytes at the peak over what the imports took."""
    with contextlib.suppress(OSError):
        CLEAR_REFS.write_text("5")  # the peak of the imports themselves is not the load's
    before = memory_bytes("VmRSS")
    if side == "rutterframe":
        with subject.opened(url) as client:
            frame = subject.transactions(client)
    else:
        with baselines.open_client(url) as plain:
            frame = baselines.user_transactions(plain)
    peak = memory_bytes("VmHWM") - before
    return {"rows": len(frame), "cents": baselines.cents(frame["amount"]), "peak": peak}


def in_fresh_process(side: str, url: str) -> dict[str, int]:
    """Run one load in a process of its own and return what it measured."""
    finished = subprocess.run(
        [sys.executable, "-m", "benchmarks.memory", f"--side={side}", f"--url={url}"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    figures: dict[str, int] = json.loads(finished.stdout)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--side", choices=SIDES, required=True)
    parser.add_argument("--url", required=True)
    options = parser.parse_args()
    print(json.dumps(measured(options.side, options.url)))


if __name__ == "__main__":
    main()
