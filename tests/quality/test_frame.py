"""The frame of findings: always the same columns, a stated order, and notes on what was not looked at."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.demo.faults import Fault
from rutterframe.demo.server import DemoServer
from rutterframe.quality import CHECKS, FINDINGS, Severity, checks_in_words

Made = Callable[..., pd.DataFrame]
COLUMNS = ["resource", "connection_id", "id", "severity", "check", "field", "value", "explanation"]


def test_the_same_columns_for_nothing(made: Made) -> None:
    """No finding, no row and no frame at all give the same columns and dtypes as findings do."""
    some = rf.check({"customers": made("customers", {"id": None})})
    for frames in ({}, {"customers": made("customers")}, {"customers": made("customers", {"id": "u1"})}):
        none = rf.check(frames)
        assert len(none) == 0
        assert none.dtypes.equals(some.dtypes)
        assert isinstance(none.index, pd.RangeIndex)
    assert list(some) == COLUMNS == list(FINDINGS)
    assert {str(dtype) for dtype in some.dtypes} == {"str"}


def test_worst_first(made: Made) -> None:
    """Errors come before warnings and notes, then resource, check, connection, id and field decide."""
    odd = {"status": "lost", "amount_due": 5.0, "currency": "???", "due_date": None}
    invoices = made(
        "invoices", {"id": "2", **odd}, {"id": "1", **odd}, c0=[{"id": "3", **odd}, {"id": None, **odd}]
    )
    bills = made("bills", {"id": "9", "vendor_id": "v", **odd, "status": "draft"})
    found = rf.check({"invoices": invoices, "bills": bills})
    assert found[["severity", "resource", "check", "connection_id", "id"]].to_csv(index=False).splitlines()[
        1:
    ] == [
        "error,bills,unknown_currency,c1,9",
        "error,invoices,missing_id,c0,",
        "error,invoices,unknown_currency,c0,3",
        "error,invoices,unknown_currency,c0,",
        "error,invoices,unknown_currency,c1,1",
        "error,invoices,unknown_currency,c1,2",
        "warning,invoices,missing_due_date,c0,3",
        "warning,invoices,missing_due_date,c0,",
        "warning,invoices,missing_due_date,c1,1",
        "warning,invoices,missing_due_date,c1,2",
        "warning,invoices,no_party,c0,3",
        "warning,invoices,no_party,c0,",
        "warning,invoices,no_party,c1,1",
        "warning,invoices,no_party,c1,2",
        "warning,invoices,unknown_word,c0,3",
        "warning,invoices,unknown_word,c0,",
        "warning,invoices,unknown_word,c1,1",
        "warning,invoices,unknown_word,c1,2",
        "note,bills,draft_with_balance,c1,9",
    ]


def test_the_order_of_rows_does_not_matter(client: rf.Client) -> None:
    """Frames in any order of rows and of resources give the same findings in the same order."""
    frames = rf.load_all(
        [client.connection(name) for name in ("roaster-quickbooks", "gear-shopify")], progress=False
    )
    names = list(frames)
    random.Random(7).shuffle(names)  # noqa: S311 - any order will do
    mixed = {name: frames[name].sample(frac=1, random_state=1) for name in names}
    pd.testing.assert_frame_equal(rf.check(frames), rf.check(mixed))


def test_nothing_of_the_callers_is_changed(client: rf.Client) -> None:
    """The frames that are checked stay as they were, attributes included."""
    frames = rf.load_all(client.connection("roaster-shopify"), progress=False)
    before = {name: frame.copy() for name, frame in frames.items()}
    rf.check(frames)
    for name, frame in frames.items():
        pd.testing.assert_frame_equal(frame, before[name])
        assert frame.attrs == before[name].attrs


def test_what_travels_along(client: rf.Client) -> None:
    """The findings carry the receipts of the frames, the day they count from, and what was left out."""
    invoices = rf.load_invoices(client.connection("gear-xero"), progress=False)
    found = rf.check(invoices)
    assert found.attrs["report"] == "check"
    assert found.attrs["sources"] == [invoices.attrs["receipt"]]
    assert found.attrs["as_of"] == invoices.attrs["receipt"]["finished"][:10]
    assert found.attrs["notes"] == [
        (
            "Not loaded, so not checked: accounts, transactions, bills, expenses, orders, products, "
            "customers, bank_accounts, ad_accounts."
        ),
        "customers were not loaded: invoices.customer_id was not looked up.",
    ]


@pytest.mark.parametrize(
    "resource", ["accounts", "invoices", "bills", "orders", "bank_accounts", "ad_accounts"]
)
def test_one_frame_alone(made: Made, resource: str) -> None:
    """A frame without receipt is known by its columns, and checked as its resource."""
    found = rf.check(made(resource, {"id": "1", "currency": "XYZ"}))
    assert set(found["resource"]) == {resource}
    assert "unknown_currency" in set(found["check"])


def test_a_frame_of_nothing_known() -> None:
    """A frame that is no resource's, or has no ids, is refused with what was there instead."""
    strange = pd.DataFrame({"name": ["x"]})
    with pytest.raises(ValueError, match=r"looks like none of connections, accounts.*its columns are name"):
        rf.check(strange)
    with pytest.raises(ValueError, match="There is no resource 'invoice'; there are connections, accounts"):
        rf.check({"invoice": strange})
    with pytest.raises(ValueError, match="invoices has no column 'id', by which a finding"):
        rf.check({"invoices": strange})
    with pytest.raises(TypeError, match="invoices: a pandas DataFrame is needed, not list"):
        rf.check({"invoices": [1]})  # type: ignore[dict-item]
    with pytest.raises(TypeError, match=r"frames by resource.*not list"):
        rf.check([strange])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="as_of='soon' is not a valid date"):
        rf.check({}, as_of="soon")


