"""Draw reports as great-tables, to read and to print: one short function for each report.

Every table states its day, its question, when the data was fetched and what the data does not cover; amounts
have the decimals of their currency, negative ones stand in parentheses, and each currency has its own total.
Every function raises ValueError for a frame that is another report, or not a report.
"""

from __future__ import annotations

from itertools import chain
from typing import Any

import pandas as pd
from great_tables import GT, html, loc, style

from rutterframe.notebook.escape import escape_html, printable
from rutterframe.reports.caption import DEMO
from rutterframe.reports.columns import NUMBERS, Kind
from rutterframe.reports.describe import read_report
from rutterframe.reports.labels import Names
from rutterframe.reports.specs import SPECS
from rutterframe.views.layout import NO_ROWS, Layout, lay_out

__all__ = [
    "aging", "cash_forecast", "cash_history", "cash_position", "concentration", "days_outstanding",
    "days_to_pay", "expenses", "for_report", "open_items",
    "revenue", "runway", "tie_out", "transfers", "trial_balance",
]  # fmt: skip

_ALARM, _LINE = "#B34700", "#999999"
# Text can be long and without a blank, and must not push the amounts out of sight.
_TEXT, _NAME = "overflow-wrap: anywhere;", "min-width: 8em;"
_UPRIGHT = "white-space: nowrap; font-variant-numeric: tabular-nums;"
# The closing parenthesis hangs to the right, so that the digits stand below each other.
_HANGING = "padding-right: 0;"
_OPTIONS: dict[str, Any] = {
    "table_font_size": "13px",
    "table_width": "100%",
    "heading_align": "left",
    "column_labels_font_weight": "bold",
    "row_group_font_weight": "bold",
    "source_notes_font_size": "11px",
    "data_row_padding": "4px",
}


def for_report(report: pd.DataFrame, names: Names = None, max_rows: int | None = None) -> GT:
    """Draw any report, with the function of its name or without knowing it.

    Parameters
    ----------
    report : DataFrame
        A report on pandas; one that lost its ``attrs`` is recognised by its columns.
    names : mapping or DataFrame, optional
        Names by id, such as the frame of the customers; ids are shown without.
    max_rows : int, optional
        How many of the largest rows to show for each currency; all others become one row.

    Returns
    -------
    GT
        As the function for this report returns it.

    Raises
    ------
    ValueError
        If it is not a report; the message lists the reports.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> banks = pd.DataFrame({"currency": ["EUR", "JPY"], "balance": [-5.0, 7.0]})
    >>> "(5.00)" in for_report(rf.reports.cash_position(banks)).as_raw_html()
    True
    """
    return _draw(report, *SPECS, names=names, max_rows=max_rows)


def aging(report: pd.DataFrame, names: Names = None, *, max_rows: int | None = None) -> GT:
    """Draw who owes, or whom we owe, by how long it is past due.

    Parameters
    ----------
    report : DataFrame
        The result of `ar_aging` or `ap_aging`, on pandas.
    names : mapping or DataFrame, optional
        Names by id, such as the frame of the customers; ids are shown without.
    max_rows : int, optional
        How many of the largest rows to show for each currency; all others become one row.

    Returns
    -------
    GT
        For each currency the rows, largest total first, and their total.

    Raises
    ------
    ValueError
        If it is another report.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     invoices = rf.load_invoices(client.connection("roaster-quickbooks"), progress=False)
    >>> table = aging(rf.reports.ar_aging(invoices, "2026-06-30"), max_rows=5)
    >>> "Total USD" in table.as_raw_html()
    True
    """
    return _draw(report, "ar_aging", "ap_aging", names=names, max_rows=max_rows)


def open_items(report: pd.DataFrame, names: Names = None, *, max_rows: int | None = None) -> GT:
    """Draw the open documents: id, customer or vendor, due date, bucket, status and amount due.

    Parameters
    ----------
    report : DataFrame
        The result of `open_items` or `explain` of the reports, on pandas.
    names, max_rows
        As in `aging`.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     bills = rf.load_bills(client.connection("roaster-quickbooks"), progress=False)
    >>> table = open_items(rf.reports.open_items(bills, "2026-06-30"))
    >>> "Which documents are still to be paid?" in table.as_raw_html()
    True
    """
    return _draw(report, "open_items", names=names, max_rows=max_rows)


