"""The results of every tool on every faulty page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.measure import Section
from benchmarks.peers.classify import Result, classify, count_acceptable
from benchmarks.peers.fault_server import serve_fault
from benchmarks.peers.faulty_pages import FAULTS, FaultyPages
from benchmarks.peers.tool import Tool, tool


def load_faulty(tested: Tool, fault: FaultyPages) -> Result:
    """Load the pages of a fault with a tool."""
    with serve_fault(fault) as log, tested.open(log.url) as client:
        load = {"transactions": tested.transactions, "orders": tested.orders}[fault.resource]
        try:
            loaded: Any = load(client)
        except Exception:  # noqa: BLE001 - an error of any kind is not a wrong figure
            return Result(refused=True, endless=log.endless)
        if log.endless:
            return Result(endless=True)
        frames = tested.frames(loaded)
    frame = next((frame for frame in frames if fault.column in frame), frames[0])
    left_out = frames[0].attrs.get("receipt", {}).get("rows_refused", 0)
    rows: list[dict[Any, Any]] = frame.to_dict("records")
    return Result(rows, left_out)


def cells_of(name: str) -> list[str]:
    """Return a tool's column of the table."""
    tested = tool(name)
    return [classify(fault, load_faulty(tested, fault)) for fault in FAULTS]


def table(title: str, names: Sequence[str]) -> Section:
    """Return the table of tools and faults, with the counts of acceptable cells at the foot."""
    columns = {name: cells_of(name) for name in names}
    rows = [
        [fault.name, *cells] for fault, cells in zip(FAULTS, zip(*columns.values(), strict=True), strict=True)
    ]
    counts = [count_acceptable(cells) for cells in columns.values()]
    rows.append([f"**acceptable, of {len(FAULTS)}**", *(f"**{acceptable}**" for acceptable, _ in counts)])
    rows.append(["of them read", *(str(read) for _, read in counts)])
    return Section(title, ["what is sent", *names], rows, [])
