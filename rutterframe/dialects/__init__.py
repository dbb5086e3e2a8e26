"""How does this server spell it? Paths, keys and parameters: data, no code paths."""

from rutterframe.dialects.contract import CONTRACT
from rutterframe.dialects.dialect import Dialect, Filter, Route

__all__ = ["CONTRACT", "Dialect", "Filter", "Route"]
