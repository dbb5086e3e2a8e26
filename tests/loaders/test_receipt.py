"""The receipt: the proof of completeness that travels with a frame."""

from __future__ import annotations

import copy
import inspect
import json
import operator
import pickle
import re
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.demo.faults import Fault
from rutterframe.demo.server import DemoServer
from rutterframe.frames import receipt as receipt_module
from rutterframe.frames.receipt import Receipt, part_note
from rutterframe.loaders import receipts


def test_what_a_receipt_says(server: DemoServer, client: rf.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A receipt says what was loaded, from where, when, and whether it is all there."""
    ticking = iter(range(10))

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Clock:
            return cls(2026, 6, 30, 12, 0, next(ticking), 7999, tzinfo=tz)

    monkeypatch.setattr(sys.modules["rutterframe.loaders.job"], "datetime", Clock)
    monkeypatch.setattr(receipts, "datetime", Clock)
    server.configure(
        page_size=2, faults=[Fault("null_row", resource="bank_accounts", page=2, connection="gear-bank")]
    )
    frame = rf.load_bank_accounts(
        [client.connection("roaster-bank"), client.connection("gear-bank")],
        on_invalid="quarantine",
        progress=False,
    )
    found = rf.receipt(frame)
    refused = {
        "connection_id": "gear-bank", "record_id": None, "field": "",
        "reason": "null instead of a record, got null",
    }  # fmt: skip
    assert found == {
        "resource": "bank_accounts",
        "environment": server.url,
        "connections": ["roaster-bank", "gear-bank"],
        "pages": 5,
        "rows": 8,
        "duplicates_dropped": 0,
        "rows_refused": 1,
        "refused": [refused],
        "started": "2026-06-30T12:00:00.007Z",
        "finished": "2026-06-30T12:00:01.007Z",
        "filters": {},
        "complete": False,
        "errors": {},
        "not_offered": [],
        "per_connection": {
            "roaster-bank": {
                "pages": 2, "rows": 3, "duplicates_dropped": 0, "rows_refused": 0, "complete": True,
            },
            "gear-bank": {
                "pages": 3, "rows": 5, "duplicates_dropped": 0, "rows_refused": 1, "complete": False,
            },
        },
    }  # fmt: skip


def test_duplicates_are_counted_where_they_came(server: DemoServer, client: rf.Client) -> None:
    """A row that came twice is counted as dropped, for its own connection."""
    server.configure(
        page_size=20, faults=[Fault("moved_row", resource="bills", page=2, connection="gear-xero")]
    )
    names = ["roaster-quickbooks", "gear-xero"]
    found = rf.receipt(rf.load_bills([client.connection(name) for name in names], progress=False))
    assert (found["duplicates_dropped"], found["complete"]) == (1, True)
    assert [found["per_connection"][name]["duplicates_dropped"] for name in names] == [0, 1]
    assert found["rows"] == sum(len(server.books.rows(name, "bills")) for name in names)


def test_a_receipt_is_json_without_secrets(server: DemoServer, client: rf.Client) -> None:
    """JSON can hold a receipt, and no secret is in it."""
    server.configure(faults=[Fault("null_row", resource="accounts", page=1)])
    frame = rf.load_accounts(client.connection("gear-xero"), on_invalid="quarantine", progress=False)
    text = json.dumps(frame.attrs["receipt"])
    for secret in (server.client_id, server.client_secret, *server.access_tokens.values()):
        assert secret not in text


def test_only_the_first_hundred_reasons_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many rows are refused, all are counted, and as many reasons as are useful are kept."""
    assert receipts.MOST_REASONS == 100
    monkeypatch.setattr(receipts, "MOST_REASONS", 2)
    with rf.demo(faults=[Fault("null_row", resource="invoices", page=0, times=0)], page_size=100) as demo:
        frame = rf.load_invoices(demo.connection("gear-xero"), on_invalid="quarantine", progress=False)
    receipt = frame.attrs["receipt"]
    assert receipt["rows_refused"] == receipt["pages"] > 2
    assert len(receipt["refused"]) == 2
    assert receipt["environment"] == "demo"


def test_the_text(server: DemoServer, client: rf.Client) -> None:
    """The text of a receipt says everything in words."""
    frame = rf.load_bank_accounts(client.connection("roaster-bank"), progress=False)
    at = {"started": "2026-06-30T12:00:00.000Z", "finished": "2026-06-30T12:00:01.000Z"}
    frame.attrs["receipt"] = Receipt({**rf.receipt(frame), **at})
    assert (
        f"{rf.receipt(frame)}\n"
        == f"""\
bank_accounts from {server.url}: COMPLETE
  rows                3
  pages               1
  duplicates dropped  0
  rows refused        0
  connections         roaster-bank
  filters             -
  started (UTC)       2026-06-30T12:00:00.000Z
  finished (UTC)      2026-06-30T12:00:01.000Z
"""
    )


def test_the_text_when_something_is_missing(server: DemoServer, client: rf.Client) -> None:
    """A receipt that is not complete says so first, and then what is missing."""
    server.configure(faults=[Fault("null_row", resource="customers", page=1)])
    names = ["gear-shopify", "roaster-netsuite-old"]
    frame = rf.load_customers(
        [client.connection(name) for name in names],
        on_invalid="quarantine",
        on_error="skip",
        progress=False,
    )
    text = f"{rf.receipt(frame)}\n"
    assert ": NOT COMPLETE\n" in text
    assert "  refused             gear-shopify: None, : null instead of a record, got null\n" in text
    assert "  failed              roaster-netsuite-old: The API answered HTTP 403: NEEDS_UPDATE" in text


def test_a_receipt_is_returned_and_shows_itself(
    client: rf.Client, capsys: pytest.CaptureFixture[str]
) -> None:
    """rf.receipt gives the very receipt that the frame carries, and prints nothing."""
    frame = rf.load_bank_accounts(client.connection("roaster-bank"), progress=False)
    assert rf.receipt(frame) is frame.attrs["receipt"]
    assert isinstance(rf.receipt(frame), dict)
    assert capsys.readouterr() == ("", "")


SAVED = Receipt(
    {
        "resource": "invoices", "environment": "demo", "rows": 2, "complete": True,
        "connections": ["a"], "per_connection": {"a": {"rows": 2}},
    }
)  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        lambda found: found.update(complete=True),
        lambda found: found.setdefault("complete", True),
        lambda found: found.pop("complete"),
        lambda found: found.popitem(),
        lambda found: found.clear(),
        lambda found: operator.setitem(found, "complete", True),
        lambda found: operator.delitem(found, "complete"),
        lambda found: found.__ior__({"complete": True}),
        lambda found: found["connections"].append("b"),
        lambda found: found["connections"].extend(["b"]),
        lambda found: found["connections"].insert(0, "b"),
        lambda found: found["connections"].remove("a"),
        lambda found: found["connections"].pop(),
        lambda found: found["connections"].clear(),
        lambda found: found["connections"].sort(),
        lambda found: found["connections"].reverse(),
        lambda found: operator.setitem(found["connections"], 0, "b"),
        lambda found: operator.delitem(found["connections"], 0),
        lambda found: found["connections"].__iadd__(["b"]),
        lambda found: found["connections"].__imul__(2),
        lambda found: operator.setitem(found["per_connection"], "b", {}),
        lambda found: operator.setitem(found["per_connection"]["a"], "rows", 3),
        lambda found: setattr(found, "more", 1),
        lambda found: setattr(found["connections"], "more", 1),
    ],
)
def test_a_receipt_cannot_be_changed(change: Callable[[Any], Any]) -> None:
    """Nothing of a receipt can be changed, neither its entries nor what is in them."""
    before = json.dumps(SAVED)
    with pytest.raises(
        TypeError,
        match=r"^A receipt is read-only: .* json\.loads\(json\.dumps\(receipt\)\) returns a copy",
    ):
        change(SAVED)
    assert json.dumps(SAVED) == before


