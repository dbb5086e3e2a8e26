"""Datasets on disk: loads stored as Delta tables, refreshed incrementally, read back and compared."""

from importlib.util import find_spec

if find_spec("deltalake") is None:
    raise ImportError('A dataset needs deltalake: pip install "rutterframe[dataset]"')

from rutterframe.dataset.dataset import Dataset
from rutterframe.dataset.refresh import refresh

__all__ = ["Dataset", "refresh"]
