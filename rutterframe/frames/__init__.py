"""From the bytes of pages to typed DataFrames, by way of Arrow columns."""

from rutterframe.frames.assemble import Rows, newest, rows_of, to_frame
from rutterframe.frames.children import line_items, variants
from rutterframe.frames.decode import Batch, Decoder, OnInvalid
from rutterframe.frames.files import write_frame
from rutterframe.frames.schema import frame_schema

__all__ = [
    "Batch",
    "Decoder",
    "OnInvalid",
    "Rows",
    "frame_schema",
    "line_items",
    "newest",
    "rows_of",
    "to_frame",
    "variants",
    "write_frame",
]
