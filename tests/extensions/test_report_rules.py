"""What a report of another package must be: the rules of its spec, its function and its result."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pandas as pd
import polars as pl
import pytest
from plotly import graph_objects as go

import rutterframe as rf
from rutterframe.cli.report_names import ReportName
from rutterframe.extensions.reports import (
    CURRENCY,
    Column,
    Kind,
    Order,
    Report,
    Spec,
    add_names,
    rows_until,
    rows_without_status,
    sum_by,
)
from rutterframe.reports.columns import Rows
from rutterframe.reports.own import COMMANDS, check_report
from rutterframe.reports.own_frames import check_columns, compute_report
from rutterframe.reports.specs import SPECS

PIECES = Column("pieces", Kind.COUNT, "Pieces", "How many")
SALES = Column("sales", Kind.MONEY, "Sales", "How much")
SPEC = Spec("mine", "Mine", "What is mine?", (CURRENCY, PIECES, SALES), size="sales")


def totals(orders: Any, as_of: str, *, customers: Any = None, period: str = "day") -> Any:
    """Return the orders and the sales of each currency."""
    assert (as_of, customers) == ("2026-06-30", None)
    assert period in {"day", "month"}
    return sum_by(orders, "currency", {"sales": "total_price"}, count="pieces")


REPORT = Report(SPEC, totals)
ROWS: dict[str, list[Any]] = {
    "currency": ["EUR", "USD", "EUR"],
    "total_price": [0.1, 5.0, 0.2],
    "status": ["fulfilled", "Cancelled", None],
    "created_at": ["2026-06-30", "2026-07-01", None],
}
ORDERS = pd.DataFrame(ROWS)


def takes_nothing(as_of: str) -> None:
    """Take no frame."""


def takes_more(orders: Any, limit: int) -> None:
    """Take what has no value."""


def takes_any(orders: Any, **rest: Any) -> None:
    """Take anything."""


def takes_rows(orders: Any, *, rows: int = 5) -> None:
    """Take an option with the name of what a report has already."""


def sums(orders: Any) -> Any:
    """Return the orders and the sales of each currency, of any day."""
    return sum_by(orders, "currency", {"sales": "total_price"}, count="pieces")


@pytest.mark.parametrize(
    ("report", "problem"),
    [
        (SPEC, "expected a Report, not Spec"),
        (Report("mine", totals), "spec must be a Spec, not str"),  # type: ignore[arg-type]
        (Report(SPEC, "totals"), "function must be a function, not str"),  # type: ignore[arg-type]
        (Report(SPEC, totals, chart=1), "chart must be a function, not int"),  # type: ignore[arg-type]
        (Report(replace(SPEC, name="My-report"), totals), "'My-report' is not a valid name of a report"),
        (Report(replace(SPEC, question=""), totals), "the spec needs a title and a question"),
        (Report(replace(SPEC, title="A/B"), totals), "'A/B' cannot be the name of a sheet"),
        (Report(replace(SPEC, title="A" * 32), totals), "expected up to 31 characters"),
        (Report(replace(SPEC, party="customer"), totals), "party is for reports of rutterframe itself"),
        (Report(replace(SPEC, rows=Rows.LINES), totals), "rows is for reports of rutterframe itself"),
        (Report(replace(SPEC, columns=(PIECES, SALES)), totals), "CURRENCY must be one of its columns"),
        (Report(replace(SPEC, columns=(CURRENCY, SALES, SALES)), totals), "'sales' is listed twice"),
        (Report(replace(SPEC, columns=(CURRENCY, "sales")), totals), "columns must hold Column, not str"),  # type: ignore[arg-type]
        (Report(replace(SPEC, needs=("total",)), totals), "needs names 'total'"),
        (Report(replace(SPEC, size="currency"), totals), "size='currency' must be a column of numbers"),
        (Report(replace(SPEC, size="", order=Order.LARGEST), totals), "order=Order.LARGEST needs size"),
        (Report(replace(SPEC, order=Order.DAYS), totals), "order must be REPORT, LARGEST or RANK"),
        (Report(replace(SPEC, signature=("currency",)), totals), "open_items|cash|has all of its columns"),
        (Report(SPEC, takes_nothing), "the function takes_nothing takes no frame"),
        (Report(SPEC, takes_more), "the parameter 'limit', not a resource or as_of: give it a default"),
        (Report(SPEC, takes_any), r"must take \*\*rest: .* by its name"),
        (Report(SPEC, takes_rows), "an option cannot be named 'rows'"),
        (Report(SPEC, sums, rows=totals), "rows takes the option 'period', and the function does not"),
    ],
)
def test_a_report_that_views_could_not_draw(report: object, problem: str) -> None:
    """A report is refused with what is wrong with it."""
    with pytest.raises((TypeError, ValueError), match=problem):
        check_report(report)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda report: report.drop(columns="sales"), "mine of this program lacks the column 'sales'"),
        (lambda report: report.assign(extra=1), "mine of this program has the column 'extra'"),
        (lambda report: report.astype({"pieces": "float64"}), "'pieces' as float64, .* count is Int64"),
        (lambda report: report.astype({"sales": "str"}), "'sales' as str, .* money is float64"),
        (lambda report: pd.concat([report, report[["sales"]]], axis=1), "has the column 'sales' twice"),
        (pl.from_pandas, "returned DataFrame, not a pandas DataFrame"),
    ],
)
def test_a_result_that_is_not_as_promised(change: Callable[[Any], Any], problem: str) -> None:
    """A result is compared with its spec: columns, dtypes and the kind of frame."""
    with pytest.raises((TypeError, ValueError), match=problem):
        check_columns(REPORT, change(totals(ORDERS, "2026-06-30")))


def test_the_function_gets_frames_day_and_options() -> None:
    """A frame with a default may be missing, an option goes into ``attrs``, an unknown one is refused."""
    rf.extensions.register(REPORT)
    report = compute_report(REPORT, {"orders": ORDERS}, "2026-06-30", {"period": "month"})
    rf.extensions.unregister(REPORT)
    assert report["sales"].tolist() == [0.3, 5.0]
    assert report.attrs["period"] == "month"
    assert report.attrs["as_of"] == "2026-06-30"
    with pytest.raises(TypeError, match=r"mine has no option 'limit' \(options: period\)"):
        compute_report(REPORT, {"orders": ORDERS}, "2026-06-30", {"limit": 1})
    with pytest.raises(KeyError, match="orders"):
        compute_report(REPORT, {}, "2026-06-30", {})


def without_a_day(orders: Any) -> Any:
    """Return the orders and the sales of each currency, whatever their day."""
    return sum_by(orders, "currency", {"sales": "total_price"}, count="pieces")


def rows_of_a_day(orders: Any, as_of: str) -> Any:
    """Return the orders until the day."""
    return rows_until(orders, as_of, "created_at")


def test_a_day_that_a_report_does_not_count_to() -> None:
    """A report without ``as_of`` refuses another day than that of the books."""
    report = Report(SPEC, without_a_day)
    rf.extensions.register(report)
    books = rf.Books({"orders": ORDERS.assign(connection_id="c", id=["1", "2", "3"])}, "2026-06-30")
    assert books.report("mine")["pieces"].tolist() == [2, 1]
    with pytest.raises(TypeError, match="mine does not count to a day: leave as_of out"):
        books.report("mine", as_of="2026-03-31")
    rf.extensions.unregister(report)


def test_what_an_explanation_needs() -> None:
    """The rows behind a row need the frames and the day, which a row that lost its report does not carry."""
    report = Report(SPEC, totals, rows=rows_of_a_day)
    rf.extensions.register(report)
    row = {"currency": "EUR", "pieces": 2, "sales": 0.3}
    rows = rf.reports.explain(row, ORDERS, as_of="2026-06-30")
    assert rows["total_price"].tolist() == [0.1, 0.2]
    with pytest.raises(ValueError, match="pass as_of= of mine: its row does not carry it"):
        rf.reports.explain(row, ORDERS)
    with pytest.raises(ValueError, match="source must hold 'orders' to explain a row of mine"):
        rf.reports.explain(row, {"invoices": ORDERS}, as_of="2026-06-30")
    rf.extensions.unregister(report)


def test_the_names_of_the_module() -> None:
    """The modules of an author are attributes, and only public names are listed."""
    assert rf.extensions.reports.Report is Report
    assert dir(rf.extensions) == sorted(rf.extensions.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'plugins'"):
        _ = rf.extensions.plugins


def test_the_names_of_the_shell_are_reserved() -> None:
    """A report cannot have a name that the shell uses for one of rutterframe."""
    in_shell = {name.replace("-", "_") for name in ReportName}
    assert in_shell - {*SPECS} == COMMANDS - {*SPECS}


def test_books_know_reports_by_name() -> None:
    """A report of books has its options, and an unknown name is answered with the nearest."""
    with rf.demo() as client:
        books = rf.load_books(client.connection("gear-xero"), progress=False)
    aging = books.report("ar-aging", as_of="2026-03-31", by="currency")
    pd.testing.assert_frame_equal(aging, books.ar_aging(as_of="2026-03-31", by="currency"))
    with pytest.raises(ValueError, match="there is no report 'ar_ageing'; did you mean 'ar_aging'"):
        books.report("ar_ageing")


def pie(report: pd.DataFrame) -> go.Figure:
    """Draw the sales as a pie."""
    return go.Figure(go.Pie(values=report["sales"]))


@pytest.fixture
def with_chart(request: pytest.FixtureRequest) -> Iterator[pd.DataFrame]:
    """Return a report of this program with the chart of the parameter."""
    report = Report(replace(SPEC, size=request.param[0]), totals, chart=request.param[1])
    rf.extensions.register(report)
    yield compute_report(report, {"orders": ORDERS}, "2026-06-30", {})
    rf.extensions.unregister(report)


@pytest.mark.parametrize("with_chart", [("", pie)], indirect=True)
def test_its_own_chart(with_chart: pd.DataFrame) -> None:
    """A chart of the package's is with_chart as it returns it, in the colours of the page."""
    figure = with_chart.rf.chart()
    assert figure.data[0].type == "pie"
    assert type(figure).__name__ == "ReportFigure"


