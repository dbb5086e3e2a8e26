"""A long load with transient errors: thousands of pages, several connections, no row lost or doubled."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.demo.api.alterations import NUMBERS
from rutterframe.demo.faults import KINDS, Fault
from rutterframe.demo.server import DemoServer
from rutterframe.models import RESOURCES
from tests.conftest import HEALTHY

PAGE_SIZE = 10
#: Faults of each kind, at random pages; a quarter of them occur more often than a read is tried.
EACH = 12
#: A load that is not complete after so many resumptions is stuck.
MOST_RESUMPTIONS = 60
#: Tries three times without waiting: tests do not sleep.
AT_ONCE = rf.RetryPolicy(attempts=3, wait_initial=0.0, wait_max=0.0)


def random_faults(server: DemoServer, seed: int, page_size: int) -> list[Fault]:
    """Return faults of every kind, at random pages that exist, each some times in a row."""
    chance = random.Random(seed)  # noqa: S311 - faults, not secrets
    lists = [
        (connection, resource, -(-len(rows) // page_size))
        for connection in HEALTHY
        for resource in RESOURCES
        if (rows := server.books.rows(connection, resource))
    ]
    weights = [pages for *_, pages in lists]
    faults = []
    for kind in sorted(KINDS) * EACH:
        connection, resource, pages = chance.choices(lists, weights)[0]
        page, times = chance.randint(1, pages), chance.choice([1, 1, 2, 4])
        seconds = 0.001 if kind == "slow" else 0.0
        faults.append(Fault(kind, resource, page, times, connection, seconds))
    chance.shuffle(faults)
    return faults


def load_with_resumptions(
    connections: list[rf.Connection],
) -> tuple[dict[str, pd.DataFrame], list[rf.RutterframeError]]:
    """Load everything, resuming whenever the load raises; return the frames and the errors."""
    raised: list[rf.RutterframeError] = []
    try:
        return rf.load_all(connections, progress=False), raised
    except rf.RutterframeError as error:
        raised.append(error)
    while len(raised) < MOST_RESUMPTIONS:
        try:
            frames = rf.resume(raised[-1], progress=False)
        except rf.RutterframeError as error:
            raised.append(error)
        else:
            assert isinstance(frames, dict)
            return frames, raised
    raise AssertionError(f"stuck after {MOST_RESUMPTIONS} resumptions: {raised[-1]}")


def content(rows: Iterable[Mapping[Any, Any]], resource: str) -> Counter[tuple[Any, ...]]:
    """Count records by what no fault changes: id, amount, currency, and all amounts and counts of lines."""
    amount = NUMBERS.get(resource)
    nested = {"invoices": "line_items", "orders": "line_items"}.get(resource)
    return Counter(
        (
            row["id"],
            None if amount is None else Decimal(str(row[amount])),
            row.get("currency"),
            None if nested is None else values_of(row[nested]),
        )
        for row in rows
    )


def values_of(lines: list[dict[str, Any]]) -> tuple[Any, ...]:
    """Return the values of lines, in order; 3 and 3.0 are the same."""
    return tuple(tuple(sorted(line.items(), key=lambda field: field[0])) for line in lines)


@pytest.mark.slow
@pytest.mark.timeout(280)
@pytest.mark.parametrize(
    "seed", [1, pytest.param(2, marks=pytest.mark.long), pytest.param(3, marks=pytest.mark.long)]
)
def test_no_row_is_lost_or_doubled(seed: int) -> None:
    """With any faults, a load of everything is complete and exact or raises, and resumed it is exact."""
    assert load_with_faults(seed, PAGE_SIZE) > 2_000


@pytest.mark.long
@pytest.mark.timeout(900)
def test_no_row_of_ten_thousand_pages_is_lost_or_doubled() -> None:
    """The same with pages of two rows, which are more than ten thousand."""
    assert load_with_faults(seed=4, page_size=2) > 10_000


def load_with_faults(seed: int, page_size: int) -> int:
    """Load everything with faults until it is complete; check every row, and return the number of pages."""
    with (
        DemoServer(page_size=page_size) as server,
        rf.Client(
            client_id=server.client_id,
            client_secret=server.client_secret,
            environment=server.url,
            access_tokens=server.access_tokens,
            retry=AT_ONCE,
            rate_limit=None,
        ) as client,
    ):
        server.configure(faults=random_faults(server, seed, page_size))
        frames, raised = load_with_resumptions([client.connection(name) for name in HEALTHY])
        for resource, frame in frames.items():
            for connection in HEALTHY:
                sent = server.books.rows(connection, resource)
                got = frame[frame["connection_id"] == connection].to_dict("records")
                assert content(got, resource) == content(sent, resource), (resource, connection)
            receipt = frame.attrs["receipt"]
            assert (receipt["complete"], receipt["rows"]) == (True, len(frame))
        # The faults did occur, and were detected: otherwise the test proves nothing.
        assert server.plan.triggers > 200
        kinds = {type(one) for error in raised for one in getattr(error, "errors", (error,))}
        assert {rf.InvalidRows, rf.PaginationError, rf.BadRequest, rf.ServerError} <= kinds
        assert sum(frame.attrs["receipt"]["duplicates_dropped"] for frame in frames.values()) > 0
        return sum(frame.attrs["receipt"]["pages"] for frame in frames.values())
