"""What a load shows while it runs."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

from tqdm.auto import tqdm


class Progress:
    """A bar that counts pages and rows, in a notebook or a terminal.

    Parameters
    ----------
    title : str
        What is loaded.
    show : bool
        Whether to show anything at all.
    """

    def __init__(self, title: str, *, show: bool) -> None:
        self._bar = tqdm(desc=title, unit=" pages", disable=not show)
        self._rows = 0
        self._lock = threading.Lock()

    def page(self) -> None:
        """Count one page that arrived."""
        with self._lock:
            self._bar.update()

    def rows(self, count: int) -> None:
        """Count rows that were decoded."""
        with self._lock:
            self._rows += count
            self._bar.set_postfix_str(f"{self._rows:,} rows", refresh=False)

    def __enter__(self) -> Self:
        """Show the bar."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the bar as it stands."""
        self._bar.refresh() if not self._bar.disable else None
        self._bar.close()