def days_outstanding(report: pd.DataFrame) -> GT:
    """Draw the days sales outstanding or days payable outstanding of each connection and currency.

    Parameters
    ----------
    report : DataFrame
        The result of `dso` or `dpo` of the reports, on pandas.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> invoices = pd.DataFrame({"id": ["a"], "status": "open", "currency": "USD", "total_amount": 70.0,
    ...                          "issue_date": [pd.Timestamp("2026-06-10")], "amount_due": 70.0,
    ...                          "payments": None})
    >>> "90.0" in days_outstanding(rf.reports.dso(invoices, "2026-06-30")).as_raw_html()
    True
    """
    return _draw(report, "dso", "dpo")


def days_to_pay(report: pd.DataFrame, names: Names = None, *, max_rows: int | None = None) -> GT:
    """Draw how long documents took to be paid, by customer or vendor.

    Parameters
    ----------
    report : DataFrame
        The result of `days_to_pay` of the reports, on pandas.
    names, max_rows
        As in `aging`.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> paid = [[{"date": pd.Timestamp("2026-06-15"), "amount": 70.0}]]
    >>> invoices = pd.DataFrame({"id": ["a"], "status": "paid", "currency": "USD", "total_amount": 70.0,
    ...                          "issue_date": [pd.Timestamp("2026-06-10")], "customer_id": "c",
    ...                          "payments": paid})
    >>> "5.0" in days_to_pay(rf.reports.days_to_pay(invoices)).as_raw_html()
    True
    """
    return _draw(report, "days_to_pay", names=names, max_rows=max_rows)


def cash_position(report: pd.DataFrame, names: Names = None, *, max_rows: int | None = None) -> GT:
    """Draw the cash at banks, by the columns that the report groups by.

    Parameters
    ----------
    report : DataFrame
        The result of `cash_position` of the reports, on pandas.
    names, max_rows
        As in `aging`.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> banks = pd.DataFrame({"currency": ["EUR", "JPY"], "balance": [-5.0, 7.0]})
    >>> "(5.00)" in cash_position(rf.reports.cash_position(banks)).as_raw_html()
    True
    """
    return _draw(report, "cash_position", names=names, max_rows=max_rows)


def cash_history(report: pd.DataFrame, names: Names = None, *, max_rows: int | None = None) -> GT:
    """Draw the cash day by day: what came in, what went out, and the balance at the end.

    Parameters
    ----------
    report : DataFrame
        The result of `cash_history` of the reports, on pandas.
    names : mapping or DataFrame, optional
        Names by id, such as the frame of the bank accounts, where the report is by account.
    max_rows : int, optional
        How many of the last days to show for each currency and account; those before become one row, with
        the balance that they ended at.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> banks = pd.DataFrame({"id": ["a"], "currency": ["EUR"], "balance": [7.0]})
    >>> days = pd.to_datetime(["2026-06-29", "2026-06-30"])
    >>> moves = pd.DataFrame({"account_id": "a", "currency": "EUR", "amount": [9.0, -2.0], "date": days})
    >>> "(2.00)" in cash_history(rf.reports.cash_history(banks, moves)).as_raw_html()
    True
    """
    return _draw(report, "cash_history", names=names, max_rows=max_rows)


def cash_forecast(report: pd.DataFrame, *, max_rows: int | None = None) -> GT:
    """Draw the cash of the coming weeks; its total has the first opening, all flows and the last closing.

    Parameters
    ----------
    report : DataFrame
        The result of `cash_forecast` of the reports, on pandas.
    max_rows : int, optional
        How many of the first weeks to show for each currency; those after them become one row.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     ledger, bank = client.connection("roaster-quickbooks"), client.connection("roaster-bank")
    ...     cash = rf.load_bank_accounts(bank, progress=False)
    ...     invoices, bills = (load(ledger, progress=False) for load in (rf.load_invoices, rf.load_bills))
    >>> table = cash_forecast(rf.reports.cash_forecast(cash, invoices, bills, "2026-06-30"))
    >>> "Will the cash last?" in table.as_raw_html()
    True
    """
    return _draw(report, "cash_forecast", max_rows=max_rows)


