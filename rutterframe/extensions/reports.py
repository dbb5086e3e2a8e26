"""What a report of your own is made of: its spec as data, and functions that add up exactly.

See docs/howto/extend-report.md for an example, which is an installable package.
"""

from rutterframe.reports.columns import CURRENCY, Aggregate, Column, Kind, Order, Spec
from rutterframe.reports.exact import NO_REVENUE, add_names, rows_until, rows_without_status, sum_by
from rutterframe.reports.own import Report

__all__ = [
    "CURRENCY",
    "NO_REVENUE",
    "Aggregate",
    "Column",
    "Kind",
    "Order",
    "Report",
    "Spec",
    "add_names",
    "rows_until",
    "rows_without_status",
    "sum_by",
]