@pytest.mark.parametrize(
    ("with_chart", "problem"),
    [
        (("", len), "the chart of mine returned int, not a plotly figure"),
        (("", None), "mine has no chart: its package would pass chart= to Report"),
    ],
    indirect=["with_chart"],
)
def test_a_chart_that_cannot_be_with_chart(with_chart: pd.DataFrame, problem: str) -> None:
    """Something else than a figure is refused, and a report without a size has no bars."""
    with pytest.raises((TypeError, ValueError), match=problem):
        with_chart.rf.chart()


@pytest.mark.parametrize("with_chart", [("sales", None)], indirect=True)
def test_its_rows_are_not_explained_without_rows(with_chart: pd.DataFrame) -> None:
    """Without the function of its rows a report is not explained, since any guess could be wrong."""
    with pytest.raises(ValueError, match="mine does not say which rows it adds up"):
        rf.reports.explain(with_chart.iloc[0], ORDERS)


@pytest.mark.parametrize("engine", [pd.DataFrame, pl.DataFrame, lambda rows: pl.DataFrame(rows).lazy()])
def test_sums_are_exact_on_every_engine(engine: Callable[..., Any]) -> None:
    """Rows until a day, without some statuses, are added up exactly, in the same kind of frame."""
    rows = engine(ROWS)
    counted = rows_without_status(rows_until(rows, "2026-06-30", "created_at"), ["cancelled"])
    sums = sum_by(counted, "currency", {"sales": "total_price"}, count="pieces")
    assert type(sums) is type(rows)
    eager = sums.collect() if isinstance(sums, pl.LazyFrame) else sums
    assert eager["currency"].to_list() == ["EUR"]
    assert eager["sales"].to_list() == [0.3]
    assert eager["pieces"].to_list() == [2]


def test_names_that_are_used_twice() -> None:
    """A sum cannot have the name of a key, and names belong to customers and vendors."""
    with pytest.raises(ValueError, match="'currency' would be the name of two columns"):
        sum_by(ORDERS, "status", {"currency": "total_price"})
    with pytest.raises(ValueError, match="by='status' is not valid"):
        add_names(ORDERS, None, by="status")
