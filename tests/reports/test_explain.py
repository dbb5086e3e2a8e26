"""The documents behind each cell of an aging sum to it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rutterframe as rf
from rutterframe.reports.columns import Rows as ExplainedRows
from rutterframe.reports.explain import _ROWS, explain
from rutterframe.reports.specs import SPECS

AS_OF = "2026-06-30"
Engine = Callable[[pd.DataFrame], Any]
Rows = Callable[[Any], list[dict[str, Any]]]
Line = tuple[str | None, str | None, float | None, str | None, str | None]


def invoices(*lines: Line) -> pd.DataFrame:
    """Build invoices: customer, status, amount due, currency and due date."""
    frame = pd.DataFrame(lines, columns=["customer_id", "status", "amount_due", "currency", "due_date"])
    frame = frame.assign(id=[f"i{place:03}" for place in range(len(frame))])
    text = dict.fromkeys(("id", "customer_id", "status", "currency"), "str")
    return frame.astype({**text, "amount_due": "float64", "due_date": "datetime64[us]"})


BOOKS = invoices(
    ("a", "open", 0.1, "USD", "2026-05-30"),
    ("a", "open", 0.2, "USD", "2026-05-01"),
    ("a", "open", 9.0, "USD", None),
    ("a", "paid", 7.0, "USD", "2026-05-30"),
    ("a", "open", 5.0, "EUR", "2026-05-30"),
    ("b", "open", 5.0, "USD", "2026-05-30"),
    (None, "open", 3.0, "USD", "2026-05-30"),
    (None, "open", 2.0, None, "2026-07-30"),
)
ROW = {"customer_id": "a", "currency": "USD"}


@pytest.mark.parametrize(
    ("bucket", "ids"),
    [
        ("days_31_60", ["i001", "i000"]),
        ("no_due_date", ["i002"]),
        ("current", []),
        ("total", ["i001", "i000", "i002"]),
        (None, ["i001", "i000", "i002"]),
    ],
)
def test_a_cell_on_every_engine(engine: Engine, rows: Rows, bucket: str | None, ids: list[str]) -> None:
    """A cell is explained by the open documents of its customer, currency and bucket, in their order."""
    items = explain(ROW, engine(BOOKS), bucket=bucket, as_of=AS_OF, by="customer_id")
    assert [item["id"] for item in rows(items)] == ids


@pytest.mark.parametrize("of", [dict, pd.Series, lambda row: pd.DataFrame([row])])
def test_a_row_in_any_form(of: Callable[[dict[str, Any]], Any]) -> None:
    """A row may be a dict, a Series or a frame, and a missing value is a value like any other."""
    row = of({"customer_id": None, "currency": "USD"})
    assert explain(row, BOOKS, as_of=AS_OF, by="customer_id")["id"].tolist() == ["i006"]
    row = of({"customer_id": float("nan"), "currency": None})
    assert explain(row, BOOKS, as_of=AS_OF, by="customer_id")["id"].tolist() == ["i007"]


amounts = st.integers(-(10**9), 10**9).map(lambda number: number / 10_000)
days = st.one_of(st.none(), st.dates(pd.Timestamp(2026, 1, 1).date(), pd.Timestamp(2026, 8, 1).date()))
lines = st.tuples(
    st.sampled_from(["a", "b", None]),
    st.sampled_from(["open", "paid", "odd", None]),
    st.one_of(st.none(), amounts),
    st.sampled_from(["USD", "JPY", None]),
    days.map(lambda day: None if day is None else day.isoformat()),
)


def check_every_cell(books: list[Line], bounds: tuple[int, ...]) -> None:
    """Check that the amounts behind each cell sum to it, and that the rows list every open document."""
    frame = invoices(*books)
    aging = rf.reports.ar_aging(frame, AS_OF, bounds=bounds)
    number = 0
    for place in range(len(aging)):
        row = aging.iloc[[place]]
        for bucket in aging.columns[4:-1]:
            items = explain(row, frame, bucket=bucket)
            exact = sum((Decimal(str(amount)) for amount in items["amount_due"].dropna()), Decimal(0))
            tick = exact.quantize(Decimal("0.0001"), ROUND_HALF_EVEN)
            assert tick == exact == Decimal(str(row[bucket].iloc[0]))
        items = explain(row, frame)
        assert len(items) == row["documents"].iloc[0]
        number += len(items)
    assert number == len(rf.reports.open_items(frame, AS_OF))


#: Two customers and none, in two currencies and none: each bucket, a credit, a closed and an odd document.
EVERY_KIND: list[Line] = [
    ("a", "open", 100.01, "USD", "2026-07-01"),
    ("a", "odd", -40.0001, "USD", "2026-06-20"),
    ("a", "paid", 9.0, "USD", "2026-06-20"),
    ("a", None, 7.5, "USD", "2026-01-01"),
    ("b", "open", 12.0, "JPY", "2026-04-20"),
    (None, "open", 3.3333, None, None),
    ("b", "open", None, "JPY", "2026-05-15"),
]


@pytest.mark.parametrize("bounds", [(30, 60, 90), (15,), ()])
def test_every_cell_is_explained(bounds: tuple[int, ...]) -> None:
    """The amounts behind each cell of an aging sum to it, and the rows list every open document."""
    check_every_cell(EVERY_KIND, bounds)


@pytest.mark.long
@settings(max_examples=25)
@given(st.lists(lines, min_size=1, max_size=8), st.sampled_from([(30, 60, 90), (15,), ()]))
def test_every_cell_of_random_books_is_explained(books: list[Line], bounds: tuple[int, ...]) -> None:
    """The same holds for random documents and bounds."""
    check_every_cell(books, bounds)


def test_the_demo_is_explained(books: Any) -> None:
    """Payables of the demo are explained by their bills, which carry the receipt."""
    aging = rf.reports.ap_aging(books.bills, AS_OF)
    items = explain(aging.tail(1), books.bills)
    assert rf.reports.tie_out(aging.tail(1), items)["ok"].all()
    assert items.attrs["sources"] == [books.bills.attrs["receipt"]]
    assert items.attrs["report"] == "open_items"
    everything = rf.reports.open_items(books.bills, AS_OF)
    assert items.columns.tolist() == everything.columns.tolist()
    assert items.dtypes.to_dict() == everything.dtypes.to_dict()


#: Customer 1 of two companies, in two currencies.
TWO = invoices(
    ("1", "open", 100.0, "EUR", "2026-06-30"),
    ("1", "open", 70.0, "USD", "2026-06-30"),
    ("1", "open", 40.0, "USD", "2026-06-30"),
    ("2", "open", 9.0, "EUR", "2026-06-30"),
    (None, "open", 5.0, "USD", "2026-06-30"),
).assign(connection_id=["acme", "acme", "beta", "beta", "beta"])
PEOPLE = pd.DataFrame(
    {"connection_id": ["acme", "beta", "beta"], "id": ["1", "1", "2"], "name": ["Zed", "Anna", "Zed"]}
)
RATES = pd.DataFrame({"currency": ["EUR"], "rate": [1.1], "date": pd.to_datetime(["2026-06-30"])})


def ids_behind(report: pd.DataFrame, source: Any, **how: Any) -> list[list[str]]:
    """Explain every row of a report."""
    return [explain(report.iloc[[place]], source, **how)["id"].tolist() for place in range(len(report))]


def test_a_customer_of_one_connection() -> None:
    """A row is explained by the documents of its own connection, not by those of another's same id."""
    aging = rf.reports.ar_aging(TWO, AS_OF)
    assert ids_behind(aging, TWO) == [["i000"], ["i003"], ["i001"], ["i002"], ["i004"]]


