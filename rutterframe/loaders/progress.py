"""What a load shows while it runs."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Self

from tqdm.auto import tqdm

# Seconds between two drawings of the bar.
_PAUSE = 0.1


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
        # Drawn only by us: tqdm keeps its lock for good where drawing fails, as it does from a thread in
        # some versions of ipykernel, and every later bar would wait for it.
        self._bar = tqdm(desc=title, unit=" pages", disable=not show, mininterval=float("inf"))
        self._rows = 0
        self._drawn = 0.0
        self._shown = show
        self._lock = threading.Lock()

    def page(self) -> None:
        """Count one page that arrived."""
        with self._lock:
            self._bar.n += 1
            if time.monotonic() - self._drawn >= _PAUSE:
                self._draw()

    def rows(self, count: int) -> None:
        """Count rows that were decoded."""
        with self._lock:
            self._rows += count

    def __enter__(self) -> Self:
        """Show the bar."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the bar as it stands."""
        with self._lock:
            self._draw()
            if self._shown:
                self._bar.close()

    def _draw(self) -> None:
        """Draw the bar; one that cannot be drawn is given up, since it must not stop a load."""
        if not self._shown:
            return
        try:
            self._bar.set_postfix_str(f"{self._rows:,} rows", refresh=False)
            self._bar.refresh(nolock=True)
        except Exception:  # noqa: BLE001 - whatever a display can raise
            self._shown = False
        self._drawn = time.monotonic()
