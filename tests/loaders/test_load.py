"""One call, every page, one frame: against the demo API's own books, over a real socket."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.demo.faults import Fault
from rutterframe.demo.server import DemoServer
from rutterframe.loaders import list_load
from rutterframe.models import RECORDS, RESOURCES
from rutterframe.models.columns import columns
from rutterframe.models.fields import Kind
from tests.conftest import HEALTHY

LOADERS: dict[str, Callable[..., pd.DataFrame]] = {name: getattr(rf, f"load_{name}") for name in RESOURCES}


def opened(client: rf.Client, *names: str) -> list[rf.Connection]:
    """Open connections of the demo; all healthy ones if none is named."""
    return [client.connection(name) for name in names or HEALTHY]


def expected(server: DemoServer, resource: str, names: tuple[str, ...] = HEALTHY) -> list[dict[str, Any]]:
    """Return the rows that a frame must have, read from the books by plain Python."""
    return [
        {"connection_id": name}
        | {column.name: value(column.kind, row.get(column.name)) for column in known(resource)}
        for name in names
        for row in server.books.rows(name, resource)
    ]


def known(resource: str) -> list[Any]:
    """Return the columns that are compared by value; lists have tests of their own."""
    return [column for column in columns(RECORDS[resource]) if column.rows is None]


def value(kind: Kind | None, sent: Any) -> Any:
    """Return one value of the books as a frame must have it."""
    if sent is not None and kind in {Kind.DATE, Kind.TIMESTAMP}:
        return pd.Timestamp(sent).isoformat()
    return float(sent) if sent is not None and kind is Kind.NUMBER else sent


def rows_of(frame: pd.DataFrame, resource: str) -> list[dict[str, Any]]:
    """Return the rows of a frame as plain Python."""
    names = ["connection_id", *(column.name for column in known(resource))]
    return [
        {
            str(name): None if pd.isna(cell) else cell.isoformat() if isinstance(cell, pd.Timestamp) else cell
            for name, cell in row.items()
        }
        for row in frame[names].to_dict("records")
    ]


@pytest.mark.parametrize("resource", RESOURCES)
def test_every_row_of_every_connection(server: DemoServer, client: rf.Client, resource: str) -> None:
    """A loader returns exactly the records of the books, each once, connection by connection, in order."""
    frame = LOADERS[resource](opened(client), progress=False)
    assert rows_of(frame, resource) == expected(server, resource)
    receipt = frame.attrs["receipt"]
    assert (receipt["rows"], receipt["complete"]) == (len(frame), True)
    assert receipt["connections"] == list(HEALTHY)


@pytest.mark.parametrize("resource", ["invoices", "orders", "bills"])
def test_every_line(server: DemoServer, client: rf.Client, resource: str) -> None:
    """The lines of a frame are exactly the lines of the books."""
    lines = rf.line_items(LOADERS[resource](opened(client), progress=False))
    assert [row["line_items"] for row in _by_parent(lines)] == [
        row["line_items"]
        for name in HEALTHY
        for row in server.books.rows(name, resource)
        if row["line_items"]
    ]


def test_every_variant(server: DemoServer, client: rf.Client) -> None:
    """The variants of a frame are exactly the variants of the books."""
    children = rf.variants(rf.load_products(opened(client), progress=False))
    sent = [
        (
            name,
            row["id"],
            number,
            variant["id"],
            variant["sku"],
            variant["price"],
            variant["inventory_quantity"],
        )
        for name in HEALTHY
        for row in server.books.rows(name, "products")
        for number, variant in enumerate(row["variants"], 1)
    ]
    names = ["connection_id", "product_id", "line_number", "id", "sku", "price", "inventory_quantity"]
    assert list(children[names].itertuples(index=False, name=None)) == sent


def test_one_connection_or_a_list_of_one(client: rf.Client) -> None:
    """One connection, a list of one, or a generator: the same columns and dtypes, and a RangeIndex."""
    one = rf.load_invoices(client.connection("gear-xero"), progress=False)
    listed = rf.load_invoices(opened(client, "gear-xero"), progress=False)
    generated = rf.load_invoices((one for one in opened(client, "gear-xero")), progress=False)
    pd.testing.assert_frame_equal(one, listed)
    pd.testing.assert_frame_equal(one, generated)
    assert isinstance(one.index, pd.RangeIndex)


@pytest.mark.parametrize("page_size", [1, 7, 8, 1000])
def test_any_page_size(server: DemoServer, client: rf.Client, page_size: int) -> None:
    """However many rows a page has, also when the last page is exactly full, every row arrives."""
    server.configure(page_size=page_size, faults=[])
    frame = rf.load_products(client.connection("roaster-shopify"), progress=False)
    sent = server.books.rows("roaster-shopify", "products")
    assert frame["id"].tolist() == [row["id"] for row in sent]
    assert frame.attrs["receipt"]["pages"] == max(1, -(-len(sent) // page_size))


@pytest.mark.parametrize("fault", [False, True])
def test_a_reader_that_decodes_itself(
    server: DemoServer, client: rf.Client, monkeypatch: pytest.MonkeyPatch, *, fault: bool
) -> None:
    """Where the decoder cannot keep up, the reader decodes as well: the same rows in order, or the error."""
    monkeypatch.setattr(list_load, "BYTES_PER_BATCH", 1)
    monkeypatch.setattr(list_load, "BATCHES_WAITING", 0)
    server.configure(page_size=50, faults=[Fault("null_row", resource="orders", page=3)] if fault else [])
    connection = client.connection("roaster-shopify")
    if fault:
        with pytest.raises(rf.InvalidRows, match="null instead of a record"):
            rf.load_orders(connection, progress=False)
    else:
        frame = rf.load_orders(connection, progress=False)
        assert frame["id"].tolist() == [row["id"] for row in server.books.rows("roaster-shopify", "orders")]


def test_load_all(server: DemoServer, client: rf.Client) -> None:
    """load_all returns the ten frames by name, each as its own loader returns it."""
    frames = rf.load_all(opened(client, "roaster-bank", "gear-shopify"), progress=False)
    assert tuple(frames) == RESOURCES
    for resource, frame in frames.items():
        assert rows_of(frame, resource) == expected(server, resource, ("roaster-bank", "gear-shopify"))
        assert frame.attrs["receipt"]["resource"] == resource


def test_load_connections(client: rf.Client) -> None:
    """The connections come as a frame, in every status, with connection_id equal to id."""
    frame = rf.load_connections(client, progress=False)
    assert set(HEALTHY) <= set(frame.loc[frame["status"] == "active", "id"])
    assert "error" in set(frame["status"])
    assert frame["connection_id"].equals(frame["id"].rename("connection_id"))
    assert frame.attrs["receipt"]["complete"] is True


@pytest.mark.parametrize("resource", ["transactions", "orders"])
def test_updated_at_min(server: DemoServer, client: rf.Client, resource: str) -> None:
    """Only what changed since arrives, on every page, and the receipt states the filter."""
    server.configure(page_size=5, faults=[])
    connection = client.connection("roaster-shopify" if resource == "orders" else "roaster-bank")
    frame = LOADERS[resource](connection, updated_at_min="2026-06-25T00:00:00Z", progress=False)
    everything = LOADERS[resource](connection, progress=False)
    assert 5 < len(frame) < len(everything)
    assert set(frame["id"]) < set(everything["id"])
    assert frame.attrs["receipt"]["filters"] == {"updated_at_min": "2026-06-25T00:00:00Z"}
    if resource == "orders":
        assert set(everything.loc[everything["updated_at"] >= "2026-06-25T00:00:00Z", "id"]) == set(
            frame["id"]
        )


def test_expand(client: rf.Client) -> None:
    """With expand the platform's record is one more, last column of JSON text; all else is as without."""
    connection = client.connection("roaster-shopify")
    plain = rf.load_orders(connection, progress=False)
    expanded = rf.load_orders(connection, expand="platform_data", progress=False)
    assert list(expanded.columns) == [*plain.columns, "platform_data"]
    pd.testing.assert_frame_equal(expanded.drop(columns="platform_data"), plain)
    assert str(expanded["platform_data"].dtype) == "str"
    assert expanded["platform_data"].str.startswith("{").all()


