"""Peak memory of one aging, over the process before its table was read.

Each is measured in a process of its own::

python -m benchmarks.peers.report_memory --report "DuckDB SQL" --file invoices.parquet --small few.parquet
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from benchmarks.memory import memory_bytes, settled_memory
from benchmarks.peers.aging import REPORTS


def measured(name: str, file: Path, small: Path) -> dict[str, int]:
    """Read the table, age it, and return the bytes of both."""
    report = REPORTS[name]
    # Once with little, so that what is only imported or started counts as neither
    report.aged(report.prepared(small))
    before = settled_memory()
    table = report.prepared(file)
    held = settled_memory() - before
    kept = report.aged(table)
    peak = memory_bytes("VmHWM") - before
    del kept
    return {"held": held, "peak": peak}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--report", choices=list(REPORTS), required=True)
    parser.add_argument("--file", type=Path, required=True)
    parser.add_argument("--small", type=Path, required=True)
    options = parser.parse_args()
    print(json.dumps(measured(options.report, options.file, options.small)))


if __name__ == "__main__":
    main()
