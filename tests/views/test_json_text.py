"""Reports as JSON: literal objects, with every digit."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from rutterframe.reports import ar_aging, cash_position, open_items, tie_out
from rutterframe.views.json_text import reports_json

BANKS = pd.DataFrame(
    {
        "institution_name": ["Elbe", "Fjord", "Elbe", "Nowhere"],
        "currency": ["EUR", "JPY", "EUR", None],
        "balance": [34_720.0, 208_600.0, 0.1 + 0.2, -5.0],
    }
)


def test_a_report_and_its_comparison() -> None:
    """Rows stand by currency with their total: amounts as text, counts as numbers, missing as null."""
    report = cash_position(BANKS, by="institution_name")
    result = json.loads(reports_json([report, tie_out(report, BANKS)], as_of="2026-06-30"))
    assert {name: result[name] for name in ("as_of", "is_demo", "verdict")} == {
        "as_of": "2026-06-30",
        "is_demo": False,
        "verdict": {"agree": 3, "differ": 0, "not_compared": 0, "sentence": "All 3 totals agree."},
    }
    (cash,) = result["reports"]
    assert (cash["report"], cash["title"]) == ("cash_position", "Cash position")
    assert cash["columns"][3] == {
        "name": "balance", "label": "Balance", "kind": "money", "unit": "major units of the row's currency",
    }  # fmt: skip
    assert {each["currency"]: each for each in cash["currencies"]} == {
        "EUR": {
            "currency": "EUR",
            "rows": [
                {"institution_name": "Elbe", "currency": "EUR", "accounts": 2, "balance": "34720.30",
                 "overdrawn": "0.00", "debt": "0.00"}
            ],
            "total": {"label": "Total EUR", "accounts": 2, "balance": "34720.30", "overdrawn": "0.00",
                      "debt": "0.00"},
        },
        "JPY": {
            "currency": "JPY",
            "rows": [
                {"institution_name": "Fjord", "currency": "JPY", "accounts": 1, "balance": "208600",
                 "overdrawn": "0", "debt": "0"}
            ],
            "total": {"label": "Total JPY", "accounts": 1, "balance": "208600", "overdrawn": "0",
                      "debt": "0"},
        },
        None: {
            "currency": None,
            "rows": [
                {"institution_name": "Nowhere", "currency": None, "accounts": 1, "balance": "-5.00",
                 "overdrawn": "-5.00", "debt": "0.00"}
            ],
            "total": {"label": "Total No currency", "accounts": 1, "balance": "-5.00", "overdrawn": "-5.00",
                      "debt": "0.00"},
        },
    }  # fmt: skip
    (tie,) = result["tie_outs"]
    assert tie["currencies"][0]["rows"][0]["ok"] is True
    assert "total" not in tie["currencies"][0]


def test_every_decimal_stays() -> None:
    """An amount with more decimals than its currency has is not rounded; a zero has no sign."""
    report: Any = cash_position(BANKS.head(1)).assign(balance=[1234.56789], overdrawn=[-0.0])
    (entry,) = json.loads(reports_json([report]))["reports"][0]["currencies"]
    assert (entry["rows"][0]["balance"], entry["rows"][0]["overdrawn"]) == ("1234.56789", "0.00")
    assert entry["total"]["balance"] == "1234.56789"


def test_dates_and_the_day_of_the_reports() -> None:
    """A day is text; without an argument the day is that of the first report that has one."""
    invoices = pd.DataFrame(
        {"id": ["1"], "customer_id": ["c"], "status": "open", "currency": "EUR", "amount_due": [5.0],
         "due_date": pd.to_datetime(["2026-06-01"])}
    )  # fmt: skip
    assert json.loads(reports_json([ar_aging(invoices, "2026-06-30")]))["as_of"] == "2026-06-30"
    assert json.loads(reports_json([cash_position(BANKS)]))["as_of"] is None


def test_text_comes_back_as_it_was() -> None:
    """What a terminal would obey is escaped, and a reader of JSON gets it back."""
    name = "\x1b[2J\x9b\u202eevil \u2028 Café \N{WOMAN}\u200d\N{EAR OF RICE}"
    text = reports_json([cash_position(BANKS.head(1).assign(institution_name=name), by="institution_name")])
    assert "\x1b" not in text
    assert "\x9b" not in text
    assert "\u202e" not in text
    assert "Café \N{WOMAN}\u200d\N{EAR OF RICE}" in text
    row = json.loads(text)["reports"][0]["currencies"][0]["rows"][0]
    assert row["institution_name"] == name


def test_lines_of_documents() -> None:
    """Open items keep the lines of their documents, as lists of objects."""
    invoices = pd.DataFrame(
        {"id": ["1"], "customer_id": ["c"], "status": "open", "currency": "EUR", "amount_due": [5.0],
         "due_date": pd.to_datetime(["2026-06-01"]), "line_items": [[{"description": "Tea", "amount": 5.0}]]}
    )  # fmt: skip
    result = json.loads(reports_json([open_items(invoices, "2026-06-30")]))
    (row,) = result["reports"][0]["currencies"][0]["rows"]
    assert row["line_items"] == [{"description": "Tea", "amount": 5.0}]
    assert (row["due_date"], row["days_past_due"], row["amount_due"]) == ("2026-06-01", 29, "5.00")
