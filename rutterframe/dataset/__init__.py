"""What do we know by now, and what did we know then? Loads kept as Delta tables, refreshed and compared."""

from rutterframe.dataset.reading import Dataset
from rutterframe.dataset.refreshing import refresh

__all__ = ["Dataset", "refresh"]
