"""Write frames to Parquet, CSV or Excel."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from rutterframe.frames import csv_format
from rutterframe.frames.flat import as_json
from rutterframe.frames.nested import NESTED, child_rows, is_list
from rutterframe.frames.text_dtype import TEXT_DTYPE, infer_text
from rutterframe.models import LIVE_RESOURCES, RESOURCES
from rutterframe.notebook.escape import printable
from rutterframe.storage import check_target, mask_address, replace_file, wrap_options

_EXCEL_ROWS = 1_048_575  # one row is the header
_EXCEL_LETTERS = 32_767  # of a cell
_EXCEL_YEAR = 1900


def write_frame(
    frame: pd.DataFrame,
    path: str | Path,
    *,
    escape_formulas: bool = False,
    storage_options: Mapping[str, str] | None = None,
) -> None:
    """Write a frame in the format of the file's ending; an existing file is replaced only by a complete one.

    Parameters
    ----------
    frame : pandas.DataFrame
        A frame as a loader returned it.
    path : str or Path
        A file, or an address such as ``s3://bucket/orders.parquet``.
        ``.parquet`` keeps every dtype and the receipt. ``.csv`` has nested lists as JSON text. ``.xlsx`` has
        nested lists on a sheet of their own, times in UTC without a zone (Excel has none), days before 1900
        as text, the receipt on the last sheet; no text is taken for a formula, and text beyond the 32,767
        letters of a cell ends with "…".
    escape_formulas : bool
        Whether text in a CSV file that a spreadsheet would take for a formula gets an apostrophe at its
        start: text that begins with ``=``, ``@``, a tab or a line break, or with ``+`` or ``-`` unless it is
        a plain number or a telephone number. The default keeps every text as it is, for programs; switch it
        on for files that people open in Excel. ``rutterframe load`` does.
    storage_options : mapping of str to str, optional
        What an address needs, such as keys, as `refresh` takes it; else the environment (``AWS_*``) has it.

    Raises
    ------
    ValueError
        For another ending, a missing or write-protected folder or file, a pipe or a device, and what the
        format cannot hold: more rows than a sheet of Excel has, columns of several levels, mixed types.
    TypeError
        If it is not a pandas DataFrame.
    OSError
        If the file cannot be written, such as on a full disk, or an address cannot be reached.

    Notes
    -----
    The file of a symbolic link is replaced, not the link; a replaced file keeps its mode.

    pandas 3.1's own ``to_parquet`` and ``to_feather`` write nested lists under a dtype name that pandas does
    not read by itself: such files are read where rutterframe is imported, with every dtype. This function
    writes a name that pandas reads anywhere, as plain lists. `line_items` and `variants` take both.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> with rf.demo() as client:
    ...     orders = rf.load_orders(client.connection("roaster-shopify"), progress=False)
    >>> rf.write_frame(orders, "orders.parquet")
    >>> pd.read_parquet("orders.parquet").attrs["receipt"]["complete"]
    True
    """
    path, options = mask_address(path), wrap_options(storage_options)
    del storage_options
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"write_frame takes a pandas DataFrame; this is a {type(frame).__name__}")
    target = check_target(path, ENDINGS, options)
    writer = _WRITERS[target.suffix.lower()]
    is_escaped = escape_formulas and target.suffix.lower() == ".csv"
    with replace_file(path, options) as temporary:
        try:
            writer(csv_format.escape_formulas(frame) if is_escaped else frame, temporary)
        except (pa.ArrowException, RuntimeError, TypeError, UnicodeError) as error:
            problem = printable(f"{error}")
        else:
            return
        raise ValueError(
            f"{target.name} cannot be written, since its format cannot hold the frame: {problem}"
        )


def _parquet(frame: pd.DataFrame, path: Path) -> None:
    """Write Parquet that pandas can read: pandas does not parse its own name of a list's dtype."""
    plain = frame.copy(deep=False)
    plain.attrs = {}  # pyarrow warns of what JSON does not have; they are written below
    table = pa.Table.from_pandas(plain, preserve_index=False)
    notes = json.loads(table.schema.metadata[b"pandas"])
    for column in notes["columns"]:
        if column["numpy_type"].startswith("list<"):
            column["numpy_type"] = "object"
    # pandas reads attrs, and with them the receipt, from this key.
    metadata = {"pandas": json.dumps(notes), "PANDAS_ATTRS": json.dumps(frame.attrs, default=str)}
    # With its file systems it is a twentieth of what `import rutterframe` takes.
    import pyarrow.parquet as pq  # noqa: PLC0415

    pq.write_table(table.replace_schema_metadata(metadata), path)


