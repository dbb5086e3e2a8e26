"""Data checks that another package or the program adds."""

from __future__ import annotations

import re

from rutterframe.entry_points import Registry
from rutterframe.quality.findings import Check, Severity

_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)


def check_check(check: object) -> None:
    """Refuse a data check that could not run.

    Raises
    ------
    TypeError
        If it is not a Check, or ``find`` is not a function.
    ValueError
        If its name, severity, meaning or reason is not valid.
    """
    if not isinstance(check, Check):
        raise TypeError(f"expected a Check, not {type(check).__name__}")
    if not _NAME.fullmatch(check.name):
        raise ValueError(
            f"{check.name!r} is not a valid name of a check (expected lower-case letters, digits and _)"
        )
    severity: object = check.severity
    if not isinstance(severity, Severity):
        raise TypeError(f"{check.name}: severity must be one of Severity, not {severity!r}")
    if not callable(check.find):
        raise TypeError(f"{check.name}: find must be a function, not {type(check.find).__name__}")
    for part in ("meaning", "reason"):
        text = getattr(check, part)
        if not text.strip() or "\n" in text:
            raise ValueError(f"{check.name}: {part} must be a sentence on one line")


#: The checks of installed packages, and those that the program has registered.
OWN_CHECKS: Registry[Check] = Registry("check", lambda check: check.name, check_check)
