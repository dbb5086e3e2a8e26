"""Faults: every kind as a client receives it, and the plan that schedules it."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from rutterframe.demo.faults import Fault

if TYPE_CHECKING:
    from tests.demo.conftest import Api

GEAR = "gear-xero"


def ids_of(api: Api, resource: str = "invoices", connection: str | None = GEAR) -> list[str]:
    return [row["id"] for row in api.rows(resource, connection)]


def expected(api: Api, resource: str = "invoices", connection: str = GEAR) -> list[dict[str, Any]]:
    return api.server.books.rows(connection, resource)


def plan(api: Api, *faults: Fault, page_size: int = 50) -> None:
    api.server.configure(faults=faults, page_size=page_size)


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("429", 429, "RATE_LIMIT_EXCEEDED"),
        ("452", 452, "PLATFORM_RATE_LIMIT_EXCEEDED"),
        ("500", 500, "INTERNAL_SERVER_ERROR"),
        ("503", 503, "SERVICE_UNAVAILABLE"),
    ],
)
def test_errors_come_once(api: Api, kind: str, status: int, code: str) -> None:
    """The first request is refused, and the next one is answered as usual."""
    plan(api, Fault(kind, "invoices"))
    answer = api.get("/invoices", GEAR)

    assert (answer.status_code, answer.json()["error_code"]) == (status, code)
    assert answer.json()["error_type"] == ("RATE_LIMIT_ERROR" if status in {429, 452} else "API_ERROR")
    assert ids_of(api) == [row["id"] for row in expected(api)]


@pytest.mark.parametrize(
    ("seconds", "header"), [(0.0, "0"), (2, "2"), (3.0, "3"), (0.25, "0.25"), (-1, None)]
)
def test_429_has_retry_after(api: Api, seconds: float, header: str | None) -> None:
    """Retry-After is whole seconds where possible, and absent for negative seconds."""
    plan(api, Fault("429", seconds=seconds))
    assert api.get("/invoices", GEAR).headers.get("retry-after") == header


def test_other_errors_have_no_retry_after(api: Api) -> None:
    """Only the rate limit has Retry-After."""
    plan(api, Fault("503", seconds=3))
    assert "retry-after" not in api.get("/invoices", GEAR).headers


def test_a_fault_applies_to_its_page_only(api: Api) -> None:
    """Page 3 fails twice, at the third attempt it is served, and so are the others."""
    plan(api, Fault("500", "invoices", page=3, times=2))
    second = api.get("/invoices", GEAR, cursor=api.get("/invoices", GEAR).json()["next_cursor"])
    cursor = second.json()["next_cursor"]

    assert [api.get("/invoices", GEAR, cursor=cursor).status_code for _ in range(4)] == [500, 500, 200, 200]
    assert [request.page for request in api.server.requests] == [1, 2, 3, 3, 3, 3]
    assert api.server.plan.triggers == 2


def test_a_fault_can_be_permanent_and_on_every_page(api: Api) -> None:
    """times=0 is for ever, and page=0 is every page."""
    plan(api, Fault("503", "invoices", times=0))
    assert {api.get("/invoices", GEAR).status_code for _ in range(5)} == {503}
    plan(api, Fault("unknown_fields", "invoices", page=0, times=0))
    assert all("x_score" in row for row in api.rows("invoices", GEAR))


def test_a_fault_applies_to_its_resource_and_connection_only(api: Api) -> None:
    """Other lists and other connections are served; every connection has its own count."""
    plan(api, Fault("500", "invoices", connection=GEAR), Fault("503", "bank_accounts"))

    assert api.get("/invoices", "roaster-quickbooks").status_code == 200
    assert api.get("/bills", GEAR).status_code == 200
    assert api.get("/invoices", GEAR).status_code == 500
    assert [api.get("/bank-accounts", c).status_code for c in ("gear-bank", "roaster-bank", "gear-bank")] == [
        503,
        503,
        200,
    ]


def test_connections_have_faults_too(api: Api) -> None:
    """The list of connections has pages and faults like the other lists."""
    plan(
        api, Fault("429", "connections", page=2, seconds=1), Fault("unknown_enum", "connections"), page_size=4
    )
    first = api.get("/connections").json()
    assert first["connections"][0]["status"] == "never_heard_of"
    assert api.get("/connections", cursor=first["next_cursor"]).status_code == 429


def test_replacing_faults_come_one_by_one(api: Api) -> None:
    """Of two errors on one page the second comes on the next request; alterations come together."""
    plan(api, Fault("429"), Fault("500"), Fault("null_row"), Fault("unknown_fields"))
    statuses = [api.get("/invoices", GEAR).status_code for _ in range(3)]
    assert statuses == [429, 500, 200]
    plan(api, Fault("null_row"), Fault("unknown_fields"))
    rows = api.get("/invoices", GEAR).json()["invoices"]
    assert rows[25] is None
    assert all("x_platform" in row for row in rows if row is not None)


def test_slow_delays_the_response(api: Api) -> None:
    """The response is correct, but late."""
    plan(api, Fault("slow", seconds=0.15))
    began = time.monotonic()
    rows = api.get("/invoices", GEAR).json()["invoices"]
    assert time.monotonic() - began >= 0.15
    assert rows == expected(api)[:50]


def test_drop_closes_the_connection_within_the_body(api: Api) -> None:
    """The body is shorter than Content-Length when the connection is closed."""
    plan(api, Fault("drop"))
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        api.get("/invoices", GEAR)
    assert ids_of(api) == [row["id"] for row in expected(api)]


def test_truncate_is_valid_http_and_invalid_json(api: Api) -> None:
    """The length is right, the status is 200, and the JSON is cut in half."""
    plan(api, Fault("truncate"))
    whole = json.dumps({"invoices": expected(api)[:50]}, separators=(",", ":"), ensure_ascii=False)
    answer = api.get("/invoices", GEAR)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert whole.startswith(answer.text)
    with pytest.raises(ValueError, match="column"):
        answer.json()


def test_html_comes_with_status_200(api: Api) -> None:
    """The response is an HTML page, as from a proxy, instead of data."""
    plan(api, Fault("html"))
    answer = api.get("/invoices", GEAR)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.text.startswith("<!doctype html>")


def test_repeat_cursor_repeats_the_page(api: Api) -> None:
    """From page 2 on, next_cursor is the cursor that was just used; after the fault the list can end."""
    plan(api, Fault("repeat_cursor", "invoices", page=2))
    cursor = api.get("/invoices", GEAR).json()["next_cursor"]
    again = api.get("/invoices", GEAR, cursor=cursor).json()

    assert again["next_cursor"] == cursor
    assert api.get("/invoices", GEAR, cursor=cursor).json()["next_cursor"] != cursor


def test_repeat_cursor_on_the_first_page(api: Api) -> None:
    """A first page has no cursor, so its next_cursor leads to the first page."""
    plan(api, Fault("repeat_cursor", "invoices", times=0))
    first = api.get("/invoices", GEAR).json()
    second = api.get("/invoices", GEAR, cursor=first["next_cursor"]).json()
    assert second == first


def test_moved_row_is_served_twice(api: Api) -> None:
    """The last order of page 1 comes again at the head of page 2, an hour newer."""
    plan(api, Fault("moved_row", "orders", page=2))
    pages = list(api.pages("orders", "gear-amazon"))
    last, moved = pages[0]["orders"][-1], pages[1]["orders"][0]

    assert moved["id"] == last["id"]
    assert moved["updated_at"] > last["updated_at"]
    assert moved | {"updated_at": ""} == last | {"updated_at": ""}
    rows = [row["id"] for page in pages for row in page["orders"]]
    assert len(rows) == len(expected(api, "orders", "gear-amazon")) + 1


def test_moved_row_without_a_time_of_change(api: Api) -> None:
    """An invoice has no updated_at, so it just comes twice; on page 1 there is nothing to move."""
    plan(api, Fault("moved_row", "invoices", page=0))
    pages = list(api.pages("invoices", GEAR))
    assert pages[1]["invoices"][0] == pages[0]["invoices"][-1]
    assert len(pages[0]["invoices"]) == 50


def test_moved_row_knows_the_filter(api: Api) -> None:
    """With updated_at_min it is the last row of the filtered page before."""
    plan(api, Fault("moved_row", "orders", page=2))
    pages = list(api.pages("orders", "gear-amazon", updated_at_min="2026-01-01T00:00:00Z"))
    assert pages[1]["orders"][0]["id"] == pages[0]["orders"][-1]["id"]


@pytest.mark.parametrize("page", [0, 1, 2, 9])
@pytest.mark.parametrize("times", [0, 1])
def test_empty_page_loses_no_row(api: Api, page: int, times: int) -> None:
    """An extra page without rows has a cursor, and the next page is the one that would have come."""
    plan(api, Fault("empty_page", "invoices", page=page, times=times))
    pages = list(api.pages("invoices", GEAR))
    empty = [number for number, body in enumerate(pages) if not body["invoices"]]

    assert [row["id"] for body in pages for row in body["invoices"]] == [row["id"] for row in expected(api)]
    assert empty == ([*range(0, len(pages), 2)] if page == 0 else [page - 1])
    cursors = [body["next_cursor"] for body in pages]
    assert len(set(cursors)) == len(cursors)


def test_an_expired_cursor_is_refused(api: Api) -> None:
    """The page that needs the cursor is 400; a first page needs none."""
    plan(api, Fault("expired_cursor", page=0))
    first = api.get("/invoices", GEAR)
    answer = api.get("/invoices", GEAR, cursor=first.json()["next_cursor"])

    assert first.status_code == 200
    assert (answer.status_code, answer.json()["error_code"]) == (400, "CURSOR_EXPIRED")


def test_single_records_have_faults_of_their_own(api: Api) -> None:
    """A fault of operation "retrieve" does not apply to lists, nor the other way round."""
    plan(api, Fault("503", "invoices", operation="retrieve"))
    path = f"/invoices/{expected(api)[0]['id']}"
    assert [api.get("/invoices", GEAR).status_code, api.get(path, GEAR).status_code] == [200, 503]
    assert api.get(path, GEAR).json() == expected(api)[0]
    plan(api, Fault("503", "invoices"))
    assert api.get(path, GEAR).status_code == 200


def test_a_write_is_refused_or_done(fresh: Api) -> None:
    """An error writes nothing; after a dropped answer the invoice is there, and its key finds it."""
    customer = fresh.server.books.rows(GEAR, "customers")[0]["id"]
    body = {"customer_id": customer, "line_items": [{"total_amount": 9}]}
    headers = {"X-Rutter-Version": "2024-08-31", "Idempotency-Key": "k"}
    count = len(expected(fresh))
    plan(fresh, Fault("503", "invoices", operation="write"), Fault("drop", "invoices", operation="write"))

    assert fresh.send("POST", "/invoices", GEAR, body=body, headers=headers).status_code == 503
    assert len(expected(fresh)) == count
    with pytest.raises(httpx.RemoteProtocolError):
        fresh.send("POST", "/invoices", GEAR, body=body, headers=headers)
    assert len(expected(fresh)) == count + 1
    assert fresh.send("POST", "/invoices", GEAR, body=body, headers=headers).json() == expected(fresh)[-1]
    assert len(expected(fresh)) == count + 1


def test_configure_begins_the_plan_anew(api: Api) -> None:
    """Counts begin anew, and without new faults the old plan stays."""
    plan(api, Fault("500"))
    assert [api.get("/invoices", GEAR).status_code for _ in range(2)] == [500, 200]
    api.server.configure()
    assert [api.get("/invoices", GEAR).status_code for _ in range(2)] == [500, 200]
    api.server.plan.reset()
    assert api.get("/invoices", GEAR).status_code == 500
    plan(api)
    assert api.get("/invoices", GEAR).status_code == 200
