from __future__ import annotations

import io
from collections.abc import Callable, Hashable
from itertools import pairwise
from typing import Any

import pandas as pd
import plotly.io as pio
import pytest
from plotly import graph_objects as go
from plotly.colors import unlabel_rgb

from rutterframe.views import charts, tables
from rutterframe.views.charts import panels
from rutterframe.views.layout import lay_out

FETCHED: dict[str, Any] = {
    "resource": "invoices",
    "environment": "production",
    "finished": "2026-07-01T09:45:00Z",
    "complete": True,
}
MONTHS = pd.to_datetime(["2026-01-01", "2026-02-01"]).tolist()


def report(name: str, rows: dict[str, Any], **about: Any) -> pd.DataFrame:
    frame = pd.DataFrame(rows)
    attrs: dict[Hashable, Any] = {"report": name, "notes": ["A note."], "sources": [FETCHED]}
    frame.attrs = attrs | dict(about)
    return frame


def aged(currencies: str = "USD USD USD USD") -> pd.DataFrame:
    rows: dict[str, Any] = {
        "customer_id": ["100", "200", "300", None],
        "currency": currencies.split(),
        "current": [1.0, 20.0, -3.0, 5.0],
        "days_1_30": [0.1, 0.0, 0.2, 0.0],
        "no_due_date": [0.2, 0.0, 0.0, 0.0],
        "total": [1.3, 20.0, -2.8, 5.0],
        "documents": [3, 1, 2, 1],
    }
    return report("ar_aging", rows, as_of="2026-06-30", by="customer_id")


def revenue_rows(**more: Any) -> pd.DataFrame:
    rows: dict[str, Any] = {
        "product_id": ["p1", "p2", "p3", None],
        "title": ["Tent", "Bag", "Bag", "Not allocated to a product"],
        "currency": ["USD"] * 4,
        "orders": [1] * 4,
        "quantity": [1] * 4,
        "revenue": [10.5, 30.0, 20.0, -5.0],
        "share": [0.25] * 4,
    }
    return report("revenue_by_product", rows | more, by="product_id")


def history() -> pd.DataFrame:
    rows: dict[str, Any] = {
        "date": MONTHS,
        "currency": "USD",
        "inflow": [5.0, 0.0],
        "outflow": [0.0, -7.5],
        "balance": [9.0, 1.5],
    }
    return report("cash_history", rows)


def forecast() -> pd.DataFrame:
    flows = {"opening": [9.0, 1.5], "receipts": [0.0, 4.0], "payments": [-7.5, -6.0], "closing": [1.5, -0.5]}
    rows: dict[str, Any] = {"currency": ["USD", "USD"], "week": [1, 2], "week_start": MONTHS} | flows
    return report("cash_forecast", rows, as_of="2026-01-01")


def spent() -> pd.DataFrame:
    rows: dict[str, Any] = {
        "category": ["Ads", None],
        "currency": "EUR",
        "expenses": 1,
        "amount": [2.5, 9.0],
        "share": [0.2, 0.8],
    }
    return report("expenses_by_category", rows, by="category")


def concentrated() -> pd.DataFrame:
    rows: dict[str, Any] = {
        "customer_id": ["100", None],
        "currency": "USD",
        "rank": [1, 2],
        "amount": [3.0, 1.0],
    }
    return report(
        "concentration", rows | {"share": [0.75, 0.25], "cumulative_share": [0.75, 1.0]}, by="customer_id"
    )


def texts(figure: go.Figure) -> str:
    return " ".join(note.text for note in figure.layout.annotations)


def bars(figure: go.Figure) -> dict[str, tuple[Any, ...]]:
    return {trace.name: (trace.x, trace.y) for trace in figure.data if trace.type == "bar"}


def converted(frame: pd.DataFrame, *origins: str) -> pd.DataFrame:
    """As `convert` gives it: all in dollars, with what each row was."""
    after = frame.assign(currency="USD", original_currency=list(origins))
    after.attrs = frame.attrs | {"currency": "USD"}
    return after


def test_aging_stacks_buckets() -> None:
    """Each bucket is a trace; customers stand largest first, and those without one last."""
    names = ("200", "100", "300", "No customer")
    assert bars(charts.aging(aged())) == {
        "Current": ((20.0, 1.0, -3.0, 5.0), names),
        "1–30 days": ((0.0, 0.1, 0.2, 0.0), names),
        "No due date": ((0.0, 0.2, 0.0, 0.0), names),
    }


