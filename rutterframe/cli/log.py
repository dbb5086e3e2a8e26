"""What a command writes to standard error: errors, and its log, as text or as one JSON object a line."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Self

from rutterframe.client import Client
from rutterframe.notebook.escape import printable_lines

# The library's own, and Python's for warnings.
_LOGGER, _WARNINGS = "rutterframe", "py.warnings"
#: What every record has; the others are the fields of a line.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class LogFormat(StrEnum):
    """How the log is written."""

    TEXT = "text"
    JSON = "json"


class LogLevel(StrEnum):
    """From which level on lines are written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class StderrLog:
    """Writes the log of the library to standard error, and what a command states beside its result.

    Parameters
    ----------
    log_format : LogFormat
        Whether a line is text or a JSON object.
    level : LogLevel, optional
        From which level on lines are written; when left out, warning for text and info for JSON.
    """

    def __init__(self, log_format: LogFormat = LogFormat.TEXT, level: LogLevel | None = None) -> None:
        self.is_json = log_format is LogFormat.JSON
        self._level = (level or (LogLevel.INFO if self.is_json else LogLevel.WARNING)).upper()
        self._mask: Callable[[str], str] = lambda text: text
        self._own = logging.getLogger(_LOGGER)

    def __enter__(self) -> Self:
        self._handler = logging.StreamHandler()
        self._handler.setFormatter(_Lines(self._hide, as_json=self.is_json))
        self._before = self._own.level
        self._own.addHandler(self._handler)
        self._own.setLevel(self._level)
        if self.is_json:
            logging.captureWarnings(capture=True)
            logging.getLogger(_WARNINGS).addHandler(self._handler)
        return self

    def __exit__(self, *_: object) -> None:
        self._own.setLevel(self._before)
        self._own.removeHandler(self._handler)
        if self.is_json:
            logging.getLogger(_WARNINGS).removeHandler(self._handler)
            logging.captureWarnings(capture=False)

    def hide_secrets_of(self, client: Client) -> None:
        """Mask the secrets of a client in each line from now on, as a last resort: the library masks them."""
        request = client.connections.listing()
        self._mask = lambda text: request.session.secrets.mask(text, request)

    def _hide(self, text: str) -> str:
        return self._mask(text)

    def state(self, text: str, **fields: Any) -> None:
        """State something: a line of text, or of level info."""
        self._write(logging.INFO, text, text, fields)

    def info(self, message: str) -> None:
        """Write a message of level info, which standard error as text has from that level on."""
        self._own.info("%s", message)

    def warning(self, text: str, message: str, **fields: Any) -> None:
        """Warn with a line of text, or a message with fields."""
        self._write(logging.WARNING, text, message, fields)

    def error(self, text: str, message: str | None = None, **fields: Any) -> None:
        """Write an error as text after "Error:", or as a message with fields."""
        self._write(logging.ERROR, f"Error: {text}", message or text, fields)

    def failure(self, error: Exception) -> str:
        """Write the traceback of an unforeseen error, and return the error in a sentence."""
        self._own.error("unforeseen error", exc_info=error)
        return self._hide(f"{type(error).__name__}: {error}\nNext: report it with the lines of the log")

    def _write(self, level: int, text: str, message: str, fields: dict[str, Any]) -> None:
        if self.is_json:
            self._own.log(level, "%s", message, extra=fields)
            return
        sys.stderr.write(f"{printable_lines(self._hide(text))}\n")
        sys.stderr.flush()


class _Lines(logging.Formatter):
    """Writes records as lines without control characters and secrets, with times in UTC."""

    def __init__(self, mask: Callable[[str], str], *, as_json: bool) -> None:
        super().__init__()
        self._mask = mask
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        time, message = time.replace("+00:00", "Z"), self._mask(record.getMessage())
        if record.exc_info:
            message = f"{message}\n{self._mask(self.formatException(record.exc_info))}"
        if not self._as_json:
            return printable_lines(f"{time} {record.levelname} {message}")
        line = {"time": time, "level": record.levelname.lower(), "logger": record.name, "message": message}
        fields = {name: value for name, value in vars(record).items() if name not in _STANDARD}
        masked = {
            name: self._mask(value) if isinstance(value, str) else value for name, value in fields.items()
        }
        return json.dumps(
            line | {name: value for name, value in masked.items() if value is not None}, default=str
        )
