"""End a command on SIGTERM, which schedulers send, in the same way as on Ctrl-C."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Self

#: The exit codes after Ctrl-C and after SIGTERM, as shells report them.
INTERRUPTED, TERMINATED = 130, 143


class Termination:
    """Raises KeyboardInterrupt in the main thread on the first SIGTERM; later ones are ignored.

    Attributes
    ----------
    received : bool
        Whether SIGTERM was received.
    """

    def __init__(self) -> None:
        self.received = False
        self._ignored = False
        # Only the main thread may set handlers.
        self._is_set = threading.current_thread() is threading.main_thread()

    def __enter__(self) -> Self:
        if self._is_set:
            self._before = signal.signal(signal.SIGTERM, self._interrupt)
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_set:
            signal.signal(signal.SIGTERM, self._before)

    def ignore(self) -> None:
        """Ignore SIGTERM from now on: the result is being written, and is not cut in half."""
        self._ignored = True

    @property
    def exit_code(self) -> int:
        """The exit code of a command that was interrupted."""
        return TERMINATED if self.received else INTERRUPTED

    @property
    def reason(self) -> str:
        """State what ended the command."""
        return "Terminated by SIGTERM" if self.received else "Interrupted by Ctrl-C"

    def _interrupt(self, _signal: int, _frame: FrameType | None) -> None:
        if self.received or self._ignored:
            return
        self.received = True
        raise KeyboardInterrupt
