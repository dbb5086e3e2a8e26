"""The frames of books, by resource; one that is missing is an error that says how to load it."""

from __future__ import annotations

import difflib
from typing import NoReturn

import pandas as pd

from rutterframe.notebook.escape import printable_names


class BookFrames(dict[str, pd.DataFrame]):
    """Loaded frames by resource, which cannot be replaced; ``get`` returns None for one that is missing.

    Examples
    --------
    >>> BookFrames()["orders"]
    Traceback (most recent call last):
    KeyError: "these books have no 'orders' (they have nothing): load it: resources=['orders', …]"
    """

    def __missing__(self, resource: str) -> NoReturn:
        """Raise a KeyError that names the frames."""
        names = printable_names(self) or "nothing"
        near = difflib.get_close_matches(str(resource), self, n=1, cutoff=0.8)
        if near:
            raise KeyError(f"these books have no {resource!r} (they have {names}); did you mean {near[0]!r}?")
        raise KeyError(
            f"these books have no {resource!r} (they have {names}): load it: resources=[{resource!r}, …]"
        )

    def __setitem__(self, resource: str, frame: object) -> NoReturn:
        """Refuse: reports that were computed before would still be of the other frame."""
        raise TypeError("the frames of books cannot be replaced: rf.Books(frames, as_of) makes other books")

    def __reduce__(self) -> tuple[type[BookFrames], tuple[dict[str, pd.DataFrame]]]:
        """Copy and pickle by the frames: a dict is otherwise built anew by setting one after the other."""
        return type(self), (dict(self),)
