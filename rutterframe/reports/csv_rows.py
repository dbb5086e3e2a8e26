"""Read the rows of a small CSV file as text, with the number of each line, so that an error can name it."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from rutterframe.storage import StorageOptions, is_address, mask_address, refuse_mangled
from rutterframe.storage.objects import read_object


def csv_rows(
    path: str | Path,
    columns: Sequence[str],
    *,
    of: str,
    form: str,
    hint: str = "",
    optional: Sequence[str] = (),
) -> Iterator[tuple[int, list[str]]]:
    """Yield the number of each line that is not blank, and its values in the columns.

    Parameters
    ----------
    path : str or Path
        The file, or an address such as ``s3://bucket/rates.csv``, with its keys in the environment.
    columns : sequence of str
        The columns that it must have, in the order of the values; names are compared without case.
    of : str
        What the file holds, such as "rates".
    form : str
        What to write into it, for errors.
    hint : str
        A frequent reason for a line with another number of values, for errors.
    optional : sequence of str
        Columns that it may have; their values follow, empty without the column.

    Raises
    ------
    ValueError
        If there is no such file, it is not a CSV file, lacks a column, or a line has other values.
    OSError
        If a bucket cannot be reached.
    """
    path = mask_address(path)
    refuse_mangled(path)
    content = read_object(str(path), StorageOptions()) if is_address(path) else None
    path = Path(path)
    try:
        # utf-8-sig, because Excel begins its CSV files with a mark.
        text = path.read_text(encoding="utf-8-sig") if content is None else content.decode("utf-8-sig")
    except FileNotFoundError:
        raise ValueError(f"there is no file {str(path)!r}; {form}, or pass another file") from None
    except (OSError, ValueError):  # also a NUL in the path, or bytes that are not UTF-8
        raise ValueError(f"{str(path)!r} cannot be read as a CSV file of {of}; {form}") from None
    reader = csv.reader(text.splitlines())
    try:
        lines = [(reader.line_num, values) for values in reader]
    except csv.Error as error:
        raise ValueError(f"{path.name}, line {reader.line_num} is not CSV ({error}); {form}") from None
    header = [name.strip().lower() for name in lines[0][1]] if lines else []
    missing = [name for name in columns if name not in header]
    if missing:
        names = ", ".join(map(repr, header)) or "nothing"
        raise ValueError(f"{path.name} has no column {', '.join(missing)}; its header has {names}: {form}")
    for number, values in lines[1:]:
        if len(values) != len(header) and any(values):
            raise ValueError(
                f"{path.name}, line {number} has {len(values)} values, its header {len(header)}{hint}"
            )
        if any(values):
            yield (
                number,
                [
                    values[header.index(name)].strip() if name in header else ""
                    for name in (*columns, *optional)
                ],
            )