def test_to_initialise_a_receipt_again_changes_nothing() -> None:
    """__init__, called again, changes neither a receipt nor what is in it; a copy by JSON can be changed."""
    again: Any = SAVED
    before = json.dumps(again)
    again.__init__({"complete": "X"})
    again["connections"].__init__(["q"])
    assert json.dumps(SAVED) == before
    free = json.loads(json.dumps(SAVED))
    free["connections"].append("b")
    assert (free["connections"], SAVED["connections"]) == (["a", "b"], ["a"])


def test_copies_of_a_receipt() -> None:
    """A copy is the receipt itself; pickled and read again it is equal and cannot be changed either."""
    assert copy.copy(SAVED) is SAVED
    assert copy.deepcopy(SAVED) is SAVED
    assert copy.deepcopy({"receipt": [SAVED]})["receipt"][0] is SAVED
    again = pickle.loads(pickle.dumps(SAVED))  # noqa: S301 - our own
    assert (again, type(again), str(again)) == (SAVED, Receipt, str(SAVED))
    with pytest.raises(TypeError, match="receipt is read-only"):
        again["per_connection"]["a"].clear()
    assert json.loads(json.dumps(SAVED)) == SAVED
    assert dict(SAVED) | {"rows": 3} == {**SAVED, "rows": 3}


