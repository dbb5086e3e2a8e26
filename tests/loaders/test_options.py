"""The connections of a loader: one, or any iterable of them, read once and not empty."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import rutterframe as rf

NAMES = ("roaster-bank", "gear-bank")

ITERABLES: list[Callable[[list[rf.Connection]], Iterable[rf.Connection]]] = [
    list,
    tuple,
    iter,
    reversed,
    lambda opened: dict.fromkeys(opened).keys(),
    lambda opened: (one for one in opened),
    lambda opened: map(copy.copy, opened),
    lambda opened: filter(None, opened),
    lambda opened: dict(enumerate(opened)).values(),
    lambda opened: np.array(opened, dtype=object),
    pd.Series,
]
EMPTY: list[Any] = [[], (), iter([]), map(str, []), {}.values(), pd.Series([], dtype=object)]


def opened(client: rf.Client) -> list[rf.Connection]:
    return [client.connection(name) for name in NAMES]


@pytest.mark.parametrize("iterable", ITERABLES)
def test_any_iterable(client: rf.Client, iterable: Callable[[list[rf.Connection]], Any]) -> None:
    """A loader, and load_all with its ten resources, read any iterable once."""
    one = rf.load_bank_accounts(iterable(opened(client)), progress=False)
    frames = rf.load_all(iterable(opened(client)), progress=False)
    assert sorted(one["connection_id"].unique()) == ["gear-bank", "roaster-bank"]
    assert {name: len(frame) for name, frame in frames.items() if len(frame)} == {
        "transactions": 2222, "bank_accounts": 8,
    }  # fmt: skip
    for frame in (one, *frames.values()):
        assert sorted(rf.receipt(frame)["connections"]) == ["gear-bank", "roaster-bank"]


@pytest.mark.parametrize("load", [rf.load_invoices, rf.load_all])
@pytest.mark.parametrize("empty", range(len(EMPTY)))
def test_no_connection(load: Callable[..., Any], empty: int) -> None:
    """No connection at all is an error: empty frames would look like books without a row."""
    with pytest.raises(
        ValueError, match=r"^No connection was passed: .*\[client\.connection\(id\) for id in ids\]$"
    ):
        load(EMPTY[empty], progress=False)


@pytest.mark.parametrize("load", [rf.load_invoices, rf.load_all])
def test_something_else(client: rf.Client, load: Callable[..., Any]) -> None:
    """Ids, records, tables and mappings are refused, with the call that opens a connection."""
    record = next(iter(client.connections.list()))
    for wrong in (
        "gear-bank", b"gear-bank", 7, None, record, ["gear-bank"], iter(["gear-bank"]),
        pd.Series(NAMES), rf.load_connections(client, progress=False),
        {"gear-bank": client.connection("gear-bank")},
        [client.connection("gear-bank"), "roaster-bank"], [[client.connection("gear-bank")]],
    ):  # fmt: skip
        with pytest.raises(
            TypeError, match=r"^A loader takes a Connection, or several.*client\.connection\(id"
        ):
            load(wrong, progress=False)


BOOKS = ", or rf.load_books(client) for the reports of every active connection"


def test_a_client_instead_of_a_connection(client: rf.Client) -> None:
    """The error for a client shows the line to write, with a known connection that may have the resource."""
    takes = (
        "{0} takes a Connection, or several, but this is a Client: write {0}(client.connection({1}))" + BOOKS
    )
    for load in (rf.load_invoices, rf.load_all):
        with pytest.raises(TypeError) as raised:
            load(client, progress=False)  # type: ignore[arg-type] # the mistake is the point
        assert str(raised.value) == takes.format(f"rf.{load.__name__}", '"roaster-quickbooks"')
    rf.load_connections(client, progress=False)  # now the platforms are known
    with pytest.raises(TypeError) as raised:
        rf.load_orders(client, progress=False)  # type: ignore[arg-type] # the mistake is the point
    assert str(raised.value) == takes.format("rf.load_orders", '"roaster-shopify"')
    with (
        rf.Client(client_id="a", client_secret="b", access_tokens={}) as unknown,
        pytest.raises(TypeError) as raised,
    ):
        rf.load_bills(unknown, progress=False)  # type: ignore[arg-type] # the mistake is the point
    assert str(raised.value) == takes.format("rf.load_bills", "id")


def test_known_ids() -> None:
    """A client knows the ids of connections with a token, and of those that were listed, each once."""
    with rf.demo() as client:
        known = client.known_ids
        assert known[0] == "roaster-quickbooks"
        rf.load_connections(client, progress=False)
        assert sorted(client.known_ids) == sorted(known)


def test_one_connection_in_chunks(client: rf.Client) -> None:
    """iter_frames takes one connection; anything else is refused before anything is sent."""
    for wrong in ("gear-bank", opened(client), client, None):
        with pytest.raises(TypeError, match=r"^iter_frames takes one Connection, but this is "):
            rf.iter_frames(wrong, "transactions")  # type: ignore[arg-type]


def test_rows_of_a_chunk(client: rf.Client) -> None:
    """A chunk has a whole number of rows, at least one; anything else is refused before anything is sent."""
    bank = client.connection("gear-bank")
    for wrong in ("5", 2.5, None):
        with pytest.raises(TypeError, match=rf"^chunksize={wrong!r} is not a whole number"):
            rf.iter_frames(bank, "transactions", chunksize=wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="chunksize=0: a chunk has at least one row"):
        rf.iter_frames(bank, "transactions", chunksize=0)


def test_text_where_several_are_expected(client: rf.Client) -> None:
    """A text is not taken for a sequence of letters."""
    with pytest.raises(TypeError, match=r"write \['orders'\]"):
        rf.active_connections(client, "orders")
    with pytest.raises(ValueError, match="There is no resource 'order'; there are accounts, "):
        rf.active_connections(client, ["order"])
    with pytest.raises(TypeError, match=r"write \['gear-bank'\]"):
        rf.widgets.ConnectionPicker(client, value="gear-bank")
    with pytest.raises(TypeError, match=r"write \['invoices'\]"):
        rf.widgets.ConnectionPicker(client, resources="invoices")
    with pytest.raises(TypeError, match="access_tokens is a mapping from connection id to token"):
        rf.Client(client_id="a", client_secret="b", access_tokens=["token"])  # type: ignore[arg-type]


def test_a_connection_passed_twice(client: rf.Client) -> None:
    """The same connection twice would count its rows twice, so it is refused by name, from any iterable."""
    with pytest.raises(ValueError, match=r"^Passed more than once: gear-bank; the rows would count twice"):
        rf.load_accounts(iter([*opened(client), client.connection("gear-bank")]), progress=False)
