"""Mask secrets in the log of httpcore.

At DEBUG it writes the headers of each response, in which a server may repeat the request, as a redirect does
in its Location.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Self

# Those that write headers and exceptions.
_LOGGERS = ("httpcore.connection", "httpcore.http11", "httpcore.proxy", "httpcore.socks")


class LogFilter(threading.local, logging.Filter):
    """Masks the records that are written while this thread sends a request; others stay as they are."""

    def __init__(self) -> None:
        logging.Filter.__init__(self)
        self._mask: Callable[[str], str] | None = None

    def masking(self, mask: Callable[[str], str]) -> Self:
        """Mask records in the with block."""
        self._mask = mask
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._mask = None

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask the record, and let it pass."""
        if self._mask is not None:
            record.msg, record.args = self._mask(record.getMessage()), ()
        return True

    def install(self) -> None:
        """Add the filter to httpcore's loggers; again it makes no difference."""
        for name in _LOGGERS:
            logging.getLogger(name).addFilter(self)


#: The filter of this thread's request.
LOG_FILTER = LogFilter()
