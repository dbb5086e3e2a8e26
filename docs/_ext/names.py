"""The names that types in docstrings are linked by: ours, and those of other projects."""

from __future__ import annotations

import inspect
import zlib
from pathlib import Path

import rutterframe as rf
from rutterframe import client, widgets

_EXTERNAL = Path(__file__).parents[1] / "reference" / "external"
#: The address of the documentation that each file of docs/reference/external lists names of.
_ADDRESSES = {
    "python": "https://docs.python.org/3/",
    "pandas": "https://pandas.pydata.org/docs/",
    "pyarrow": "https://arrow.apache.org/docs/",
    "numpy": "https://numpy.org/doc/stable/",
    "narwhals": "https://narwhals-dev.github.io/narwhals/",
    "httpx": "https://www.python-httpx.org/",
    "pydantic": "https://docs.pydantic.dev/latest/",
    "plotly": "https://plotly.com/python-api-reference/",
    "ipywidgets": "https://ipywidgets.readthedocs.io/en/stable/",
}
#: What a word of a type means.
_WORDS = {
    "DataFrame": "pandas.DataFrame",
    "pandas.DataFrame": ":class:`pandas.DataFrame`",
    "Series": "pandas.Series",
    "pandas.Series": ":class:`pandas.Series`",
    "pyarrow.Table": ":class:`pyarrow.Table`",
    "pyarrow.Schema": ":class:`pyarrow.Schema`",
    "Path": "pathlib.Path",
    "Decimal": "decimal.Decimal",
    "date": "datetime.date",
    "datetime": "datetime.datetime",
    "timedelta": "datetime.timedelta",
    "bytes": ":class:`python:bytes`",
    "SecretStr": "pydantic.SecretStr",
    "Executor": "concurrent.futures.Executor",
    "concurrent.futures.Executor": ":class:`concurrent.futures.Executor`",
    "threading.Event": ":class:`threading.Event`",
    "httpx.BaseTransport": ":class:`httpx.BaseTransport`",
    "plotly.graph_objects.Figure": ":class:`plotly.graph_objects.Figure`",
    "mapping": ":term:`python:mapping`",
    "iterator": ":term:`python:iterator`",
    "Receipt": "rutterframe.frames.receipt.Receipt",
    "Table": "rutterframe.views.tables.Table",
    "Job": "rutterframe.client.jobs.Job",
    # numpydoc would take these for types of NumPy.
    **{word: word for word in ("array", "ndarray", "scalar", "numpy")},
}
#: Built-in exceptions that docstrings name under Raises.
_EXCEPTIONS = (
    "FileExistsError", "FileNotFoundError", "ImportError", "KeyError", "OSError", "OverflowError",
    "PermissionError", "TypeError", "ValueError",
)  # fmt: skip


def inventories(folder: Path) -> dict[str, tuple[str, str]]:
    """Write an inventory for intersphinx of each list of outer names, and return intersphinx's setting.

    Parameters
    ----------
    folder : Path
        Where to write them.

    Returns
    -------
    dict of str to tuple of str
        The address and the inventory of each project.
    """
    folder.mkdir(parents=True, exist_ok=True)
    setting = {}
    for project, address in _ADDRESSES.items():
        head, names = (_EXTERNAL / f"{project}.txt").read_text(encoding="utf-8").split("zlib.\n")
        inventory = folder / f"{project}.inv"
        inventory.write_bytes(f"{head}zlib.\n".encode() + zlib.compress(names.encode()))
        setting[project] = (address, str(inventory))
    return setting


def aliases() -> dict[str, str]:
    """Return what each word of a type in a docstring links to, as numpydoc takes it.

    Returns
    -------
    dict of str to str
        The full name, or a role with it.
    """
    ours = {
        name: f"{module.__name__}.{name}"
        for module in (client, widgets, rf.reports, rf)
        for name in module.__all__
        if inspect.isclass(getattr(module, name))
    }
    return {**{name: f":exc:`python:{name}`" for name in _EXCEPTIONS}, **ours, **_WORDS}