def test_rest_is_one_bar() -> None:
    """Beyond the top there is one bar, added up exactly; names are text, never markup."""
    figure = charts.aging(aged(), {"200": "<i>Acme</i> & Co"}, max_rows=1)
    names = ("&lt;i&gt;Acme&lt;/i&gt; &amp; Co", "All others (2)", "No customer")
    assert bars(figure)["1–30 days"] == ((0.0, 0.3, 0.0), names)
    with pytest.raises(ValueError, match="max_rows=0 is not a valid number of rows"):
        charts.aging(aged(), max_rows=0)


def test_aging_by_currency_alone() -> None:
    """An aging by currency alone has one bar in each panel."""
    frame = report("ar_aging", {"currency": ["EUR", "USD"], "current": [1.0, 2.0], "total": [1.0, 2.0]})
    assert [(trace.x, trace.y) for trace in charts.aging(frame).data if trace.type == "bar"] == [
        ((1.0,), ("All",)), ((2.0,), ("All",)),
    ]  # fmt: skip


def test_ids_are_names_not_numbers() -> None:
    """Ids of digits are names on the axis, and long ones are cut as far as they differ."""
    figure = charts.aging(aged())
    assert (figure.layout.yaxis.type, figure.layout.yaxis.autorange) == ("category", "reversed")
    ids = pd.Series(["aaaaaaaa-1111-x", "aaaaaaaa-2222-x", "bbbbbbbb-1111-x", None])
    long = aged().assign(customer_id=ids)
    assert figure.data[0].y[:1] == ("200",)
    assert charts.aging(long).data[0].y == ("aaaaaaaa-222", "aaaaaaaa-111", "bbbbbbbb-111", "No customer")


def test_currencies_never_share_an_axis() -> None:
    """Each currency has its own panel and its own axis, with its own decimals under the pointer."""
    figure = charts.aging(aged("USD JPY USD JPY"))
    axes = {(trace.xaxis, trace.yaxis, trace.x) for trace in figure.data if trace.name == "Current"}
    assert axes == {("x", "y", (1.0, -3.0)), ("x2", "y2", (20.0, 5.0))}
    assert (figure.layout.xaxis.title.text, figure.layout.xaxis2.title.text) == ("USD", "JPY")
    traces = [trace for trace in figure.data if trace.type == "bar"]
    assert "%{x:(,.2f} USD" in traces[0].hovertemplate
    assert "%{x:(,.0f} JPY" in traces[3].hovertemplate
    assert [trace.showlegend for trace in traces] == [True] * 3 + [False] * 3


def test_many_currencies() -> None:
    """Any number of currencies has a panel each, one below the other."""
    codes = [f"X{number:02}" for number in range(12)]
    rows = {name: [1.0] * 12 for name in ("current", "total")} | {
        "customer_id": ["a"] * 12,
        "currency": codes,
    }
    figure = charts.aging(report("ar_aging", rows, as_of="2026-06-30", by="customer_id"))
    assert [axis.title.text for axis in figure.select_xaxes()] == codes
    panels_from_the_top = [axis.domain for axis in figure.select_yaxes()]
    assert all(upper[0] > lower[1] for upper, lower in pairwise(panels_from_the_top))
    assert figure.layout.height > 1500


def test_later_buckets_are_darker() -> None:
    """The later a bucket, the darker it is, whatever the bounds; no two are alike, and no date is hatched."""
    late = ["days_1_7", "days_8_14", "days_15_30", "days_31_45", "days_46_60", "days_61_90", "days_91_plus"]
    rows = {name: [1.0] for name in ("current", *late, "no_due_date", "total")}
    frame = report("ar_aging", rows | {"customer_id": ["a"], "currency": "USD"}, as_of="2026-06-30")
    traces = [trace for trace in charts.aging(frame).data if trace.type == "bar"]
    colours = [trace.marker.color for trace in traces]
    light = [sum(unlabel_rgb(colour)) for colour in colours[1:-1]]
    assert light == sorted(light, reverse=True)
    assert len(set(colours)) == 9
    assert traces[-1].marker.pattern.shape == "/"


