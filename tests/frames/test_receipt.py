"""The receipt of a frame: read-only, as text, and compared with the rows of the frame."""

from __future__ import annotations

import copy
import json
import operator
import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.demo.server import DemoServer
from rutterframe.frames import receipt as receipt_module
from rutterframe.frames.receipt import Receipt, part_note


def test_the_text(server: DemoServer, client: rf.Client) -> None:
    """The text of a receipt has an entry a line."""
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


def test_a_receipt_is_returned(client: rf.Client, capsys: pytest.CaptureFixture[str]) -> None:
    """rf.receipt returns the receipt in the attrs of the frame, and prints nothing."""
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
        lambda receipt: receipt.update(complete=True),
        lambda receipt: receipt.setdefault("complete", True),
        lambda receipt: receipt.pop("complete"),
        lambda receipt: receipt.popitem(),
        lambda receipt: receipt.clear(),
        lambda receipt: operator.setitem(receipt, "complete", True),
        lambda receipt: operator.delitem(receipt, "complete"),
        lambda receipt: receipt.__ior__({"complete": True}),
        lambda receipt: receipt["connections"].append("b"),
        lambda receipt: receipt["connections"].extend(["b"]),
        lambda receipt: receipt["connections"].insert(0, "b"),
        lambda receipt: receipt["connections"].remove("a"),
        lambda receipt: receipt["connections"].pop(),
        lambda receipt: receipt["connections"].clear(),
        lambda receipt: receipt["connections"].sort(),
        lambda receipt: receipt["connections"].reverse(),
        lambda receipt: operator.setitem(receipt["connections"], 0, "b"),
        lambda receipt: operator.delitem(receipt["connections"], 0),
        lambda receipt: receipt["connections"].__iadd__(["b"]),
        lambda receipt: receipt["connections"].__imul__(2),
        lambda receipt: operator.setitem(receipt["per_connection"], "b", {}),
        lambda receipt: operator.setitem(receipt["per_connection"]["a"], "rows", 3),
        lambda receipt: setattr(receipt, "more", 1),
        lambda receipt: setattr(receipt["connections"], "more", 1),
    ],
)
def test_a_receipt_is_read_only(change: Callable[[Any], Any]) -> None:
    """Neither the entries of a receipt nor their values can be changed."""
    before = json.dumps(SAVED)
    with pytest.raises(
        TypeError,
        match=r"^A receipt is read-only: .* json\.loads\(json\.dumps\(receipt\)\) returns a copy",
    ):
        change(SAVED)
    assert json.dumps(SAVED) == before


def test_init_of_a_receipt_changes_nothing() -> None:
    """A second call of __init__ changes neither a receipt nor its values; a copy by JSON can be changed."""
    again: Any = SAVED
    before = json.dumps(again)
    again.__init__({"complete": "X"})
    again["connections"].__init__(["q"])
    assert json.dumps(SAVED) == before
    plain = json.loads(json.dumps(SAVED))
    plain["connections"].append("b")
    assert (plain["connections"], SAVED["connections"]) == (["a", "b"], ["a"])


def test_copies_of_a_receipt() -> None:
    """A copy is the receipt itself; after pickling it is equal and read-only."""
    assert copy.copy(SAVED) is SAVED
    assert copy.deepcopy(SAVED) is SAVED
    assert copy.deepcopy({"receipt": [SAVED]})["receipt"][0] is SAVED
    again = pickle.loads(pickle.dumps(SAVED))  # noqa: S301 - our own
    assert (again, type(again), str(again)) == (SAVED, Receipt, str(SAVED))
    with pytest.raises(TypeError, match="receipt is read-only"):
        again["per_connection"]["a"].clear()
    assert json.loads(json.dumps(SAVED)) == SAVED
    assert dict(SAVED) | {"rows": 3} == {**SAVED, "rows": 3}


def test_pandas_does_not_copy_a_receipt() -> None:
    """Frames that pandas derives from a frame have the same receipt object."""
    frame = pd.DataFrame({"id": ["b", "a"], "due": [1.0, 2.0]})
    frame.attrs["receipt"] = SAVED
    derived = [
        frame[frame["due"] > 1], frame.head(1), frame.copy(), frame.sort_values("id"), frame[["id"]],
        frame["due"], frame.assign(more=1), pd.concat([frame, frame]), frame.reset_index(),
        frame.rename(columns=str.upper),
    ]  # fmt: skip
    assert [frame.attrs["receipt"] is SAVED for frame in derived] == [True] * len(derived)