def test_something_else_than_a_connection(client: rf.Client) -> None:
    """An id, a record or a number is refused, and the error says how to open a connection."""
    for wrong in (
        "roaster-bank",
        7,
        [next(iter(client.connections.list()))],
        {"id": "roaster-bank"},
        None,
    ):
        with pytest.raises(TypeError, match=r"A loader takes a Connection.*client\.connection\(id\)"):
            rf.load_accounts(wrong, progress=False)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"load_connections takes a Client"):
        rf.load_connections(client.connection("roaster-bank"))  # type: ignore[arg-type]


def test_a_connection_passed_twice(client: rf.Client) -> None:
    """The same connection twice would count its rows twice, so it is refused by name."""
    with pytest.raises(ValueError, match=r"Passed more than once: roaster-bank; the rows would count twice"):
        rf.load_accounts(opened(client, "roaster-bank", "roaster-bank"), progress=False)


def test_misspelt_options(client: rf.Client) -> None:
    """A misspelt option is refused, with the known ones."""
    with pytest.raises(
        ValueError, match=r"on_invalid='ignore' is not known; use one of 'raise', 'quarantine'"
    ):
        rf.load_accounts(client.connection("roaster-bank"), on_invalid="ignore")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"on_error='ignore' is not known; use one of 'raise', 'skip'"):
        rf.load_accounts(client.connection("roaster-bank"), on_error="ignore")  # type: ignore[arg-type]


