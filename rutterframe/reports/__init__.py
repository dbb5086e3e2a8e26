"""Accounting reports on frames of any engine, exact to the cent.

Every report is a function from frames to a flat frame of the same engine: pandas, Polars (eager and lazy),
PyArrow, DuckDB and PySpark; of ibis tables the result is a DuckDB relation, or of another database a PyArrow
table. Amounts are counted in integers of 1/10,000 or finer, so a total depends neither on the order of rows
nor on the engine, and no report adds two currencies.
"""

from rutterframe.reports.aging import ap_aging, ar_aging
from rutterframe.reports.balances import trial_balance
from rutterframe.reports.cash import cash_position
from rutterframe.reports.change import change
from rutterframe.reports.concentration import concentration
from rutterframe.reports.conversion import convert
from rutterframe.reports.days_outstanding import dpo, dso
from rutterframe.reports.days_to_pay import days_to_pay
from rutterframe.reports.expenses import expenses_by_category
from rutterframe.reports.explain import explain
from rutterframe.reports.forecast import cash_forecast
from rutterframe.reports.history import cash_history
from rutterframe.reports.month_end import MonthEnd, month_end
from rutterframe.reports.names import read_names
from rutterframe.reports.open_items import open_items
from rutterframe.reports.rates import read_rates
from rutterframe.reports.revenue import revenue_by_product
from rutterframe.reports.runway import runway
from rutterframe.reports.statements import compare_statements
from rutterframe.reports.tie_out import tie_out
from rutterframe.reports.top_overdue import top_overdue
from rutterframe.reports.transfers import transfers

__all__ = [
    "MonthEnd",
    "ap_aging",
    "ar_aging",
    "cash_forecast",
    "cash_history",
    "cash_position",
    "change",
    "compare_statements",
    "concentration",
    "convert",
    "days_to_pay",
    "dpo",
    "dso",
    "expenses_by_category",
    "explain",
    "month_end",
    "open_items",
    "read_names",
    "read_rates",
    "revenue_by_product",
    "runway",
    "tie_out",
    "top_overdue",
    "transfers",
    "trial_balance",
]


def __dir__() -> list[str]:
    """List the public names only, not the modules that define them."""
    return __all__
