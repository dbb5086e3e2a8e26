"""The frame of findings: fixed columns, a fixed order, and notes on what was not checked."""

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
from rutterframe.quality import CHECKS, FINDINGS, Severity, checks_table

MakeFrame = Callable[..., pd.DataFrame]
COLUMNS = ["resource", "connection_id", "id", "severity", "check", "field", "value", "explanation"]


def test_columns_without_findings(make_frame: MakeFrame) -> None:
    """Without findings, rows or frames the columns and dtypes are the same."""
    some = rf.check({"customers": make_frame("customers", {"id": None})})
    for frames in (
        {},
        {"customers": make_frame("customers")},
        {"customers": make_frame("customers", {"id": "u1"})},
    ):
        none = rf.check(frames)
        assert len(none) == 0
        assert none.dtypes.equals(some.dtypes)
        assert isinstance(none.index, pd.RangeIndex)
    assert list(some) == COLUMNS == list(FINDINGS)
    assert {str(dtype) for dtype in some.dtypes} == {"str"}


def test_order_of_findings(make_frame: MakeFrame) -> None:
    """Errors come before warnings and notes, then resource, check, connection, id and field decide."""
    odd = {"status": "lost", "amount_due": 5.0, "currency": "???", "due_date": None}
    invoices = make_frame(
        "invoices", {"id": "2", **odd}, {"id": "1", **odd}, c0=[{"id": "3", **odd}, {"id": None, **odd}]
    )
    bills = make_frame("bills", {"id": "9", "vendor_id": "v", **odd, "status": "draft"})
    findings = rf.check({"invoices": invoices, "bills": bills})
    assert findings[["severity", "resource", "check", "connection_id", "id"]].to_csv(
        index=False
    ).splitlines()[1:] == [
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


def test_the_order_of_rows_does_not_matter(server: DemoServer, client: rf.Client) -> None:
    """Without duplicates, frames in any order of rows and of resources have the same findings."""
    server.configure(page_size=500)
    frames = rf.load_all(
        [client.connection(name) for name in ("roaster-quickbooks", "gear-shopify")], progress=False
    )
    names = list(frames)
    random.Random(7).shuffle(names)  # noqa: S311 - any order will do
    mixed = {name: frames[name].sample(frac=1, random_state=1) for name in names}
    pd.testing.assert_frame_equal(rf.check(frames), rf.check(mixed))


def test_frames_are_not_changed(server: DemoServer, client: rf.Client) -> None:
    """The frames that are checked stay as they were, attributes included."""
    server.configure(page_size=500)
    frames = rf.load_all(client.connection("roaster-shopify"), progress=False)
    before = {name: frame.copy() for name, frame in frames.items()}
    rf.check(frames)
    for name, frame in frames.items():
        pd.testing.assert_frame_equal(frame, before[name])
        assert frame.attrs == before[name].attrs


def test_attrs_of_the_findings(client: rf.Client) -> None:
    """The findings have the receipts of the frames, the reference day, and notes on what was not checked."""
    invoices = rf.load_invoices(client.connection("gear-xero"), progress=False)
    findings = rf.check(invoices)
    assert findings.attrs["report"] == "check"
    assert findings.attrs["sources"] == [invoices.attrs["receipt"]]
    assert findings.attrs["as_of"] == invoices.attrs["receipt"]["finished"][:10]
    assert findings.attrs["notes"] == [
        (
            "Not loaded, so not checked: accounts, transactions, bills, expenses, orders, products, "
            "customers, bank_accounts, ad_accounts."
        ),
        "customers were not loaded: invoices.customer_id was not looked up.",
    ]


@pytest.mark.parametrize(
    "resource", ["accounts", "invoices", "bills", "orders", "bank_accounts", "ad_accounts"]
)
def test_one_frame_alone(make_frame: MakeFrame, resource: str) -> None:
    """A frame without a receipt is recognised by its columns."""
    findings = rf.check(make_frame(resource, {"id": "1", "currency": "XYZ"}))
    assert set(findings["resource"]) == {resource}
    assert "unknown_currency" in set(findings["check"])


def test_frames_that_are_refused() -> None:
    """A frame of an unknown resource or without ids is refused, with its columns in the error."""
    strange = pd.DataFrame({"name": ["x"]})
    with pytest.raises(ValueError, match=r"looks like none of connections, accounts.*its columns are name"):
        rf.check(strange)
    with pytest.raises(ValueError, match="There is no resource 'invoice'; there are connections, accounts"):
        rf.check({"invoice": strange})
    with pytest.raises(ValueError, match="invoices has no column 'id', by which a finding"):
        rf.check({"invoices": strange})
    with pytest.raises(TypeError, match="invoices: expected a pandas DataFrame, not list"):
        rf.check({"invoices": [1]})  # type: ignore[dict-item]
    with pytest.raises(TypeError, match=r"frames by resource.*not list"):
        rf.check([strange])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="as_of='soon' is not a valid date"):
        rf.check({}, as_of="soon")