def test_pandas_never_copies_a_receipt() -> None:
    """Whatever pandas derives from a frame carries the very same receipt."""
    frame = pd.DataFrame({"id": ["b", "a"], "due": [1.0, 2.0]})
    frame.attrs["receipt"] = SAVED
    derived = [
        frame[frame["due"] > 1], frame.head(1), frame.copy(), frame.sort_values("id"), frame[["id"]],
        frame["due"], frame.assign(more=1), pd.concat([frame, frame]), frame.reset_index(),
        frame.rename(columns=str.upper),
    ]  # fmt: skip
    assert [one.attrs["receipt"] is SAVED for one in derived] == [True] * len(derived)


def test_some_of_the_rows(client: rf.Client) -> None:
    """The receipt of a filtered frame says how many of the loaded rows it holds, and is not complete."""
    frame = rf.load_invoices(
        [client.connection(name) for name in ("gear-xero", "roaster-quickbooks")], progress=False
    )
    some = frame[frame["status"] == "open"]
    found = rf.receipt(some)
    assert (len(some), len(frame), found["complete"], found["rows"]) == (85, 965, False, 965)
    assert (found["rows_in_frame"], found["load_complete"]) == (85, True)
    title, rows, *_ = str(found).splitlines()
    assert title.endswith(": 85 of the 965 rows loaded")
    assert rows == "  rows                85 of the 965 rows loaded"
    assert "85 of the 965 rows loaded" in found._repr_html_()
    assert part_note(some) == "invoices: 85 of the 965 rows loaded."
    assert part_note(frame) is None
    assert rf.receipt(frame)["complete"] is True
    assert rf.receipt(some.iloc[:0])["rows_in_frame"] == 0


def test_more_rows_than_were_loaded() -> None:
    """The receipt of a frame that has rows twice says so; that of a load that broke off says both."""
    frame = pd.DataFrame({"id": ["a", "b"]})
    frame.attrs["receipt"] = SAVED
    twice = pd.concat([frame, frame])
    assert str(rf.receipt(twice)).startswith("invoices from demo: 4 rows, although 2 were loaded\n")
    assert part_note(twice) == "invoices: 4 rows, although 2 were loaded."
    frame.attrs["receipt"] = Receipt({**SAVED, "complete": False})
    assert str(rf.receipt(frame.head(1))).startswith(
        "invoices from demo: 1 of the 2 rows loaded, and the load is NOT COMPLETE\n"
    )


