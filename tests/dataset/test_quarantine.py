"""Rows that cannot be read: the others are stored, their stored rows stay, and they are loaded again."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

import rutterframe as rf
from tests.dataset.scripted import Api, invoices
from tests.dataset.test_watermarks import order, since

BAD = {"due_date": "0000-00-00"}


def refreshed(api: Api, path: Path, resource: str = "invoices", **options: Any) -> Any:
    options = {"on_invalid": "quarantine", **options}
    return rf.refresh(api.connections("books"), path, resources=[resource], **options)


def counts(done: Any) -> list[list[Any]]:
    rows: list[list[Any]] = done[["status", "rows", "added", "changed", "removed"]].to_numpy().tolist()
    return rows


def test_one_bad_date_among_a_thousand_rows(path: Path) -> None:
    """999 rows get in, the one is named in the result and in the receipt, which is not complete."""
    rows = invoices(1000)
    rows[500] |= BAD
    api = Api({("books", "invoices"): rows})
    with pytest.raises(rf.LoadError, match=r"record '501', due_date: .*on_invalid=\"quarantine\""):
        refreshed(api, path, on_invalid="raise")
    assert not path.exists()
    done = refreshed(api, path)
    assert counts(done) == [["refreshed", 999, 999, 0, 0]]
    assert (
        done["error"].iloc[0].startswith("1 row could not be read and is set aside: record '501', due_date: ")
    )
    frame = rf.Dataset(path).load("invoices")
    receipt = frame.attrs["receipt"]
    assert len(frame) == 999
    assert (receipt["complete"], receipt["rows"], receipt["rows_refused"]) == (False, 999, 1)
    assert [(one["connection_id"], one["record_id"], one["field"]) for one in receipt["refused"]] == [
        ("books", "501", "due_date")
    ]
    rows[500]["due_date"] = "2026-07-31"
    assert counts(refreshed(api, path)) == [["refreshed", 1000, 1, 0, 0]]
    frame = rf.Dataset(path).load("invoices")
    assert frame.attrs["receipt"]["complete"] is True
    assert frame["id"].tolist() == [f"{number}" for number in range(1, 1001)]


def test_the_stored_row_of_an_unreadable_one_stays(path: Path) -> None:
    """A row that could be read before stays as it was; other rows of the list are deleted and changed."""
    rows = invoices(4)
    api = Api({("books", "invoices"): rows})
    refreshed(api, path)
    rows[1] |= {**BAD, "amount_due": 99.0}
    rows[2]["amount_due"] = 30.0
    del rows[3]
    assert counts(refreshed(api, path)) == [["refreshed", 3, 0, 1, 1]]
    frame = rf.Dataset(path).load("invoices")
    assert frame.set_index("id")["amount_due"].to_dict() == {"1": 10.0, "2": 10.0, "3": 30.0}
    assert frame.attrs["receipt"]["complete"] is False
    assert counts(refreshed(api, path)) == [["unchanged", 3, 0, 0, 0]]
    rows[1] = {"id": "2", "amount_due": 99.0, "currency": "USD"}
    assert counts(refreshed(api, path)) == [["refreshed", 3, 0, 1, 0]]
    frame = rf.Dataset(path).load("invoices")
    assert frame[["id", "amount_due"]].to_numpy().tolist() == [["1", 10.0], ["2", 99.0], ["3", 30.0]]
    assert frame.attrs["receipt"]["complete"] is True


@pytest.mark.parametrize("bad", [{"id": None, **BAD}, {"id": 17.5, **BAD}, BAD])
def test_with_an_unreadable_row_without_an_id_no_row_is_deleted(path: Path, bad: dict[str, Any]) -> None:
    """If the id of an unreadable row is not known, no row with an id is deleted."""
    rows = invoices(3)
    api = Api({("books", "invoices"): rows})
    refreshed(api, path)
    rows[1:] = [bad]
    assert counts(refreshed(api, path)) == [["unchanged", 3, 0, 0, 0]]
    assert rf.Dataset(path).load("invoices").attrs["receipt"]["rows_refused"] == 1


def test_a_deleted_row_that_is_unreadable_now_stays_deleted(path: Path) -> None:
    """An unreadable row does not bring back a row that was deleted before."""
    rows = invoices(2)
    api = Api({("books", "invoices"): rows})
    refreshed(api, path)
    deleted = rows.pop()
    refreshed(api, path)
    rows.append({**deleted, **BAD})
    assert counts(refreshed(api, path)) == [["unchanged", 1, 0, 0, 0]]


def test_an_unreadable_change_is_requested_again(path: Path) -> None:
    """The watermark of a list of changes does not move past a row that could not be read."""
    rows = [order("a", "2026-06-28T00:00:00Z"), order("b", "2026-06-29T00:00:00Z")]
    api = Api({("books", "orders"): rows})
    refreshed(api, path, "orders")
    rows += [{**order("c", "2026-06-30T00:00:00Z"), "created_at": "soon"}, order("d", "2026-06-30T01:00:00Z")]
    assert counts(refreshed(api, path, "orders")) == [["refreshed", 3, 1, 0, 0]]
    rows[2]["created_at"] = "2026-06-29T00:00:00Z"
    assert counts(refreshed(api, path, "orders")) == [["refreshed", 4, 1, 0, 0]]
    assert since(api) == "2026-06-28T23:00:00Z"
    refreshed(api, path, "orders")
    assert since(api) == "2026-06-30T00:00:00Z"


@pytest.mark.parametrize("full", [False, True])
def test_a_full_list_with_an_unreadable_row_is_loaded_in_full_again(path: Path, *, full: bool) -> None:
    """After a whole list of orders with an unreadable row the next refresh asks for all of them."""
    rows = [order("a", "2026-06-28T00:00:00Z"), {**order("b", "2026-01-01T00:00:00Z"), "created_at": "soon"}]
    api = Api({("books", "orders"): rows})
    refreshed(api, path, "orders", full=full)
    refreshed(api, path, "orders")
    assert since(api) is None
    rows[1]["created_at"] = "2026-01-01T00:00:00Z"
    refreshed(api, path, "orders")
    refreshed(api, path, "orders")
    assert since(api) == "2026-06-27T23:00:00Z"
    assert len(rf.Dataset(path).load("orders")) == 2


@pytest.mark.parametrize("options", [{"full": True}, {"overlap": timedelta(days=1_000_000)}])
def test_an_old_row_that_became_unreadable_is_requested_again(path: Path, options: dict[str, Any]) -> None:
    """A whole list with an unreadable row puts an earlier watermark out of use: the row may be older."""
    rows = [order("a", "2026-06-28T00:00:00Z"), order("b", "2026-01-01T00:00:00Z")]
    api = Api({("books", "orders"): rows})
    refreshed(api, path, "orders")
    rows[1] |= {"created_at": "soon", "total_price": 5.0}
    refreshed(api, path, "orders", **options)
    rows[1]["created_at"] = "2026-01-01T00:00:00Z"
    assert counts(refreshed(api, path, "orders")) == [["refreshed", 2, 0, 1, 0]]
    assert since(api) is None


def test_of_many_unreadable_rows_some_are_named(path: Path) -> None:
    """The result names the first three and counts the others; the receipt names a hundred and counts all."""
    connections = ("a", "b")
    api = Api({(name, "invoices"): [{**one, **BAD} for one in invoices(60)] for name in connections})
    options: dict[str, Any] = {"resources": ["invoices"], "on_invalid": "quarantine"}
    done = rf.refresh(api.connections(*connections), path, **options)
    for error in done["error"]:
        assert error.startswith("60 rows could not be read and are set aside: record '1', due_date: ")
        assert error.endswith("; and 57 more")
        assert error.count("record '") == 3
    receipt = rf.Dataset(path).load("invoices").attrs["receipt"]
    assert (receipt["rows_refused"], len(receipt["refused"])) == (120, 100)


def test_an_unknown_choice_is_refused(path: Path) -> None:
    """A typo is refused before any request."""
    api = Api()
    with pytest.raises(ValueError, match="on_invalid='quarantin' is not known"):
        refreshed(api, path, on_invalid="quarantin")
    assert api.requests == []


def test_the_hint_of_a_failed_list_names_the_argument(path: Path) -> None:
    """The error recommends an argument of refresh."""
    api = Api({("books", "invoices"): [{"id": "1", **BAD}]})
    done = refreshed(api, path, on_invalid="raise", on_error="skip")
    assert 'on_invalid="quarantine"' in done["error"].iloc[0]


@pytest.mark.parametrize(("sent", "named"), [('"\\ud800"', "?"), ('"a\\udfff"', "a?"), ("12", "12")])
def test_an_id_that_is_not_unicode(path: Path, sent: str, named: str) -> None:
    """A row with half of a surrogate pair as its id is set aside, in each refresh; the others are stored."""
    first = b'{"invoices": [{"id": "1"}, {"id": "2"}]}'
    other = f'{{"invoices": [{{"id": {sent}, "due_date": "0000-00-00"}}, {{"id": "1"}}]}}'.encode()
    bodies = [first, other, other]
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=bodies.pop(0)))
    with rf.Client(
        client_id="an-id", client_secret="a-secret", environment="https://api.example.com",
        access_tokens={"books": "a-token"}, transport=transport,
    ) as client:  # fmt: skip
        errors = [
            rf.refresh(client.connection("books"), path, resources=["invoices"], on_invalid="quarantine")
            ["error"].iloc[0] for _ in range(3)
        ]  # fmt: skip
    assert all(
        error.startswith(f"1 row could not be read and is set aside: record '{named}'")
        for error in errors[1:]
    )
    frame = rf.Dataset(path).load("invoices")
    assert frame["id"].tolist() == ["1"]
    assert {one["record_id"] for one in frame.attrs["receipt"]["refused"]} == {named}
