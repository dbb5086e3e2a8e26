"""Transient errors and anomalies: a load returns exactly the rows of the books, or raises."""

from __future__ import annotations

import itertools
import sys
from datetime import datetime
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import rutterframe as rf
from rutterframe.demo.faults import KINDS, Fault
from rutterframe.demo.server import DemoServer

SHOP = "roaster-shopify"
BANK = "roaster-bank"


def customers(client: rf.Client, **options: Any) -> pd.DataFrame:
    """Load the shop's customers."""
    return rf.load_customers(client.connection(SHOP), progress=False, **options)


def ids(server: DemoServer, connection: str, resource: str) -> list[str]:
    """Return the ids of the books."""
    return [row["id"] for row in server.books.rows(connection, resource)]


@pytest.mark.parametrize(
    "kind", ["429", "452", "500", "503", "drop", "truncate", "html", "slow", "empty_page"]
)
@pytest.mark.parametrize("page", [1, 2])
def test_a_transient_fault_is_retried(server: DemoServer, client: rf.Client, kind: str, page: int) -> None:
    """After a transient fault every row arrives once, and the receipt is complete."""
    server.configure(page_size=200, faults=[Fault(kind, resource="customers", page=page, times=1)])
    frame = customers(client)
    assert frame["id"].tolist() == ids(server, SHOP, "customers")
    assert frame.attrs["receipt"]["complete"] is True


@pytest.mark.parametrize(
    ("kind", "error", "message", "next_step"),
    [
        ("429", rf.RateLimitExceeded, "HTTP 429: RATE_LIMIT", "wait, load fewer connections side by side"),
        ("452", rf.PlatformRateLimitExceeded, "HTTP 452: PLATFORM_RATE_LIMIT", "wait some minutes"),
        ("500", rf.ServerError, "HTTP 500", "try again later; quote the request id"),
        ("503", rf.ServerError, "HTTP 503", "try again later; quote the request id"),
        ("drop", rf.TransportError, "No response from http://127.0.0.1", "check the network"),
        ("truncate", rf.InvalidResponse, "The response is not JSON", "load again later"),
        ("html", rf.InvalidResponse, "bytes that begin with '<", "load again later"),
    ],
)
def test_a_permanent_fault_raises(
    server: DemoServer,
    client: rf.Client,
    kind: str,
    error: type[rf.RutterframeError],
    message: str,
    next_step: str,
) -> None:
    """A permanent fault ends the load with its cause, its context, the progress and what to do next."""
    server.configure(page_size=200, faults=[Fault(kind, resource="customers", page=2, times=0)])
    with pytest.raises(error) as caught:
        customers(client)
    text = str(caught.value)
    assert message in text
    assert "(tried 3 times)" in text
    assert "connection 'roaster-shopify', resource 'customers', after 1 page and 200 rows" in text
    assert next_step in text
    if isinstance(caught.value, rf.APIError):
        assert "request id" in text
    partial = caught.value.partial.frames["customers"]
    assert partial["id"].tolist() == ids(server, SHOP, "customers")[:200]
    assert partial.attrs["receipt"]["complete"] is False


def test_expired_cursor(server: DemoServer, client: rf.Client) -> None:
    """An expired cursor is not retried, and the error says to load again from the start."""
    server.configure(page_size=200, faults=[Fault("expired_cursor", resource="customers", page=3, times=0)])
    with pytest.raises(
        rf.BadRequest, match=r"CURSOR_EXPIRED(.|\n)*after 2 pages and 400 rows(.|\n)*load again"
    ) as caught:
        customers(client)
    assert caught.value.error_code == "CURSOR_EXPIRED"
    assert len(server.requests) == 3


def test_repeated_cursor(server: DemoServer, client: rf.Client) -> None:
    """A cursor that was followed before ends the load instead of loading the same pages for ever."""
    server.configure(page_size=200, faults=[Fault("repeat_cursor", resource="customers", page=2, times=0)])
    with pytest.raises(rf.PaginationError, match=r"a cursor that was followed before(.|\n)*'customers'"):
        customers(client)


