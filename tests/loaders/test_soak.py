"""A soak in bad weather: thousands of pages, several connections at once, and not one row lost or doubled."""

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
#: Of each kind so many faults, somewhere; a quarter of them strike more often than a read is tried.
EACH = 12
#: A load that has not come through after so many resumptions is stuck.
MOST_RESUMPTIONS = 60
#: Tries three times without waiting: tests do not sleep.
AT_ONCE = rf.RetryPolicy(attempts=3, wait_initial=0.0, wait_max=0.0)


def storm(server: DemoServer, seed: int) -> list[Fault]:
    """Draw the weather: every kind of fault, at places that exist, for as long as chance wants."""
    chance = random.Random(seed)  # noqa: S311 - weather, no secret
    lists = [
        (connection, resource, -(-len(rows) // PAGE_SIZE))
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


def load_through(
    connections: list[rf.Connection],
) -> tuple[dict[str, pd.DataFrame], list[rf.RutterframeError]]:
    """Load everything, resuming whenever the load raises; give the frames and all that was raised."""
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
    """Count records by what no weather changes: id, amount, currency, and all amounts and counts of lines."""
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
    """Give the values of lines, in order; 3 and 3.0 are the same."""
    return tuple(tuple(sorted(line.items(), key=lambda field: field[0])) for line in lines)


@pytest.mark.slow
@pytest.mark.timeout(280)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_row_is_lost_or_doubled(seed: int) -> None:
    """Whatever the weather, a load of everything is complete and exact or raises, and resumed it is exact."""
    with (
        DemoServer(page_size=PAGE_SIZE) as server,
        rf.Client(
            client_id=server.client_id,
            client_secret=server.client_secret,
            environment=server.url,
            access_tokens=server.access_tokens,
            retry=AT_ONCE,
            rate_limit=None,
        ) as client,
    ):
        server.configure(faults=storm(server, seed))
        frames, raised = load_through([client.connection(name) for name in HEALTHY])
        for resource, frame in frames.items():
            for connection in HEALTHY:
                sent = server.books.rows(connection, resource)
                got = frame[frame["connection_id"] == connection].to_dict("records")
                assert content(got, resource) == content(sent, resource), (resource, connection)
            receipt = frame.attrs["receipt"]
            assert (receipt["complete"], receipt["rows"]) == (True, len(frame))
        # The weather was as bad as it was meant to be, and was seen: otherwise nothing was shown.
        assert len(server.requests) > 2_000
        assert server.plan.triggers > 200
        kinds = {type(one) for error in raised for one in getattr(error, "errors", (error,))}
        assert {rf.InvalidRows, rf.PaginationError, rf.BadRequest, rf.ServerError} <= kinds
        assert sum(frame.attrs["receipt"]["duplicates_dropped"] for frame in frames.values()) > 0
