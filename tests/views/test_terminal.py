"""Reports in a terminal: what stands on each line at 60, 80 and 100 columns."""

from __future__ import annotations

import io

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

import rutterframe as rf
from rutterframe.reports import ap_aging, ar_aging, cash_forecast, cash_position
from rutterframe.views.terminal import cut, hang, terminal_report


def invoices(*rows: tuple[str, str, str, float, str], connection: str = "books-xero") -> pd.DataFrame:
    """Return open invoices of (id, customer, currency, amount, due date)."""
    columns = ["id", "customer_id", "currency", "amount_due", "due_date"]
    frame = pd.DataFrame(rows, columns=columns).astype({"due_date": "datetime64[us]"})
    return frame.assign(status="open", connection_id=connection)


def draw(report: pd.DataFrame, width: int, names: dict[str, str] | None = None, **options: int) -> list[str]:
    """Draw a report for a terminal of some width, without the blanks at the ends of its lines."""
    console = Console(file=io.StringIO(), width=width)
    console.print(terminal_report(report, names, width=width, **options))
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


NAMES = {"a": "Union Street Trekking & Outdoor", "b": "Café Ōkami 狼", "c": "Pennine Outfitters"}
AGING = ar_aging(
    pd.concat(
        [
            invoices(
                ("1", "a", "EUR", 123_456.78, "2026-07-15"), ("2", "a", "EUR", 6_712.0, "2026-05-20"),
                ("3", "b", "EUR", 2_039.5, "2026-06-12"), ("4", "c", "EUR", -255.42, "2026-01-10"),
                ("5", "b", "JPY", 208_600.0, "2026-04-11"),
            ),
            invoices(("6", "c", "EUR", 10.0, "2026-06-29"), connection="shop-quickbooks"),
        ],
        ignore_index=True,
    ),
    "2026-06-30",
)  # fmt: skip


def test_80_columns() -> None:
    """Everything stands in one table: headings are short, currencies stand above, names are cut."""
    assert draw(AGING, 80, NAMES) == [
    ]


@pytest.mark.parametrize("width", [20])
def test_x(width: int) -> None:
    for w in (60, 80, 100, 120, 150):
        print(w)
        print("\n".join(draw(AGING, w, NAMES)))
    assert 0
