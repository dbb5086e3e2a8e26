"""Create many records from a frame: check, plan, send, and return the result of each as a frame."""

from rutterframe.client.bulk.plan import plan
from rutterframe.client.bulk.results import earlier_of, to_frame
from rutterframe.client.bulk.rows import rows_of
from rutterframe.client.bulk.run import run

__all__ = ["earlier_of", "plan", "rows_of", "run", "to_frame"]
