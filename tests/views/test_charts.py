from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.io as pio
import pytest
from plotly import graph_objects as go

import rutterframe as rf
from rutterframe.views import charts, tables

FETCHED: dict[str, Any] = {
    "resource": "invoices",
    "environment": "production",
    "finished": "2026-07-01T09:45:00Z",
    "complete": True,
}
MONTHS = pd.to_datetime(["2026-01-01", "2026-02-01"]).tolist()


def report(name: str, rows: dict[str, Any], **about: Any) -> pd.DataFrame:
    frame = pd.DataFrame(rows)
    carried: dict[Hashable, Any] = {"report": name, "notes": ["A note."], "sources": [FETCHED]}
    frame.attrs = carried | dict(about)
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


def sold(**more: Any) -> pd.DataFrame:
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
    return {trace.name: (trace.x, trace.y) for trace in figure.data}


def test_aging_stacks_buckets() -> None:
    """Each bucket is a trace; customers stand largest first, and those without one last."""
    names = ("200", "100", "300", "No customer")
    assert bars(charts.aging(aged())) == {
        "Current": ((20.0, 1.0, -3.0, 5.0), names),
        "1-30 days": ((0.0, 0.1, 0.2, 0.0), names),
        "No due date": ((0.0, 0.2, 0.0, 0.0), names),
    }


def test_rest_is_one_bar() -> None:
    """Beyond the top there is one bar, added up exactly; names are text, never markup."""
    figure = charts.aging(aged(), {"200": "<i>Acme</i> & Co"}, top=1)
    names = ("&lt;i&gt;Acme&lt;/i&gt; &amp; Co", "All others (2)", "No customer")
    assert bars(figure)["1-30 days"] == ((0.0, 0.3, 0.0), names)
    with pytest.raises(ValueError, match="largest 0"):
        charts.aging(aged(), top=0)


def test_ids_are_names_not_numbers() -> None:
    """Ids made of digits are names on the axis, and long ones are cut as far as they differ."""
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
    assert [
        "%{x:,.2f} USD" in figure.data[0].hovertemplate,
        "%{x:,.0f} JPY" in figure.data[3].hovertemplate,
    ] == [
        True,
        True,
    ]
    assert [trace.showlegend for trace in figure.data] == [True] * 3 + [False] * 3


def test_five_currencies_are_refused() -> None:
    """A fifth currency is an error that says what to do."""
    five = pd.concat([aged("USD EUR GBP JPY"), aged("KWD KWD KWD KWD")])
    five.attrs = aged().attrs
    with pytest.raises(
        ValueError, match=r"has 5 \(USD, EUR, GBP, JPY, KWD\): filter it by currency, or convert"
    ):
        charts.aging(five)


def test_marks() -> None:
    """A chart says its day, question, notes and when it was fetched; demo data is marked, other is not."""
    frame = aged()
    figure = charts.aging(frame)
    assert figure.layout.title.text == "Receivables aging as of 2026-06-30"
    assert figure.layout.title.subtitle.text == "Who owes us, and for how long?"
    assert texts(figure) == "A note.<br>Data fetched 2026-07-01 09:45 UTC."
    frame.attrs["sources"] = [FETCHED, FETCHED | {"environment": "demo"}]
    assert "<b>Demo data</b>" in texts(charts.aging(frame))