def test_a_frame_with_wrong_dtypes() -> None:
    """Text where numbers or lists should be is an error that names the column, not a finding."""
    frame = pd.DataFrame({"connection_id": ["c"], "id": ["i"], "amount_due": ["ten"], "line_items": ["[]"]})
    with pytest.raises(ValueError, match=r"invoices\.amount_due should hold a number, but is str"):
        rf.check({"invoices": frame})
    with pytest.raises(ValueError, match=r"invoices\.line_items holds no lists"):
        rf.check({"invoices": frame.drop(columns="amount_due")})


def test_a_frame_with_fewer_columns(made: Made) -> None:
    """What needs a column that is not there is not checked, and the notes say so; the rest is."""
    invoices = made("invoices", {"id": "1", "currency": "XYZ", "customer_id": "u", "status": "open"})
    found = rf.check({"invoices": invoices.drop(columns=["due_date", "line_items"])}, as_of="2026-06-30")
    assert set(found["check"]) == {"unknown_currency", "missing_amount"}
    assert found.attrs["notes"][1:] == [
        "The frame of invoices has no column 'line_items': what needs it was not checked.",
        "The frame of invoices has no column 'due_date': what needs it was not checked.",
        "customers were not loaded: invoices.customer_id was not looked up.",
    ]


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_frames_from_files(client: rf.Client, tmp_path: Path, ending: str) -> None:
    """What was in a file since is checked as what was just loaded; a CSV's nested text has to go."""
    bank = rf.load_bank_accounts(client.connection("roaster-bank"), progress=False)
    bills = rf.load_bills(client.connection("roaster-quickbooks"), progress=False)
    kept = {
        "bank_accounts": bank,
        "bills": bills if ending == "parquet" else bills.drop(columns="line_items"),
    }
    read: dict[str, pd.DataFrame] = {}
    for name, frame in kept.items():
        path = tmp_path / f"{name}.{ending}"
        rf.write_frame(frame, path)
        read[name] = pd.read_parquet(path) if ending == "parquet" else pd.read_csv(path)
    pd.testing.assert_frame_equal(rf.check(read), rf.check(kept))
    assert len(rf.check(read)) == 2