def test_title_notes_and_demo_mark() -> None:
    """A chart says its day, question, notes and when it was fetched; demo data is marked, other is not."""
    frame = aged()
    figure = charts.aging(frame)
    assert figure.layout.title.text == "Receivables aging as of 2026-06-30"
    assert figure.layout.title.subtitle.text == "Who owes us, and for how long?"
    assert texts(figure) == "A note.<br>Data fetched 2026-07-01 09:45 UTC."
    frame.attrs["sources"] = [FETCHED, FETCHED | {"environment": "demo"}]
    assert "Demo data</b>" in charts.aging(frame).layout.title.subtitle.text


def test_empty_reports() -> None:
    """An empty report is a figure without traces that says so."""
    draw: list[tuple[Callable[..., go.Figure], pd.DataFrame]] = [
        (charts.aging, aged()),
        (charts.revenue, revenue_rows()),
        (charts.revenue, revenue_rows(period=MONTHS * 2)),
        (charts.cash_history, history()),
        (charts.cash_forecast, forecast()),
        (charts.concentration, concentrated()),
    ]
    for function, frame in draw:
        figure = function(frame[:0])
        assert len(figure.data) == 0
        assert "The report has no rows." in texts(figure)


def test_wrong_report_is_named() -> None:
    """A chart of another report names both."""
    with pytest.raises(ValueError, match="shows revenue_by_product; the frame is a report of ar_aging"):
        charts.revenue(aged())
    with pytest.raises(ValueError, match="shows cash_history; the frame is a report of cash_forecast"):
        charts.cash_history(forecast())
    with pytest.raises(ValueError, match="make it without by_account"):
        charts.cash_history(history().assign(account_id="b1"))


def test_revenue_bars() -> None:
    """Products stand by title, with ids where two are equal, and amounts as an accountant writes them."""
    trace, ends = charts.revenue(revenue_rows()).data
    assert trace.y == ("Bag (p2)", "Bag (p3)", "Tent", "Not allocated to a product")
    assert trace.x == (30.0, 20.0, 10.5, -5.0)
    assert [text.strip() for text in ends.text] == ["30.00", "20.00", "10.50", "(5.00)"]
    assert ends.x == (30.0, 20.0, 10.5, 0.0)


def test_lines_without_a_product_have_their_own_bars() -> None:
    """Two rows without a product keep their own titles."""
    frame = revenue_rows(
        product_id=["p1", "p2", None, None], title=["Tent", "Bag", "Line without a product", "Rest"]
    )
    assert charts.revenue(frame).data[0].y == ("Bag", "Tent", "Line without a product", "Rest")


def test_revenue_by_period() -> None:
    """With periods there is a trace for each of the largest of all periods, and one for the rest."""
    frame = revenue_rows(
        product_id=["p1", "p2", "p1", "p3"], title=["Tent", "Bag", "Tent", "Mug"], period=MONTHS * 2
    )
    traces = bars(charts.revenue(frame, max_rows=1))
    january, february = (month.to_pydatetime() for month in MONTHS)
    assert traces == {"Tent": ((january,), (30.5,)), "All others (2)": ((february,), (25.0,))}
    with pytest.raises(ValueError, match="max_rows=0 is not a valid number of rows"):
        charts.revenue(frame, max_rows=0)


def test_the_largest_of_each_currency_are_stacked() -> None:
    """Each currency stacks its own largest and counts its own others, in a legend beside its own panel."""
    ids, titles = ["p1", "p2", "p3", "p4", "p5", "p6"], ["Tent", "Bag", "Mug", "Cap", "Hat", "Pen"]
    frame = revenue_rows(
        product_id=ids, title=titles, currency=["EUR"] * 3 + ["GBP"] * 3,
        revenue=[900.0, 800.0, 700.0, 3.0, 2.0, 1.0],
        period=MONTHS[:1] * 6, orders=[1] * 6, quantity=[1] * 6, share=[0.25] * 6,
    )  # fmt: skip
    traces = charts.revenue(frame, max_rows=1).data
    assert [(trace.name, trace.y, trace.legend, trace.yaxis) for trace in traces] == [
        ("Tent", (900.0,), "legend", "y"), ("All others (2)", (1500.0,), "legend", "y"),
        ("Cap", (3.0,), "legend2", "y2"), ("All others (2)", (3.0,), "legend2", "y2"),
    ]  # fmt: skip