def runway(report: pd.DataFrame) -> GT:
    """Draw how low the cash gets, and in which week it falls below zero.

    Parameters
    ----------
    report : DataFrame
        The result of `runway` of the reports, on pandas.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     ledger, bank = client.connection("roaster-quickbooks"), client.connection("roaster-bank")
    ...     cash = rf.load_bank_accounts(bank, progress=False)
    ...     invoices, bills = (load(ledger, progress=False) for load in (rf.load_invoices, rf.load_bills))
    >>> forecast = rf.reports.cash_forecast(cash, invoices, bills, "2026-06-30")
    >>> "How long does the cash last?" in runway(rf.reports.runway(forecast)).as_raw_html()
    True
    """
    return _draw(report, "runway")


def transfers(report: pd.DataFrame) -> GT:
    """Draw the transfers between own accounts, with the days on which they left and arrived.

    Parameters
    ----------
    report : DataFrame
        The result of `transfers` of the reports, on pandas.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> banks = pd.DataFrame({"id": ["a", "b"], "currency": "EUR", "balance": [7.0, 0.0]})
    >>> moves = pd.DataFrame({"id": ["1", "2"], "account_id": ["a", "b"], "currency": "EUR",
    ...                       "amount": [-9.0, 9.0], "date": pd.to_datetime(["2026-06-29", "2026-06-30"])})
    >>> "9.00" in transfers(rf.reports.transfers(banks, moves)).as_raw_html()
    True
    """
    return _draw(report, "transfers")


def trial_balance(report: pd.DataFrame) -> GT:
    """Draw the ledger by type of account; a difference that is not zero stands out.

    Parameters
    ----------
    report : DataFrame
        The result of `trial_balance` of the reports, on pandas.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     accounts = rf.load_accounts(client.connection("gear-xero"), progress=False)
    >>> "difference" in trial_balance(rf.reports.trial_balance(accounts)).as_raw_html()
    True
    """
    return _draw(report, "trial_balance")


def tie_out(report: pd.DataFrame) -> GT:
    """Draw whether a report agrees with its source; a currency that does not stands out.

    Parameters
    ----------
    report : DataFrame
        The result of `tie_out` of the reports, on pandas.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> banks = pd.DataFrame({"currency": ["EUR"], "balance": [7.0]})
    >>> "Agrees" in tie_out(rf.reports.tie_out(banks, banks)).as_raw_html()
    True
    """
    return _draw(report, "tie_out")


def revenue(report: pd.DataFrame, *, max_rows: int | None = None) -> GT:
    """Draw revenue by product, the largest revenue first (in each period, if the report has periods).

    Parameters
    ----------
    report : DataFrame
        The result of `revenue_by_product`, on pandas. Products are shown by their titles.
    max_rows : int, optional
        How many of the largest to show for each currency (and period); all others become one row.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     shop = client.connection("roaster-shopify")
    ...     orders, products = (load(shop, progress=False) for load in (rf.load_orders, rf.load_products))
    >>> table = revenue(rf.reports.revenue_by_product(orders, products), max_rows=5)
    >>> "Not allocated to a product" in table.as_raw_html()
    True
    """
    return _draw(report, "revenue_by_product", max_rows=max_rows)


def expenses(report: pd.DataFrame, *, max_rows: int | None = None) -> GT:
    """Draw spending by category, the largest category first (in each period, if the report has periods).

    Parameters
    ----------
    report : DataFrame
        The result of `expenses_by_category`, on pandas.
    max_rows : int, optional
        How many of the largest to show for each currency (and period); all others become one row.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> spent = pd.DataFrame({"category": ["Rent", None], "currency": "EUR", "amount": [900.0, 12.5]})
    >>> "No category" in expenses(rf.reports.expenses_by_category(spent)).as_raw_html()
    True
    """
    return _draw(report, "expenses_by_category", max_rows=max_rows)