def test_a_list_that_is_not_whole(client: rf.Client) -> None:
    """Of a list that was cut, or of a connection that was not loaded, nothing is missed: the notes say so."""
    both = [client.connection(name) for name in ("roaster-quickbooks", "gear-xero")]
    invoices = rf.load_invoices(both, progress=False)
    of_one = rf.load_customers(both[0], progress=False)
    for customers in (of_one, of_one.head(3)):
        found = rf.check({"invoices": invoices, "customers": customers})
        assert "unknown_customer" not in set(found["check"])
    assert found.attrs["notes"][1:] == [
        (
            "customers of gear-xero, roaster-quickbooks are empty or not all there: "
            "invoices.customer_id was not looked up in them."
        ),
        "customers: 3 of the 39 rows loaded.",
    ]


def test_without_a_day_nothing_is_ahead(made: Made) -> None:
    """Without a receipt and as_of= no day is too far ahead, and the notes say so."""
    bills = made("bills", {"id": "1", "due_date": "2999-01-01"}, {"id": "2", "due_date": "1900-01-01"})
    found = rf.check(bills)
    assert found.loc[found["check"] == "date_out_of_range", "id"].tolist() == ["2"]
    assert found.attrs["notes"][-1] == (
        "No receipt says when the data was fetched: pass as_of= to find days too far ahead, and documents "
        "that are overdue for years."
    )
    assert "as_of" not in found.attrs


def test_what_a_receipt_says(server: DemoServer, client: rf.Client) -> None:
    """A connection that failed, and a record that was set aside, are errors of the load."""
    faults = [
        Fault("503", resource="customers", page=2, times=0, connection="gear-shopify"),
        Fault("null_row", resource="customers", page=1, times=0, connection="gear-xero"),
    ]
    server.configure(page_size=100, faults=faults)
    names = ("roaster-quickbooks", "gear-xero", "gear-shopify")
    frame = rf.load_customers(
        [client.connection(name) for name in names],
        on_invalid="quarantine",
        on_error="skip",
        progress=False,
    )
    found = rf.check(frame)
    assert found[["severity", "check", "resource", "connection_id"]].to_numpy().tolist() == [
        ["error", "incomplete_load", "customers", "gear-shopify"],
        ["error", "refused_row", "customers", "gear-xero"],
    ]
    assert found["explanation"].tolist() == [
        (
            "Not every record was loaded: The API answered HTTP 503: SERVICE_UNAVAILABLE: "
            "Down for maintenance. (tried 3 times)"
        ),
        "The record was set aside while loading: null instead of a record, got null",
    ]


def test_more_refused_than_the_receipt_tells(made: Made) -> None:
    """Where the receipt counts more refused records than it gives reasons for, the notes say how many."""
    frame = made("customers")
    one: dict[str, Any] = {"connection_id": "c1", "record_id": "u1", "field": "name", "reason": "no text"}
    whole = {"complete": False, "rows": 0, "rows_refused": 250}
    frame.attrs["receipt"] = {
        "resource": "customers", "rows_refused": 250, "refused": [one], "errors": {},
        "per_connection": {"c1": whole}, "finished": "2026-06-30T10:00:00.000Z",
    }  # fmt: skip
    found = rf.check(frame)
    assert found[["check", "id", "field"]].to_numpy().tolist() == [["refused_row", "u1", "name"]]
    assert found.attrs["notes"][1] == (
        "250 records of customers were set aside while loading; its receipt says of 1 of them why."
    )


