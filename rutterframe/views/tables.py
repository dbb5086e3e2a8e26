"""Draw reports as tables, to read and to print: one short function for each report.

A table has the colours of the page around it, light or dark, and is as wide as its content. It states its
day, its question, when the data was fetched and what the data does not cover; amounts have the decimals of
their currency, negative ones stand in parentheses, zero is a dash, and each currency has its own total. Every
function raises ValueError for a frame that is another report, or not a report.
"""

from __future__ import annotations

import pandas as pd

from rutterframe.reports.labels import Names
from rutterframe.views.businesses import businesses, summary
from rutterframe.views.cash_tables import cash_forecast, cash_history, cash_position, runway, transfers
from rutterframe.views.html_table import Table, draw

__all__ = [
    "Table", "aging", "businesses", "cash_forecast", "cash_history", "cash_position", "change",
    "concentration", "days_outstanding", "days_to_pay", "expenses", "for_report", "open_items",
    "revenue", "runway", "summary", "tie_out", "top_overdue", "transfers", "trial_balance",
]  # fmt: skip


def for_report(report: pd.DataFrame, names: Names = None, max_rows: int | None = None) -> Table:
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
    Table
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
    return draw(report, names=names, max_rows=max_rows)


def aging(report: pd.DataFrame, names: Names = None, *, max_rows: int | None = None) -> Table:
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
    Table
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
    return draw(report, "ar_aging", "ap_aging", names=names, max_rows=max_rows)


def open_items(report: pd.DataFrame, names: Names = None, *, max_rows: int | None = None) -> Table:
    """Draw the open documents: id, customer or vendor, due date, bucket, status and amount due.

    Parameters
    ----------
    report : DataFrame
        The result of `open_items` or `explain` of the reports, on pandas.
    names : mapping or DataFrame, optional
        As in `aging`.
    max_rows : int, optional
        As in `aging`.

    Returns
    -------
    Table
        The table, which a notebook shows.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     bills = rf.load_bills(client.connection("roaster-quickbooks"), progress=False)
    >>> table = open_items(rf.reports.open_items(bills, "2026-06-30"))
    >>> "Which documents are still to be paid?" in table.as_raw_html()
    True
    """
    return draw(report, "open_items", names=names, max_rows=max_rows)


def top_overdue(report: pd.DataFrame, names: Names = None, *, max_rows: int | None = None) -> Table:
    """Draw the largest overdue documents, with their customers or vendors and how late they are.

    Parameters
    ----------
    report : DataFrame
        The result of `top_overdue` of the reports, on pandas; its total states of how many documents it is.
    names : mapping or DataFrame, optional
        As in `aging`.
    max_rows : int, optional
        As in `aging`.

    Returns
    -------
    Table
        The table, which a notebook shows.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     invoices = rf.load_invoices(client.connection("roaster-quickbooks"), progress=False)
    >>> largest = rf.reports.top_overdue(invoices, "2026-06-30", max_rows=3)
    >>> "Total of 3 of " in top_overdue(largest).as_raw_html()
    True
    """
    return draw(report, "top_overdue", names=names, max_rows=max_rows)


def days_outstanding(report: pd.DataFrame) -> Table:
    """Draw the days sales outstanding or days payable outstanding of each connection and currency.

    Parameters
    ----------
    report : DataFrame
        The result of `dso` or `dpo` of the reports, on pandas.

    Returns
    -------
    Table
        The table, which a notebook shows.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> invoices = pd.DataFrame({"id": ["a"], "status": "open", "currency": "USD", "total_amount": 70.0,
    ...                          "issue_date": [pd.Timestamp("2026-06-10")], "amount_due": 70.0,
    ...                          "payments": None})
    >>> "90.0" in days_outstanding(rf.reports.dso(invoices, "2026-06-30")).as_raw_html()
    True
    """
    return draw(report, "dso", "dpo")