def test_a_filter_the_contract_does_not_have(client: rf.Client) -> None:
    """A filter that the contract lacks is an error that says where it exists."""
    with pytest.raises(
        TypeError, match=r"load_invoices\(\) got an unexpected keyword argument 'updated_at_min'"
    ):
        rf.load_invoices(client.connection("gear-xero"), updated_at_min="2026-01-01T00:00:00Z")  # type: ignore[call-arg]
    with pytest.raises(rf.InvalidFilter, match=r"known on transactions, orders"):
        client.connection("gear-xero").listing("invoices", updated_at_min="2026-01-01T00:00:00Z")
    with pytest.raises(rf.InvalidFilter, match=r"expand='everything' is not known"):
        rf.load_orders(client.connection("gear-shopify"), expand="everything", progress=False)


def test_points_in_time_without_a_zone(client: rf.Client) -> None:
    """A date or a naive datetime is read as UTC, and a warning says exactly how."""
    import datetime as dt  # noqa: PLC0415

    bank = client.connection("roaster-bank")
    for moment in (dt.date(2026, 6, 25), dt.datetime(2026, 6, 25), "2026-06-25"):  # noqa: DTZ001
        with pytest.warns(
            rf.NaiveDatetimeWarning, match=r"has no time zone: read as 2026-06-25T00:00:00Z \(UTC\)"
        ):
            frame = rf.load_transactions(bank, updated_at_min=moment, progress=False)
        assert frame.attrs["receipt"]["filters"] == {"updated_at_min": "2026-06-25T00:00:00Z"}
    zoned = dt.datetime(2026, 6, 25, 2, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    frame = rf.load_transactions(bank, updated_at_min=zoned, progress=False)
    assert frame.attrs["receipt"]["filters"] == {"updated_at_min": "2026-06-25T00:00:00Z"}
    with pytest.raises(rf.InvalidFilter, match="is not a valid point in time"):
        rf.load_transactions(bank, updated_at_min="last week", progress=False)
    with pytest.raises(rf.InvalidFilter, match="is not a valid point in time"):
        rf.load_transactions(bank, updated_at_min=pd.NaT, progress=False)  # type: ignore[arg-type]


def _by_parent(lines: pd.DataFrame) -> list[dict[str, Any]]:
    """Group the rows of a child frame by their parents."""
    parents: dict[tuple[str, str], list[dict[str, Any]]] = {}
    fields = list(lines.columns[3:])
    for row in lines.to_dict("records"):
        line = {name: None if pd.isna(row[name]) else row[name] for name in fields}
        siblings = parents.setdefault((row["connection_id"], row[lines.columns[1]]), [])
        siblings.append(line)
        assert row["line_number"] == len(siblings)
    return [{"line_items": siblings} for siblings in parents.values()]
