"""Decode pages of JSON into typed DataFrames."""

from rutterframe.frames.assemble import Rows, newest, rows_of, to_frame
from rutterframe.frames.decode import Batch, Decoder, OnInvalid
from rutterframe.frames.flat import flat
from rutterframe.frames.nested import line_items, variants
from rutterframe.frames.schema import frame_schema
from rutterframe.frames.write import write_frame

__all__ = [
    "Batch",
    "Decoder",
    "OnInvalid",
    "Rows",
    "flat",
    "frame_schema",
    "line_items",
    "newest",
    "rows_of",
    "to_frame",
    "variants",
    "write_frame",
]