def days_to_pay(report: pd.DataFrame, names: Names = None, *, max_rows: int | None = None) -> Table:
    """Draw how long documents took to be paid, by customer or vendor.

    Parameters
    ----------
    report : DataFrame
        The result of `days_to_pay` of the reports, on pandas.
    names : mapping or DataFrame, optional
        As in `aging`.
    max_rows : int, optional
        As in `aging`.

    Returns
    -------
    Table
        The table, which a notebook shows.

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
    return draw(report, "days_to_pay", names=names, max_rows=max_rows)


def trial_balance(report: pd.DataFrame) -> Table:
    """Draw the ledger by type of account; a difference that is not zero stands out.

    Parameters
    ----------
    report : DataFrame
        The result of `trial_balance` of the reports, on pandas.

    Returns
    -------
    Table
        The table, which a notebook shows.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     accounts = rf.load_accounts(client.connection("gear-xero"), progress=False)
    >>> "difference" in trial_balance(rf.reports.trial_balance(accounts)).as_raw_html()
    True
    """
    return draw(report, "trial_balance")


def tie_out(report: pd.DataFrame) -> Table:
    """Draw whether a report agrees with its source; a currency that does not stands out.

    Parameters
    ----------
    report : DataFrame
        The result of `tie_out` of the reports, on pandas.

    Returns
    -------
    Table
        The table, which a notebook shows.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> banks = pd.DataFrame({"currency": ["EUR"], "balance": [7.0]})
    >>> "Agrees" in tie_out(rf.reports.tie_out(banks, banks)).as_raw_html()
    True
    """
    return draw(report, "tie_out")


def revenue(report: pd.DataFrame, *, max_rows: int | None = None) -> Table:
    """Draw revenue by product, the largest revenue first (in each period, if the report has periods).

    Parameters
    ----------
    report : DataFrame
        The result of `revenue_by_product`, on pandas. Products are shown by their titles.
    max_rows : int, optional
        How many of the largest to show for each currency (and period); all others become one row.

    Returns
    -------
    Table
        The table, which a notebook shows.

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
    return draw(report, "revenue_by_product", max_rows=max_rows)


def expenses(report: pd.DataFrame, *, max_rows: int | None = None) -> Table:
    """Draw spending by category, the largest category first (in each period, if the report has periods).

    Parameters
    ----------
    report : DataFrame
        The result of `expenses_by_category`, on pandas.
    max_rows : int, optional
        How many of the largest to show for each currency (and period); all others become one row.

    Returns
    -------
    Table
        The table, which a notebook shows.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> spent = pd.DataFrame({"category": ["Rent", None], "currency": "EUR", "amount": [900.0, 12.5]})
    >>> "No category" in expenses(rf.reports.expenses_by_category(spent)).as_raw_html()
    True
    """
    return draw(report, "expenses_by_category", max_rows=max_rows)


def change(report: pd.DataFrame, *, max_rows: int | None = None) -> Table:
    """Draw what grew and what shrank, the largest change of each period first.

    Parameters
    ----------
    report : DataFrame
        The result of `change` of the reports, on pandas, or some of its periods.
    max_rows : int, optional
        How many of the largest changes to show for each currency and period; all others become one row.

    Returns
    -------
    Table
        The table, which a notebook shows.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> days = pd.to_datetime(["2026-05-31", "2026-06-30"])
    >>> spent = pd.DataFrame({"category": "Rent", "currency": "EUR", "amount": [900.0, 990.0], "date": days})
    >>> by_month = rf.reports.expenses_by_category(spent, period="month")
    >>> "10.0%" in change(rf.reports.change(by_month, as_of="2026-06-30")).as_raw_html()
    True
    """
    return draw(report, "change", max_rows=max_rows)


def concentration(report: pd.DataFrame, names: Names = None, *, max_rows: int | None = None) -> Table:
    """Draw how much depends on the few largest: their shares, and what they make up together.

    Parameters
    ----------
    report : DataFrame
        The result of `concentration` of the reports, on pandas.
    names : mapping or DataFrame, optional
        Names by id; ids are shown without.
    max_rows : int, optional
        How many ranks to show for each currency; all others become one row.

    Returns
    -------
    Table
        The table, which a notebook shows.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> spent = pd.DataFrame({"category": ["Rent", "Tea"], "currency": "EUR", "amount": [75.0, 25.0]})
    >>> ranked = rf.reports.concentration(rf.reports.expenses_by_category(spent), by="category")
    >>> "75.0%" in concentration(ranked).as_raw_html()
    True
    """
    return draw(report, "concentration", names=names, max_rows=max_rows)


def __dir__() -> list[str]:
    """List the public functions only."""
    return __all__
