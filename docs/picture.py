"""Draw the README's picture from what ``rutterframe demo`` shows: ``python docs/picture.py``."""

from __future__ import annotations

import io
import re
import time
from pathlib import Path

from rich.console import Console

import rutterframe as rf
from rutterframe.reports import statements
from rutterframe.shell.report_text import tables
from rutterframe.shell.terminal import frame_table, verdict

WIDTH = 104


def main() -> None:
    """Load the demo and save some of its tables as SVG."""
    console = Console(record=True, width=WIDTH, file=io.StringIO())
    with rf.demo() as client:
        connections = rf.load_connections(client, progress=False)
        active = [client.connection(name) for name in connections.query("status == 'active'")["id"]]
        started = time.perf_counter()
        invoices = rf.load_invoices(active, progress=False)
        console.print(frame_table("invoices", invoices, time.perf_counter() - started))
        frames = rf.load_all(active, progress=False)
    console.print(verdict(frames), end="\n\n")
    made = statements.make(statements.NEEDED, frames, "2026-06-30")
    for report in (made.reports["Cash"], *made.tie_outs()):
        for table in tables(report, width=WIDTH):
            console.print(table)
            console.print()
    console.print(f"Tie-out: [bold]{made.verdict}[/bold]", highlight=False)
    drawn = console.export_svg(title="make demo")
    # The picture must not fetch fonts from anywhere.
    drawn = re.sub(r"@font-face \{.*?\}", "", drawn, flags=re.DOTALL)
    Path(__file__).with_name("demo.svg").write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    main()