def test_a_look_is_one_product() -> None:
    """One product looks the same in every panel, and no two products have one colour and one pattern."""
    titles = [f"Product {place}" for place in range(30)]
    rows: dict[str, Any] = {
        "product_id": titles * 2,
        "title": titles * 2,
        "currency": ["EUR"] * 30 + ["GBP"] * 30,
        "period": MONTHS[0],
        "orders": 1,
        "quantity": 1,
        "revenue": [float(60 - place) for place in range(60)],
        "share": 0.1,
    }
    figure = charts.revenue(report("revenue_by_product", rows), max_rows=30)
    looks = [(trace.name, trace.marker.color, trace.marker.pattern.shape) for trace in figure.data]
    assert looks[:30] == looks[30:]
    assert len({look[1:] for look in looks}) == 30
    assert all(first[2] != second[2] for first, second in pairwise(looks[:30]))


def test_rows_without_a_period_are_counted() -> None:
    """Rows that have no place on the time axis are counted below it."""
    frame = revenue_rows(period=[*MONTHS, MONTHS[0], pd.NaT])
    assert "Rows without a period, which a chart over time cannot draw: 1." in texts(charts.revenue(frame))


def test_expenses_bars() -> None:
    """A missing category is named and stands last; a category is a name, and is never cut as an id is."""
    trace, _ = charts.expenses(spent().assign(category=pd.Series(["Advertising", None]))).data
    assert (trace.y, trace.x) == (("Advertising", "No category"), (2.5, 9.0))


def test_cash_history() -> None:
    """From the opening to the closing: flows are columns, and the balance stands still between two days."""
    figure = charts.cash_history(history())
    assert [(trace.type, trace.name, trace.y) for trace in figure.data] == [
        ("bar", "Inflow per day", (5.0, 0.0)),
        ("bar", "Outflow per day", (0.0, -7.5)),
        ("scatter", "Opening", (4.0,)),
        ("scatter", "Balance", (4.0, 9.0, 1.5)),
        ("scatter", "Closing", (1.5,)),
    ]
    assert figure.data[3].line.shape == "hv"
    assert figure.layout.yaxis.title.text == "USD"


def test_long_history_is_by_month() -> None:
    """Beyond three months the flows are added up by month; the balance stays that of each day."""
    days = pd.to_datetime(["2026-01-05", "2026-01-20", "2026-06-30"])
    rows = {
        "date": days,
        "currency": "USD",
        "inflow": [1.0, 2.0, 4.0],
        "outflow": 0.0,
        "balance": [1.0, 3.0, 7.0],
    }
    traces = {trace.name: trace for trace in charts.cash_history(report("cash_history", rows)).data}
    assert traces["Inflow per month"].y == (3.0, 4.0)
    assert traces["Balance"].y == (0.0, 1.0, 3.0, 7.0)


def test_cash_forecast() -> None:
    """The line begins at the opening and goes through the closing of each week; below zero it has a cross."""
    figure = charts.cash_forecast(forecast())
    receipts, payments, opening, closing, _ = figure.data
    assert (receipts.y, payments.y) == ((0.0, 4.0), (-7.5, -6.0))
    assert (opening.y, closing.y) == ((9.0,), (9.0, 1.5, -0.5))
    assert closing.marker.symbol == ("circle", "circle", "x")
    assert figure.layout.yaxis.title.text == "USD"


def test_converted_bars() -> None:
    """What was converted says from what: one customer in two currencies has two bars of the new one."""
    frame = converted(
        aged().assign(customer_id=pd.Series(["100", "100", "300", None])), "USD", "EUR", "EUR", "JPY"
    )
    figure = charts.aging(frame)
    assert figure.data[0].y == ("100 (EUR)", "100 (USD)", "300 (EUR)", "No customer (JPY)")
    assert figure.layout.title.text == "Receivables aging as of 2026-06-30, in USD"
    assert [axis.title.text for axis in figure.select_xaxes()] == ["USD"]


def test_converted_columns() -> None:
    """Columns over time add up what was converted to one currency."""
    frame = revenue_rows(product_id=["p1"] * 4, title=["Tent"] * 4, period=MONTHS[:1] * 4)
    assert bars(charts.revenue(converted(frame, "USD", "EUR", "GBP", "JPY")))["Tent"][1] == (55.5,)


