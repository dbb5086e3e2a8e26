"""Complete the docstrings of the reports of `Books` from those of the functions of `rutterframe.reports`."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any, TypeVar

from rutterframe import reports

C = TypeVar("C")

_SECTION = re.compile(r"^(Parameters|Returns|Raises|Notes|Examples)\n-+\n", re.MULTILINE)
_ENTRY = re.compile(r"^(\w[\w, ]*)(?= : |$)", re.MULTILINE)
_AS_OF = """as_of : date, datetime or str, optional
    The day to count to; that of the books when left out."""
_LIVE = """>>> import pandas as pd, rutterframe as rf
>>> issued, paid = pd.to_datetime(["2026-05-10", "2026-06-10"])
>>> documents = pd.DataFrame({"id": ["1"], "status": "paid", "currency": "EUR", "issue_date": issued,
...                           "customer_id": "c", "vendor_id": "v", "total_amount": 60.0,
...                           "amount_due": 0.0, "payments": [[{"date": paid, "amount": 60.0}]]})
>>> live = rf.Books({"invoices": documents, "bills": documents}, "2026-06-30")
"""
#: An example of each method; ``books`` are those of the demo.
_EXAMPLES = {
    "ar_aging": """>>> books.ar_aging().loc[0, ["customer_name", "currency"]].tolist()
['Union Street Trekking', 'EUR']""",
    "ap_aging": """>>> books.ap_aging(by="business")[["business", "currency"]].values.tolist()[0]
['Gear', 'EUR']""",
    "open_items": """>>> books.open_items("bills")[["bucket", "amount_due"]].head(1).values.tolist()
[['days_91_plus', 673.92]]""",
    "top_overdue": """>>> books.top_overdue(max_rows=1)[["customer_name", "days_past_due"]].values.tolist()[0]
['Union Street Trekking', 34]""",
    "revenue_by_product": """>>> by_business = books.revenue_by_product(by="business", period="year")
>>> by_business["business"].unique().tolist()
['Gear', 'Roaster']""",
    "cash_position": """>>> cash = books.cash_position(by="business")
>>> cash[["business", "currency", "balance"]].values.tolist()[0]
['Gear', 'EUR', 216952.51]""",
    "cash_history": """>>> books.cash_history()[["currency", "balance"]].tail(1).values.tolist()
[['USD', 129525.84]]""",
    "cash_forecast": """>>> week = books.cash_forecast(weeks=1)
>>> week[["currency", "opening", "closing"]].values.tolist()[0]
['EUR', 216952.51, 215036.68]""",
    "runway": """>>> books.runway().query("currency == 'EUR'")[["lowest", "lowest_week"]].values.tolist()
[[215036.68, 1]]""",
    "transfers": """>>> len(books.transfers())
55""",
    "trial_balance": """>>> balance = books.trial_balance()
>>> balance.loc[balance["type"] == "difference", "balance"].unique().tolist()
[0.0]""",
    "expenses_by_category": """>>> spent = books.expenses_by_category()
>>> spent[["category", "amount"]].head(1).values.tolist()
[['Advertising', 32562.64]]""",
    "dso": f"""{_LIVE}>>> live.dso()[["balance", "sales", "dso"]].values.tolist()
[[0.0, 60.0, 0.0]]""",
    "dpo": f"""{_LIVE}>>> live.dpo()[["balance", "purchases", "dpo"]].values.tolist()
[[0.0, 60.0, 0.0]]""",
    "days_to_pay": f"""{_LIVE}>>> live.days_to_pay()["mean_days"].tolist()
[31.0]""",
    "compare_statements": """>>> import rutterframe as rf
>>> with rf.demo(dialect="live") as client:
...     ledger, lists = client.connection("roaster-quickbooks"), ["accounts", "balance_sheets"]
...     live = rf.Books(rf.load_all(ledger, resources=lists, progress=False), "2026-06-30")
>>> live.compare_statements()["line"].tolist()
['total_assets', 'total_equity', 'total_liabilities']""",
    "convert": """>>> books.convert(books.cash_position(), "USD")["currency"].unique().tolist()
['USD']""",
    "concentration": """>>> largest = books.concentration(books.ar_aging(), by="customer_name").head(1)
>>> largest[["customer_name", "share"]].round(3).values.tolist()
[['Union Street Trekking', 0.283]]""",
    "change": """>>> by_month = books.expenses_by_category(period="month")
>>> books.change(by_month).tail(1)[["currency", "amount", "before", "change"]].values.tolist()
[['USD', 144.0, 144.0, 0.0]]""",
    "tie_out": """>>> books.tie_out(books.ar_aging())["ok"].unique().tolist()
[True]""",
}


def complete_docstrings(books: type[C]) -> type[C]:
    """Complete the docstring of each method that is a report's: parameters, result, errors and an example.

    What a method's own docstring describes stays as it is there.

    Parameters
    ----------
    books : type
        A class with the reports as methods.

    Returns
    -------
    type
        The class.

    Examples
    --------
    >>> @complete_docstrings
    ... class Ledger:
    ...     def transfers(self):
    ...         "List the transfers."
    >>> "One row for each transfer" in Ledger.transfers.__doc__
    True
    """
    for name, method in vars(books).items():
        report = getattr(reports, name) if name in reports.__all__ else None
        if report is not None and method.__doc__:  # there is none under python -OO
            method.__doc__ = _completed(method, report)
    return books


def _completed(method: Callable[..., Any], report: Callable[..., Any]) -> str:
    """Return the docstring of a method with the sections of its report."""
    head, own = _sections(method)
    _, its = _sections(report)
    known = {**_entries(its.get("Parameters", "")), "as_of": _AS_OF, **_entries(own.pop("Parameters", ""))}
    parameters = [known[name] for name in [*inspect.signature(method).parameters][1:]]
    sections = {
        "Parameters": "\n".join(parameters),
        "Returns": its["Returns"],
        "Raises": its["Raises"],
        "Examples": _EXAMPLES.get(method.__name__, ""),
        **own,
    }
    parts = [f"{name}\n{'-' * len(name)}\n{text}" for name, text in sections.items() if text]
    return "\n\n".join([head, *parts]) + "\n"


def _sections(function: Callable[..., Any]) -> tuple[str, dict[str, str]]:
    """Return the text before the first section of a docstring, and the sections by name."""
    head, *rest = _SECTION.split(inspect.getdoc(function) or "")
    texts = (text.strip("\n") for text in rest[1::2])
    return head.strip(), dict(zip(rest[::2], texts, strict=True))


def _entries(text: str) -> dict[str, str]:
    """Return the entries of a section of parameters by name; one of several names is one of each."""
    _, *rest = _ENTRY.split(text)
    return {
        name: name + body.rstrip("\n")
        for names, body in zip(rest[::2], rest[1::2], strict=True)
        for name in names.split(", ")
    }