def test_the_table_of_checks() -> None:
    """Every check has a name of its own and says in sentences what it means and why, as does the page."""
    assert len({one.name for one in CHECKS}) == len(CHECKS)
    for one in CHECKS:
        assert one.name.isidentifier()
        assert one.severity in Severity
        assert one.meaning.endswith((".", ".)"))
        assert one.reason.endswith(".")
        assert (one.find.__doc__ or "").startswith("Find ")
    page = Path(rf.__file__).parent.parent / "docs" / "checks.md"
    assert checks_in_words() in page.read_text(encoding="utf-8")


def test_the_docstring_lists_the_columns() -> None:
    """The docstring's table has the columns of the frame, in order, with what they say."""
    doc = " ".join((rf.check.__doc__ or "").split())
    places = [doc.index(f" {name} str ") for name in FINDINGS]
    assert places == sorted(places)
    for meaning in FINDINGS.values():
        assert meaning in doc


def test_a_frame_that_was_filtered(client: rf.Client) -> None:
    """Of a frame that holds fewer rows than its receipt counts, a finding and the notes say how many."""
    invoices = rf.load_invoices(client.connection("roaster-quickbooks"), progress=False)
    found = rf.check(invoices[invoices["status"] == "open"])
    part = found[found["check"] == "part_of_a_load"]
    text = "Only these rows were checked: invoices: 52 of the 542 rows loaded."
    assert part[["severity", "resource", "explanation"]].to_numpy().tolist() == [["note", "invoices", text]]
    assert part["id"].isna().all()
    assert "invoices: 52 of the 542 rows loaded." in found.attrs["notes"]
    assert "part_of_a_load" not in set(rf.check(invoices)["check"])


def test_a_receipt_that_is_not_complete(made: Made) -> None:
    """A receipt that is not complete is an error even where it blames no connection."""
    frame = made("customers")
    frame.attrs["receipt"] = {
        "resource": "customers", "rows": 0, "rows_refused": 0, "refused": [], "errors": {}, "complete": False,
        "per_connection": {}, "connections": [], "finished": "2026-06-30T10:00:00.000Z",
    }  # fmt: skip
    found = rf.check(frame)
    assert found[["severity", "check", "explanation"]].to_numpy().tolist() == [
        ["error", "incomplete_load", "Not every record was loaded: its receipt is not complete"]
    ]


def test_the_day_of_the_last_fetch(made: Made) -> None:
    """Days are counted from the last day on which something was fetched, whatever the order of the frames."""
    bills = made("bills", {"id": "1", "due_date": "2031-07-01", "status": "paid"})
    customers = made("customers")
    receipt = {"rows": 0, "rows_refused": 0, "refused": [], "errors": {}, "per_connection": {}}
    bills.attrs["receipt"] = {**receipt, "finished": "2026-06-30T23:00:00.000Z"}
    customers.attrs["receipt"] = {**receipt, "finished": "2026-07-01T01:00:00.000Z"}
    for frames in ({"bills": bills, "customers": customers}, {"customers": customers, "bills": bills}):
        found = rf.check(frames)
        assert found.attrs["as_of"] == "2026-07-01"
        assert set(found["check"]) == {"no_party", "part_of_a_load", "unknown_currency"}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([1782777600000], r"holds numbers \(the first is 1782777600000\)"),
        ([20260501], r"holds numbers \(the first is 20260501\)"),
        ([True], "holds true or false"),
        (["05/06/2026"], r"holds text that is no ISO date \(the first is '05/06/2026'\)"),
        (["2026-06-30", "13/06/2026"], r"\(the first is '13/06/2026'\)"),
        ([1.5], "holds numbers"),
    ],
    ids=str,
)
@pytest.mark.parametrize(
    ("resource", "field"),
    [
        ("bills", "due_date"),
        ("expenses", "date"),
        ("transactions", "date"),
        ("orders", "created_at"),
        ("products", "updated_at"),
    ],
)
def test_dates_that_could_be_read_in_two_ways(
    resource: str, field: str, values: list[Any], said: str
) -> None:
    """Numbers, booleans and text in another order are refused, with the first value."""
    ids = [str(number) for number in range(len(values))]
    frame = pd.DataFrame({"connection_id": "c1", "id": ids, field: values})
    with pytest.raises(ValueError, match=f"{resource}: column '{field}' {said}|{said}"):
        rf.check({resource: frame})