def test_converted_history() -> None:
    """There is a panel for all together, where a balance stands until it changes, and one for each origin."""
    days = pd.to_datetime(["2026-06-01", "2026-06-03", "2026-06-02"])
    rows = {
        "date": days,
        "currency": "USD",
        "inflow": [5.0, 1.0, 2.0],
        "outflow": 0.0,
        "balance": [9.0, 10.0, 22.0],
    }
    figure = charts.cash_history(converted(report("cash_history", rows), "EUR", "EUR", "GBP"))
    assert [trace.y for trace in figure.data if trace.name == "Balance"] == [
        (24.0, 29.0, 31.0, 32.0), (4.0, 9.0, 10.0), (20.0, 22.0),
    ]  # fmt: skip
    for title in ("USD, all together", "USD, converted from EUR", "USD, converted from GBP"):
        assert f"<b>{title}</b>" in texts(figure)


def test_converted_forecast() -> None:
    """All together is the sum of the weeks of every original currency."""
    both = pd.concat([forecast(), forecast()], ignore_index=True)
    both.attrs = forecast().attrs
    figure = charts.cash_forecast(converted(both, "EUR", "EUR", "GBP", "GBP"))
    assert next(trace.y for trace in figure.data if trace.name == "Closing") == (18.0, 3.0, -1.0)


def test_converted_concentration() -> None:
    """Shares stay those of the original currency, so each has its own panel."""
    figure = charts.concentration(converted(concentrated().assign(share=1.0), "EUR", "JPY"))
    assert [axis.title.text for axis in figure.select_yaxes()] == ["Share of EUR", "Share of JPY"]


def test_concentration_curve() -> None:
    """The curve is the cumulative share by rank, of one currency."""
    share, curve = charts.concentration(concentrated(), {"100": "Acme"}).data
    assert (share.y, curve.y, curve.x) == ((0.75, 0.25), (0.75, 1.0), (1, 2))
    assert list(curve.customdata) == ["Acme", "No customer"]


def test_the_largest_are_named() -> None:
    """A chart of concentration names the three largest with their shares; a title says of what."""
    figure = charts.concentration(concentrated(), {"100": "Acme"})
    assert "1. Acme: 75.0%<br>2. No customer: 25.0%" in texts(figure)
    assert figure.layout.title.text == "Concentration by customer"
    many = pd.concat([concentrated()[:1]] * 70, ignore_index=True).assign(rank=range(1, 71))
    many.attrs = concentrated().attrs
    assert charts.concentration(many).data[1].mode == "lines"


def test_shares_that_are_not_defined_leave_an_empty_panel() -> None:
    """Where no share is defined, since amounts have both signs, the axis goes from 0 to 100%."""
    unknown = concentrated().assign(share=None, cumulative_share=None)
    figure = charts.concentration(unknown)
    assert figure.layout.yaxis.range == (0, 1)
    assert "1. 100: n/a" in texts(figure)


def test_names_are_only_text() -> None:
    """Markup, formulas and dollars in a name stay what they are, and long names are cut to two lines."""
    names = {"1": "<script>x</script>", "2": "$1 & $2", "3": "=1+1", "4": "A long name " * 9}
    figure = charts.aging(aged().assign(customer_id=list(names), total=[4.0, 3.0, 2.0, 1.0]), names)
    assert figure.data[0].y[:3] == ("&lt;script&gt;x&lt;/script&gt;", "&#36;1 &amp; &#36;2", "=1+1")
    cut = figure.layout.yaxis.ticktext[3]
    assert (cut.count("<br>"), cut[-1]) == (1, "…")
    assert figure.layout.yaxis.tickvals == figure.data[0].y


def test_control_characters_in_names() -> None:
    """Marks of the writing direction and control characters in names and notes are shown, and not obeyed."""
    report = aged().assign(customer_id=["1", "2", "3", "4"])
    report.attrs["notes"] = ["\u202eevil\x1b"]
    figure = charts.aging(report, {"1": "\u202eZed\x00"})
    assert r"\u202eZed\x00" in figure.data[0].y
    assert any(r"\u202eevil\x1b" in each.text for each in figure.layout.annotations)


def test_wide_letters_count_as_wide() -> None:
    """The width of a label is that of its widest line; capitals and ideographs are wide."""
    assert panels.width_of("ab<br>abcd") == panels.width_of("abcd")
    assert panels.width_of("ab") < panels.width_of("AB") < panels.width_of("WM") == panels.width_of("山川")


def test_the_default_template_of_plotly_stays() -> None:
    """The template belongs to the figure; plotly's default and the caller's frame do not change."""
    default, frame = pio.templates.default, aged()
    figure = charts.aging(frame)
    assert pio.templates.default == default
    assert figure.layout.template.layout.colorway == charts.PALETTE
    pd.testing.assert_frame_equal(frame, aged())
    assert frame.attrs == aged().attrs