def concentration(report: pd.DataFrame, names: Names = None, *, max_rows: int | None = None) -> GT:
    """Draw how much depends on the few largest: their shares, and what they make up together.

    Parameters
    ----------
    report : DataFrame
        The result of `concentration` of the reports, on pandas.
    names : mapping or DataFrame, optional
        Names by id; ids are shown without.
    max_rows : int, optional
        How many ranks to show for each currency; all others become one row.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> spent = pd.DataFrame({"category": ["Rent", "Tea"], "currency": "EUR", "amount": [75.0, 25.0]})
    >>> ranked = rf.reports.concentration(rf.reports.expenses_by_category(spent), by="category")
    >>> "75.0%" in concentration(ranked).as_raw_html()
    True
    """
    return _draw(report, "concentration", names=names, max_rows=max_rows)


def __dir__() -> list[str]:
    """List the public functions only."""
    return __all__


def _draw(report: pd.DataFrame, *kinds: str, names: Names = None, max_rows: int | None = None) -> GT:
    """Lay a report of one of these kinds out, and draw it."""
    layout = lay_out(read_report(report, *kinds), names, max_rows=max_rows, short_ids=True)
    return _draw_layout(layout)


def _draw_layout(layout: Layout) -> GT:
    """Draw a layout: its texts are final, totals are bold, and rows that do not agree stand out."""
    columns = [column for column in layout.columns if column.name != "currency" or not layout.is_grouped]
    names = [column.name for column in columns]
    lines: list[list[str]] = []
    totals, alarms = [], []
    for group in layout.groups:
        alarms += [len(lines) + place for place in group.alarms]
        cells = zip(*(group.cells[name] for name in names), strict=True)
        currencies = map(printable, group.currencies)
        lines += [[currency, *row] for currency, row in zip(currencies, cells, strict=True)]
        if layout.is_grouped and layout.totals and group.currencies:
            total = layout.totals[group.currencies[0]]
            totals.append(len(lines))
            texts = [total.cells.get(name, "") for name in names[1:]]
            lines.append([printable(group.currencies[0]), total.label, *texts])
    frame = pd.DataFrame(lines, columns=["_currency", *names])
    if not layout.is_grouped:
        frame = frame.drop(columns="_currency")
    numbers = [column.name for column in columns[1:] if column.kind in NUMBERS]
    upright = [column.name for column in columns if column.kind in (*NUMBERS, Kind.DAY)]
    words = [name for name in names if name not in upright]
    caption = layout.caption
    mark = f' <strong style="color:{_ALARM}">{DEMO}</strong>' if caption.is_demo else ""
    table = (
        GT(frame, groupname_col="_currency" if layout.is_grouped else None)
        .tab_header(caption.title, html(escape_html(caption.question) + mark))
        .cols_label({column.name: html(escape_html(column.label)) for column in columns})
        .cols_align("left", columns=names)
        .cols_align("right", columns=numbers)
        .tab_options(**_OPTIONS)
        .fmt(escape_html, columns=names)
        .tab_style(style.css(_TEXT), loc.body(words))
        .tab_style(style.css(_UPRIGHT), loc.body(upright))
        .tab_style(style.css(_NAME), loc.body(words[:1]))
    )
    for name in numbers:
        hanging = frame.index[frame[name].str.endswith(")")].tolist()
        table = table.tab_style(style.css(_HANGING), loc.body(name, hanging)) if hanging else table
    if totals:
        bold = [style.text(weight="bold"), style.borders("top", color=_LINE)]
        table = table.tab_style(bold, loc.body(rows=totals))
    if alarms:
        table = table.tab_style(style.text(weight="bold", color=_ALARM), loc.body(rows=alarms))
    for note in chain(() if lines else [NO_ROWS], caption.notes, [caption.fetched]):
        table = table.tab_source_note(html(escape_html(note)))
    return table