TEN = pd.DataFrame(
    {
        "connection_id": pd.Series(["a"] * 10, dtype="str"),
        "id": pd.Series([str(number) for number in range(1, 11)], dtype="str"),
        "customer_id": pd.Series(["c"] * 10, dtype="str"),
        "amount_due": [10.0] * 10,
        "currency": pd.Series(["USD"] * 10, dtype="str"),
        "status": pd.Series(["open"] * 10, dtype="str"),
        "due_date": pd.Series([pd.Timestamp("2026-06-01")] * 10),
    }
)
TEN.attrs["receipt"] = Receipt({**SAVED, "rows": 10, "finished": "2026-06-30T12:00:00.000Z"})


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (lambda f: pd.concat([f.head(5), f.head(5)]), "5 of the 10 rows loaded, and 5 more that repeat them"),
        (lambda f: f.iloc[[0] * 10], "1 of the 10 rows loaded, and 9 more that repeat them"),
        (lambda f: f.iloc[[0, 1, 0]], "2 of the 10 rows loaded, and 1 more that repeat them"),
        (lambda f: pd.concat([f, f]), "all 10 rows loaded, and 10 more that repeat them"),
        (
            lambda f: f.reindex(range(5, 15)),
            "5 of the 10 rows loaded, and 5 rows without connection_id, which were not loaded",
        ),
        (
            lambda f: f.shift(3),
            "7 of the 10 rows loaded, and 3 rows without connection_id, which were not loaded",
        ),
        (
            lambda f: f.where(f["id"] == "1"),
            "1 of the 10 rows loaded, and 9 rows without connection_id, which were not loaded",
        ),
        (
            lambda f: f.drop(columns="connection_id"),
            "10 rows without connection_id: whether they are those that were loaded is not known",
        ),
        (
            lambda f: f.drop(columns="id"),
            "10 rows without id: whether they are those that were loaded is not known",
        ),
    ],
)
def test_other_rows_of_the_same_number(rows: Callable[[pd.DataFrame], pd.DataFrame], said: str) -> None:
    """Rows that stand there twice, blank rows and rows that cannot be recognised are not those loaded."""
    frame = rows(TEN)
    found = rf.receipt(frame)
    assert str(found).splitlines()[0] == f"invoices from demo: {said}"
    assert (found["complete"], found["load_complete"], found["rows_in_frame"]) == (False, True, len(frame))
    assert part_note(frame) == f"invoices: {said}."
    assert f"invoices: {said}." in rf.reports.ar_aging(frame, "2026-06-30").attrs["notes"]


def test_rows_that_group_by_has_made() -> None:
    """Sums by id are not the rows loaded, although there are as many."""
    sums: Any = TEN.groupby("id", as_index=False)["amount_due"].sum()
    assert rf.receipt(sums)["complete"] is False


def test_the_same_rows_in_another_shape() -> None:
    """Sorted, with ids of any dtype, or with ids that two connections share, all rows are there."""
    shared: list[Any] = ["1", "1", "2", "2", "3", "3", "4", "4", None, None]
    two = TEN.assign(connection_id=["a", "b"] * 5, id=pd.Series(shared))
    same = [
        TEN, TEN.sample(frac=1), TEN.reset_index(), two, TEN.assign(id=TEN["id"].astype(object)),
        TEN.assign(id=TEN["id"].astype("int64")), TEN.assign(id=TEN["id"].astype("category")),
        TEN.assign(id=[1, "2", *range(3, 11)]),
    ]  # fmt: skip
    assert [rf.receipt(one)["complete"] for one in same] == [True] * len(same)
    assert [part_note(one) for one in same] == [None] * len(same)
    assert "9 of the 10 rows" in str(rf.receipt(two.assign(id=["1", "1", "1", *two["id"][3:]])))