def test_a_converted_row() -> None:
    """A converted row is explained by the documents in the currency that it was converted from."""
    aging = rf.reports.convert(rf.reports.ar_aging(TWO, AS_OF), RATES, "USD")
    assert aging["total"].tolist() == [110.0, 9.9, 70.0, 40.0, 5.0]
    assert ids_behind(aging, TWO) == [["i000"], ["i003"], ["i001"], ["i002"], ["i004"]]
    behind = explain(aging.iloc[[0]], TWO)
    assert behind[["currency", "amount_due"]].to_numpy().tolist() == [["EUR", 100.0]]


def test_a_row_by_name() -> None:
    """A row by name is explained by the documents of all customers of that name."""
    aging = rf.reports.ar_aging(TWO, AS_OF, customers=PEOPLE, by="customer_name")
    assert aging["customer_name"].fillna("none").tolist() == ["Zed", "Zed", "Anna", "none"]
    sources = {"invoices": TWO, "customers": PEOPLE}
    assert ids_behind(aging, sources) == [["i000", "i003"], ["i001"], ["i002"], ["i004"]]
    with pytest.raises(ValueError, match="as they were passed to the aging"):
        explain(aging.head(1), TWO)
    with pytest.raises(ValueError, match="source must hold 'customers' as well"):
        explain(aging.head(1), {"invoices": TWO})
    own = rf.reports.ar_aging(TWO.assign(customer_name="x"), AS_OF, by="customer_name")
    assert ids_behind(own, TWO.assign(customer_name="x")) == [["i000", "i003"], ["i001", "i002", "i004"]]


