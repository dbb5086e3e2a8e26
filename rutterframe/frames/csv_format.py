"""Write frames as CSV that reads back as the same rows, with text that spreadsheets take for text."""

# pyarrow.compute creates its functions at run time, so that pyright does not know them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import io
from typing import Any, TextIO

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas.api.types import is_datetime64_any_dtype, is_numeric_dtype

#: Every character that some reader takes for the end of a line: text that contains one is quoted.
LINE_BREAKS = "\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"

# What a spreadsheet takes for a formula, also after blanks; Excel in Japanese takes the wide signs too.
_FORMULA = r"^(?:[\t\r\n]|[\s\x{A0}\x{200B}\x{FEFF}]*[=@\x{FF1D}\x{FF20}\x{FF0B}\x{FF0D}])"
_SIGNED = r"^[\s\x{A0}\x{200B}\x{FEFF}]*[+-]"
# A number such as +1,234.50 or -5%, and a telephone number of at least seven digits.
_NUMBER = r"[+-](?:\d[\d,]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?%?"
_TELEPHONE = r"\+[ ()./-]*(?:\d[ ()./-]*){7,15}(?:(?:x|ext\.?) ?\d{1,6})?"
_HARMLESS = rf"^ *(?:{_NUMBER}|{_TELEPHONE}) *$"


class _Lines(io.TextIOBase):
    """A file that is written line by line, for a writer that ends its lines with all line breaks."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, line: str) -> int:
        """Write a line with the usual end."""
        return self._file.write(line.removesuffix(LINE_BREAKS) + "\n")


def write_csv(frame: pd.DataFrame, file: TextIO) -> None:
    """Write a frame as CSV, without its index; rows with line breaks in their text read back as they are.

    Parameters
    ----------
    frame : pandas.DataFrame
        Without nested columns.
    file : text file
        Opened with ``newline=""``, so that line breaks within values stay as they are.

    Examples
    --------
    >>> import sys
    >>> write_csv(pd.DataFrame({"name": ["Ann, Bob"], "amount": [-5.0]}), sys.stdout)
    name,amount
    "Ann, Bob",-5.0
    """
    # The csv module quotes what contains a character of the line's end, and of other breaks only the newline.
    frame.to_csv(_Lines(file), index=False, lineterminator=LINE_BREAKS)


def escape_formulas(frame: pd.DataFrame) -> pd.DataFrame:
    """Copy a frame with an apostrophe before each text that a spreadsheet would take for a formula.

    Names of columns are escaped too; numbers, dates and nested lists stay as they are.

    Examples
    --------
    >>> frame = pd.DataFrame({"name": ["=1+1", "-2+3", "+1 415 555 0100"], "amount": [-5.0, 1.0, 2.0]})
    >>> escape_formulas(frame)["name"].tolist()
    ["'=1+1", "'-2+3", '+1 415 555 0100']
    """
    escaped = frame.copy(deep=False)
    for place, dtype in enumerate(frame.dtypes):
        has_text = not (is_numeric_dtype(dtype) or is_datetime64_any_dtype(dtype) or _is_nested(dtype))
        risky = _formulas(frame.iloc[:, place]) if has_text else []
        if risky:
            escaped.isetitem(place, _with_apostrophes(frame.iloc[:, place], risky))
    names = pd.Series(frame.columns, dtype=object)
    escaped.columns = pd.Index(_with_apostrophes(names, _formulas(names)))
    return escaped


def _formulas(column: pd.Series[Any]) -> list[int]:
    """Return the positions of the texts of a column that a spreadsheet would take for formulas."""
    if not isinstance(column.dtype, pd.StringDtype):
        column = pd.Series([value if isinstance(value, str) else None for value in column], dtype="str")
    texts = pa.array(column, from_pandas=True)
    signed = pc.match_substring_regex(texts, _SIGNED)
    harmless = pc.match_substring_regex(texts, _HARMLESS)
    risky = pc.or_(pc.match_substring_regex(texts, _FORMULA), pc.and_not(signed, harmless))
    return list(pc.indices_nonzero(risky).to_pylist())


def _with_apostrophes(column: pd.Series[Any], places: list[int]) -> list[Any]:
    values = column.tolist()
    for place in places:
        values[place] = f"'{values[place]}"
    return values


def _is_nested(dtype: Any) -> bool:
    return isinstance(dtype, pd.ArrowDtype) and pa.types.is_nested(dtype.pyarrow_dtype)
