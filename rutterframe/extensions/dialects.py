"""What a dialect of your own is made of: routes, and the columns by the fields of a response.

See docs/howto/extend-dialect.md for an example, which is an installable package.
"""

from rutterframe.dialects import CONTRACT, Dialect, Filter, Route
from rutterframe.dialects.live import LIVE
from rutterframe.dialects.mapping import (
    Absolute,
    Case,
    Concat,
    Constant,
    Field,
    First,
    Joined,
    Mapping,
    Negative,
    Null,
    Only,
    Quotient,
    Rows,
    Total,
    UTCDay,
    Words,
    WrittenDay,
)

__all__ = [
    "CONTRACT",
    "LIVE",
    "Absolute",
    "Case",
    "Concat",
    "Constant",
    "Dialect",
    "Field",
    "Filter",
    "First",
    "Joined",
    "Mapping",
    "Negative",
    "Null",
    "Only",
    "Quotient",
    "Route",
    "Rows",
    "Total",
    "UTCDay",
    "Words",
    "WrittenDay",
]
