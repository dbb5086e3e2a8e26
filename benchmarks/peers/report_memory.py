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


def measure(name: str, file: Path, small: Path) -> dict[str, int]:
    """Read the table, age it, and return the bytes of both."""
    report = REPORTS[name]
    # Once with few rows, so that imports and starts count as neither
    report.age(report.prepare(small))
    before = settled_memory()
    table = report.prepare(file)
    table_bytes = settled_memory() - before
    result = report.age(table)
    peak = memory_bytes("VmHWM") - before
    del result
    return {"held": table_bytes, "peak": peak}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--report", choices=list(REPORTS), required=True)
    parser.add_argument("--file", type=Path, required=True)
    parser.add_argument("--small", type=Path, required=True)
    options = parser.parse_args()
    print(json.dumps(measure(options.report, options.file, options.small)))


if __name__ == "__main__":
    main()
