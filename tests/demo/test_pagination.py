"""Cursors, filters and page sizes of lists."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.demo.conftest import Api


def code(answer: Any) -> tuple[int, str]:
    body = answer.json()
    assert set(body) == {"error_type", "error_code", "error_message"}
    assert all(isinstance(value, str) and value for value in body.values())
    return answer.status_code, body["error_code"]


@pytest.mark.parametrize("size", [1, 7, 19, 20, 500])
def test_page_size_changes_nothing_but_the_pages(api: Api, size: int) -> None:
    """With every page size the rows are the same, also when they fill the last page exactly."""
    api.server.configure(page_size=size)
    rows = api.rows("products", "gear-shopify")
    assert [row["id"] for row in rows] == [
        row["id"] for row in api.server.books.rows("gear-shopify", "products")
    ]


def test_invalid_cursors_are_400(api: Api) -> None:
    """A cursor is opaque: text that the API did not send is refused, also after a small change."""
    real = api.get("/invoices", "gear-xero").json()["next_cursor"]
    assert re.fullmatch(r"[A-Za-z0-9_-]{20,}", real)
    for text in (
        "",
        "x",
        "AAAA",
        real[:-1],
        real + "A",
        real[::-1],
        real.lower(),
        "ÿ",
        "=" * 31,
        real + "=" * 3,
    ):
        assert code(api.get("/invoices", "gear-xero", cursor=text)) == (400, "INVALID_CURSOR")


def test_cursors_are_valid_for_their_list_only(api: Api) -> None:
    """A cursor of another resource, connection or set of filters is refused."""
    cursor = api.get("/orders", "gear-shopify").json()["next_cursor"]

    assert api.get("/orders", "gear-shopify", cursor=cursor).status_code == 200
    for path, connection, filters in (
        ("/customers", "gear-shopify", {}),
        ("/orders", "gear-amazon", {}),
        ("/orders", "gear-shopify", {"updated_at_min": "2025-01-01T00:00:00Z"}),
        ("/orders", "gear-shopify", {"expand": "platform_data"}),
    ):
        assert code(api.get(path, connection, cursor=cursor, **filters)) == (400, "INVALID_CURSOR")


def test_a_cursor_is_valid_with_another_page_size(api: Api) -> None:
    """A cursor is a position in the list, so that the next page begins where the last one ended."""
    cursor = api.get("/invoices", "gear-xero").json()["next_cursor"]
    api.server.configure(page_size=3)
    page = api.get("/invoices", "gear-xero", cursor=cursor).json()["invoices"]
    assert page == api.server.books.rows("gear-xero", "invoices")[50:53]


def test_updated_at_min_is_inclusive_on_orders(api: Api) -> None:
    """Orders changed at or after the moment are served, in pages, and no others."""
    rows = api.server.books.rows("roaster-shopify", "orders")
    since = sorted(row["updated_at"] for row in rows)[-120]
    expected = [row["id"] for row in rows if row["updated_at"] >= since]

    assert [row["id"] for row in api.rows("orders", "roaster-shopify", updated_at_min=since)] == expected
    assert len(expected) >= 120
    assert api.rows("orders", "roaster-shopify", updated_at_min="2030-01-01T00:00:00Z") == []


@pytest.mark.parametrize(
    "text",
    ["2026-06-01T00:00:00Z", "2026-06-01T00:00:00", "2026-06-01t02:00:00+02:00", "2026-06-01T00:00:00.000Z"],
)
def test_updated_at_min_is_an_iso_date_time(api: Api, text: str) -> None:
    """Zones and fractions are understood; without a zone it is UTC."""
    rows = api.rows("transactions", "gear-bank", updated_at_min=text)
    june = [row for row in api.server.books.rows("gear-bank", "transactions") if row["date"] >= "2026-06-01"]

    assert 0 < len(rows) < len(api.server.books.rows("gear-bank", "transactions"))
    assert {row["id"] for row in june} <= {row["id"] for row in rows}
    # Some older transactions were corrected in June.
    assert len(rows) > len(june)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-06-01", "1751328000000", "2026-13-01T00:00:00Z"])
def test_malformed_updated_at_min_is_400(api: Api, text: str) -> None:
    """Only an ISO 8601 date-time is accepted."""
    answer = api.get("/transactions", "gear-bank", updated_at_min=text)
    assert code(answer) == (400, "INVALID_PARAMETER")
    assert answer.json()["error_message"].startswith("updated_at_min: ")


def test_expand_adds_the_platforms_record(api: Api) -> None:
    """With expand=platform_data every order has a nested platform_data; the rest of it is unchanged."""
    for connection, key in (("roaster-shopify", "order_number"), ("gear-amazon", "AmazonOrderId")):
        plain = api.get("/orders", connection).json()["orders"]
        expanded = api.get("/orders", connection, expand="platform_data").json()["orders"]

        assert all(key in order["platform_data"] for order in expanded)
        assert [{k: v for k, v in order.items() if k != "platform_data"} for order in expanded] == plain
    assert code(api.get("/orders", "gear-amazon", expand="transactions")) == (400, "INVALID_PARAMETER")
    assert api.get("/orders", "gear-bank", expand="platform_data").json() == {
        "orders": [],
        "connection": {"id": "gear-bank", "platform": "plaid"},
        "next_cursor": None,
    }