@pytest.mark.parametrize(
    "by", ["id", "status", ["status", "customer_id"], ("connection_id", "customer_id"), "connection_id"]
)
def test_rows_by_one_column_or_several(engine: Engine, rows: Rows, by: Any) -> None:
    """Whatever an aging is by, its rows list every open document once and add up to their totals."""
    documents = engine(TWO)
    report = rf.reports.ar_aging(documents, AS_OF, by=by)
    ids: list[str] = []
    for row in rows(report):
        items = rows(explain(row, documents, as_of=AS_OF, by=by))
        assert sum(item["amount_due"] for item in items) == row["total"]
        ids += [item["id"] for item in items]
    assert sorted(ids) == ["i000", "i001", "i002", "i003", "i004"]


def test_arguments_override_those_that_the_row_carries() -> None:
    """An explicit day, key or bounds are used, whatever those of the report were."""
    aging = rf.reports.ar_aging(BOOKS, AS_OF)
    row = aging[(aging["customer_id"] == "a") & (aging["currency"] == "USD")]
    assert explain(row, BOOKS)["days_past_due"].dropna().tolist() == [60, 31]
    later = explain(row, BOOKS, as_of="2026-07-30")
    assert later["days_past_due"].dropna().tolist() == [90, 61]
    assert later.attrs["as_of"] == "2026-07-30"
    assert explain(row, BOOKS, bounds=(45,), bucket="days_46_plus")["id"].tolist() == ["i001"]
    assert explain(row, BOOKS, by="currency")["id"].tolist() == ["i001", "i000", "i005", "i006", "i002"]
    assert explain(row, BOOKS, by=["customer_id"])["id"].tolist() == ["i001", "i000", "i002"]


def test_the_source_holds_one_side() -> None:
    """Of several frames the one that the report sums is used by its name."""
    aging = rf.reports.ar_aging(TWO, AS_OF)
    sources = {"invoices": TWO, "customers": PEOPLE, "bills": TWO}
    assert explain(aging.head(1), sources)["id"].tolist() == ["i000"]
    with pytest.raises(ValueError, match="source must hold 'invoices', or one frame only, to explain a row"):
        explain(aging.head(1), {"customers": PEOPLE, "bills": TWO})
    forecast = rf.reports.cash_forecast(
        pd.DataFrame({"currency": ["EUR"], "balance": [1.0]}), TWO, TWO.assign(vendor_id="v"), AS_OF, weeks=1
    )
    with pytest.raises(ValueError, match="source must hold 'invoices' or 'bills', not both: one side at a"):
        explain(forecast.head(1), sources)


def test_every_report_can_be_explained() -> None:
    """The spec of every report states its sources, which are arguments of its function, and its rows."""
    for name, spec in SPECS.items():
        arguments = inspect.signature(getattr(rf.reports, name)).parameters
        assert set(spec.sources) & set(arguments)
        assert spec.rows in (ExplainedRows.DOCUMENTS, ExplainedRows.PAID, *_ROWS)


def test_a_frame_that_is_not_a_report() -> None:
    """A row with the name of something else is refused, with the known reports."""
    bank = pd.DataFrame({"id": ["1"], "currency": ["USD"], "balance": [1.0]})
    behind = explain(rf.reports.cash_position(bank).iloc[[0]], bank)
    with pytest.raises(ValueError, match="report_row is of 'rows', which is not a known report: open_items"):
        explain(behind, bank)


def test_cells_that_cannot_be_explained() -> None:
    """Unknown buckets, more rows than one and rows that lack their key are errors that list what is valid."""
    aging = rf.reports.ar_aging(BOOKS, AS_OF)
    with pytest.raises(ValueError, match=r"'days_1_15' is not a bucket of the aging \(expected 'current'"):
        explain(aging.head(1), BOOKS, bucket="days_1_15")
    with pytest.raises(ValueError, match="report_row must be one row, not several"):
        explain(aging, BOOKS)
    with pytest.raises(ValueError, match="report_row must be one row, not none"):
        explain(aging.head(0), BOOKS)
    with pytest.raises(ValueError, match="pass as_of= of the aging"):
        explain(ROW, BOOKS)
    with pytest.raises(ValueError, match="report_row has no 'vendor_id'; its columns are "):
        explain(ROW, BOOKS, as_of=AS_OF, by="vendor_id")
    with pytest.raises(ValueError, match="source has no column 'customer_id'"):
        explain(ROW, BOOKS.drop(columns="customer_id"), as_of=AS_OF, by="customer_id")