def test_record_that_moved(server: DemoServer, client: rf.Client) -> None:
    """A record that moves between pages arrives twice; the newer one remains, the other is counted."""
    server.configure(page_size=500, faults=[Fault("moved_row", resource="orders", page=2, times=0)])
    frame = rf.load_orders(client.connection(SHOP), progress=False)
    sent = ids(server, SHOP, "orders")
    assert sorted(frame["id"]) == sorted(sent)
    assert frame.attrs["receipt"]["duplicates_dropped"] == 1
    moved = frame.set_index("id").loc[sent[499]]
    assert moved["updated_at"] > pd.Timestamp(server.books.rows(SHOP, "orders")[499]["updated_at"])


def test_null_row(server: DemoServer, client: rf.Client) -> None:
    """A null among the rows ends the load; in quarantine it is counted, and every real row arrives."""
    server.configure(page_size=200, faults=[Fault("null_row", resource="customers", page=2, times=0)])
    with pytest.raises(rf.InvalidRows, match="null instead of a record"):
        customers(client)
    frame = customers(client, on_invalid="quarantine")
    receipt = frame.attrs["receipt"]
    assert frame["id"].tolist() == ids(server, SHOP, "customers")
    assert (receipt["rows_refused"], receipt["complete"]) == (1, False)
    assert receipt["refused"] == [
        {
            "connection_id": SHOP,
            "record_id": None,
            "field": "",
            "reason": "null instead of a record, got null",
        }
    ]


@pytest.mark.parametrize(
    ("kind", "connection", "resource"),
    [
        ("number_as_text", BANK, "transactions"),
        ("number_as_text", SHOP, "orders"),
        ("float_count", SHOP, "orders"),
        ("float_count", SHOP, "products"),
        ("unknown_fields", SHOP, "orders"),
        ("unknown_fields", "roaster-quickbooks", "invoices"),
    ],
)
def test_equivalent_values(
    server: DemoServer, client: rf.Client, kind: str, connection: str, resource: str
) -> None:
    """A number as text, 1.0 as a count and unknown fields result in the same frame as without them."""
    load = getattr(rf, f"load_{resource}")
    plain = load(client.connection(connection), progress=False)
    server.configure(page_size=50, faults=[Fault(kind, resource=resource, page=0, times=0)])
    pd.testing.assert_frame_equal(load(client.connection(connection), progress=False), plain)


def test_unknown_enum_value(server: DemoServer, client: rf.Client) -> None:
    """A status that the contract does not list is kept, not nulled."""
    plain = rf.load_orders(client.connection(SHOP), progress=False)
    server.configure(page_size=50, faults=[Fault("unknown_enum", resource="orders", page=1, times=0)])
    frame = rf.load_orders(client.connection(SHOP), progress=False)
    assert frame["status"].iloc[0] not in {"pending", "processing", "fulfilled", "cancelled"}
    assert frame["status"].iloc[0] == frame["status"].iloc[0]
    pd.testing.assert_frame_equal(frame.iloc[1:], plain.iloc[1:])


def test_missing_fields(server: DemoServer, client: rf.Client) -> None:
    """Fields that were not sent are null, and the schema stays."""
    plain = rf.load_orders(client.connection(SHOP), progress=False)
    server.configure(page_size=50, faults=[Fault("missing_fields", resource="orders", page=0, times=0)])
    frame = rf.load_orders(client.connection(SHOP), progress=False)
    assert frame.dtypes.equals(plain.dtypes)
    assert frame["id"].equals(plain["id"])
    missing = [name for name in frame if frame[name].isna().all()]
    assert missing
    pd.testing.assert_frame_equal(frame.drop(columns=missing), plain.drop(columns=missing))


def test_nine_digit_fractions(server: DemoServer, client: rf.Client) -> None:
    """Nine digits of a second are cut to microseconds."""
    server.configure(page_size=50, faults=[Fault("nine_digit_fractions", resource="orders", page=1, times=0)])
    frame = rf.load_orders(client.connection(SHOP), progress=False)
    assert frame["created_at"].iloc[0].microsecond == 123456
    assert str(frame["created_at"].dtype) == "datetime64[us, UTC]"


def test_times_without_a_zone(server: DemoServer, client: rf.Client) -> None:
    """Times without a zone are read as UTC."""
    plain = rf.load_orders(client.connection(SHOP), progress=False)
    server.configure(page_size=50, faults=[Fault("no_zone", resource="orders", page=0, times=0)])
    pd.testing.assert_frame_equal(rf.load_orders(client.connection(SHOP), progress=False), plain)


