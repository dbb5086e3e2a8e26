"""How much is overdue, of how many customers, and what is to be paid within a week."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from rutterframe.findings.amounts import ZERO, amount_of, by_currency, exact, sentence, total, within
from rutterframe.findings.records import Finding, Findings, Value
from rutterframe.notebook.escape import printable
from rutterframe.reports.describe import read_report
from rutterframe.reports.engine.frame import normalize_key, nulls_last
from rutterframe.views.format import count, share

#: Days from today within which a bill counts as due soon.
SOON = 7

# The noun of a row of an aging, by its key.
_NOUNS = {
    "customer_id": "customer", "customer_name": "customer", "vendor_id": "vendor", "vendor_name": "vendor",
    "business": "business", "connection_id": "connection",
}  # fmt: skip
_PLURALS = {"business": "businesses"}
_NAMES = ("customer_name", "vendor_name", "business")


def receivables(aging: pd.DataFrame) -> Findings:
    """Return how much of the receivables is overdue, and how few customers owe most of that.

    Parameters
    ----------
    aging : DataFrame
        The result of `ar_aging`, on pandas: the sentences have its rows and totals.

    Returns
    -------
    Findings
        One for each currency with something overdue: the buckets past due of the report add up to
        ``overdue``, of the report's ``total``. Customers with more credits than invoices past due are left
        out of ``customers`` and of the shares, and their ``credits`` are stated. Documents without a due date
        are not overdue.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> invoices = pd.DataFrame({"id": ["1", "2"], "customer_id": ["a", "b"], "status": "open",
    ...     "currency": "EUR", "amount_due": [30.0, 10.0], "due_date": ["2026-05-01", "2026-07-01"]})
    >>> receivables(rf.reports.ar_aging(invoices, "2026-06-30"))
    Finding: 30.00 EUR of the 40.00 EUR that is owed to us is overdue (75%), all of it by one customer.
    """
    return _overdue(read_report(aging, "ar_aging"), "receivables", "owed to us", "No invoice is overdue.")


def payables(aging: pd.DataFrame, open_bills: pd.DataFrame) -> Findings:
    """Return how much of the payables is overdue, and how much more is due within a week.

    Parameters
    ----------
    aging : DataFrame
        The result of `ap_aging`, on pandas.
    open_bills : DataFrame
        The result of `open_items` of the bills, as of the same day.

    Returns
    -------
    Findings
        For each currency with something overdue or due soon, how much is to be paid ``within_a_week``
        (due up to seven days from the as-of day, or overdue), and how much of that is ``overdue``; then the
        vendors, as `receivables` has the customers.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> bills = pd.DataFrame({"id": ["1", "2"], "vendor_id": ["a", "b"], "status": "open",
    ...     "currency": "EUR", "amount_due": [30.0, 10.0], "due_date": ["2026-07-01", "2026-08-01"]})
    >>> reports = rf.reports.ap_aging(bills, "2026-06-30"), rf.reports.open_items(bills, "2026-06-30")
    >>> payables(*reports)
    Finding: 30.00 EUR is to be paid within a week, nothing of it overdue. No bill is overdue.
    """
    due = _due_within_a_week(read_report(open_bills, "open_items", needs=("days_past_due", "amount_due")))
    late = _overdue(read_report(aging, "ap_aging"), "payables", "owed by us", "No bill is overdue.")
    return Findings([*due, *late])


def largest_overdue(report: pd.DataFrame) -> Findings:
    """Return the largest overdue document of each currency, and how much the listed ones make up.

    Parameters
    ----------
    report : DataFrame
        The result of `top_overdue`, on pandas, of invoices or of bills.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> invoices = pd.DataFrame({"id": ["1"], "customer_id": "a", "status": "open", "currency": "EUR",
    ...                          "amount_due": [30.0], "due_date": ["2026-05-01"]})
    >>> largest_overdue(rf.reports.top_overdue(invoices, "2026-06-30"))
    Finding: The largest overdue document in EUR is 1: 30.00 EUR, 60 days late.
    """
    report = read_report(report, "top_overdue")
    is_payable = "vendor_id" in report
    topic = "payables" if is_payable else "receivables"
    whole = report.attrs.get("rows_by_currency", {})
    findings = []
    for currency, rows in by_currency(report):
        first = rows.iloc[0]
        listed_share, number = total_share(rows), int(whole.get(currency or "", len(rows)))
        name = next((first[each] for each in _NAMES if each in first and pd.notna(first[each])), None)
        document = next(
            str(first[each]) for each in ("document_number", "id") if each in first and pd.notna(first[each])
        )
        owner = f" of {printable(str(name))}" if name is not None else ""
        days = int(first["days_past_due"])
        text = (
            f"The largest overdue document {within(currency)} is {printable(document)}{owner}: "
            f"{amount_of(first['amount_due'], currency)}, {count(days, 'day')} late"
        )
        if number > 1:
            many = f"all {number:,}" if len(rows) == number else f"the largest {len(rows):,} of {number:,}"
            text += f"; {many} make up {share(listed_share)} of what is overdue"
        values: dict[str, Value] = {
            "document": document,
            "name": None if name is None else str(name),
            "amount": exact(first["amount_due"]),
            "days_past_due": days,
            "documents": number,
            "listed": len(rows),
            "listed_share": listed_share,
        }
        findings.append(Finding(topic, currency, values, sentence(text)))
    nothing = f"No {'bill' if is_payable else 'invoice'} is overdue."
    return Findings(findings or [Finding(topic, None, {"documents": 0}, nothing)])


def total_share(rows: pd.DataFrame) -> float:
    """Return what the shares of some rows add up to, without an error of rounding beyond the whole."""
    return min(float(total(rows["share"])), 1.0)


def _due_within_a_week(open_bills: pd.DataFrame) -> list[Finding]:
    names = ("currency", "days_past_due", "amount_due")
    sums: dict[str | None, list[tuple[bool, Decimal]]] = {}
    for currency, days, amount in zip(*(open_bills[name].tolist() for name in names), strict=True):
        if not pd.isna(days) and days >= -SOON:
            sums.setdefault(normalize_key(currency), []).append((days > 0, exact(amount)))
    findings = []
    for currency in sorted(sums, key=nulls_last):
        bills = sums[currency]
        overdue = sum((amount for late, amount in bills if late), ZERO)
        due = sum((amount for _, amount in bills), ZERO)
        late = f"of which {amount_of(overdue, currency)} is overdue already"
        if overdue in (ZERO, due):
            late = "all of it overdue already" if overdue else "nothing of it overdue"
        text = f"{amount_of(due, currency)} is to be paid within a week, {late}."
        values: dict[str, Value] = {"within_a_week": due, "overdue": overdue, "documents": len(bills)}
        findings.append(Finding("payables", currency, values, text))
    return findings or [
        Finding("payables", None, {"documents": 0}, "No bill is due within a week or overdue.")
    ]


def _overdue(aging: pd.DataFrame, topic: str, owed: str, nothing: str) -> Findings:
    """Return how much of an aging is overdue, and how few of its rows make up half of that."""
    late = [name for name in map(str, aging.columns) if name.startswith("days_")]
    noun = next((noun for key, noun in _NOUNS.items() if key in aging), "row")
    # Column by column: a frame for each currency would take longer than the report itself.
    currencies = [normalize_key(currency) for currency in aging["currency"].tolist()]
    overdue = [total(row) for row in zip(*(aging[name].tolist() for name in late), strict=True)]
    totals = [exact(amount) for amount in aging["total"].tolist()]
    names = _names(aging)
    findings = []
    for currency in sorted(dict.fromkeys(currencies), key=nulls_last):
        rows = [place for place, code in enumerate(currencies) if code == currency]
        ranked = sorted(
            ((overdue[place], names[place]) for place in rows if overdue[place] > ZERO),
            key=lambda each: (-each[0], each[1] or ""),
        )
        if not ranked:
            continue
        findings.append(
            _concentration(
                topic,
                currency,
                ranked,
                credits_=sum((overdue[place] for place in rows if overdue[place] < ZERO), ZERO),
                whole=sum((totals[place] for place in rows), ZERO),
                words=(owed, noun),
            )
        )
    return Findings(findings or [Finding(topic, None, {"overdue": ZERO}, nothing)])


def _concentration(
    topic: str,
    currency: str | None,
    ranked: list[tuple[Decimal, str | None]],
    *,
    credits_: Decimal,
    whole: Decimal,
    words: tuple[str, str],
) -> Finding:
    """Return the finding of one currency: the ranked amounts past due, and the credits beside them."""
    owed, noun = words
    gross = sum((amount for amount, _ in ranked), ZERO)
    overdue = gross + credits_
    few, top = 0, ZERO
    while top * 2 < gross:
        top += ranked[few][0]
        few += 1
    part = float(overdue / whole) if whole > ZERO and ZERO <= overdue <= whole else None
    largest, first = ranked[0]
    text = f"{amount_of(overdue, currency)} of the {amount_of(whole, currency)} that is {owed} is overdue"
    text = f"{amount_of(gross, currency)} is overdue" if overdue <= ZERO else text
    text += "" if part is None else f" ({share(part)})"
    label = f", {printable(first)}" if first else ""
    if len(ranked) == 1:
        text += f", all of it by one {noun}{label}" if not credits_ else f", by one {noun}{label}"
    else:
        plural = _PLURALS.get(noun, f"{noun}s")
        those = f"one of {len(ranked):,} {plural}" if few == 1 else f"{few:,} of {len(ranked):,} {plural}"
        text += f"; {those} make{'s' if few == 1 else ''} up {share(float(top / gross))} of it"
        text += f", first of all {printable(first)} ({amount_of(largest, currency)})" if first else ""
    text += f", {amount_of(-credits_, currency)} of credits aside" if credits_ else ""
    values = {
        "total": whole,
        "overdue": overdue,
        "overdue_share": part,
        "credits": credits_,
        "customers" if noun == "customer" else "vendors" if noun == "vendor" else "rows": len(ranked),
        "few": few,
        "few_share": float(top / gross),
        "largest": largest,
        "largest_name": first,
    }
    return Finding(topic, currency, values, sentence(text))


def _names(aging: pd.DataFrame) -> list[str | None]:
    """Return the name of each row, the first column of names that has one."""
    columns = [aging[name].tolist() for name in _NAMES if name in aging]
    if not columns:
        return [None] * len(aging)
    return [next((str(name) for name in row if pd.notna(name)), None) for row in zip(*columns, strict=True)]
