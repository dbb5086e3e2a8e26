"""Draw reports on cash as tables; `rutterframe.views.tables` has them all."""

from __future__ import annotations

import pandas as pd

from rutterframe.reports.labels import Names
from rutterframe.views.html_table import Table, draw


def cash_position(report: pd.DataFrame, names: Names = None, *, max_rows: int | None = None) -> Table:
    """Draw the cash at banks, by the columns that the report groups by.

    Parameters
    ----------
    report : DataFrame
        The result of `cash_position` of the reports, on pandas.
    names : mapping or DataFrame, optional
        Names by id; ids are shown without.
    max_rows : int, optional
        How many of the largest rows to show for each currency; all others become one row.

    Returns
    -------
    Table
        The table, which a notebook shows.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> banks = pd.DataFrame({"currency": ["EUR", "JPY"], "balance": [-5.0, 7.0]})
    >>> "(5.00)" in cash_position(rf.reports.cash_position(banks)).as_raw_html()
    True
    """
    return draw(report, "cash_position", names=names, max_rows=max_rows)


def cash_history(report: pd.DataFrame, names: Names = None, *, max_rows: int | None = None) -> Table:
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

    Returns
    -------
    Table
        The table, which a notebook shows.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> banks = pd.DataFrame({"id": ["a"], "currency": ["EUR"], "balance": [7.0]})
    >>> days = pd.to_datetime(["2026-06-29", "2026-06-30"])
    >>> moves = pd.DataFrame({"account_id": "a", "currency": "EUR", "amount": [9.0, -2.0], "date": days})
    >>> "(2.00)" in cash_history(rf.reports.cash_history(banks, moves)).as_raw_html()
    True
    """
    return draw(report, "cash_history", names=names, max_rows=max_rows)


def cash_forecast(report: pd.DataFrame, *, max_rows: int | None = None) -> Table:
    """Draw the cash of the coming weeks; its total has the first opening, all flows and the last closing.

    Parameters
    ----------
    report : DataFrame
        The result of `cash_forecast` of the reports, on pandas.
    max_rows : int, optional
        How many of the first weeks to show for each currency; those after them become one row.

    Returns
    -------
    Table
        The table, which a notebook shows.

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
    return draw(report, "cash_forecast", max_rows=max_rows)


def runway(report: pd.DataFrame) -> Table:
    """Draw how low the cash gets, and in which week it falls below zero.

    Parameters
    ----------
    report : DataFrame
        The result of `runway` of the reports, on pandas.

    Returns
    -------
    Table
        The table, which a notebook shows.

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
    return draw(report, "runway")


def transfers(report: pd.DataFrame) -> Table:
    """Draw the transfers between own accounts, with the days on which they left and arrived.

    Parameters
    ----------
    report : DataFrame
        The result of `transfers` of the reports, on pandas.

    Returns
    -------
    Table
        The table, which a notebook shows.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> banks = pd.DataFrame({"id": ["a", "b"], "currency": "EUR", "balance": [7.0, 0.0]})
    >>> moves = pd.DataFrame({"id": ["1", "2"], "account_id": ["a", "b"], "currency": "EUR",
    ...                       "amount": [-9.0, 9.0], "date": pd.to_datetime(["2026-06-29", "2026-06-30"])})
    >>> "9.00" in transfers(rf.reports.transfers(banks, moves)).as_raw_html()
    True
    """
    return draw(report, "transfers")