def test_a_frame_with_wrong_dtypes() -> None:
    """Text instead of numbers or lists is an error that names the column, not a finding."""
    frame = pd.DataFrame({"connection_id": ["c"], "id": ["i"], "amount_due": ["ten"], "line_items": ["[]"]})
    with pytest.raises(ValueError, match=r"invoices\.amount_due should hold a number, but is str"):
        rf.check({"invoices": frame})
    with pytest.raises(ValueError, match=r"invoices\.line_items holds no lists"):
        rf.check({"invoices": frame.drop(columns="amount_due")})


def test_a_frame_with_fewer_columns(make_frame: MakeFrame) -> None:
    """Checks that need a missing column are skipped with a note; the others run."""
    invoices = make_frame("invoices", {"id": "1", "currency": "XYZ", "customer_id": "u", "status": "open"})
    findings = rf.check({"invoices": invoices.drop(columns=["due_date", "line_items"])}, as_of="2026-06-30")
    assert set(findings["check"]) == {"unknown_currency", "missing_amount"}
    assert findings.attrs["notes"][1:] == [
        "The frame of invoices has no column 'line_items': what needs it was not checked.",
        "The frame of invoices has no column 'due_date': what needs it was not checked.",
        "customers were not loaded: invoices.customer_id was not looked up.",
    ]


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_frames_from_files(client: rf.Client, tmp_path: Path, ending: str) -> None:
    """Frames that were written to a file and read again have the same findings."""
    bank = rf.load_bank_accounts(client.connection("roaster-bank"), progress=False)
    bills = rf.load_bills(client.connection("roaster-quickbooks"), progress=False)
    frames = {
        "bank_accounts": bank,
        "bills": bills if ending == "parquet" else bills.drop(columns="line_items"),
    }
    read: dict[str, pd.DataFrame] = {}
    for name, frame in frames.items():
        path = tmp_path / f"{name}.{ending}"
        rf.write_frame(frame, path)
        read[name] = pd.read_parquet(path) if ending == "parquet" else pd.read_csv(path)
    pd.testing.assert_frame_equal(rf.check(read), rf.check(frames))
    assert len(rf.check(read)) == 2


def test_incomplete_lists_have_no_missing_references(client: rf.Client) -> None:
    """In a list that is incomplete no reference is missing; the notes say that none was looked up."""
    both = [client.connection(name) for name in ("roaster-quickbooks", "gear-xero")]
    invoices = rf.load_invoices(both, progress=False)
    of_one = rf.load_customers(both[0], progress=False)
    for customers in (of_one, of_one.head(3)):
        findings = rf.check({"invoices": invoices, "customers": customers})
        assert "unknown_customer" not in set(findings["check"])
    assert findings.attrs["notes"][1:] == [
        (
            "customers of gear-xero, roaster-quickbooks are empty or incomplete: "
            "invoices.customer_id was not looked up in them."
        ),
        "customers: 3 of the 39 rows loaded.",
    ]


def test_without_a_reference_day_no_date_is_ahead(make_frame: MakeFrame) -> None:
    """Without a receipt and as_of= no date is too far ahead, and the notes say so."""
    bills = make_frame("bills", {"id": "1", "due_date": "2999-01-01"}, {"id": "2", "due_date": "1900-01-01"})
    findings = rf.check(bills)
    assert findings.loc[findings["check"] == "date_out_of_range", "id"].tolist() == ["2"]
    assert findings.attrs["notes"][-1] == (
        "No receipt says when the data was fetched: pass as_of= to find days too far ahead, and documents "
        "that are overdue for years."
    )
    assert "as_of" not in findings.attrs


