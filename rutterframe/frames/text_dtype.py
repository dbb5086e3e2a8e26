"""The dtype of text: what pandas 3 calls ``str``, also on pandas 2.3, where that name makes objects."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import infer_dtype

_VERSION = tuple(int(part) for part in pd.__version__.split(".")[:2])
if _VERSION < (2, 3):
    raise ImportError(
        f"rutterframe needs pandas 2.3 or later, and this program has imported pandas {pd.__version__}: "
        f'run pip install "pandas>=2.3", then restart the program, in a notebook the kernel'
    )
#: Whether this is pandas 2, which makes columns of Python objects from text, and nanoseconds from dates.
IS_PANDAS_2 = _VERSION < (3, 0)
#: What ``dtype="str"`` is on pandas 3.
TEXT_DTYPE = pd.StringDtype("pyarrow", na_value=np.nan)


def infer_text(frame: Any) -> Any:
    """Return a frame with text and moments as pandas 3 handles them; on pandas 3 it is returned as it is.

    Columns of objects that hold anything else than text, such as lists, stay as they are. Moments of
    PyArrow's dtype become those of pandas: without a zone, pandas 2 would return them in UTC.
    """
    if not IS_PANDAS_2 or not isinstance(frame, pd.DataFrame):
        return frame
    dtypes: dict[Any, Any] = {}
    for place, (name, dtype) in enumerate(frame.dtypes.items()):
        if dtype == "object" and infer_dtype(frame.iloc[:, place], skipna=True) in ("string", "empty"):
            dtypes[name] = TEXT_DTYPE
        elif isinstance(dtype, pd.ArrowDtype) and getattr(dtype.pyarrow_dtype, "tz", None):
            dtypes[name] = pd.DatetimeTZDtype(dtype.pyarrow_dtype.unit, dtype.pyarrow_dtype.tz)
    return frame.astype(dtypes) if dtypes else frame


def own_memory(frame: Any) -> Any:
    """Return a frame of which a change changes no other, as on pandas 3; there it is returned as it is."""
    return infer_text(frame).copy() if IS_PANDAS_2 and isinstance(frame, pd.DataFrame) else frame
