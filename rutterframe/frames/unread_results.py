"""The error of a DuckDB connection that has an unread result: it can run no other query."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def refuse_unread_results() -> Iterator[None]:
    """Raise one sentence where a DuckDB connection has a result of ``execute`` that is not read.

    Raises
    ------
    RuntimeError
        If it has; the message says what to do.
    """
    try:
        yield
    except Exception as error:
        # DuckDB need not be installed, so that its exception has only a name here.
        if type(error).__name__ != "ResourceInUseException":
            raise
        raise RuntimeError(
            "The DuckDB connection has an unread result of execute(): "
            "fetch it, or run that query on con.cursor()"
        ) from None
