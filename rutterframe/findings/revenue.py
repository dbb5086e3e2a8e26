"""The product that leads the revenue of each currency, and the last quarter beside that of a year before."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from rutterframe.findings.amounts import ZERO, amount_of, by_currency, exact, sentence, within
from rutterframe.findings.records import Finding, Findings, Value
from rutterframe.notebook.escape import printable
from rutterframe.reports.describe import read_report
from rutterframe.reports.engine.frame import normalize_key, nulls_last
from rutterframe.views.format import share

#: How many products count as the top.
TOP = 3


def leaders(revenue: pd.DataFrame) -> Findings:
    """Return the product with the most revenue in each currency, and what the top three make up.

    Parameters
    ----------
    revenue : DataFrame
        The result of `revenue_by_product` without periods, on pandas: products are its rows, so that one
        title in two shops is two products, and shares are of all revenue of the currency.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> lines = [[{"product_id": "p", "variant_id": None, "quantity": 1, "unit_price": 30.0}],
    ...          [{"product_id": "q", "variant_id": None, "quantity": 1, "unit_price": 10.0}]]
    >>> orders = pd.DataFrame({"id": ["1", "2"], "status": "fulfilled", "currency": "EUR",
    ...     "total_price": [30.0, 10.0], "created_at": pd.to_datetime(["2026-06-01"] * 2, utc=True),
    ...     "line_items": lines})
    >>> leaders(rf.reports.revenue_by_product(orders))
    Finding: In EUR, p brings 75% of the revenue, the top 2 of 2 products bring 100%.
    """
    revenue = read_report(revenue, "revenue_by_product")
    products = revenue.dropna(subset="product_id") if "product_id" in revenue else revenue
    several = "connection_id" in products and len(products["connection_id"].unique()) > 1
    findings = []
    for currency, rows in by_currency(products):
        ranked = rows.sort_values("revenue", ascending=False, kind="stable")
        first, few = ranked.iloc[0], ranked.head(TOP)
        name = next(
            str(first[each]) for each in ("title", "product_id") if each in first and pd.notna(first[each])
        )
        label = f"{name} ({first['connection_id']})" if several else name
        top = None if few["share"].isna().any() else float(few["share"].sum())
        if pd.isna(first["share"]) or top is None or first["revenue"] <= 0:
            text = f"{printable(label)} brings the most revenue {within(currency)}: "
            text += amount_of(first["revenue"], currency)
        else:
            start = f"In {printable(currency)}" if currency else "Without a currency"
            text = f"{start}, {printable(label)} brings {share(first['share'])} of the revenue"
            if len(ranked) > 1:
                text += f", the top {len(few)} of {len(ranked):,} products bring {share(top)}"
        values: dict[str, Value] = {
            "product": name,
            "revenue": exact(first["revenue"]),
            "share": None if pd.isna(first["share"]) else float(first["share"]),
            "products": len(ranked),
            "top": len(few),
            "top_share": top,
        }
        findings.append(Finding("revenue", currency, values, sentence(text)))
    return Findings(findings or [Finding("revenue", None, {"products": 0}, "There is no revenue.")])


def last_quarter(revenue: pd.DataFrame, as_of: str) -> Findings:
    """Return the revenue of the last quarter that is over, beside the same quarter one year before.

    Parameters
    ----------
    revenue : DataFrame
        The result of `revenue_by_product` with ``period="quarter"``, on pandas.
    as_of : str
        The last day that the report covers: a quarter that ends after it is not over.

    Returns
    -------
    Findings
        One for each currency with revenue in one of the quarters, where the report has both: a currency
        without revenue in one of them had none. ``change`` is a fraction of the earlier one, None where that
        has no meaning.
    """
    revenue = read_report(revenue, "revenue_by_product", needs=("period",)).dropna(subset="period")
    last = (pd.Timestamp(as_of) + pd.Timedelta(days=1)).to_period("Q") - 1
    year_before = last - 4
    names = ("currency", "period", "revenue")
    sums: dict[str | None, dict[pd.Period, Decimal]] = {}
    quarters: set[pd.Period] = set()
    for currency, day, amount in zip(*(revenue[name].tolist() for name in names), strict=True):
        quarter = pd.Timestamp(day).to_period("Q")
        quarters.add(quarter)
        of_currency = sums.setdefault(normalize_key(currency), {})
        of_currency[quarter] = of_currency.get(quarter, ZERO) + exact(amount)
    if not quarters or min(quarters) > year_before or max(quarters) < last:
        text = f"There is no {_name(last)} with a {_name(year_before)} beside it."
        missing: dict[str, Value] = {"quarter": _name(last), "before_quarter": _name(year_before)}
        return Findings([Finding("revenue", None, missing, text)])
    pairs = {
        currency: (sums[currency].get(last, ZERO), sums[currency].get(year_before, ZERO))
        for currency in sorted(sums, key=nulls_last)
    }
    return Findings(
        _compared(currency, now, before, (_name(last), _name(year_before)))
        for currency, (now, before) in pairs.items()
        if now or before
    )


def _compared(currency: str | None, now: Decimal, before: Decimal, quarters: tuple[str, str]) -> Finding:
    """Return the revenue of a quarter beside that of one year before."""
    last, year_before = quarters
    change = float(now / before - 1) if before > ZERO and now >= ZERO else None
    text = f"{amount_of(now, currency)} in {last}"
    if not before:
        text += f", after none in {year_before}"
    elif now == before:
        text += f", the same as in {year_before}"
    elif change is None:
        text += f", after {amount_of(before, currency)} in {year_before}"
    else:
        words = f"{share(abs(change))} {'more' if change > 0 else 'less'}"
        text += f", {words} than in {year_before} ({amount_of(before, currency)})"
    values: dict[str, Value] = {
        "quarter": last, "before_quarter": year_before, "revenue": now, "before": before, "change": change
    }  # fmt: skip
    return Finding("revenue", currency, values, sentence(text))


def _name(quarter: pd.Period) -> str:
    return f"{quarter.year} Q{quarter.quarter}"
