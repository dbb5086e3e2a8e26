"""Let pandas read the name of the dtype that nested lists have, which it writes and does not read itself.

`DataFrame.to_parquet` and `to_feather` write the names of dtypes into the file; pandas 3.1 then refuses the
file because of "list<item: struct<…>>[pyarrow]", even where that column is not read. With this class, which
is registered with pandas when rutterframe is imported, such a file is read with the dtype that was written.
"""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
import pyarrow as pa
from pandas.core.dtypes import base

_LIST = re.compile(r"list<(\w+): struct<(.*)>>\[pyarrow\]")
_TYPES = {
    str(kind): kind
    for kind in (
        pa.large_string(),
        pa.string(),
        pa.int64(),
        pa.float64(),
        pa.bool_(),
        pa.timestamp("us"),
        pa.date32(),
    )
}


@pd.api.extensions.register_extension_dtype
class ListOfRecords(pd.api.extensions.ExtensionDtype):
    """Reads the name of a list of records; the dtype itself is `pandas.ArrowDtype`."""

    name = "list of records"
    type = list

    @classmethod
    def construct_from_string(cls, string: Any) -> Any:
        """Return the dtype with a name such as "list<item: struct<quantity: int64>>[pyarrow]".

        Raises
        ------
        TypeError
            If the name is that of another dtype.
        """
        match = _LIST.fullmatch(string) if isinstance(string, str) else None
        fields = [field.split(": ") for field in match[2].split(", ")] if match else []
        if match is None or not all(len(field) == 2 and field[1] in _TYPES for field in fields):
            raise TypeError(f"{string!r} is not the dtype of a list of records")
        record = pa.struct([(name, _TYPES[kind]) for name, kind in fields])
        return pd.ArrowDtype(pa.list_(pa.field(match[1], record)))


# pandas tries its dtypes in order, and its own refuses a name with brackets, such as that of a day, for good:
# this class has to come before it.
_dtypes: list[Any] = getattr(getattr(base, "_registry", None), "dtypes", [])
if ListOfRecords in _dtypes:
    _dtypes.remove(ListOfRecords)
    _dtypes.insert(0, ListOfRecords)