def test_a_chart_of_a_part_says_so() -> None:
    """A chart of two of an aging's four rows says below it that it shows a part."""
    whole = aged()
    whole.attrs["rows"] = 4
    text = "A part of the report: 2 of 4 rows."
    notes = [note.text for note in charts.aging(whole.head(2)).layout.annotations]
    assert [text in note for note in notes] == [True]
    assert not any(text in note.text for note in charts.aging(whole).layout.annotations)


@pytest.mark.parametrize(
    ("max_rows", "names"),
    [
        (1, ["Tent", "All others (2)", "Line"]),
        (2, ["Tent", "Bag", "Cup", "Line"]),
        (3, ["Tent", "Bag", "Cup", "Line"]),
    ],
)
def test_a_single_name_beyond_the_limit_is_stacked_by_itself(max_rows: int, names: list[str]) -> None:
    """Of three products over time, a limit of two leaves one: it keeps its name."""
    rows: dict[str, Any] = {
        "product_id": ["p1", "p2", "p3", None],
        "title": ["Tent", "Bag", "Cup", "Line"],
        "currency": "USD",
        "period": MONTHS[:1] * 4,
        "orders": 1,
        "quantity": 1,
        "revenue": [30.0, 20.0, 10.0, 5.0],
        "share": 0.25,
    }
    frame = report("revenue_by_product", rows, by="product_id", period="month")
    assert [trace.name for trace in charts.revenue(frame, max_rows=max_rows).data] == names


def test_a_chart_of_a_report_read_back() -> None:
    """A forecast that lost its name and types in a CSV file is drawn as it was."""
    frame = forecast()
    back = pd.read_csv(io.StringIO(frame.to_csv(index=False)))
    assert [trace.y for trace in charts.cash_forecast(back).data] == [
        trace.y for trace in charts.cash_forecast(frame).data
    ]


def test_one_name_in_two_connections_has_two_bars() -> None:
    """Two customers of one name are two bars with their connections; ids are cut."""
    rows: dict[str, Any] = {
        "connection_id": ["acme", "beta", "beta"],
        "customer_id": ["1", "1", "2"],
        "customer_name": ["Anna", "Anna", None],
        "currency": "USD",
        "current": [3.0, 2.0, 1.0],
        "total": [3.0, 2.0, 1.0],
        "documents": 1,
    }
    frame = report("ar_aging", rows, by="customer_id")
    assert charts.aging(frame).data[0].y == ("Anna (acme)", "Anna (beta)", "2")
    frame["customer_name"] = None
    assert charts.aging(frame).data[0].y == ("1 (acme)", "1 (beta)", "2")


def test_one_title_in_two_shops_is_two_columns() -> None:
    """A product that two shops sell under one title is stacked twice, each with its shop."""
    frame = revenue_rows(
        connection_id=["a", "a", "b", None], title=["Tent", "Bag", "Bag", "Rest"], period=MONTHS[:1] * 4
    )
    names = [trace.name for trace in charts.revenue(frame).data]
    assert names == ["Bag (a)", "Bag (b)", "Tent", "Rest"]
    assert charts.revenue(frame.drop(columns="period")).data[0].y == ("Bag (a)", "Bag (b)", "Tent", "Rest")


def test_the_usual_flows_are_a_second_line() -> None:
    """A forecast with a run rate has a dashed line for it, from the same opening; a cross is below zero."""
    frame = forecast().assign(usual=-2.0)
    frame["closing_with_usual"] = frame["closing"] - 2.0 * frame["week"].astype(float)
    traces = charts.cash_forecast(frame)
    first, second = list(traces.select_traces(selector={"mode": "lines+markers"}))[:2]
    weeks = frame[frame["currency"] == frame["currency"].iloc[0]]
    opening = weeks["opening"].iloc[0]
    assert (first.line.dash, second.line.dash) == ("solid", "dash")
    assert first.y == (opening, *weeks["closing"])
    assert second.y == (opening, *weeks["closing_with_usual"])
    assert len({first.name, second.name}) == 2


