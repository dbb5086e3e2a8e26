"""Count the calls of three operations of the package: ``python -m benchmarks.calls``.

One page from the request to its frame, one aging from its frame to HTML, one refresh of one list. Counted are
calls of functions that are defined in rutterframe (not in its demo), their functions and modules, and
how often a call goes to another module than the call before it in the same thread. Only public functions are
called, so that two versions of the package can be compared.
"""

from __future__ import annotations

import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import rutterframe as rf
from rutterframe.views import tables

PACKAGE = str(Path(rf.__file__).parent)
DEMO = str(Path(PACKAGE) / "demo")


@dataclass
class Trace:
    """The calls of functions of the package, as a profiler receives them."""

    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    changes: int = 0
    previous: dict[int, str] = field(default_factory=dict)

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        """Count a call."""
        name = frame.f_code.co_filename
        if event != "call" or not name.startswith(PACKAGE) or name.startswith(DEMO):
            return
        module = name.removeprefix(PACKAGE)
        self.calls[module, frame.f_code.co_qualname] += 1
        thread = threading.get_ident()
        self.changes += self.previous.get(thread, module) != module
        self.previous[thread] = module


def trace_calls(function: Callable[[], Any]) -> Trace:
    """Run a function twice, and count the calls of the second run, when imports and caches are done."""
    function()
    trace = Trace()
    threading.setprofile(trace)
    sys.setprofile(trace)
    try:
        function()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    return trace


def main() -> None:
    """Print a line for each operation."""
    with rf.demo(page_size=500) as client, tempfile.TemporaryDirectory() as folder:
        ledger = client.connection("roaster-quickbooks")
        invoices = rf.load_invoices(ledger, progress=False)
        aging = rf.reports.ar_aging(invoices, "2026-06-30")
        number = iter(range(10))
        operations = {
            "one page, from request to frame": lambda: rf.load_accounts(ledger, progress=False),
            "one aging, from frame to HTML": lambda: tables.aging(aging).as_raw_html(),
            "one aging, the table alone": lambda: tables.aging(aging),
            "one refresh of one list": lambda: rf.refresh(
                [ledger], Path(folder) / str(next(number)), resources=["accounts"]
            ),
        }
        print(f"{'':34}{'calls':>8}{'functions':>11}{'modules':>9}{'changes of module':>19}")
        for name, operation in operations.items():
            trace = trace_calls(operation)
            modules = {module for module, _ in trace.calls}
            print(
                f"{name:34}{trace.calls.total():>8}{len(trace.calls):>11}{len(modules):>9}{trace.changes:>19}"
            )


if __name__ == "__main__":
    main()
