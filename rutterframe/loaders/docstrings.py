"""Complete the docstrings of the loaders with the parameters, errors and notes that they share."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable
from typing import Any, TypeVar

from rutterframe.models.columns import Column, columns
from rutterframe.models.fields import Kind

F = TypeVar("F", bound=Callable[..., Any])

#: Parameters by name: the type, and the meaning.
_PARAMETERS = {
    "connections": (
        "Connection or iterable of Connection",
        "The connections to load from, at least one; many are loaded side by side.",
    ),
    "updated_at_min": (
        "datetime, date or str, optional",
        """Only what changed at or after this moment. Without a time zone it is read as UTC, with a
        `NaiveDatetimeWarning`.""",
    ),
    "last_synced_at_min": (
        "datetime, date or str, optional",
        """Only what the service stored at or after this moment, which catches what arrived late as well.""",
    ),
    "start_date": ("date or str, optional", "The first day of the statements, as a date or YYYY-MM-DD."),
    "end_date": ("date or str, optional", "The last day of the statements, as a date or YYYY-MM-DD."),
    "expand": (
        '{"platform_data"}, optional',
        """Also keep the platform's own record as JSON text, in one more, last column ``platform_data`` (str):
        the one exception to "one schema".""",
    ),
    "on_invalid": (
        '{"raise", "quarantine"}',
        """Whether rows that cannot be read without guessing raise `InvalidRows`, or are left out, counted and
        explained in the receipt.""",
    ),
    "on_error": (
        '{"raise", "skip"}',
        "Whether a connection that fails raises, after the others, or is left out and named in the receipt.",
    ),
    "not_offered": (
        "iterable of str, or mapping of str to iterable of str",
        """Resources that the platforms do not have, or those that each does not have by connection id: they
        are not requested.""",
    ),
    "progress": (
        "bool, optional",
        """Whether to show a bar with pages and rows: True always, False never. When left out, it is shown in
        a terminal or notebook, and nowhere else.""",
    ),
}
#: Errors that only loaders with these parameters raise.
_FILTER_ERROR = ("InvalidFilter", "If a filter does not take the value.")
_FILTERS = ("updated_at_min", "last_synced_at_min", "start_date", "end_date", "expand")
_DIALECT_ERROR = (
    "ConfigurationError",
    "If the connections are in the contract dialect, which does not have it.",
)
_ERRORS = (
    ("InvalidRows", "If rows cannot be read, unless they are to be quarantined."),
    (
        "APIError, TransportError, InvalidResponse",
        "If a page cannot be read; `LoadError` where several lists were loaded.",
    ),
    ("LoadInterrupted", "On Ctrl-C; `resume` continues from there."),
)
_FRAME = """What was not sent is null; unknown enum values are kept. The schema is the same for no rows, one
connection or many. ``frame.attrs["receipt"]`` proves that every page was read."""
_WIDTH = 104
_DTYPES: dict[Kind | None, str] = {
    Kind.NUMBER: "float64",
    Kind.COUNT: "Int64",
    Kind.DATE: "datetime64[us]",
    Kind.TIMESTAMP: "datetime64[us, UTC]",
}


def complete_docstring(loader: F) -> F:
    """Fill in ``{parameters}``, ``{raises}`` and ``{frame}`` in the docstring of a loader.

    ``{parameters}`` stands for the parameters of the signature that the docstring does not describe itself,
    ``{columns}`` for the columns of a resource that only the live dialect has, ``{raises}`` for the errors
    that all loaders raise, and ``{frame}`` for the promises of every frame.

    Examples
    --------
    >>> @complete_docstring
    ... def load_names(connections):
    ...     '''Load names.
    ...
    ...     {parameters}
    ...     '''
    >>> print(load_names.__doc__)
    Load names.
    <BLANKLINE>
    connections : Connection or iterable of Connection
        The connections to load from, at least one; many are loaded side by side.
    """
    if loader.__doc__ is None:  # python -OO
        return loader
    text = inspect.cleandoc(loader.__doc__)
    names = [*inspect.signature(loader).parameters]
    own = set(re.findall(r"^(\w+) : ", text, re.MULTILINE))
    shared = [(name, *_PARAMETERS[name]) for name in names if name not in own]
    parameters = [(f"{name} : {kind}", meaning) for name, kind, meaning in shared]
    errors = [*([_FILTER_ERROR] if {*names} & {*_FILTERS} else ()), *_ERRORS]
    if "{columns}" in text:
        errors.insert(0, _DIALECT_ERROR)
        text = text.replace("{columns}", _table(loader.__name__.removeprefix("load_")))
    text = text.replace("{parameters}", _entries(parameters)).replace("{raises}", _entries(errors))
    loader.__doc__ = text.replace("{frame}", _indented(_FRAME).lstrip()) + "\n"
    return loader


def _table(resource: str) -> str:
    """Write the columns of a resource of the live dialect: name, dtype and meaning."""
    from rutterframe.models.live import LIVE_RECORDS  # noqa: PLC0415 - only loaders of live need them

    rows = [("name", "dtype", "meaning"), ("connection_id", "str", "the connection it was loaded from")]
    rows += [(column.name, _dtype(column), column.meaning) for column in columns(LIVE_RECORDS[resource])]
    widths = [max(len(row[index]) for row in rows) for index in (0, 1)]
    rule = "  ".join(["=" * widths[0], "=" * widths[1], "=" * (_WIDTH - sum(widths) - 8)])
    lines = [rule]
    for number, (name, dtype, meaning) in enumerate(rows):
        head = f"{name:<{widths[0]}}  {dtype:<{widths[1]}}  "
        lines += textwrap.wrap(meaning, _WIDTH - 4, initial_indent=head, subsequent_indent=" " * len(head))
        lines += [rule] if number == 0 else []
    return textwrap.indent("\n".join([*lines, rule]), "    ").lstrip()


def _dtype(column: Column) -> str:
    """Return the name of the dtype of a column."""
    return "list<struct>" if column.rows is not None else _DTYPES.get(column.kind, "str")


def _entries(entries: list[tuple[str, str]]) -> str:
    """Write the entries of a section, each with its description indented below."""
    return "\n".join(f"{head}\n{_indented(description)}" for head, description in entries)


def _indented(text: str) -> str:
    return textwrap.fill(" ".join(text.split()), _WIDTH, initial_indent="    ", subsequent_indent="    ")