def test_empty_reports() -> None:
    """An empty report is a figure without traces that says so."""
    draw: list[tuple[Callable[..., go.Figure], pd.DataFrame]] = [
        (charts.aging, aged()),
        (charts.revenue, sold()),
        (charts.revenue, sold(period=MONTHS * 2)),
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
    """Products stand by title, told apart by id, with their amounts as an accountant writes them."""
    (trace,) = charts.revenue(sold()).data
    assert trace.y == ("Bag (p2)", "Bag (p3)", "Tent", "Not allocated to a product")
    assert (trace.x, trace.text) == ((30.0, 20.0, 10.5, -5.0), ("30.00", "20.00", "10.50", "(5.00)"))


def test_revenue_by_period() -> None:
    """With periods there is a trace for each of the largest of all periods, and one for the rest."""
    frame = sold(product_id=["p1", "p2", "p1", "p3"], title=["Tent", "Bag", "Tent", "Mug"], period=MONTHS * 2)
    found = bars(charts.revenue(frame, top=1))
    january, february = (month.to_pydatetime() for month in MONTHS)
    assert found == {"Tent": ((january,), (30.5,)), "All others (2)": ((february,), (25.0,))}


def test_rows_without_a_period_are_counted() -> None:
    """What has no place on the time axis is said below it."""
    frame = sold(period=[*MONTHS, MONTHS[0], pd.NaT])
    assert "1 rows have no period: a chart over time cannot draw them." in texts(charts.revenue(frame))


def test_expenses_bars() -> None:
    """A missing category is named and stands last."""
    (trace,) = charts.expenses(spent()).data
    assert (trace.y, trace.x) == (("Ads", "No category"), (2.5, 9.0))


def test_cash_over_time() -> None:
    """Flows are columns and levels are lines, on one axis of one currency."""
    for figure, drawn in (
        (charts.cash_history(history()), [("bar", "Inflow"), ("bar", "Outflow"), ("scatter", "Balance")]),
        (
            charts.cash_forecast(forecast()),
            [("bar", "Receipts"), ("bar", "Payments"), ("scatter", "Opening"), ("scatter", "Closing")],
        ),
    ):
        assert [(trace.type, trace.name) for trace in figure.data] == drawn
        assert figure.layout.yaxis.title.text == "USD"
    assert charts.cash_forecast(forecast()).data[3].y == (1.5, -0.5)


def test_concentration_curve() -> None:
    """The curve is the cumulative share by rank, of one currency."""
    share, curve = charts.concentration(concentrated(), {"100": "Acme"}).data
    assert (share.y, curve.y, curve.x) == ((0.75, 0.25), (0.75, 1.0), (1, 2))
    assert list(curve.customdata) == ["Acme", "No customer"]


def test_plotly_stays_as_it_is() -> None:
    """The template belongs to the figure; plotly's default and the caller's frame do not change."""
    default, frame = pio.templates.default, aged()
    figure = charts.aging(frame)
    assert pio.templates.default == default
    assert figure.layout.template.layout.colorway == charts.PALETTE
    pd.testing.assert_frame_equal(frame, aged())
    assert frame.attrs == aged().attrs


@pytest.fixture
def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("needs Chromium to draw")
    return found


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore:The kopts argument is ignored:UserWarning")
def test_every_chart_is_drawn(chromium: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each chart becomes a picture at notebook width."""
    kaleido = pytest.importorskip("kaleido", reason="kaleido is not installed")
    monkeypatch.setenv("BROWSER_PATH", chromium)
    figures = [
        charts.aging(aged("USD JPY USD JPY")),
        charts.revenue(sold()),
        charts.revenue(sold(period=MONTHS * 2)),
        charts.expenses(spent()),
        charts.cash_history(history()),
        charts.cash_forecast(forecast()),
        charts.concentration(concentrated()),
    ]
    kaleido.start_sync_server(n=1)
    try:
        for place, figure in enumerate(figures):
            file = tmp_path / f"{place}.png"
            figure.write_image(file, width=900)
            head = file.read_bytes()[:24]
            assert (head[1:4], int.from_bytes(head[16:20], "big")) == (b"PNG", 900)
    finally:
        kaleido.stop_sync_server()


@pytest.mark.browser
def test_a_table_is_drawn(chromium: str, tmp_path: Path, client: rf.Client) -> None:
    """A table of the demo books becomes a picture in a browser."""
    invoices = rf.load_invoices(client.connection("gear-xero"), progress=False)
    page, picture = tmp_path / "table.html", tmp_path / "table.png"
    page.write_text(tables.aging(rf.reports.ar_aging(invoices, "2026-06-30"), rows=5).as_raw_html(), "utf-8")
    flags = (
        "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    )
    more = ["--disable-component-update", "--disable-sync", f"--user-data-dir={tmp_path / 'profile'}"]
    command = [chromium, *flags.split(), *more, f"--screenshot={picture}", page.as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=30)
    assert picture.stat().st_size > 10_000