def test_a_report_of_many_rows_compares_their_number_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a million rows a report does not look for rows that stand there twice; rf.receipt does."""
    assert receipt_module.MAX_ROWS_COMPARED == 1_000_000
    monkeypatch.setattr(receipt_module, "MAX_ROWS_COMPARED", 9)
    twice = pd.concat([TEN.head(5), TEN.head(5)])
    assert part_note(twice) is None
    assert part_note(TEN.head(5)) == "invoices: 5 of the 10 rows loaded."
    assert rf.receipt(twice)["complete"] is False


@pytest.mark.parametrize(
    ("damaged", "said"),
    [
        ({"rows": "1"}, "rows is '1', where a whole number is expected"),
        ({"rows": None}, "rows is None, where a whole number is expected"),
        ({"rows": True}, "rows is True, where a whole number is expected"),
        ({"errors": []}, "errors is [], where a dict is expected"),
        ({"errors": {"a": None}}, "errors holds None, where text is expected"),
        ({"per_connection": {"a": 1}}, "per_connection holds 1, where a dict is expected"),
        ({"connections": "a"}, "connections is 'a', where a list is expected"),
        ({"complete": "no"}, "complete is 'no', where True or False is expected"),
        ({"rows": 1, "complete": "no"}, "complete is 'no', where True or False is expected"),
        ({"complete": True}, "it is complete, but has no number of rows"),
    ],
)
def test_a_damaged_receipt(damaged: dict[str, Any], said: str) -> None:
    """A receipt whose entries are not what they should be is refused in words, and noted in reports."""
    frame = TEN.head(1)
    frame.attrs["receipt"] = damaged
    with pytest.raises(ValueError, match=f"The receipt of this frame is damaged: {re.escape(said)}"):
        rf.receipt(frame)
    assert part_note(frame) == f"The receipt of a frame is damaged: {said}."


def test_a_receipt_that_was_read_from_a_file(client: rf.Client, tmp_path: Path) -> None:
    """A receipt that comes back with a Parquet file is as good as the first."""
    frame = rf.load_bank_accounts(client.connection("roaster-bank"), progress=False)
    rf.write_frame(frame, tmp_path / "accounts.parquet")
    again = pd.read_parquet(tmp_path / "accounts.parquet")
    assert rf.receipt(again) == rf.receipt(frame)
    assert rf.receipt(again) is again.attrs["receipt"]
    assert str(rf.receipt(again)) == str(rf.receipt(frame))


def test_no_receipt() -> None:
    """A frame that is not from a loader has no receipt, and the error says why it may be gone."""
    with pytest.raises(ValueError, match="This frame has no receipt: pass a frame from a loader"):
        rf.receipt(pd.DataFrame({"id": ["a"]}))
    with pytest.raises(TypeError, match="receipt takes a pandas DataFrame, but this is dict"):
        rf.receipt({"receipt": SAVED})  # type: ignore[arg-type]


def test_a_receipt_survives_filtering(client: rf.Client) -> None:
    """Filtering rows carries the receipt along."""
    frame = rf.load_accounts(client.connection("gear-xero"), progress=False)
    assert frame[frame["currency"] == "EUR"].attrs["receipt"]["complete"] is True


def test_the_progress_bar(client: rf.Client, capsys: pytest.CaptureFixture[str]) -> None:
    """The bar counts pages and rows and goes to standard error; progress=False silences it."""
    frame = rf.load_invoices(client.connection("gear-xero"), progress=True)
    shown = capsys.readouterr()
    assert f"invoices: {frame.attrs['receipt']['pages']} pages" in shown.err
    assert f"{len(frame):,} rows" in shown.err
    assert shown.out == ""
    rf.load_invoices(client.connection("gear-xero"), progress=False)
    assert capsys.readouterr() == ("", "")


def test_every_loader_shows_progress_alike() -> None:
    """Whether a bar is drawn by default is the same for every loader."""
    loaders = [getattr(rf, name) for name in rf.__all__ if name.startswith("load_")]
    loaders = [one for one in loaders if "progress" in inspect.signature(one).parameters]
    assert len(loaders) >= 11
    assert len({inspect.signature(one).parameters["progress"].default for one in loaders}) == 1