def test_failures_of_a_load(server: DemoServer, client: rf.Client) -> None:
    """A failed connection and a refused record are errors."""
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
    findings = rf.check(frame)
    assert findings[["severity", "check", "resource", "connection_id"]].to_numpy().tolist() == [
        ["error", "incomplete_load", "customers", "gear-shopify"],
        ["error", "refused_row", "customers", "gear-xero"],
    ]
    assert findings["explanation"].tolist() == [
        (
            "Not every record was loaded: The API answered HTTP 503: SERVICE_UNAVAILABLE: "
            "Down for maintenance. (tried 3 times)"
        ),
        "The record was set aside while loading: null instead of a record, got null",
    ]


def test_more_refused_rows_than_reasons(make_frame: MakeFrame) -> None:
    """If the receipt has reasons for only some of the refused records, the notes say how many."""
    frame = make_frame("customers")
    refusal: dict[str, Any] = {"connection_id": "c1", "record_id": "u1", "field": "name", "reason": "no text"}
    entry = {"complete": False, "rows": 0, "rows_refused": 250}
    frame.attrs["receipt"] = {
        "resource": "customers", "rows_refused": 250, "refused": [refusal], "errors": {},
        "per_connection": {"c1": entry}, "finished": "2026-06-30T10:00:00.000Z",
    }  # fmt: skip
    findings = rf.check(frame)
    assert findings[["check", "id", "field"]].to_numpy().tolist() == [["refused_row", "u1", "name"]]
    assert findings.attrs["notes"][1] == (
        "250 records of customers were set aside while loading; its receipt has the reasons for 1 of them."
    )


def test_the_table_of_checks() -> None:
    """Every check has a unique name, a meaning and a reason in sentences, and a row in the table."""
    assert len({check.name for check in CHECKS}) == len(CHECKS)
    for check in CHECKS:
        assert check.name.isidentifier()
        assert check.severity in Severity
        assert check.meaning.endswith((".", ".)"))
        assert check.reason.endswith(".")
        assert (check.find.__doc__ or "").startswith("Find ")
        assert f"| `{check.name}` | {check.severity} | {check.meaning} | {check.reason} |" in checks_table()


def test_the_docstring_lists_the_columns() -> None:
    """The docstring's table has the columns of the frame in order, with their meaning."""
    doc = " ".join((rf.check.__doc__ or "").split())
    places = [doc.index(f" {name} str ") for name in FINDINGS]
    assert places == sorted(places)
    for meaning in FINDINGS.values():
        assert meaning in doc


def test_a_frame_that_was_filtered(client: rf.Client) -> None:
    """A frame with fewer rows than its receipt has a finding and a note with both numbers."""
    invoices = rf.load_invoices(client.connection("roaster-quickbooks"), progress=False)
    findings = rf.check(invoices[invoices["status"] == "open"])
    part = findings[findings["check"] == "part_of_a_load"]
    text = "Only these rows were checked: invoices: 52 of the 542 rows loaded."
    assert part[["severity", "resource", "explanation"]].to_numpy().tolist() == [["note", "invoices", text]]
    assert part["id"].isna().all()
    assert "invoices: 52 of the 542 rows loaded." in findings.attrs["notes"]
    assert "part_of_a_load" not in set(rf.check(invoices)["check"])


def test_a_receipt_that_is_not_complete(make_frame: MakeFrame) -> None:
    """An incomplete receipt is an error even if no connection in it has one."""
    frame = make_frame("customers")
    frame.attrs["receipt"] = {
        "resource": "customers", "rows": 0, "rows_refused": 0, "refused": [], "errors": {}, "complete": False,
        "per_connection": {}, "connections": [], "finished": "2026-06-30T10:00:00.000Z",
    }  # fmt: skip
    findings = rf.check(frame)
    assert findings[["severity", "check", "explanation"]].to_numpy().tolist() == [
        ["error", "incomplete_load", "Not every record was loaded: its receipt is not complete"]
    ]