def test_a_filtered_frame(client: rf.Client) -> None:
    """The receipt of a filtered frame has the number of its rows, and is not complete."""
    frame = rf.load_invoices(
        [client.connection(name) for name in ("gear-xero", "roaster-quickbooks")], progress=False
    )
    some = frame[frame["status"] == "open"]
    receipt = rf.receipt(some)
    assert (len(some), len(frame), receipt["complete"], receipt["rows"]) == (85, 965, False, 965)
    assert (receipt["rows_in_frame"], receipt["load_complete"]) == (85, True)
    title, rows, *_ = str(receipt).splitlines()
    assert title.endswith(": 85 of the 965 rows loaded")
    assert rows == "  rows                85 of the 965 rows loaded"
    assert "85 of the 965 rows loaded" in receipt._repr_html_()
    assert part_note(some) == "invoices: 85 of the 965 rows loaded."
    assert part_note(frame) is None
    assert rf.receipt(frame)["complete"] is True
    assert rf.receipt(some.iloc[:0])["rows_in_frame"] == 0


def test_more_rows_than_were_loaded() -> None:
    """The receipt of a frame with repeated rows says so, and that its load is not complete."""
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
    ("rows", "text"),
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
def test_rows_that_were_not_loaded(rows: Callable[[pd.DataFrame], pd.DataFrame], text: str) -> None:
    """Repeated rows, blank rows and rows without identity are not the rows that were loaded."""
    frame = rows(TEN)
    receipt = rf.receipt(frame)
    assert str(receipt).splitlines()[0] == f"invoices from demo: {text}"
    assert (receipt["complete"], receipt["load_complete"], receipt["rows_in_frame"]) == (
        False,
        True,
        len(frame),
    )
    assert part_note(frame) == f"invoices: {text}."
    assert f"invoices: {text}." in rf.reports.ar_aging(frame, "2026-06-30").attrs["notes"]


def test_sums_by_id() -> None:
    """Sums by id are not the rows loaded, although their number is the same."""
    sums: Any = TEN.groupby("id", as_index=False)["amount_due"].sum()
    assert rf.receipt(sums)["complete"] is False


def test_the_same_rows_in_another_order_and_dtype() -> None:
    """Rows in another order, with ids of another dtype or of two connections are the rows loaded."""
    shared: list[Any] = ["1", "1", "2", "2", "3", "3", "4", "4", None, None]
    two = TEN.assign(connection_id=["a", "b"] * 5, id=pd.Series(shared))
    same = [
        TEN, TEN.sample(frac=1), TEN.reset_index(), two, TEN.assign(id=TEN["id"].astype(object)),
        TEN.assign(id=TEN["id"].astype("int64")), TEN.assign(id=TEN["id"].astype("category")),
        TEN.assign(id=[1, "2", *range(3, 11)]),
    ]  # fmt: skip
    assert [rf.receipt(frame)["complete"] for frame in same] == [True] * len(same)
    assert [part_note(frame) for frame in same] == [None] * len(same)
    assert "9 of the 10 rows" in str(rf.receipt(two.assign(id=["1", "1", "1", *two["id"][3:]])))


def test_reports_of_many_rows_compare_only_their_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a million rows a report does not look for repeated rows; rf.receipt does."""
    assert receipt_module.MAX_ROWS_COMPARED == 1_000_000
    monkeypatch.setattr(receipt_module, "MAX_ROWS_COMPARED", 9)
    twice = pd.concat([TEN.head(5), TEN.head(5)])
    assert part_note(twice) is None
    assert part_note(TEN.head(5)) == "invoices: 5 of the 10 rows loaded."
    assert rf.receipt(twice)["complete"] is False


@pytest.mark.parametrize(
    ("damaged", "text"),
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
def test_a_damaged_receipt(damaged: dict[str, Any], text: str) -> None:
    """A receipt with an invalid entry is refused with a description, and noted in reports."""
    frame = TEN.head(1)
    frame.attrs["receipt"] = damaged
    with pytest.raises(ValueError, match=f"The receipt of this frame is damaged: {re.escape(text)}"):
        rf.receipt(frame)
    assert part_note(frame) == f"The receipt of a frame is damaged: {text}."


def test_the_receipt_of_a_frame_from_a_file(client: rf.Client, tmp_path: Path) -> None:
    """The receipt in a Parquet file equals the first."""
    frame = rf.load_bank_accounts(client.connection("roaster-bank"), progress=False)
    rf.write_frame(frame, tmp_path / "accounts.parquet")
    again = pd.read_parquet(tmp_path / "accounts.parquet")
    assert rf.receipt(again) == rf.receipt(frame)
    assert rf.receipt(again) is again.attrs["receipt"]
    assert str(rf.receipt(again)) == str(rf.receipt(frame))


def test_a_frame_without_a_receipt() -> None:
    """A frame that is not from a loader has no receipt, and the error says where to get one."""
    with pytest.raises(ValueError, match="This frame has no receipt: pass a frame from a loader"):
        rf.receipt(pd.DataFrame({"id": ["a"]}))
    with pytest.raises(TypeError, match="receipt takes a pandas DataFrame, but this is dict"):
        rf.receipt({"receipt": SAVED})  # type: ignore[arg-type]


def test_a_receipt_survives_filtering(client: rf.Client) -> None:
    """A filtered frame has the receipt of the frame."""
    frame = rf.load_accounts(client.connection("gear-xero"), progress=False)
    assert frame[frame["currency"] == "EUR"].attrs["receipt"]["complete"] is True
