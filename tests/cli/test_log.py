"""The log of a command: text or one JSON object a line, in UTC, without secrets and control characters."""

from __future__ import annotations

import json
import logging
import re
import warnings
from typing import Any

import pytest

from rutterframe.cli.log import LogFormat, LogLevel, StderrLog
from tests.dataset.scripted import Api

TOKEN = "tok-0123456789-abcdef"
_log = logging.getLogger("rutterframe")


def fail() -> None:
    """Log an exception with its traceback."""
    try:
        int("reason")
    except ValueError:
        _log.exception("failed")


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    out, err = capsys.readouterr()
    assert out == ""
    return err.splitlines()


def records(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Return the JSON objects of standard error, without their times."""
    parsed = [json.loads(line) for line in lines(capsys)]
    for one in parsed:
        assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", one.pop("time"))
    return parsed


def test_json_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """Each line has time, level, logger and message, then the fields of the record."""
    with StderrLog(LogFormat.JSON) as stderr:
        _log.debug("not from debug on")
        _log.info(
            "bills of %s: refreshed",
            "a\x1b[2J\n\u202e",
            extra={"connection_id": "a", "rows": 3, "error": None},
        )
        stderr.state("REAL DATA", environment="sandbox")
        stderr.warning("text", "message", lists=2)
        stderr.error("text\nNext: do", message="text", hint="do", same_reason=["bills"])
        fail()
    head = {"logger": "rutterframe"}
    first, *middle, last = records(capsys)
    message = "bills of a\x1b[2J\n\u202e: refreshed"
    assert first == {"level": "info", **head, "message": message, "connection_id": "a", "rows": 3}
    assert middle == [
        {"level": "info", **head, "message": "REAL DATA", "environment": "sandbox"},
        {"level": "warning", **head, "message": "message", "lists": 2},
        {"level": "error", **head, "message": "text", "hint": "do", "same_reason": ["bills"]},
    ]
    assert last["message"].startswith("failed\nTraceback (most recent call last):")
    assert last["message"].endswith("ValueError: invalid literal for int() with base 10: 'reason'")


def test_control_characters_are_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    """A line of JSON or text has no control character, whatever an API sent."""
    for log_format in LogFormat:
        with StderrLog(log_format) as stderr:
            _log.warning("a\x1b[2J\u202eb")
            stderr.error("c\x1b[2J\u202ed")
    assert all(r"\x1b[2J\u202e" in line or r"\u001b[2J\u202e" in line for line in lines(capsys))


def test_text_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """Text has the time in UTC and the level; what a command states has neither."""
    with StderrLog(level=LogLevel.INFO) as stderr:
        _log.debug("not from debug on")
        _log.info("bills of a: refreshed", extra={"rows": 3})
        stderr.error("no\nNext: do")
        stderr.warning("stale", "message")
    first, *rest = lines(capsys)
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO bills of a: refreshed", first)
    assert rest == ["Error: no", "Next: do", "stale"]


def test_levels(capsys: pytest.CaptureFixture[str]) -> None:
    """Text begins at warning and JSON at info; afterwards the logger is as before."""
    before = (_log.level, list(_log.handlers))
    for log_format, level in (
        (LogFormat.TEXT, None),
        (LogFormat.JSON, None),
        (LogFormat.JSON, LogLevel.ERROR),
    ):
        with StderrLog(log_format, level):
            _log.info("info")
            _log.warning("warning")
            _log.error("error")
    words = [re.findall(r"info|warning|error", line)[-1] for line in lines(capsys)]
    assert words == ["warning", "error", "info", "warning", "error", "error"]
    assert (_log.level, list(_log.handlers)) == before


def test_warnings_are_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """A warning of Python is a line of JSON as well."""
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        with StderrLog(LogFormat.JSON):
            warnings.warn("rows are missing", UserWarning, stacklevel=1)
    (line,) = records(capsys)
    assert (line["level"], line["logger"]) == ("warning", "py.warnings")
    assert "UserWarning: rows are missing" in line["message"]


@pytest.mark.parametrize("log_format", LogFormat)
def test_secrets_are_masked(capsys: pytest.CaptureFixture[str], log_format: LogFormat) -> None:
    """Access tokens and credentials are masked in messages, fields and errors, in each spelling."""
    with Api().client(TOKEN) as client, StderrLog(log_format) as stderr:
        stderr.hide_secrets_of(client)
        _log.warning("GET /x?access_token=%s", TOKEN, extra={"error": f"echo {TOKEN}", "n": 1})
        _log.warning("the secret is a-secret, the token %s", TOKEN.replace("-", "%2D"))
        stderr.error(f"token {TOKEN}", message=f"token {TOKEN}", hint=f"not {TOKEN}")
    text = "\n".join(lines(capsys))
    assert "0123456789" not in text
    assert "a-secret" not in text
    assert text.count("**********") >= 4
