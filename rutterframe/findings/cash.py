"""Overdrawn accounts, how the cash changed, how low it gets, and what usually goes out."""

from __future__ import annotations

import pandas as pd

from rutterframe.findings.amounts import ZERO, amount_of, by_currency, exact, sentence
from rutterframe.findings.records import Finding, Findings, Value
from rutterframe.notebook.escape import printable
from rutterframe.reports.account_types import filter_cash
from rutterframe.reports.describe import read_report

#: How far back the change of cash goes, in days.
DAYS = 90


def overdrawn(bank_accounts: pd.DataFrame) -> Findings:
    """Return the cash accounts that are overdrawn.

    Parameters
    ----------
    bank_accounts : DataFrame
        As loaded; cards, credit lines and loans are not cash.

    Examples
    --------
    >>> import pandas as pd
    >>> overdrawn(pd.DataFrame({"id": ["1"], "name": ["Tills"], "currency": ["EUR"], "balance": [-5.0]}))
    Finding: Tills: 5.00 EUR overdrawn.
    """
    accounts = filter_cash(bank_accounts)
    findings = []
    for row in accounts[accounts["balance"] < 0].to_dict("records"):
        name = next(str(row[each]) for each in ("name", "id") if pd.notna(row.get(each)))
        bank = row.get("institution_name")
        label = f"{name} at {bank}" if pd.notna(bank) else name
        currency = None if pd.isna(row["currency"]) else str(row["currency"])
        amount = -exact(row["balance"])
        values: dict[str, Value] = {"account": name, "overdrawn": amount}
        text = f"{printable(label)}: {amount_of(amount, currency)} overdrawn."
        findings.append(Finding("cash", currency, values, text))
    return Findings(findings or [Finding("cash", None, {"overdrawn": 0}, "No account is overdrawn.")])


def changes(history: pd.DataFrame, as_of: str) -> Findings:
    """Return how the cash of each currency changed in the 90 days until the as-of day.

    Parameters
    ----------
    history : DataFrame
        The result of `cash_history`, on pandas and not by account.
    as_of : str
        The as-of day.

    Returns
    -------
    Findings
        One for each currency that is known for that long: ``balance``, ``before`` and ``change``.
    """
    history = read_report(history, "cash_history")
    ago = pd.Timestamp(as_of) - pd.Timedelta(days=DAYS)
    findings = []
    for currency, days in by_currency(history):
        earlier = days.loc[days["date"] <= ago, "balance"]
        if earlier.empty:
            continue
        before, balance = exact(earlier.iloc[-1]), exact(days["balance"].iloc[-1])
        change = balance - before
        moved = f"{'up' if change > ZERO else 'down'} {amount_of(abs(change), currency)}"
        text = (
            f"{printable(currency) if currency else 'Without a currency'}: "
            f"{moved if change else 'the same'} in {DAYS} days, {'to' if change else 'with'} "
            f"{amount_of(balance, currency)}"
        )
        values = {"balance": balance, "before": before, "change": change}
        findings.append(Finding("cash", currency, values, sentence(text)))
    return Findings(findings)


def lows(runway: pd.DataFrame, weeks: int = 13) -> Findings:
    """Return how low the cash of each currency gets, of what is invoiced and with the usual flows.

    Parameters
    ----------
    runway : DataFrame
        The result of `runway`, on pandas.
    weeks : int
        The weeks of its forecast.
    """
    runway = read_report(runway, "runway")
    findings = []
    for row in runway.to_dict("records"):
        currency = None if pd.isna(row["currency"]) else str(row["currency"])
        opening, lowest, week = exact(row["opening"]), exact(row["lowest"]), int(row["lowest_week"])
        when = "today" if week == 0 else f"at the end of week {week}"
        text = (
            f"{amount_of(opening, currency)} today; of what is invoiced, the lowest of {weeks} weeks is "
            f"{amount_of(lowest, currency)}, {when}"
        )
        values: dict[str, Value] = {"opening": opening, "lowest": lowest, "lowest_week": week}
        if "lowest_with_usual" in row:
            usual = exact(row["lowest_with_usual"])
            values["lowest_with_usual"] = usual
            text += f"; if the usual flows go on, {amount_of(usual, currency)}"
        findings.append(Finding("cash", currency, values, sentence(text)))
    return Findings(findings)