@pytest.mark.parametrize(
    ("overdue", "words"),
    [
        ("first_week", "What is overdue is taken to be paid in week 1."),
        ("spread", "What is overdue is taken to be paid evenly over the weeks."),
        ("exclude", "What is overdue is left out."),
    ],
)
def test_the_overdue_assumption_is_named(overdue: str, words: str) -> None:
    """What a forecast assumes of overdue documents stands below its title."""
    frame = forecast()
    assert "overdue" not in charts.cash_forecast(frame).layout.title.subtitle.text
    frame.attrs["overdue"] = overdue
    assert words in charts.cash_forecast(frame).layout.title.subtitle.text
    assert words in tables.cash_forecast(frame).as_raw_html()


def test_transfers_are_part_of_the_balance() -> None:
    """The opening is the balance less all flows, own transfers too; those that cancel out are not drawn."""
    frame = history().assign(transfers=0.0)
    names = [trace.name for trace in charts.cash_history(frame).data]
    assert not any("Transfers" in name for name in names)
    before = next(trace.y for trace in charts.cash_history(frame).data if trace.name == "Opening")
    frame.loc[0, "transfers"] = 1.0
    traces = {trace.name: trace.y for trace in charts.cash_history(frame).data}
    assert traces["Opening"] == (before[0] - 1.0,)
    assert traces["Transfers per day"][0] == 1.0


@pytest.mark.parametrize(("last", "per"), [("2026-04-03", "per day"), ("2026-04-04", "per month")])
def test_flows_are_by_month_beyond_three_months(last: str, per: str) -> None:
    """Flows over 92 days are drawn by day, over 93 by month."""
    frame = history()
    frame["date"] = pd.to_datetime(["2026-01-01", last])
    assert charts.cash_history(frame).data[0].name == f"Inflow {per}"


def test_amounts_that_are_all_missing_are_drawn_as_gaps() -> None:
    """A forecast or an aging of which no amount is known is drawn without amounts, not refused."""
    unknown = forecast()
    unknown["closing"] = None
    traces = {trace.name: trace.y for trace in charts.cash_forecast(unknown).data if trace.name == "Closing"}
    assert set(traces["Closing"][1:]) == {None}
    aging = aged()
    aging["total"] = None
    texts = [trace.text for trace in charts.aging(aging).data if trace.type == "scatter"]
    assert {text.strip("\N{NO-BREAK SPACE}") for text in texts[0]} == {"n/a"}


def test_any_report_that_has_a_chart_is_drawn() -> None:
    """One function draws every report as the function of that report does, with its names and limit."""
    names = {"200": "Acme"}
    assert charts.for_report(aged(), names, max_rows=1) == charts.aging(aged(), names, max_rows=1)
    assert charts.for_report(concentrated(), names) == charts.concentration(concentrated(), names)
    assert charts.for_report(revenue_rows(), max_rows=1) == charts.revenue(revenue_rows(), max_rows=1)
    assert charts.for_report(history(), names, max_rows=1) == charts.cash_history(history())
    assert charts.for_report(forecast()) == charts.cash_forecast(forecast())
    assert charts.for_report(spent()) == charts.expenses(spent())


def test_a_report_without_a_chart_names_those_that_have_one() -> None:
    """A trial balance has no chart; the error lists the reports that have one."""
    frame = report("trial_balance", {"type": ["asset"], "currency": "USD", "accounts": 1, "balance": 1.0})
    with pytest.raises(ValueError, match=r"ar_aging or ap_aging .*; the frame is a report of trial_balance"):
        charts.for_report(frame)
    with pytest.raises(ValueError, match="the frame is not a report"):
        charts.for_report(pd.DataFrame({"currency": ["USD"]}))


@pytest.mark.parametrize("max_rows", [1, 2, 10])
@pytest.mark.parametrize(
    ("frame", "size"),
    [(aged("USD JPY USD JPY"), "total"), (revenue_rows(), "revenue"), (spent(), "amount")],
    ids=["aging", "revenue", "expenses"],
)
def test_a_chart_has_the_rows_of_the_table(frame: pd.DataFrame, size: str, max_rows: int) -> None:
    """A chart groups, orders and puts together as the table does, with the same names and amounts."""
    figure = charts.for_report(frame, max_rows=max_rows)
    ends = [(trace.y, trace.text) for trace in figure.data if trace.name == "Total"]
    layout = lay_out(frame, max_rows=max_rows, short_ids=True)
    rows = [(group.cells[layout.columns[0].name], group.cells[size]) for group in layout.groups]
    assert [([*names], [text.strip() for text in texts]) for names, texts in ends] == rows
