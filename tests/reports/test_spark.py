"""The reports on PySpark: the same cents as on pandas, worked out by Spark."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

import rutterframe as rf
from tests.reports.live_frames import live_credit_memos, live_documents
from tests.reports.test_live_revenue import orders as live_orders

pytestmark = [
    pytest.mark.spark,
    # Py4J and PySpark close their sockets late and use what Python is about to drop: their own affair.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]

AS_OF = "2026-06-30"
Rows = Callable[[Any], list[dict[str, Any]]]


def day(text: str | None) -> datetime | None:
    """Read a day, as midnight without a zone."""
    return None if text is None else datetime.fromisoformat(text)


DOCUMENTS = [
    ("i00", "a", "open", 0.1, "USD", day("2026-06-30")),
    ("i01", "a", "open", 0.2, "USD", day("2026-07-01")),
    ("i02", "a", "partially_paid", 0.03125, "USD", day("2026-05-31")),
    ("i03", "a", "odd", 0.09375, "USD", day("2026-05-30")),
    ("i04", "b", "open", -50.0, "USD", day("2024-02-29")),
    ("i05", "b", "open", 260.312, "KWD", day("2026-05-01")),
    ("i06", "b", "open", -0.00005, "KWD", day("2026-04-30")),
    ("i07", None, None, 208600.0, "JPY", day("2026-04-01")),
    ("i08", None, "open", 5.0, "USD", None),
    ("i09", "c", "open", None, "USD", day("2026-03-31")),
    ("i10", "c", "open", 0.0, "USD", day("2026-03-31")),
    ("i11", "d", "paid", 9.0, "USD", day("2026-03-31")),
    ("i12", "e", "open", 123456789.0001, "USD", day("2000-02-29")),
]
ACCOUNTS = [
    ("asset", 100.1, "USD", "B"),
    ("asset", 0.2, "USD", None),
    ("liability", 40.3, "USD", "A"),
    ("equity", -0.03125, "USD", "A"),
    ("revenue", 40.0, "EUR", "A"),
    ("expense", None, "EUR", "B"),
    ("odd", 7.0, "USD", "B"),
    (None, -8.5, "USD", "B"),
]
FIELDS = "id string, {} string, status string, amount_due double, currency string, due_date {}"


@pytest.fixture
def accounts(spark: Any) -> Any:
    """The accounts as a Spark frame."""
    return spark.createDataFrame(ACCOUNTS, "type string, balance double, currency string, place string")


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("report", "key", "dtype"),
    [
        (rf.reports.ar_aging, "customer_id", "timestamp_ntz"),
        (rf.reports.ap_aging, "vendor_id", "timestamp_ntz"),
        (rf.reports.ar_aging, "customer_id", "timestamp"),
        (rf.reports.ar_aging, "customer_id", "date"),
    ],
)
def test_aging(spark: Any, rows: Rows, report: Any, key: str, dtype: str) -> None:
    """An aging on Spark has the same cents and the same order as on pandas, for due dates of every type."""
    frame = spark.createDataFrame(DOCUMENTS, FIELDS.format(key, dtype))
    names = ["current", "days_1_30", "days_31_60", "days_61_90", "days_91_plus", "no_due_date", "total"]
    result = report(frame, AS_OF)
    assert type(result) is type(frame)
    listed = rows(result)
    name = key.replace("_id", "_name")
    assert list(listed[0]) == ["connection_id", key, name, "currency", *names, "documents"]
    assert [tuple(row.values()) for row in listed] == [
        (None, None, None, "JPY", 0.0, 0.0, 0.0, 208600.0, 0.0, 0.0, 208600.0, 1),
        (None, "b", None, "KWD", 0.0, 0.0, 260.312, 0.0, 0.0, 0.0, 260.312, 1),
        (None, "e", None, "USD", 0.0, 0.0, 0.0, 0.0, 123456789.0001, 0.0, 123456789.0001, 1),
        (None, None, None, "USD", 0.0, 0.0, 0.0, 0.0, 0.0, 5.0, 5.0, 1),
        (None, "a", None, "USD", 0.3, 0.03125, 0.09375, 0.0, 0.0, 0.0, 0.425, 4),
        (None, "c", None, "USD", 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1),
        (None, "b", None, "USD", 0.0, 0.0, 0.0, 0.0, -50.0, 0.0, -50.0, 1),
    ]


@pytest.mark.timeout(300)
def test_open_items(spark: Any, rows: Rows) -> None:
    """A list of open items on Spark has the days and buckets of the one on pandas, in its order."""
    frame = spark.createDataFrame(DOCUMENTS, FIELDS.format("customer_id", "timestamp_ntz"))
    listed = rows(rf.reports.open_items(frame, AS_OF))
    pandas = pd.DataFrame(
        DOCUMENTS, columns=["id", "customer_id", "status", "amount_due", "currency", "due_date"]
    )
    wanted = rows(rf.reports.open_items(pandas, AS_OF))
    assert listed == wanted
    assert [row["days_past_due"] for row in listed][:3] == [90, 60, 9618]


@pytest.mark.timeout(300)
def test_cash_position(accounts: Any, rows: Rows) -> None:
    """A cash position on Spark has the cents and the order of the one on pandas, and no deleted account."""
    stored = accounts.selectExpr("*", "'c' AS connection_id", "CAST(NULL AS TIMESTAMP) AS _deleted_at")
    deleted = accounts.selectExpr("*", "'c' AS connection_id", "TIMESTAMP '2026-06-01' AS _deleted_at")
    result = rf.reports.cash_position(stored.union(deleted), by="place")
    assert type(result) is type(accounts)
    assert [tuple(row.values()) for row in rows(result)] == [
        ("A", "EUR", 1, 40.0, 0.0, 0.0),
        ("B", "EUR", 1, 0.0, 0.0, 0.0),
        ("A", "USD", 2, 40.26875, -0.03125, 0.0),
        ("B", "USD", 3, 98.6, -8.5, 0.0),
        (None, "USD", 1, 0.2, 0.0, 0.0),
    ]


@pytest.mark.timeout(300)
def test_trial_balance(accounts: Any, rows: Rows) -> None:
    """A trial balance on Spark has the same cents and the same order as on pandas."""
    result = rf.reports.trial_balance(accounts)
    assert type(result) is type(accounts)
    assert [tuple(row.values())[1:] for row in rows(result)] == [
        ("difference", "EUR", 2, -40.0),
        ("expense", "EUR", 1, 0.0),
        ("revenue", "EUR", 1, 40.0),
        ("asset", "USD", 2, 100.3),
        ("difference", "USD", 4, 60.03125),
        ("equity", "USD", 1, -0.03125),
        ("liability", "USD", 1, 40.3),
        ("odd", "USD", 1, 7.0),
        (None, "USD", 1, -8.5),
    ]


@pytest.mark.timeout(300)
def test_tie_out(spark: Any, accounts: Any, rows: Rows) -> None:
    """A tie-out on Spark compares to the last tick."""
    source = spark.createDataFrame(
        [("EUR", 40.0), ("USD", 139.06865), ("JPY", 0.0)], "currency string, total double"
    )
    assert [tuple(row.values()) for row in rows(rf.reports.tie_out(accounts, source))] == [
        (None, "EUR", None, 40.0, None, None),
        (None, "JPY", 0.0, 0.0, 0.0, True),
        (None, "USD", 139.06875, 139.06865, 0.0001, False),
    ]


ORDERS = [
    ("s", "a", "fulfilled", "USD", 12.5, "2026-01-31 10:00:00"),
    ("s", "b", "cancelled", "USD", 9.0, "2026-01-01 10:00:00"),
    ("s", "c", None, "USD", None, "2026-02-01 10:00:00"),
    ("s", "d", "odd", "EUR", 0.0, None),
    ("s", "f", "pending", None, 3.0, "2026-12-31 10:00:00"),
]
LINES = [
    ("s", "a", "p", 2, 5.0),
    ("s", "a", "p", 1, 1.0),
    ("s", "b", "p", 1, 9.0),
    ("s", "c", "p", 3, 0.1),
    ("s", "f", None, 1, 3.0),
    ("s", "z", "p", 1, 1.0),
]
PRODUCTS = [("s", "p", "Pea"), ("t", "p", "Other")]
ORDER = (
    "connection_id string, id string, status string, currency string, total_price double, created_at string"
)
LINE = "connection_id string, order_id string, product_id string, quantity long, unit_price double"


@pytest.mark.timeout(300)
@pytest.mark.parametrize("period", [None, "week"])
def test_revenue_by_product(spark: Any, rows: Rows, period: str | None) -> None:
    """Revenue on Spark has the rows, the order and the cents of that on pandas."""
    frames: dict[str, tuple[list[Any], str]] = {
        "orders": (ORDERS, ORDER),
        "lines": (LINES, LINE),
        "products": (PRODUCTS, "connection_id string, id string, title string"),
    }
    on_pandas: dict[str, Any] = {
        name: pd.DataFrame(data, columns=[field.split()[0] for field in schema.split(", ")])
        for name, (data, schema) in frames.items()
    }
    on_pandas["orders"]["created_at"] = pd.to_datetime(on_pandas["orders"]["created_at"])
    on_spark = {name: spark.createDataFrame(data, schema) for name, (data, schema) in frames.items()}
    on_spark["orders"] = on_spark["orders"].withColumn(
        "created_at", on_spark["orders"]["created_at"].cast("timestamp_ntz")
    )
    wanted = rows(rf.reports.revenue_by_product(**on_pandas, period=period))
    result = rf.reports.revenue_by_product(**on_spark, period=period)
    assert type(result) is type(on_spark["orders"])
    assert rows(result) == wanted
    assert sum(row["revenue"] for row in wanted if row["currency"] == "USD") == 12.5


@pytest.mark.timeout(300)
def test_revenue_is_multiplied_before_it_is_rounded(spark: Any, rows: Rows) -> None:
    """Unit prices of six decimals and fractions of pieces are exact on Spark, as everywhere."""
    orders = spark.createDataFrame([("s", "a", "fulfilled", "USD", 48.0, None)], ORDER)
    lines = spark.createDataFrame(
        [("s", "a", "p", 200_000.0, 0.000165), ("s", "a", "q", 1.5, 10.0)], LINE.replace("long", "double")
    )
    report = rf.reports.revenue_by_product(orders, lines=lines)
    assert [tuple(row.values()) for row in rows(report)] == [
        ("s", "p", None, "USD", 1, 200_000.0, 33.0, 33 / 48),
        ("s", "q", None, "USD", 1, 1.5, 15.0, 15 / 48),
        ("s", None, "Not allocated to a product", "USD", 1, 0.0, 0.0, 0.0),
    ]


@pytest.mark.timeout(300)
def test_collected_reports_are_spark_frames(spark: Any, rows: Rows) -> None:
    """Forecast, history, concentration and conversion on Spark have the rows of those on pandas."""
    names = ["id", "customer_id", "status", "amount_due", "currency", "due_date"]
    on_pandas = pd.DataFrame(DOCUMENTS, columns=names)
    on_spark = spark.createDataFrame(DOCUMENTS, FIELDS.format("customer_id", "timestamp_ntz"))
    banks = pd.DataFrame([("1", 100.1, "USD"), ("2", -0.2, "JPY")], columns=["id", "balance", "currency"])
    moves = pd.DataFrame(
        [("1", 3.5, "USD", day(AS_OF))], columns=["account_id", "amount", "currency", "date"]
    )
    rates = pd.DataFrame([("USD", 0.9, day(AS_OF))], columns=["currency", "rate", "date"])
    vendors = {"customer_id": "vendor_id"}

    def compute(documents: Any, bills: Any, turn: Callable[[pd.DataFrame], Any]) -> list[Any]:
        aging = rf.reports.ar_aging(documents, AS_OF)
        return [
            rf.reports.cash_forecast(turn(banks), documents, bills, AS_OF, weeks=2),
            rf.reports.cash_history(turn(banks), turn(moves)),
            rf.reports.concentration(aging, by="customer_id"),
            rf.reports.convert(turn(banks.head(1)), turn(rates), "EUR", columns=["balance"]),
        ]

    wanted = compute(on_pandas, on_pandas.rename(columns=vendors), lambda frame: frame)
    results = compute(on_spark, on_spark.withColumnRenamed("customer_id", "vendor_id"), spark.createDataFrame)
    for result, expected in zip(results, wanted, strict=True):
        assert type(result) is type(on_spark)
        assert rows(result) == rows(expected)


@pytest.mark.timeout(600)
def test_cash_and_debts_and_transfers(spark: Any, rows: Rows) -> None:
    """Cash by account, debts, history, transfers, usual flows and runway on Spark are those on pandas."""
    banks = pd.DataFrame(
        [
            ("x", "1", "checking", 9.5, "USD"),
            ("x", "2", "savings", 4.0, "USD"),
            ("y", "1", "Loan", 7.0, "USD"),
        ],
        columns=["connection_id", "id", "type", "balance", "currency"],
    )
    moves = pd.DataFrame(
        [("x", "a", "1", -3.5), ("x", "b", "2", 3.5), ("x", "c", "1", -13.0), ("y", "d", "1", 1.0)],
        columns=["connection_id", "id", "account_id", "amount"],
    ).assign(currency="USD", date=day(AS_OF))
    ledger = pd.DataFrame(
        [("Asset", 3.0, "USD"), ("income", 3.0, "USD"), ("memo", 1.0, "USD")],
        columns=["type", "balance", "currency"],
    )
    names = ["id", "customer_id", "status", "amount_due", "currency", "due_date"]
    on_pandas = pd.DataFrame(DOCUMENTS, columns=names)
    on_spark = spark.createDataFrame(DOCUMENTS, FIELDS.format("customer_id", "timestamp_ntz"))

    def compute(documents: Any, bills: Any, turn: Callable[[pd.DataFrame], Any]) -> list[Any]:
        forecast = rf.reports.cash_forecast(
            turn(banks), documents, bills, AS_OF, weeks=2, run_rate=True, transactions=turn(moves)
        )
        return [
            forecast,
            rf.reports.runway(forecast),
            rf.reports.cash_position(turn(banks), by="id"),
            rf.reports.cash_history(turn(banks), turn(moves), by_account=True, as_of="2026-07-01"),
            rf.reports.transfers(turn(banks), turn(moves)),
            rf.reports.trial_balance(turn(ledger)),
        ]

    wanted = compute(on_pandas, on_pandas.rename(columns={"customer_id": "vendor_id"}), lambda frame: frame)
    results = compute(on_spark, on_spark.withColumnRenamed("customer_id", "vendor_id"), spark.createDataFrame)
    for result, expected in zip(results, wanted, strict=True):
        assert type(result) is type(on_spark)
        assert rows(result) == rows(expected)
    assert len(wanted[4]) == 1


@pytest.mark.timeout(300)
def test_change_and_overdue_documents(spark: Any, rows: Rows) -> None:
    """The largest overdue documents and a change from month to month on Spark are those on pandas."""
    names = ["id", "customer_id", "status", "amount_due", "currency", "due_date"]
    on_pandas = pd.DataFrame(DOCUMENTS, columns=names)
    on_spark = spark.createDataFrame(DOCUMENTS, FIELDS.format("customer_id", "timestamp_ntz"))
    spent = pd.DataFrame(
        [("Tea", 0.3, day("2026-06-02")), ("Tea", 0.1, day("2026-05-02")), ("Rent", 9.0, day("2026-05-31"))],
        columns=["category", "amount", "date"],
    ).assign(currency="USD")
    options = {"as_of": "2026-06-30", "period": "month"}

    def compute(documents: Any, expenses: Any) -> list[Any]:
        by_month = rf.reports.expenses_by_category(expenses, period="month")
        return [rf.reports.top_overdue(documents, AS_OF, max_rows=1), rf.reports.change(by_month, **options)]

    results = compute(on_spark, spark.createDataFrame(spent))
    for result, expected in zip(results, compute(on_pandas, spent), strict=True):
        assert type(result) is type(on_spark)
        assert rows(result) == rows(expected)
    assert [row["change"] for row in rows(results[1])][-2:] == [-9.0, 0.2]


@pytest.mark.timeout(300)
def test_sums_that_would_wrap_are_refused(spark: Any) -> None:
    """Spark refuses a sum that 64 bits cannot hold, as every engine, and says which."""
    frame = spark.createDataFrame([("USD", 2e14)] * 4, "currency string, balance double")
    with pytest.raises(OverflowError, match="balance: absolute amounts of 800,000,000,000,000 are more than"):
        rf.reports.cash_position(frame)


def to_spark(spark: Any, frame: pd.DataFrame) -> Any:
    """Convert a pandas frame with nested columns to Spark; days have no zone."""
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    return spark.createDataFrame(table)


@pytest.mark.timeout(300)
def test_live_documents(spark: Any, rows: Rows) -> None:
    """An earlier day, days outstanding and days to pay are the same on Spark as on pandas."""
    invoices = live_documents(
        {"status": "paid", "amount_due": 0.0, "payments": [("2026-06-10", 100.0)]},
        {"amount_due": 25.5, "payments": [("2026-05-20", 40.25), ("2026-06-02", 34.25)]},
        {"total_amount": None, "customer_id": "d"},
        {"issue_date": "2026-06-01", "customer_id": "d", "currency": "EUR"},
    )
    memos = live_credit_memos({"remaining_amount": 0.0, "documents": [("2026-06-03", 30.0)]})
    native, credit = to_spark(spark, invoices), to_spark(spark, memos)
    for day in ("2026-05-31", AS_OF):
        wanted = rf.reports.ar_aging(invoices, day, credit_memos=memos)
        assert rows(rf.reports.ar_aging(native, day, credit_memos=credit)) == rows(wanted)
        assert rows(rf.reports.dso(native, day)) == rows(rf.reports.dso(invoices, day))
    assert rows(rf.reports.days_to_pay(native)) == rows(rf.reports.days_to_pay(invoices))


@pytest.mark.timeout(300)
def test_live_revenue(spark: Any, rows: Rows) -> None:
    """Revenue of live orders has the same discounts, refunds and net on Spark as on pandas."""
    orders = live_orders()
    native = rf.reports.revenue_by_product(
        to_spark(spark, orders), lines=rf.line_items(to_spark(spark, orders))
    )
    assert rows(native) == rows(rf.reports.revenue_by_product(orders))