def test_a_connection_in_error_among_healthy_ones(server: DemoServer, client: rf.Client) -> None:
    """The others finish, the error names the one that failed, and resuming requests only what is missing."""
    names = [SHOP, "roaster-netsuite-old", "gear-shopify"]
    connections = [client.connection(name) for name in names]
    with pytest.raises(rf.LoadError) as caught:
        rf.load_customers(connections, progress=False)
    text = str(caught.value)
    assert "1 of 3 loads failed, the others finished" in text
    assert "connection 'roaster-netsuite-old', resource 'customers'" in text
    assert "NEEDS_UPDATE" in text
    assert 'on_error="skip"' in text
    (failed,) = caught.value.errors
    assert isinstance(failed, rf.PermissionDenied)
    assert "sign in to the platform again" in failed.hint
    server.configure(faults=[])
    with pytest.raises(rf.LoadError):
        rf.resume(caught.value, progress=False)
    assert len(server.requests) == 1


def test_skipping_instead_of_raising(server: DemoServer, client: rf.Client) -> None:
    """With on_error="skip" the frame has the others' rows, and its receipt says what is missing."""
    connections = [client.connection(name) for name in (SHOP, "roaster-netsuite-old")]
    frame = rf.load_customers(connections, on_error="skip", progress=False)
    receipt = frame.attrs["receipt"]
    assert frame["id"].tolist() == ids(server, SHOP, "customers")
    assert receipt["complete"] is False
    assert list(receipt["errors"]) == ["roaster-netsuite-old"]
    assert "NEEDS_UPDATE" in receipt["errors"]["roaster-netsuite-old"]
    assert receipt["per_connection"][SHOP]["complete"] is True


def test_no_half_of_a_connection(server: DemoServer, client: rf.Client) -> None:
    """A connection that fails on its third page leaves no rows of its first two in a frame that skips it."""
    server.configure(
        page_size=100, faults=[Fault("503", resource="customers", page=3, times=0, connection=SHOP)]
    )
    connections = [client.connection(name) for name in (SHOP, "gear-shopify")]
    frame = rf.load_customers(connections, on_error="skip", progress=False)
    assert frame["id"].tolist() == ids(server, "gear-shopify", "customers")


def test_an_unknown_connection(client: rf.Client) -> None:
    """An unknown connection id is an error before anything is sent, with the known ids."""
    with pytest.raises(
        rf.MissingToken, match=r"No access token is known for connection 'no-such' \(known are gear-amazon"
    ):
        client.connection("no-such")
    with pytest.raises(rf.AuthenticationError, match=r"check the access token of connection 'no-such'"):
        rf.load_bills(client.connection("no-such", "made-up"), progress=False)
    with pytest.raises(rf.NotFound, match="HTTP 404"):
        client.connections.retrieve("no-such")


def test_a_token_of_another_connection(server: DemoServer, client: rf.Client) -> None:
    """A token that opens another connection's books is detected, and its rows are discarded."""
    swapped = client.connection(SHOP, server.access_tokens["gear-shopify"])
    with pytest.raises(rf.ConnectionMismatch, match=r"'roaster-shopify' opened connection 'gear-shopify'"):
        rf.load_customers(swapped, progress=False)


def test_wrong_credentials(server: DemoServer) -> None:
    """Wrong credentials are named in the error, without their values."""
    with (
        rf.Client(client_id="me", client_secret="hunter2-hunter2", environment=server.url) as client,
        pytest.raises(rf.AuthenticationError, match=r"HTTP 401(.|\n)*RUTTER_CLIENT_ID") as caught,
    ):
        rf.load_connections(client, progress=False)
    assert "hunter2" not in str(caught.value)


