"""Overdrawn accounts, how the cash changed, how low it gets, and what usually goes out."""

from __future__ import annotations

from typing import Any

import pandas as pd

from rutterframe.findings.amounts import ZERO, amount_of, by_currency, exact, sentence, total
from rutterframe.findings.records import Finding, Findings, Value
from rutterframe.notebook.escape import printable
from rutterframe.reports.account_types import filter_cash
from rutterframe.reports.describe import read_report
from rutterframe.views.format import count, share

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


def lows(runway: pd.DataFrame) -> Findings:
    """Return how low the cash of each currency gets, and in which week it falls below zero.

    Parameters
    ----------
    runway : DataFrame
        The result of `runway`, on pandas, of what is invoiced and, if its forecast has them, with the usual
        flows.

    Returns
    -------
    Findings
        One for each currency. ``weeks`` is the first week that ends below zero: 0 if the cash is below today,
        None if no week of the forecast is.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> cash = {"opening": [9.0, 4.0], "closing": [4.0, -1.0]}
    >>> weeks = pd.DataFrame({"currency": "EUR", "week": [1, 2], **cash})
    >>> lows(rf.reports.runway(weeks))[0].values["weeks"]
    2
    """
    runway = read_report(runway, "runway")
    lengths = runway.attrs.get("weeks", {})
    findings = []
    for row in runway.to_dict("records"):
        currency = None if pd.isna(row["currency"]) else str(row["currency"])
        length = lengths.get(currency or "")
        opening = exact(row["opening"])
        values: dict[str, Value] = {"opening": opening, "forecast_weeks": length}
        invoiced, own = _low(row, "", currency, length)
        text = f"{amount_of(opening, currency)} today; of what is invoiced, it is {invoiced}"
        values |= own
        if "lowest_with_usual" in row:
            usual, own = _low(row, "_with_usual", currency, length)
            values |= own
            text += f"; if the usual flows go on, {'the same' if usual == invoiced else f'it is {usual}'}"
        findings.append(Finding("cash", currency, values, sentence(text)))
    return Findings(findings)


def _low(
    row: dict[Any, Any], level: str, currency: str | None, length: int | None
) -> tuple[str, dict[str, Value]]:
    """Return the lowest cash of a level, in words and as values."""
    lowest, week, below = (row.get(f"{name}{level}") for name in ("lowest", "lowest_week", "weeks"))
    low = exact(lowest)
    weeks = "" if length is None else f" in {count(length, 'week')}"
    if week == 0:
        text = f"{'below zero, and ' if low < ZERO else ''}not lower than today{weeks}"
    else:
        text = f"lowest with {amount_of(low, currency)}"
        text += "" if pd.isna(week) else f" at the end of week {int(week)}"
        if low >= ZERO:
            text += f", and not below zero{weeks}"
        elif not pd.isna(below):
            text += f", and below zero {f'from week {int(below)}' if below else 'today'}"
    values: dict[str, Value] = {
        f"lowest{level}": low,
        f"lowest_week{level}": None if pd.isna(week) else int(week),
        f"weeks{level}": None if pd.isna(below) else int(below),
    }
    return text, values


def outflows(history: pd.DataFrame, forecast: pd.DataFrame, as_of: str) -> Findings:
    """Return what usually goes out in a month, beside the payments that the forecast knows.

    Parameters
    ----------
    history : DataFrame
        The result of `cash_history`, on pandas and not by account; transfers between own accounts are not in
        its outflow.
    forecast : DataFrame
        The result of `cash_forecast`, on pandas.
    as_of : str
        The as-of day.

    Returns
    -------
    Findings
        One for each currency with an outflow in the last 90 days and a history that is as long: ``monthly``
        is a third of it, ``payments`` those of all ``forecast_weeks``, and ``share`` these as a part
        of as many weeks at the usual pace.
    """
    history, forecast = read_report(history, "cash_history"), read_report(forecast, "cash_forecast")
    ago = pd.Timestamp(as_of) - pd.Timedelta(days=DAYS)
    coming = dict(by_currency(forecast))
    findings = []
    for currency, days in by_currency(history):
        out = -total(days.loc[days["date"] > ago, "outflow"])
        if out <= ZERO or days["date"].min() > ago or currency not in coming:
            continue
        rows = coming[currency]
        weeks, payments = int(rows["week"].max()), -total(rows["payments"])
        part = float(payments / (out / DAYS * 7 * weeks))
        text = (
            f"{amount_of(out / 3, currency)} a month went out in the last {DAYS} days; the "
            f"{count(weeks, 'week')} ahead have {amount_of(payments, currency)} in all, {share(part)} of "
            f"that pace"
        )
        values: dict[str, Value] = {
            "monthly": out / 3, "payments": payments, "forecast_weeks": weeks, "share": part
        }  # fmt: skip
        findings.append(Finding("cash", currency, values, sentence(text)))
    return Findings(findings)
