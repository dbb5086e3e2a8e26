"""The sentences of a month end and of several businesses: what is there, owed and left, by currency."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pandas as pd

from rutterframe.findings.amounts import ZERO, amount_of, by_currency, exact, sentence, total
from rutterframe.findings.records import Finding, Findings, Value
from rutterframe.notebook.escape import printable
from rutterframe.reports.describe import read_report
from rutterframe.reports.verdict import Verdict
from rutterframe.views.format import share


def comparisons(verdict: Verdict) -> Findings:
    """Return how many totals agree with the books, differ, and were not compared.

    Examples
    --------
    >>> comparisons(Verdict(30, 0, 2))
    Finding: All 30 totals agree, 2 not compared.
    """
    return Findings([Finding("month_end", None, verdict._asdict(), verdict.sentence)])


def summaries(summary: pd.DataFrame, runway: pd.DataFrame, stress: pd.DataFrame) -> Findings:
    """Return cash, receivables, payables and how low the cash gets, a sentence for each currency.

    Parameters
    ----------
    summary : DataFrame
        ``currency``, ``cash``, ``receivables`` and ``payables``, as `MonthEnd.summary`.
    runway, stress : DataFrame
        The result of `runway` with what is overdue paid in week 1, and never.
    """
    lowest, worst = (_lowest(report) for report in (runway, stress))
    findings = []
    for row in summary.to_dict("records"):
        currency = None if pd.isna(row["currency"]) else str(row["currency"])
        amounts = {name: exact(row[name]) for name in ("cash", "receivables", "payables")}
        cash, owed, owing = (amount_of(amount, currency) for amount in amounts.values())
        text = f"{cash} at the banks, {owed} owed to us, {owing} owed by us"
        values = dict(amounts)
        if currency in lowest and currency in worst:
            values |= {"lowest": lowest[currency], "lowest_stress": worst[currency]}
            text += (
                f": with what is invoiced, and what is overdue paid in week 1, the least in 13 weeks is "
                f"{amount_of(lowest[currency], currency)}; if nothing overdue is ever paid, "
                f"{amount_of(worst[currency], currency)}"
            )
        findings.append(Finding("month_end", currency, values, sentence(text)))
    return Findings(findings)


def positions(by_business: pd.DataFrame, businesses: Sequence[str]) -> Findings:
    """Return what is left of cash and receivables after payables: of all businesses, and of each.

    Parameters
    ----------
    by_business : DataFrame
        The result of `Books.by_business`.
    businesses : sequence of str
        The names of its columns of businesses.
    """
    findings = []
    for currency, rows in by_currency(by_business):
        figures = {name: rows[rows["figure"] == name] for name in ("Cash", "Receivables", "Payables")}
        sums = {
            name: {each: total(part[each]) for each in (*businesses, "total")}
            for name, part in figures.items()
        }
        left = {
            each: sums["Cash"][each] + sums["Receivables"][each] - sums["Payables"][each]
            for each in (*businesses, "total")
        }
        cash, owed, owing = (amount_of(sums[name]["total"], currency) for name in sums)
        text = (
            f"{cash} in cash and {owed} to come in, less {owing} to pay: {amount_of(left['total'], currency)}"
        )
        parts = [name for name in businesses if left[name]]
        if len(parts) > 1:
            text += (
                f" ({', '.join(f'{printable(name)} {amount_of(left[name], currency)}' for name in parts)})"
            )
        values = {
            "cash": sums["Cash"]["total"],
            "receivables": sums["Receivables"]["total"],
            "payables": sums["Payables"]["total"],
            "left": left["total"],
        }
        findings.append(Finding("businesses", currency, values, sentence(text)))
    nothing = Finding("businesses", None, {"left": ZERO}, "There is no cash, no receivable and no payable.")
    return Findings(findings or [nothing])


def largest_debtors(concentration: pd.DataFrame, *, top: int = 5) -> Findings:
    """Return what the largest customers owe of all that customers owe, a sentence for each currency.

    Parameters
    ----------
    concentration : DataFrame
        The result of `concentration` by customer, on pandas: the sentences have its ranks and shares.
    top : int
        How many count as the largest.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> owed = pd.DataFrame({"customer_id": ["a", "b"], "currency": "EUR", "total": [75.0, 25.0]})
    >>> ranked = rf.reports.concentration(owed, by="customer_id")
    >>> largest_debtors(ranked, top=1)
    Finding: Of the 100.00 EUR that customers owe, credits aside, the largest one of 2 customers owes 75%.
    """
    concentration = read_report(concentration, "concentration", needs=("rank", "cumulative_share"))
    findings = []
    for currency, rows in by_currency(concentration):
        few = rows.sort_values("rank", kind="stable").head(top)
        whole, part = total(rows["amount"]), few["cumulative_share"].iloc[-1]
        known = None if pd.isna(part) else float(part)
        many = "one" if len(few) == 1 else f"{len(few):,}"
        text = f"Of the {amount_of(whole, currency)} that customers owe, credits aside, "
        if len(rows) == 1:
            text += "one customer owes all"
        else:
            owes = "owes" if len(few) == 1 else "owe"
            size = share(known) if known is not None else amount_of(total(few["amount"]), currency)
            text += f"the largest {many} of {len(rows):,} customers {owes} {size}"
        values: dict[str, Value] = {
            "total": whole, "customers": len(rows), "few": len(few), "few_share": known
        }  # fmt: skip
        findings.append(Finding("businesses", currency, values, sentence(text)))
    return Findings(findings or [Finding("businesses", None, {"customers": 0}, "No customer owes anything.")])


def _lowest(runway: pd.DataFrame) -> dict[str | None, Decimal]:
    pairs = zip(runway["currency"].tolist(), runway["lowest"].tolist(), strict=True)
    return {None if pd.isna(currency) else str(currency): exact(amount) for currency, amount in pairs}
