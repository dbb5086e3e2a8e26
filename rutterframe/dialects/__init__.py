"""Dialects of the API as data: base URLs, routes, keys and parameters."""

from rutterframe.dialects.contract import CONTRACT
from rutterframe.dialects.dialect import Dialect, Filter, Route

__all__ = ["CONTRACT", "DIALECTS", "Dialect", "Filter", "Route"]

#: Every dialect by its name.
DIALECTS = {CONTRACT.name: CONTRACT}
