"""Reports in a terminal: what stands on each line at 60, 80 and 100 columns."""

from __future__ import annotations

import io

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from rutterframe.reports import ap_aging, ar_aging, cash_forecast, cash_position
from rutterframe.views.terminal import cut, hang, terminal_report

FAMILY = "\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}"


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


def test_100_columns() -> None:
    """Every column of the report stands in one table; currencies above their rows, ids last."""
    assert draw(AGING, 100, NAMES) == [
        "Receivables aging as of 2026-06-30",
        "                                                                      No",
        "                                     1–30    31–60   61–90           due",
        "Customer                 Current     days     days    days 91+ days date      Total Docs Conn.",
        "────────────────────────────────────────────────────────────────────────────────────────────────────",
        "EUR",
        "Union Street Trekkin… 123,456.78        – 6,712.00       –        –    – 130,168.78    2 books-xero",
        "Café Ōkami 狼                  – 2,039.50        –       –        –    –   2,039.50    1 books-xero",
        "c                              –    10.00        –       –        –    –      10.00    1 shop-quick…",  # noqa: E501
        "c                              –        –        –       – (255.42)    –   (255.42)    1 books-xero",
        "Total EUR             123,456.78 2,049.50 6,712.00       – (255.42)    – 131,962.86    5",
        "",
        "JPY",
        "Café Ōkami 狼                  –        –        – 208,600        –    –    208,600    1 books-xero",
        "Total JPY                      –        –        – 208,600        –    –    208,600    1",
    ]


def test_80_columns() -> None:
    """Still every figure: names are cut, and lines below name the column of zeros and the connection."""
    assert draw(AGING, 80, NAMES) == [
        "Receivables aging as of 2026-06-30",
        "                                  1–30    31–60   61–90",
        "Customer              Current     days     days    days 91+ days      Total Docs",
        "────────────────────────────────────────────────────────────────────────────────",
        "EUR",
        "Union Street Trek… 123,456.78        – 6,712.00       –        – 130,168.78    2",
        "Café Ōkami 狼               – 2,039.50        –       –        –   2,039.50    1",
        "c (shop-quickbook…          –    10.00        –       –        –      10.00    1",
        "c (books-xero)              –        –        –       – (255.42)   (255.42)    1",
        "Total EUR          123,456.78 2,049.50 6,712.00       – (255.42) 131,962.86    5",
        "",
        "JPY",
        "Café Ōkami 狼               –        –        – 208,600        –    208,600    1",
        "Total JPY                   –        –        – 208,600        –    208,600    1",
        "Zero in every row, and not shown: No due date.",
        "Not shown in 80 columns: Connection (--width 83 shows all).",
    ]


def test_60_columns() -> None:
    """The figures go on in a second table, which has names and totals again."""
    assert draw(AGING, 60, NAMES) == [
        "Receivables aging as of 2026-06-30",
        "                            1–30    31–60   61–90",
        "Customer        Current     days     days    days      Total",
        "────────────────────────────────────────────────────────────",
        "EUR",
        "Union Stree… 123,456.78        – 6,712.00       – 130,168.78",
        "Café Ōkami…           – 2,039.50        –       –   2,039.50",
        "c (shop-qui…          –    10.00        –       –      10.00",
        "c (books-xe…          –        –        –       –   (255.42)",
        "Total EUR    123,456.78 2,049.50 6,712.00       – 131,962.86",
        "",
        "JPY",
        "Café Ōkami…           –        –        – 208,600    208,600",
        "Total JPY             –        –        – 208,600    208,600",
        "",
        "Receivables aging as of 2026-06-30, continued",
        "Customer                        91+ days      Total Docs",
        "────────────────────────────────────────────────────────",
        "EUR",
        "Union Street Trekking & Outdoor        – 130,168.78    2",
        "Café Ōkami 狼                          –   2,039.50    1",
        "c (shop-quickbooks)                    –      10.00    1",
        "c (books-xero)                  (255.42)   (255.42)    1",
        "Total EUR                       (255.42) 131,962.86    5",
        "",
        "JPY",
        "Café Ōkami 狼                          –    208,600    1",
        "Total JPY                              –    208,600    1",
        "Zero in every row, and not shown: No due date.",
        "Not shown in 60 columns: Connection (--width 83 shows all).",
    ]


def test_the_width_that_shows_all() -> None:
    """The width that the line names is enough, and one less is not."""
    assert not any("Not shown" in line for line in draw(AGING, 83, NAMES))
    assert any(
        "Not shown in 82 columns: Connection (--width 83 shows all)." in line
        for line in draw(AGING, 82, NAMES)
    )


def test_counts_are_left_out_before_the_columns_go_on_below() -> None:
    """Where all but the counts of documents fit, one table has every amount, and a line names the counts."""
    text = draw(AGING, 72, NAMES)
    assert text[2].split() == ["Customer", "Current", "days", "days", "days", "91+", "days", "Total"]
    assert text[-1] == "Not shown in 72 columns: Connection, Documents (--width 83 shows all)."
    assert not any("continued" in line for line in text)


