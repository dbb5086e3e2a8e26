"""Write frames to Parquet, CSV or Excel, and replace files atomically."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from rutterframe.frames.nested import line_items, variants

_CHILDREN: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "line_items": line_items,
    "variants": variants,
}
_EXCEL_ROWS = 1_048_575  # one row is the header
_PREFIX = ".rutterframe-"


def write_frame(frame: pd.DataFrame, path: str | Path) -> None:
    """Write a frame in the format of the file's ending; an existing file is replaced only by a complete one.

    Parameters
    ----------
    frame : pandas.DataFrame
        A frame as a loader returned it.
    path : str or Path
        ``.parquet`` keeps every dtype and the receipt. ``.csv`` has nested lists as JSON text. ``.xlsx`` has
        nested lists on a sheet of their own, times in UTC without a zone (Excel has none), the receipt on
        the last sheet, and no text is taken for a formula.

    Raises
    ------
    ValueError
        For another ending, a missing or write-protected folder, and more rows than a sheet of Excel can hold.

    Notes
    -----
    pandas 3.1's own ``to_parquet`` writes nested lists under a dtype name that ``read_parquet`` then refuses;
    this function writes a name that it reads, as plain lists. `line_items` and `variants` take both.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> with rf.demo() as client:
    ...     orders = rf.load_orders(client.connection("roaster-shopify"), progress=False)
    >>> rf.write_frame(orders, "orders.parquet")
    >>> pd.read_parquet("orders.parquet").attrs["receipt"]["complete"]
    True
    """
    target = check_target(path, ENDINGS)
    writer = _WRITERS[target.suffix.lower()]
    with replace_file(target) as temporary:
        writer(frame, temporary)


def _parquet(frame: pd.DataFrame, path: Path) -> None:
    """Write Parquet that pandas can read: pandas does not parse its own name of a list's dtype."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    notes = json.loads(table.schema.metadata[b"pandas"])
    for column in notes["columns"]:
        if column["numpy_type"].startswith("list<"):
            column["numpy_type"] = "object"
    # pandas reads attrs, and with them the receipt, from this key.
    metadata = {"pandas": json.dumps(notes), "PANDAS_ATTRS": json.dumps(frame.attrs)}
    pq.write_table(table.replace_schema_metadata(metadata), path)


def _csv(frame: pd.DataFrame, path: Path) -> None:
    flat = frame.copy(deep=False)
    for name in _nested(frame):
        flat[name] = _as_json(frame[name])
    flat.to_csv(path, index=False)


def _excel(frame: pd.DataFrame, path: Path) -> None:
    receipt = frame.attrs.get("receipt", {})
    sheets = {receipt.get("resource", "data"): frame.drop(columns=_nested(frame))}
    sheets |= {name: _CHILDREN[name](frame) for name in _nested(frame)}
    sheets["receipt"] = pd.DataFrame(
        {"entry": list(receipt), "value": [json.dumps(value) for value in receipt.values()]}, dtype="str"
    )
    too_long = [name for name, sheet in sheets.items() if len(sheet) > _EXCEL_ROWS]
    if too_long:
        raise ValueError(
            f"{', '.join(too_long)}: more than {_EXCEL_ROWS:,} rows, too many for Excel; use .parquet"
        )
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with pd.ExcelWriter(path, engine="xlsxwriter", engine_kwargs={"options": options}) as book:
        for name, sheet in sheets.items():
            _without_zone(sheet).to_excel(book, sheet_name=name, index=False, freeze_panes=(1, 0))


_WRITERS = {".parquet": _parquet, ".csv": _csv, ".xlsx": _excel}

#: The endings that `write_frame` can write.
ENDINGS = tuple(_WRITERS)


@contextmanager
def replace_file(path: Path) -> Iterator[Path]:
    """Replace a file atomically: write a temporary file beside it, and rename that when it is complete.

    Parameters
    ----------
    path : Path
        The file to write; it keeps its old content until the new file is complete.

    Yields
    ------
    Path
        The temporary file, in the same folder and with the same ending. It is removed if the block raises.

    Raises
    ------
    ValueError
        If the path is a folder, its folder is missing, or it cannot be written to.

    Examples
    --------
    >>> with replace_file(Path("totals.csv")) as temporary:
    ...     _ = temporary.write_text("currency,total")
    >>> Path("totals.csv").read_text()
    'currency,total'
    """
    target = check_target(path)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=_PREFIX, suffix=target.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def check_target(path: str | Path, endings: Sequence[str] = ()) -> Path:
    """Check that a file can be written, so that a load does not end in an error.

    Parameters
    ----------
    path : str or Path
        The file to write.
    endings : sequence of str
        The endings that its name may have, such as ".xlsx"; any if empty.

    Raises
    ------
    ValueError
        If the ending is another, the path is a folder, its folder is missing, or it cannot be written to.
    """
    target = Path(path)
    problem = ""
    if target.is_dir():
        problem = "that is a folder; name a file in it"
    elif endings and target.suffix.lower() not in endings:
        problem = f"the ending must be {'one of ' if len(endings) > 1 else ''}{', '.join(endings)}"
    elif not target.parent.is_dir():
        problem = f"there is no folder {str(target.parent)!r}; create it first"
    elif not os.access(target.parent, os.W_OK | os.X_OK):
        problem = f"the folder {str(target.parent)!r} cannot be written to; choose another"
    elif target.exists() and not os.access(target, os.W_OK):
        problem = "the file is write-protected; choose another name"
    elif reason := _write_error(target.parent):
        problem = f"no file can be created in the folder {str(target.parent)!r} ({reason}); choose another"
    if problem:
        raise ValueError(f"Cannot write {target.name or str(target)!r}: {problem}")
    return target


def _write_error(folder: Path) -> str:
    """Return why no file can be created in a folder, or empty text; permissions alone do not show it."""
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=_PREFIX):
            return ""
    except OSError as error:
        return error.strerror or type(error).__name__


def _nested(frame: pd.DataFrame) -> list[str]:
    return [name for name in _CHILDREN if name in frame.columns]


def _as_json(column: pd.Series) -> list[str | None]:
    lists = pa.array(column, from_pandas=True).to_pylist()
    return [None if rows is None else json.dumps(rows, ensure_ascii=False) for rows in lists]


def _without_zone(sheet: pd.DataFrame) -> pd.DataFrame:
    plain = sheet.copy(deep=False)
    for name in sheet.select_dtypes("datetimetz").columns:
        plain[name] = sheet[name].dt.tz_localize(None)
    return plain
