"""The progress of a load: a bar for people, and a record for each list."""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Literal, NoReturn, Self

from rutterframe.errors import RutterframeError

if TYPE_CHECKING:
    from tqdm.auto import tqdm

# Seconds between two drawings of the bar.
_PAUSE = 0.1


Stage = Literal["waiting", "loading", "loaded", "failed"]


@dataclass(frozen=True, slots=True)
class ListProgress:
    """How far the load of one list of one connection is.

    Attributes
    ----------
    connection_id, resource : str
        What is loaded.
    stage : {"waiting", "loading", "loaded", "failed"}
        Whether it has begun, and how it ended.
    pages, rows : int
        What arrived so far; rows are counted when they are decoded, duplicates included.
    error : RutterframeError or None
        Why it failed.
    """

    connection_id: str
    resource: str
    stage: Stage
    pages: int = 0
    rows: int = 0
    error: RutterframeError | None = None


class ProgressBar:
    """A bar that counts pages and rows, in a notebook or a terminal.

    Parameters
    ----------
    title : str
        What is loaded.
    show : bool, optional
        Whether to show anything; in a terminal or notebook only when None.
    unit : str
        What is counted.
    """

    def __init__(self, title: str, *, show: bool | None, unit: str = "pages") -> None:
        is_shown = is_interactive() if show is None else show
        # Drawn only by this class: tqdm keeps its lock for good where drawing fails, as it does from a thread
        # in some versions of ipykernel, and every later bar would wait for it. A bar that is not shown is not
        # created: tqdm would start a thread for it.
        self._bar = new_bar(title, unit) if is_shown else None
        self._has_rows = unit == "pages"
        self._rows = 0
        self._drawn_at = 0.0
        self._lock = threading.Lock()

    def step(self) -> None:
        """Count one page, or one of another unit."""
        with self._lock:
            if self._bar is not None:
                self._bar.n += 1
                if time.monotonic() - self._drawn_at >= _PAUSE:
                    self._draw(self._bar)

    def rows(self, count: int) -> None:
        """Count rows that were decoded."""
        with self._lock:
            self._rows += count

    def __enter__(self) -> Self:
        """Return the bar."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Draw the bar for the last time, and leave it as it stands."""
        with self._lock:
            if self._bar is not None:
                self._draw(self._bar)
            if self._bar is not None:
                self._bar.close()
            self._bar = None

    def _draw(self, bar: tqdm[NoReturn]) -> None:
        """Draw the bar; after a failure it is not drawn again, since it must not stop a load."""
        try:
            if self._has_rows:
                bar.set_postfix_str(f"{self._rows:,} rows", refresh=False)
            bar.refresh(nolock=True)
        except Exception:  # noqa: BLE001 - whatever a display can raise
            bar.disable = True  # else it would be drawn once more when it is deleted
            self._bar = None
        self._drawn_at = time.monotonic()


def new_bar(title: str, unit: str) -> tqdm[NoReturn]:
    """Create a bar that is drawn only on request."""
    # It imports asyncio: a twentieth of what `import rutterframe` takes.
    from tqdm.auto import tqdm  # noqa: PLC0415

    return tqdm(desc=title, unit=f" {unit}", mininterval=float("inf"))


def is_interactive() -> bool:
    """Return whether standard error is a terminal, or Python runs in the kernel of a notebook."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if getattr(shell, "kernel", None) is not None:
        return True
    return sys.stderr is not None and sys.stderr.isatty()
