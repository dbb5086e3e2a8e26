"""What is to be written, record by record? And what became of each, as a frame."""

from rutterframe.batches.plan import Entry, plan
from rutterframe.batches.results import COLUMNS, earlier_of, to_frame
from rutterframe.batches.rows import Row, rows_of
from rutterframe.batches.run import run

__all__ = ["COLUMNS", "Entry", "Row", "earlier_of", "plan", "rows_of", "run", "to_frame"]