def test_the_reference_day_is_the_last_fetch(make_frame: MakeFrame) -> None:
    """The reference day is the last on which a frame was fetched, in any order of the frames."""
    bills = make_frame("bills", {"id": "1", "due_date": "2031-07-01", "status": "paid"})
    customers = make_frame("customers")
    receipt = {"rows": 0, "rows_refused": 0, "refused": [], "errors": {}, "per_connection": {}}
    bills.attrs["receipt"] = {**receipt, "finished": "2026-06-30T23:00:00.000Z"}
    customers.attrs["receipt"] = {**receipt, "finished": "2026-07-01T01:00:00.000Z"}
    for frames in ({"bills": bills, "customers": customers}, {"customers": customers, "bills": bills}):
        findings = rf.check(frames)
        assert findings.attrs["as_of"] == "2026-07-01"
        assert set(findings["check"]) == {"no_party", "part_of_a_load", "unknown_currency"}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1782777600000], "holds numbers: 1782777600000 is not a valid date"),
        ([20260501], "holds numbers: 20260501 is not a valid date"),
        ([True], "holds true or false"),
        (["05/06/2026"], "holds text: '05/06/2026' is not a valid date"),
        (["2026-06-30", "13/06/2026"], "'13/06/2026' is not a valid date"),
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
def test_ambiguous_dates_are_refused(resource: str, field: str, values: list[Any], message: str) -> None:
    """Numbers, booleans and text in another form are refused with the first value."""
    ids = [str(number) for number in range(len(values))]
    frame = pd.DataFrame({"connection_id": "c1", "id": ids, field: values})
    with pytest.raises(ValueError, match=f"{resource}: column '{field}' {message}|{message}"):
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
    """Python dates and datetimes, ISO text and Arrow dates are the written date, as in the reports."""
    ids = [str(number) for number in range(len(values))]
    frame = pd.DataFrame({"connection_id": "c1", "id": ids, field: pd.Series(values, dtype=dtype)})
    findings = rf.check({resource: frame}, as_of="2026-06-30")
    assert findings.loc[findings["check"] == "date_out_of_range", "value"].tolist() == ["2031-07-01"]


def test_python_datetimes() -> None:
    """A column of Python datetimes is read as times: an order of 2031 is ahead."""
    times = pd.Series([datetime(2031, 7, 1, 12, tzinfo=UTC), None], dtype=object)
    frame = pd.DataFrame({"connection_id": "c1", "id": ["1", "2"], "created_at": times})
    findings = rf.check({"orders": frame}, as_of="2026-06-30")
    assert findings.loc[findings["check"] == "date_out_of_range", "id"].tolist() == ["1"]


@pytest.mark.parametrize("resource", ["invoices", "orders", "products", "transactions"])
def test_a_frame_without_rows_and_types(resource: str, make_frame: MakeFrame) -> None:
    """A frame with all columns, no rows and no types has no findings."""
    assert len(rf.check({resource: pd.DataFrame({name: [] for name in make_frame(resource)})})) == 0


def test_a_repeated_column() -> None:
    """A frame with a repeated column is refused with its name."""
    with pytest.raises(ValueError, match="The frame of bills has the column 'id' more than once: keep one"):
        rf.check({"bills": pd.DataFrame([["1", "2"]], columns=["id", "id"])})


def test_a_date_with_a_zone_is_a_date_of_that_zone() -> None:
    """A due date at midnight of UTC+2 is that date, not the day before."""
    frame = pd.DataFrame(
        {"connection_id": "c1", "id": "1", "due_date": pd.to_datetime(["2031-07-01 00:00+02:00"])}
    )
    findings = rf.check({"bills": frame}, as_of="2026-06-30")
    assert findings.loc[findings["check"] == "date_out_of_range", "value"].tolist() == ["2031-07-01"]


def test_the_receipt_is_not_copied(make_frame: MakeFrame) -> None:
    """The receipt in the findings is the same object: the checks do not copy it."""
    customers = make_frame("customers", {"id": "1", "name": "Ada"})
    receipt = {
        "rows": 1, "rows_refused": 0, "refused": [], "errors": {}, "finished": "2026-06-30T10:00:00.000Z",
        "per_connection": {f"c{n}": {"complete": True, "rows": int(n == 1)} for n in range(1000)},
    }  # fmt: skip
    customers.attrs["receipt"] = receipt
    assert rf.check({"customers": customers}).attrs["sources"][0] is receipt
