"""The one layout that every view draws, and the short way from a report to it."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe import views
from rutterframe.reports.columns import Aggregate
from rutterframe.reports.describe import columns_of, describe
from rutterframe.reports.specs import SPECS
from rutterframe.views import tables
from rutterframe.views.layout import FOLDED, aggregate, choose_columns, in_ticks, lay_out
from rutterframe.views.terminal import lines
from rutterframe.views.workbook_layout import lay_out_values

VIEWS = Path(views.__file__).parent


def owed(*amounts: float, currency: str = "USD") -> pd.DataFrame:
    """Age an invoice of each amount, each of its own customer."""
    invoices = pd.DataFrame(
        {
            "id": [f"i{place}" for place in range(len(amounts))],
            "customer_id": [f"c{place}" for place in range(len(amounts))],
            "status": "open",
            "amount_due": amounts,
            "currency": currency,
            "due_date": pd.Timestamp("2026-06-01"),
        }
    )
    report: pd.DataFrame = rf.reports.ar_aging(invoices, "2026-06-30")
    return report


def calls_of(function: Any, *args: Any, **options: Any) -> Counter[tuple[str, str]]:
    """Call a function, and count the calls of functions of rutterframe.views by module and name."""
    calls: Counter[tuple[str, str]] = Counter()

    def count(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        # A comprehension is a function of its own until Python 3.12.
        if event == "call" and Path(code.co_filename).parent == VIEWS and not code.co_name.startswith("<"):
            calls[Path(code.co_filename).stem, code.co_name] += 1

    sys.setprofile(count)
    try:
        function(*args, **options)
    finally:
        sys.setprofile(None)
    return calls


def test_an_aging_is_drawn_in_fewer_than_fifteen_calls() -> None:
    """From an aging to its layout are fewer than fifteen calls in two modules; two write cells."""
    calls = calls_of(tables.aging, owed(5.0, 4.0, 3.0))
    assert {module for module, _ in calls} == {"tables", "layout", "format", "html_table"}
    way = Counter({each: number for each, number in calls.items() if each[0] in ("tables", "layout")})
    assert way.total() < 15, way


@pytest.mark.parametrize("customers", [3, 300])
def test_values_are_written_column_by_column(customers: int) -> None:
    """A hundred times as many rows take as many calls: amounts are written by column, not by cell."""
    calls = calls_of(tables.aging, owed(*range(1, customers + 1)))
    columns = len(columns_of(owed(1.0)))
    assert calls["format", "format_values"] <= columns
    assert calls["format", "amounts"] <= columns


def test_no_view_compares_the_name_of_a_report() -> None:
    """What differs between reports stands in their specs: no module of the views asks which one it draws."""
    # Functions of tables and charts only name the report that they take.
    for path in VIEWS.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert 'attrs["report"] ==' not in text, path.name
        assert 'attrs["report"] !=' not in text, path.name
        assert 'attrs.get("report") ==' not in text, path.name


def test_every_view_draws_the_same_rows() -> None:
    """Text and table have the same cells, and the workbook the values of the same columns."""
    report = owed(5.0, 4.0, 3.0, 2.0)
    layout = lay_out(report, max_rows=2)
    (group,) = layout.groups
    assert group.cells["customer_id"] == ["c0", "c1", "All others (2)"]
    assert group.cells["total"] == ["5.00", "4.00", "5.00"]
    assert layout.totals["USD"].label == "Total USD"
    assert layout.totals["USD"].cells["total"] == "14.00"
    rows = [*lines(lay_out(report, max_rows=2))]
    place = [column.name for column in layout.columns].index("total")
    assert [row.cells[place] for row in rows] == [*group.cells["total"], "14.00"]
    values = lay_out_values(report)
    assert values.groups[0].cells["total"] == [5.0, 4.0, 3.0, 2.0]
    assert values.totals["USD"].cells["total"] == 14


def test_rows_state_their_positions_in_the_report() -> None:
    """Each row knows which row of the report it is; the row of all others is none of them."""
    report = owed(5.0, 4.0, 3.0, 2.0).iloc[[2, 0, 3, 1]]
    assert lay_out(report, max_rows=2).groups[0].positions == [1, 3, FOLDED]
    assert lay_out_values(report).groups[0].positions == [1, 3, 0, 2]


def test_first_and_last_values_are_those_of_each_account() -> None:
    """What closes is the sum of the last values of each account; flows are added up."""
    frame = pd.DataFrame(
        {
            "account_id": ["a", "b", "a"],
            "date": pd.to_datetime(["2026-06-01", "2026-06-02", "2026-06-03"]),
            "currency": "USD",
            "inflow": [1.0, 2.0, 3.0],
            "outflow": 0.0,
            "balance": [1.0, 2.0, 4.0],
        }
    )
    frame.attrs["report"] = "cash_history"
    values = aggregate(in_ticks(frame), columns_of(frame), ["account_id"])
    assert {name: values[name] / 10_000 for name in ("inflow", "balance")} == {"inflow": 6.0, "balance": 6.0}


@pytest.mark.parametrize("name", sorted(SPECS))
def test_a_spec_names_described_columns(name: str) -> None:
    """The columns that a spec ranks, needs or is recognised by are described, and amounts are numbers."""
    spec = SPECS[name]
    described = {column.name: column for column in describe(name, [*spec.signature, *spec.needs])}
    assert set(spec.needs) <= set(described)
    assert not spec.size or describe(name, [spec.size, *spec.signature])[0].is_number
    assert set(spec.zero_row[::2]) <= set(described)


def test_shares_of_original_currencies_have_no_sum() -> None:
    """A share is added up, but not where each is one of its own original currency."""
    columns = ["category", "currency", "expenses", "amount", "share"]
    own, converted = (
        describe("expenses_by_category", names)[4] for names in (columns, [*columns, "original_currency"])
    )
    assert (own.aggregate, converted.aggregate) == (Aggregate.SUM, Aggregate.NONE)


def test_keys_stand_first_and_names_in_place_of_ids() -> None:
    """Columns begin with what identifies a row; a column of names is merged into that of their ids."""
    report = owed(5.0)
    report["customer_name"] = "Acme"
    columns, keys = choose_columns(report)
    assert [(column.name, column.label) for column in columns[:2]] == [
        ("customer_id", "Customer"),
        ("currency", "Currency"),
    ]
    assert [key.name for key in keys] == ["customer_id"]
    assert "customer_name" not in [column.name for column in columns]
    assert lay_out(report).groups[0].cells["customer_id"] == ["Acme"]


def test_only_public_names_on_tab() -> None:
    """Completion of rf.views and its modules lists what is public."""
    assert dir(views) == ["charts", "format", "page", "sentences", "tables", "workbook"]
    assert dir(tables) == sorted(tables.__all__)
    assert "Layout" not in dir(tables)
