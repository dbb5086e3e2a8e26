"""Reports as tables to read and to print: great-tables, one short function for each report.

Every table says its day, its question, when the data was fetched and what the data cannot say; amounts have
the decimals of their currency, negative ones stand in parentheses, and each currency has its own total.
Every function refuses, with a ValueError, a frame that is another report or none.
"""

from __future__ import annotations

import pandas as pd
from great_tables import GT

from rutterframe.views import marks
from rutterframe.views.grid import lay_out
from rutterframe.views.rows import Names


def aging(report: pd.DataFrame, names: Names = None, *, rows: int | None = None) -> GT:
    """Show who owes, or whom we owe, by how long it is past due.

    Parameters
    ----------
    report : DataFrame
        What `ar_aging` or `ap_aging` gave, in pandas.
    names : mapping or DataFrame, optional
        Names by id, such as the frame of the customers; ids are shown without.
    rows : int, optional
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
    >>> table = aging(rf.reports.ar_aging(invoices, "2026-06-30"), rows=5)
    >>> "Total USD" in table.as_raw_html()
    True
    """
    report = marks.check(report, "ar_aging", "ap_aging")
    return lay_out(report, names=names, most=rows)


def open_items(report: pd.DataFrame, names: Names = None, *, rows: int | None = None) -> GT:
    """Show the open documents: id, customer or vendor, due date, bucket, status and amount due.

    Parameters
    ----------
    report : DataFrame
        What `open_items` or `explain` of the reports gave, in pandas.
    names, rows
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
    report = marks.check(report, "open_items")
    return lay_out(report, names=names, most=rows)


def cash_position(report: pd.DataFrame, names: Names = None, *, rows: int | None = None) -> GT:
    """Show the cash at banks, by what the report was made by.

    Parameters
    ----------
    report : DataFrame
        What `cash_position` of the reports gave, in pandas.
    names, rows
        As in `aging`.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> banks = pd.DataFrame({"currency": ["EUR", "JPY"], "balance": [-5.0, 7.0]})
    >>> "(5.00)" in cash_position(rf.reports.cash_position(banks)).as_raw_html()
    True
    """
    report = marks.check(report, "cash_position")
    return lay_out(report, names=names, most=rows)


def cash_history(report: pd.DataFrame, names: Names = None, *, rows: int | None = None) -> GT:
    """Show the cash day by day: what came in, what went out, and the balance at the end.

    Parameters
    ----------
    report : DataFrame
        What `cash_history` of the reports gave, in pandas.
    names : mapping or DataFrame, optional
        Names by id, such as the frame of the bank accounts, where the report is by account.
    rows : int, optional
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
    report = marks.check(report, "cash_history")
    return lay_out(report, names=names, most=rows)


def cash_forecast(report: pd.DataFrame) -> GT:
    """Show the cash of the coming weeks; receipts and payments have a total, opening and closing have none.

    Parameters
    ----------
    report : DataFrame
        What `cash_forecast` of the reports gave, in pandas.

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
    report = marks.check(report, "cash_forecast")
    return lay_out(report)


def runway(report: pd.DataFrame) -> GT:
    """Show how low the cash gets, and in which week it falls below zero.

    Parameters
    ----------
    report : DataFrame
        What `runway` of the reports gave, in pandas.

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
    report = marks.check(report, "runway")
    return lay_out(report)


def transfers(report: pd.DataFrame) -> GT:
    """Show what was moved between own accounts, by the days on which it left and came.

    Parameters
    ----------
    report : DataFrame
        What `transfers` of the reports gave, in pandas.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> banks = pd.DataFrame({"id": ["a", "b"], "currency": "EUR", "balance": [7.0, 0.0]})
    >>> moves = pd.DataFrame({"id": ["1", "2"], "account_id": ["a", "b"], "currency": "EUR",
    ...                       "amount": [-9.0, 9.0], "date": pd.to_datetime(["2026-06-29", "2026-06-30"])})
    >>> "9.00" in transfers(rf.reports.transfers(banks, moves)).as_raw_html()
    True
    """
    report = marks.check(report, "transfers")
    return lay_out(report)


def trial_balance(report: pd.DataFrame) -> GT:
    """Show the ledger by type of account; a difference that is not zero stands out.

    Parameters
    ----------
    report : DataFrame
        What `trial_balance` of the reports gave, in pandas.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     accounts = rf.load_accounts(client.connection("gear-xero"), progress=False)
    >>> "difference" in trial_balance(rf.reports.trial_balance(accounts)).as_raw_html()
    True
    """
    report = marks.check(report, "trial_balance")
    return lay_out(report)


def tie_out(report: pd.DataFrame) -> GT:
    """Show whether a report agrees with its source; a currency that does not stands out.

    Parameters
    ----------
    report : DataFrame
        What `tie_out` of the reports gave, in pandas.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> banks = pd.DataFrame({"currency": ["EUR"], "balance": [7.0]})
    >>> "Agrees" in tie_out(rf.reports.tie_out(banks, banks)).as_raw_html()
    True
    """
    report = marks.check(report, "tie_out")
    return lay_out(report)


def revenue(report: pd.DataFrame, *, rows: int | None = None) -> GT:
    """Show what was sold, the largest revenue first (in each period, if the report has periods).

    Parameters
    ----------
    report : DataFrame
        What `revenue_by_product` gave, in pandas. Products are shown by their titles.
    rows : int, optional
        How many of the largest to show for each currency (and period); all others become one row.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     shop = client.connection("roaster-shopify")
    ...     orders, products = (load(shop, progress=False) for load in (rf.load_orders, rf.load_products))
    >>> table = revenue(rf.reports.revenue_by_product(orders, products), rows=5)
    >>> "Not allocated to a product" in table.as_raw_html()
    True
    """
    report = marks.check(report, "revenue_by_product")
    return lay_out(report, most=rows)


def expenses(report: pd.DataFrame, *, rows: int | None = None) -> GT:
    """Show what was spent, the largest category first (in each period, if the report has periods).

    Parameters
    ----------
    report : DataFrame
        What `expenses_by_category` gave, in pandas.
    rows : int, optional
        How many of the largest to show for each currency (and period); all others become one row.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> spent = pd.DataFrame({"category": ["Rent", None], "currency": "EUR", "amount": [900.0, 12.5]})
    >>> "No category" in expenses(rf.reports.expenses_by_category(spent)).as_raw_html()
    True
    """
    report = marks.check(report, "expenses_by_category")
    return lay_out(report, most=rows)


def concentration(report: pd.DataFrame, names: Names = None, *, rows: int | None = None) -> GT:
    """Show how much depends on the few largest: their shares, and what they make up together.

    Parameters
    ----------
    report : DataFrame
        What `concentration` of the reports gave, in pandas.
    names : mapping or DataFrame, optional
        Names by id; ids are shown without.
    rows : int, optional
        How many ranks to show for each currency; all others become one row.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> spent = pd.DataFrame({"category": ["Rent", "Tea"], "currency": "EUR", "amount": [75.0, 25.0]})
    >>> ranked = rf.reports.concentration(rf.reports.expenses_by_category(spent), by="category")
    >>> "75.0%" in concentration(ranked).as_raw_html()
    True
    """
    report = marks.check(report, "concentration")
    return lay_out(report, names=names, most=rows)