def test_a_forecast_in_60_columns() -> None:
    """Weeks keep their number and first day, and the currency stands above them: one table."""
    banks = pd.DataFrame({"balance": [216_952.51], "currency": ["EUR"]})
    due = invoices(("1", "a", "EUR", 21_472.0, "2026-07-03"), ("2", "a", "EUR", -5.0, "2026-07-08"))
    report = cash_forecast(
        banks, due, due.rename(columns={"customer_id": "vendor_id"}), "2026-06-30", weeks=2
    )
    assert draw(report, 60) == [
        "Cash forecast as of 2026-06-30",
        " Week From          Opening  Receipts    Payments    Closing",
        "────────────────────────────────────────────────────────────",
        "  EUR",
        "    1 2026-06-30 216,952.51 21,472.00 (21,472.00) 216,952.51",
        "    2 2026-07-07 216,952.51    (5.00)        5.00 216,952.51",
        "Total                       21,467.00 (21,467.00)",
        "  EUR",
    ]


def test_without_rows() -> None:
    """A report without rows has its headings, and says so."""
    report = ap_aging(invoices().rename(columns={"customer_id": "vendor_id"}), "2026-06-30")
    assert draw(report, 120)[-1] == "The report has no rows."


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
def test_amounts_are_never_cut(width: int) -> None:
    """However narrow the terminal, every line fits, and every digit of every amount is there."""
    text = draw(AGING, width, NAMES)
    assert max(map(cell_len, text)) <= width
    rows = " ".join(text).replace("(", " ").replace(")", " ").split()
    for amount in ("123,456.78", "6,712.00", "2,039.50", "255.42", "208,600", "131,962.86", "2,049.50"):
        assert amount in rows


@pytest.mark.parametrize("width", [60, 80, 120])
def test_several_long_names_beside_each_other(width: int) -> None:
    """All of them are cut as far as it takes, and no amount is."""
    banks = pd.DataFrame(
        {"institution_name": ["A long name of some bank", "Another long name of some bank"],
         "category": ["A long name of a category", "Another long name of a category"],
         "currency": "USD", "balance": [123_456_789.01, 5.5]}
    )  # fmt: skip
    text = draw(cash_position(banks, by=["institution_name", "category"]), width)
    assert max(map(cell_len, text)) <= width
    assert " ".join(text).count("123,456,789.01") == 1


def test_headings_are_not_broken_within_words() -> None:
    """Where a heading does not fit, it is abbreviated or ends with a mark, as names do."""
    banks = pd.DataFrame(
        {"internationalisation_strategy": ["Ann"], "currency": "USD", "balance": [123_456_789.01],
         "connection_id": "b"}
    )  # fmt: skip
    report = cash_position(banks, by=["internationalisation_strategy", "connection_id"])
    assert draw(report, 50)[1:3] == [
        "Internati…",
        "strategy    Accts         Balance  Overdrawn  Debt",
    ]


def test_cut() -> None:
    """Names that would look alike lose their middle; letters of two columns stay whole."""
    assert cut(["Pennine Outfitters", "Pennine Outfitting", "Ann"], 9) == ["Penn…ters", "Penn…ting", "Ann"]
    assert cut(["札幌アウトドア株式会社"], 8) == ["札幌ア…"]


@pytest.mark.skipif(cell_len(FAMILY) > 2, reason="rich before 14.3 counts the parts of an emoji")
def test_cut_of_emoji() -> None:
    """An emoji of several parts stays whole."""
    assert cut([f"{FAMILY} Farm"], 5) == [f"{FAMILY} F…"]


@given(texts=st.lists(st.text(max_size=30), max_size=4), width=st.integers(1, 30))
def test_cut_texts_fit(texts: list[str], width: int) -> None:
    """Whatever the texts, none is wider than the width, and those that fit stay."""
    for text, short in zip(texts, cut(texts, width), strict=True):
        assert cell_len(short) <= width
        assert short == text or cell_len(text) > width


def test_joiners_stay() -> None:
    """Joiners of Persian words and of emoji are kept; what turns the direction of writing is escaped."""
    names = {
        "a": "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "b": "\N{WOMAN}\u200d\N{EAR OF RICE} Farm",
        "c": "evil\u202e",
    }
    text = "\n".join(draw(AGING, 150, names))
    assert "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645" in text
    assert "\N{WOMAN}\u200d\N{EAR OF RICE} Farm" in text


def test_hang() -> None:
    """A note is wrapped at blanks, and its lines stand below each other."""
    note = "Receivables without a due date, taken as overdue"
    assert (
        hang(note, 30, first="- ", rest="  ").plain == "- Receivables without a due\n  date, taken as overdue"
    )
