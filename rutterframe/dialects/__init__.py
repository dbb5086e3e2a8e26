"""Dialects of the API as data: base URLs, routes, keys and parameters."""

from rutterframe.dialects.contract import CONTRACT
from rutterframe.dialects.dialect import Dialect, Filter, Route
from rutterframe.dialects.live import LIVE

__all__ = ["CONTRACT", "DIALECTS", "LIVE", "Dialect", "Filter", "Route"]

#: Every dialect by its name.
DIALECTS: dict[str, Dialect] = {dialect.name: dialect for dialect in (CONTRACT, LIVE)}