def _csv(frame: pd.DataFrame, path: Path) -> None:
    flat = frame.copy(deep=False)
    for name in _nested(frame):
        flat[name] = as_json(frame[name])
    with path.open("w", encoding="utf-8", newline="") as file:
        csv_format.write_csv(flat, file)


def _excel(frame: pd.DataFrame, path: Path) -> None:
    record = frame.attrs.get("receipt")
    receipt = record if isinstance(record, dict) else {}
    resource = receipt.get("resource")
    # Another name, of a receipt that was changed, may not be valid for a sheet.
    name = resource if resource in (*RESOURCES, *LIVE_RESOURCES, "connections") else "data"
    sheets = {name: frame.drop(columns=_nested(frame))}
    sheets |= {name: child_rows(frame, name) for name in _nested(frame)}
    sheets["receipt"] = pd.DataFrame(
        {"entry": list(receipt), "value": [json.dumps(value, default=str) for value in receipt.values()]},
        dtype=TEXT_DTYPE,
    )
    too_long = [name for name, sheet in sheets.items() if len(sheet) > _EXCEL_ROWS]
    if too_long:
        raise ValueError(
            f"{', '.join(too_long)}: more than {_EXCEL_ROWS:,} rows, too many for Excel; use .parquet"
        )
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with pd.ExcelWriter(path, engine="xlsxwriter", engine_kwargs={"options": options}) as book:
        for name, sheet in sheets.items():
            book.book.add_worksheet(name).add_write_handler(str, _write_braces)
            _for_excel(sheet).to_excel(book, sheet_name=name, index=False, freeze_panes=(1, 0))


def _write_braces(sheet: Any, row: int, column: int, text: str, *style: Any) -> int | None:
    """Write "{=1}" as text: XlsxWriter before 3.3.1 writes a formula. Leave other text to XlsxWriter."""
    result: int | None = sheet.write_string(row, column, text, *style) if text.startswith("{=") else None
    return result


_WRITERS = {".parquet": _parquet, ".csv": _csv, ".xlsx": _excel}

#: The endings that `write_frame` can write.
ENDINGS = tuple(_WRITERS)


def _nested(frame: pd.DataFrame) -> list[str]:
    # A report may have a number of documents, which is not a list of them.
    return [name for name in NESTED if name in frame.columns and is_list(frame[name])]


def _with_zeros(year: re.Match[str]) -> str:
    """Return a year with four digits."""
    return year[0].zfill(4)


def _for_excel(sheet: pd.DataFrame) -> pd.DataFrame:
    """Copy a sheet with times without a zone, days before 1900 as text, and text that a cell can hold."""
    sheet = infer_text(sheet)
    plain = sheet.copy(deep=False)
    for name in sheet.select_dtypes("datetimetz").columns:
        plain[name] = sheet[name].dt.tz_localize(None)
    for name in plain.select_dtypes("datetime").columns:
        is_old = plain[name].dt.year < _EXCEL_YEAR
        if is_old.any():
            # pandas 3.0 writes the year 1 as "1-01-01".
            texts = plain[name].astype("str").str.replace(r"^\d+", _with_zeros, regex=True)
            plain[name] = plain[name].astype(object).mask(is_old, texts)
    for name in sheet.select_dtypes("string").columns:
        is_long = sheet[name].str.len() > _EXCEL_LETTERS
        if is_long.any():
            plain[name] = sheet[name].mask(is_long, sheet[name].str.slice(0, _EXCEL_LETTERS - 1) + "…")
    return plain