_DAY = date(2031, 7, 1)


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        ([_DAY], object),
        ([pd.Timestamp(_DAY)], object),
        ([pd.Timestamp("2031-07-01 23:00", tz="America/New_York")], object),
        ([None, pd.NaT, pd.NA, float("nan"), "2031-07-01"], object),
        (["2031-07-01", None], "category"),
        ([pd.Timestamp(_DAY), None], "category"),
        ([_DAY, None], "date32[day][pyarrow]"),
        ([_DAY, None], "datetime64[ns]"),
        (["2031-07-01T23:00:00-04:00"], "str"),
    ],
    ids=str,
)
@pytest.mark.parametrize(("resource", "field"), [("invoices", "due_date"), ("transactions", "date")])
def test_dates_of_every_kind_of_column(resource: str, field: str, values: list[Any], dtype: str) -> None:
    """Python dates, moments, ISO text and Arrow's dates are the date that is written, as in the reports."""
    ids = [str(number) for number in range(len(values))]
    frame = pd.DataFrame({"connection_id": "c1", "id": ids, field: pd.Series(values, dtype=dtype)})
    found = rf.check({resource: frame}, as_of="2026-06-30")
    assert found.loc[found["check"] == "date_out_of_range", "value"].tolist() == ["2031-07-01"]


def test_moments_of_python() -> None:
    """A column of Python moments is one of moments: an order of the next year is ahead."""
    moments = pd.Series([datetime(2031, 7, 1, 12, tzinfo=UTC), None], dtype=object)
    frame = pd.DataFrame({"connection_id": "c1", "id": ["1", "2"], "created_at": moments})
    found = rf.check({"orders": frame}, as_of="2026-06-30")
    assert found.loc[found["check"] == "date_out_of_range", "id"].tolist() == ["1"]


@pytest.mark.parametrize("resource", ["invoices", "orders", "products", "transactions"])
def test_a_frame_made_by_hand_without_rows(resource: str, made: Made) -> None:
    """A frame with all columns, no rows and no types has no findings."""
    assert len(rf.check({resource: pd.DataFrame({name: [] for name in made(resource)})})) == 0


def test_a_column_twice() -> None:
    """A frame with one column twice is refused in words."""
    with pytest.raises(ValueError, match="The frame of bills has the column 'id' more than once: keep one"):
        rf.check({"bills": pd.DataFrame([["1", "2"]], columns=["id", "id"])})


def test_a_date_with_a_zone_is_a_day_of_that_zone() -> None:
    """A due date of midnight two hours east of Greenwich is that day, not the day before."""
    frame = pd.DataFrame(
        {"connection_id": "c1", "id": "1", "due_date": pd.to_datetime(["2031-07-01 00:00+02:00"])}
    )
    found = rf.check({"bills": frame}, as_of="2026-06-30")
    assert found.loc[found["check"] == "date_out_of_range", "value"].tolist() == ["2031-07-01"]


def test_frames_that_share_one_receipt_of_many_connections(made: Made) -> None:
    """The receipt is not carried through the checks: it is the very same object in the findings."""
    customers = made("customers", {"id": "1", "name": "Ada"})
    receipt = {
        "rows": 1, "rows_refused": 0, "refused": [], "errors": {}, "finished": "2026-06-30T10:00:00.000Z",
        "per_connection": {f"c{n}": {"complete": True, "rows": int(n == 1)} for n in range(1000)},
    }  # fmt: skip
    customers.attrs["receipt"] = receipt
    assert rf.check({"customers": customers}).attrs["sources"][0] is receipt
