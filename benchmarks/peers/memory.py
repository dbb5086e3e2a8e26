"""Peak memory of one tool's load.

Each is measured in a process of its own::

python -m benchmarks.peers.memory --side msgspec --url http://127.0.0.1:8000
"""

from __future__ import annotations

import argparse
import json

from benchmarks.memory import peak_over_imports, settled_memory
from benchmarks.peers.fault_server import serve_fault
from benchmarks.peers.faulty_pages import FaultyPages, clean, page
from benchmarks.peers.loads import side_of
from benchmarks.peers.tool import TIMED, tool

# Loaded once beforehand, so that the imports of a tool's first load are not measured.
SMALL = FaultyPages("none", "amount", (), {"": page("transactions", clean("transactions", 1, 2))})


def measure(name: str, url: str) -> dict[str, int]:
    """Load the transactions and return rows, cents and the bytes at the peak."""
    with serve_fault(SMALL) as small, side_of(tool(name), "transactions", small.url).open() as load:
        load()
    settled_memory()
    return peak_over_imports(side_of(tool(name), "transactions", url))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--side", choices=TIMED, required=True)
    parser.add_argument("--url", required=True)
    options = parser.parse_args()
    print(json.dumps(measure(options.side, options.url)))


if __name__ == "__main__":
    main()