def test_resume_after_a_failure(server: DemoServer, client: rf.Client) -> None:
    """Resuming continues at the page that failed: no page is requested twice, and the frame is whole."""
    server.configure(page_size=100, faults=[Fault("503", resource="customers", page=3, times=3)])
    with pytest.raises(rf.ServerError) as caught:
        customers(client)
    before = len(server.requests)
    frame = rf.resume(caught.value, progress=False)
    assert isinstance(frame, pd.DataFrame)
    sent = ids(server, SHOP, "customers")
    assert frame["id"].tolist() == sent
    assert frame.attrs["receipt"]["complete"] is True
    assert frame.attrs["receipt"]["pages"] == -(-len(sent) // 100)
    assert len(server.requests) - before == -(-len(sent) // 100) - 2


def test_a_resumed_load_keeps_its_start(
    server: DemoServer, client: rf.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The receipt of a resumed load has the first start, also after a second failure."""
    ticking = itertools.count()

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Clock:
            return cls(2026, 6, 30, 12, next(ticking), tzinfo=tz)

    for module in ("job", "receipts"):
        monkeypatch.setattr(sys.modules[f"rutterframe.loaders.{module}"], "datetime", Clock)
    server.configure(page_size=100, faults=[Fault("503", resource="customers", page=3, times=6)])
    with pytest.raises(rf.ServerError) as first:
        customers(client)
    assert rf.receipt(first.value.partial.frames["customers"])["started"] == "2026-06-30T12:00:00.000Z"
    with pytest.raises(rf.ServerError) as second:
        rf.resume(first.value, progress=False)
    frame = rf.resume(second.value, progress=False)
    assert isinstance(frame, pd.DataFrame)
    receipt = rf.receipt(frame)
    assert (receipt["started"], receipt["complete"]) == ("2026-06-30T12:00:00.000Z", True)
    assert receipt["finished"] > receipt["started"]


def test_resume_after_an_invalid_page(server: DemoServer, client: rf.Client) -> None:
    """A connection with a page that could not be read starts anew when it is resumed."""
    server.configure(page_size=100, faults=[Fault("null_row", resource="customers", page=2, times=1)])
    with pytest.raises(rf.InvalidRows) as caught:
        customers(client)
    frame = rf.resume(caught.value, progress=False)
    assert isinstance(frame, pd.DataFrame)
    assert frame["id"].tolist() == ids(server, SHOP, "customers")


def test_resume_all(server: DemoServer, client: rf.Client) -> None:
    """A load of everything in which some lists failed resumes to the same frames as one without faults."""
    connections = [client.connection(name) for name in (SHOP, "gear-xero")]
    undisturbed = rf.load_all(connections, progress=False)
    server.configure(
        page_size=50, faults=[Fault("500", resource=name, page=2, times=3) for name in ("orders", "bills")]
    )
    with pytest.raises(rf.LoadError) as caught:
        rf.load_all(connections, progress=False)
    assert len(caught.value.errors) >= 2
    frames = rf.resume(caught.value, progress=False)
    assert isinstance(frames, dict)
    assert list(frames) == list(undisturbed)
    for name, frame in frames.items():
        pd.testing.assert_frame_equal(frame, undisturbed[name])


def test_nothing_to_resume() -> None:
    """An error that is not from a load cannot be resumed."""
    with pytest.raises(ValueError, match="There is nothing to resume: MissingToken is not from a load"):
        rf.resume(rf.MissingToken("no token"))


faults = st.builds(
    Fault,
    kind=st.sampled_from(sorted(set(KINDS) - {"slow"})),
    resource=st.just("orders"),
    page=st.integers(0, 6),
    times=st.integers(0, 4),
)


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=st.lists(faults, max_size=4), page_size=st.sampled_from([30, 71, 200]), invalid=st.booleans())
def test_all_rows_once_or_an_error(
    server: DemoServer,
    client: rf.Client,
    plan: list[Fault],
    page_size: int,
    invalid: bool,
) -> None:
    """For any sequence of pages and faults a load returns exactly the rows served, once each, or raises."""
    server.configure(page_size=page_size, faults=plan)
    on_invalid = "quarantine" if invalid else "raise"
    raised: rf.RutterframeError | None = None
    try:
        frame = rf.load_orders(client.connection("gear-amazon"), on_invalid=on_invalid, progress=False)  # type: ignore[arg-type]
    except rf.RutterframeError as error:
        raised = error
    if raised is not None:
        assert (raised.context.connection_id, raised.context.resource) == ("gear-amazon", "orders")
        return
    rows = server.books.rows("gear-amazon", "orders")
    assert sorted(frame["id"]) == sorted(row["id"] for row in rows)
    total = {row["id"]: row["total_price"] for row in rows}
    if not any(fault.kind == "missing_fields" for fault in plan):
        assert frame.set_index("id")["total_price"].to_dict() == total
    receipt = frame.attrs["receipt"]
    assert receipt["rows"] == len(rows)
    assert receipt["complete"] is (receipt["rows_refused"] == 0)
