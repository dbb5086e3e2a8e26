"""Every chart and table of the demo books, drawn in a browser; skipped with a reason where there is none."""

from __future__ import annotations

import shutil
import subprocess
import zlib
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from plotly import graph_objects as go

import rutterframe as rf
from rutterframe.reports.specs import SPECS
from rutterframe.views import charts, tables
from tests.reports.live_frames import live_documents

DAY = "2026-06-30"


@pytest.fixture(scope="module")
def chromium() -> str:
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("needs Chromium to draw")
    return browser


@pytest.fixture(scope="module")
def reports() -> dict[str, Any]:
    """The reports of a business with four currencies, from the demo."""
    with rf.demo() as client:
        return demo_reports(client)


def demo_reports(client: rf.Client) -> dict[str, Any]:
    """Return every report, and some converted to dollars."""
    ledger, shop, bank = (client.connection(name) for name in ("gear-xero", "gear-shopify", "gear-bank"))
    invoices, bills = (load(ledger, progress=False) for load in (rf.load_invoices, rf.load_bills))
    accounts, expenses = (load(ledger, progress=False) for load in (rf.load_accounts, rf.load_expenses))
    orders, products = (load(shop, progress=False) for load in (rf.load_orders, rf.load_products))
    cash, moves = (load(bank, progress=False) for load in (rf.load_bank_accounts, rf.load_transactions))
    functions = rf.reports
    receivable = functions.ar_aging(invoices, DAY)
    control = accounts[accounts["name"].str.startswith("Accounts Receivable")]
    frames = {
        "ar_aging": receivable,
        "ap_aging": functions.ap_aging(bills, DAY),
        "open_items": functions.open_items(invoices, DAY),
        "top_overdue": functions.top_overdue(invoices, DAY, max_rows=3),
        "revenue_by_product": functions.revenue_by_product(orders, products),
        "revenue by month": functions.revenue_by_product(orders, products, period="month"),
        "cash_position": functions.cash_position(cash, by="institution_name"),
        "cash_history": functions.cash_history(cash, moves),
        "cash_forecast": functions.cash_forecast(
            cash, invoices, bills, DAY, transactions=moves, run_rate=True
        ),
        "runway": functions.runway(functions.cash_forecast(cash, invoices, bills, DAY)),
        "transfers": functions.transfers(cash, moves),
        "trial_balance": functions.trial_balance(accounts),
        "expenses_by_category": functions.expenses_by_category(expenses),
        "concentration": functions.concentration(receivable, by="customer_id"),
        "tie_out": functions.tie_out(receivable, control),
    }
    by_month = functions.change(frames["revenue by month"], as_of=DAY)
    frames["change"] = by_month[by_month["period"] >= "2026-05-01"]
    frames |= live_reports()
    rates = pd.DataFrame({"currency": ["EUR", "GBP", "JPY"], "rate": [1.0825, 1.27, 0.0064]})
    rates["date"] = pd.Timestamp(DAY)
    for name in ("ar_aging", "cash_history", "cash_forecast", "concentration"):
        frames[f"{name} in dollars"] = functions.convert(frames[name], rates, "USD")
    return frames


def live_reports() -> dict[str, Any]:
    """Return the reports that only live frames allow, of a few documents."""
    paid = {"status": "paid", "amount_due": 0.0, "payments": [("2026-06-10", 100.0)]}
    reports = {}
    for party, outstanding in (("customer_id", rf.reports.dso), ("vendor_id", rf.reports.dpo)):
        documents = live_documents(paid, {}, {**paid, "currency": "EUR"}, party=party)
        documents.attrs["receipt"] = {"environment": "demo"}
        report = outstanding(documents, DAY)
        reports[report.attrs["report"]] = report
        reports[f"days_to_pay by {party}"] = rf.reports.days_to_pay(documents, by=party)
    return reports


def figures(reports: dict[str, Any]) -> dict[str, go.Figure]:
    """Draw every report that has a chart."""
    draw = {
        "ar_aging": charts.aging,
        "ap_aging": charts.aging,
        "revenue_by_product": charts.revenue,
        "cash_history": charts.cash_history,
        "cash_forecast": charts.cash_forecast,
        "expenses_by_category": charts.expenses,
        "concentration": charts.concentration,
        "change": charts.change,
        "top_overdue": charts.top_overdue,
        "runway": charts.runway,
        "dso": charts.days_outstanding,
        "dpo": charts.days_outstanding,
        "days_to_pay": charts.days_to_pay,
    }
    charts_by_name = {}
    for name, report in reports.items():
        function: Any = draw.get(report.attrs["report"])
        if function is not None:
            charts_by_name[name] = function(report)
            charts_by_name[f"{name}, empty"] = function(report[:0])
    return charts_by_name


def check_picture(file: Path, width: int, height: float) -> None:
    """Check that a PNG has its size, and that it is not blank."""
    data = file.read_bytes()
    assert data[1:4] == b"PNG"
    assert (int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")) == (width, height)
    pixels, place = b"", 8
    while place < len(data):
        size = int.from_bytes(data[place : place + 4], "big")
        if data[place + 4 : place + 8] == b"IDAT":
            pixels += data[place + 8 : place + 8 + size]
        place += 12 + size
    assert len(set(zlib.decompress(pixels))) > 50, f"{file.name} is blank"


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:The kopts argument is ignored:UserWarning")
def test_every_chart_is_drawn(
    chromium: str, reports: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each chart becomes a picture at notebook width, as high as it says, with demo data marked."""
    kaleido = pytest.importorskip("kaleido", reason="kaleido is not installed")
    monkeypatch.setenv("BROWSER_PATH", chromium)
    charts_by_name = figures(reports)
    assert len(charts_by_name) == 38
    kaleido.start_sync_server(n=1)
    try:
        for place, (name, figure) in enumerate(charts_by_name.items()):
            assert "Demo data" in figure.layout.title.subtitle.text, name
            file = tmp_path / f"{place}.png"
            figure.write_image(file, width=900)
            check_picture(file, 900, figure.layout.height)
    finally:
        kaleido.stop_sync_server()


@pytest.mark.browser
def test_every_table_is_drawn(chromium: str, reports: dict[str, Any], tmp_path: Path) -> None:
    """The table of every report, one below the other, becomes a picture in a browser."""
    functions = {"revenue_by_product": "revenue", "expenses_by_category": "expenses"}
    functions |= dict.fromkeys(("ar_aging", "ap_aging"), "aging")
    functions |= dict.fromkeys(("dso", "dpo"), "days_outstanding")
    names = [report.attrs["report"] for report in reports.values()]
    assert set(names) == set(SPECS)
    html = [
        getattr(tables, functions.get(name, name))(report).as_raw_html()
        for name, report in zip(names, reports.values(), strict=True)
    ]
    assert all("Demo data</strong>" in each for each in html)
    page, picture = tmp_path / "tables.html", tmp_path / "tables.png"
    page.write_text("".join(html), "utf-8")
    flags = (
        "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    )
    more = ["--disable-component-update", "--disable-sync", f"--user-data-dir={tmp_path / 'profile'}"]
    size = ["--window-size=900,2000", "--hide-scrollbars", "--force-device-scale-factor=1"]
    command = [chromium, *flags.split(), *more, *size, f"--screenshot={picture}", page.as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=30)
    check_picture(picture, 900, 2000)
