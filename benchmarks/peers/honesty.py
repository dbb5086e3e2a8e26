"""The table of lies: every tool on every dirty page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.measure import Section
from benchmarks.peers.dirty_server import serving
from benchmarks.peers.judge import Answer, honesty, judged
from benchmarks.peers.lies import LIES, Lie
from benchmarks.peers.tool import Tool, tool


def answer(asked: Tool, lie: Lie) -> Answer:
    """Let a tool load a dirty page."""
    with serving(lie) as served, asked.opened(served.url) as client:
        load = {"transactions": asked.transactions, "orders": asked.orders}[lie.resource]
        try:
            loaded: Any = load(client)
        except Exception:  # noqa: BLE001 - whatever a tool raises, it did not give wrong figures
            return Answer(refused=True, endless=served.endless)
        if served.endless:
            return Answer(endless=True)
        frames = asked.frames(loaded)
    frame = next((frame for frame in frames if lie.column in frame), frames[0])
    told = frames[0].attrs.get("receipt", {}).get("rows_refused", 0)
    rows: list[dict[Any, Any]] = frame.to_dict("records")
    return Answer(rows, told)


def cells_of(name: str) -> list[str]:
    """Give a tool's column of the table."""
    asked = tool(name)
    return [judged(lie, answer(asked, lie)) for lie in LIES]


def table(title: str, names: Sequence[str]) -> Section:
    """Ask tools about every lie; at the foot, how many cells are honest, and in how many a page was read."""
    columns = {name: cells_of(name) for name in names}
    rows = [[lie.name, *cells] for lie, cells in zip(LIES, zip(*columns.values(), strict=True), strict=True)]
    counts = [honesty(cells) for cells in columns.values()]
    rows.append([f"**honest, of {len(LIES)}**", *(f"**{honest}**" for honest, _ in counts)])
    rows.append(["of them read", *(str(read) for _, read in counts)])
    return Section(title, ["what is sent", *names], rows, [])
