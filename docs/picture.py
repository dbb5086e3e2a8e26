"""Draw the README's picture from what ``rutterframe demo`` shows: ``python docs/picture.py``."""

from __future__ import annotations

import io
import re
import time
from pathlib import Path

from rich.console import Console

import rutterframe as rf
from rutterframe.terminal import connections_table, frame_table, verdict

WIDTH = 104


def main() -> None:
    """Load the demo and save some of its tables as SVG."""
    console = Console(record=True, width=WIDTH, file=io.StringIO())
    with rf.demo() as client:
        connections = rf.load_connections(client, progress=False)
        console.print(connections_table(connections))
        active = [client.connection(name) for name in connections.query("status == 'active'")["id"]]
        for resource, load in (("invoices", rf.load_invoices), ("orders", rf.load_orders)):
            started = time.perf_counter()
            frame = load(active, progress=False)
            console.print(frame_table(resource, frame, time.perf_counter() - started))
        frames = rf.load_all(active, progress=False)
    console.print(verdict(frames))
    drawn = console.export_svg(title="make demo")
    # The picture must not fetch fonts from anywhere.
    drawn = re.sub(r"@font-face \{.*?\}", "", drawn, flags=re.DOTALL)
    Path(__file__).with_name("demo.svg").write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    main()
