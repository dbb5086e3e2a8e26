"""Peak memory of a load, over the memory the process had after its imports.

Each load runs in a fresh process::

    python -m benchmarks.memory --side rutterframe --url http://127.0.0.1:8000

Both sides import the same modules first, so that only the load differs. The peak is ``VmHWM``: unlike
``ru_maxrss`` it is not inherited from the process that started this one.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import gc
import json
import resource
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from benchmarks import baselines, subject
from benchmarks.measure import Loaded, Side

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


def settled_memory() -> int:
    """Release free memory, reset the peak, and return the bytes of this process."""
    gc.collect()
    pa.default_memory_pool().release_unused()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    with contextlib.suppress(OSError):
        CLEAR_REFS.write_text("5")
    return memory_bytes("VmRSS")


def peak_over_imports(side: Side) -> dict[str, int]:
    """Load, and return rows, cents, and the peak in bytes over the memory after the imports."""
    with contextlib.suppress(OSError):
        CLEAR_REFS.write_text("5")  # the peak of the imports is not part of the load's
    before = memory_bytes("VmRSS")
    with side.open() as load:
        loaded = load()
        peak = memory_bytes("VmHWM") - before
        assert side.summarize is not None
        result = side.summarize(loaded)
    return {"rows": result.rows, "cents": result.cents, "peak": peak}


@contextlib.contextmanager
def open_side(side: str, url: str) -> Iterator[Callable[[], pd.DataFrame]]:
    """Open a client of one of the two sides, and yield its load."""
    if side == "rutterframe":
        with subject.open_client(url) as client:
            yield lambda: subject.transactions(client)
    else:
        with baselines.open_client(url) as plain:
            yield lambda: baselines.user_transactions(plain)


def summarize(frame: pd.DataFrame) -> Loaded:
    """Reduce transactions to rows and cents."""
    return Loaded(len(frame), baselines.cents(frame["amount"]))


def run_in_process(module: str, **options: object) -> Any:
    """Run one measurement of a module in a process of its own and return what it printed."""
    arguments = [f"--{name}={value}" for name, value in options.items()]
    result = subprocess.run(
        [sys.executable, "-m", module, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    return json.loads(result.stdout)


def peaks(module: str, sides: Sequence[str], rounds: int, url: str) -> tuple[dict[str, float], list[str]]:
    """Return the median peak of every side, in turn, and a sentence if they did not load the same."""
    figures: dict[str, list[dict[str, int]]] = {side: [] for side in sides}
    for _ in range(rounds):
        for side, runs in figures.items():
            runs.append(run_in_process(module, side=side, url=url))
    loaded = {Loaded(run["rows"], run["cents"]) for runs in figures.values() for run in runs}
    differences = [] if len(loaded) == 1 else [f"the sides loaded different rows or amounts: {loaded}"]
    return {
        side: statistics.median(run["peak"] for run in runs) for side, runs in figures.items()
    }, differences


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--side", choices=SIDES, required=True)
    parser.add_argument("--url", required=True)
    options = parser.parse_args()
    side = Side(options.side, lambda: open_side(options.side, options.url), summarize)
    print(json.dumps(peak_over_imports(side)))


if __name__ == "__main__":
    main()
