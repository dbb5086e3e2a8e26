"""The result of `diagnose`: findings with what to set, as text of 80 columns, HTML, a frame or JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

from rutterframe.notebook.cards import card
from rutterframe.notebook.escape import printable

if TYPE_CHECKING:
    import pandas as pd

Status = Literal["ok", "warning", "failed", "unknown"]

_WIDTH = 80
_COLUMNS = ("check", "connection_id", "status", "finding", "next")


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    Attributes
    ----------
    check : str
        What was checked: "credentials", "environment", "dialect", "connection" …
    status : str
        "ok", "warning", "failed", or "unknown" where it could not be checked.
    finding : str
        What there is; never a secret.
    next : str
        What to set or do; empty if nothing.
    connection_id : str or None
        The connection, where it is about one.
    """

    check: str
    status: Status
    finding: str
    next: str = ""
    connection_id: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Diagnosis:
    """The findings of `diagnose`, in the order in which one would correct them; shows itself.

    Attributes
    ----------
    findings : tuple of Finding
        What was found.

    Examples
    --------
    >>> Diagnosis((Finding("credentials", "failed", "No credentials are set.", "Set them."),))
    1 failed
    failed   credentials  No credentials are set.
                          Next: Set them.
    """

    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing failed; warnings do not count."""
        return all(finding.status != "failed" for finding in self.findings)

    @property
    def summary(self) -> str:
        """How many findings there are of each status, such as "1 failed, 6 ok"."""
        statuses = [finding.status for finding in self.findings]
        words: tuple[tuple[Status, str], ...] = (
            ("failed", "failed"), ("warning", "warnings"), ("unknown", "unknown"), ("ok", "ok"),
        )  # fmt: skip
        counts = [(statuses.count(status), word) for status, word in words]
        return ", ".join(f"{count} {word}" for count, word in counts if count)

    def to_frame(self) -> pd.DataFrame:
        """Return the findings as a frame: check, connection_id, status, finding, next; all of them text."""
        import pandas as pd  # noqa: PLC0415 - the records above need none

        from rutterframe.frames.text_dtype import TEXT_DTYPE  # noqa: PLC0415 - likewise

        rows = [asdict(finding) for finding in self.findings]
        return pd.DataFrame(rows, columns=list(_COLUMNS)).astype(TEXT_DTYPE)

    def to_dict(self) -> dict[str, object]:
        """Return the findings for JSON: ``ok``, and a list of objects."""
        rows = [asdict(finding) for finding in self.findings]
        return {"ok": self.ok, "findings": [{name: row[name] for name in _COLUMNS} for row in rows]}

    def __repr__(self) -> str:
        """Show a line for each finding, and what to do next, in 80 columns."""
        width = max((len(finding.check) for finding in self.findings), default=0)
        lines = [self.summary]
        for finding in self.findings:
            begin = f"{finding.status:<8} {finding.check:<{width}}  "
            for number, text in enumerate(_texts(finding)):
                lines += textwrap.wrap(
                    printable(text),
                    _WIDTH,
                    initial_indent=begin if number == 0 else " " * len(begin),
                    subsequent_indent=" " * len(begin),
                    break_on_hyphens=False,
                )
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """Draw the findings as a card."""
        facts = [(f"{one.status}: {one.check}", "\n".join(_texts(one))) for one in self.findings]
        return card(f"rutterframe doctor: {self.summary}", facts)


def _texts(finding: Finding) -> list[str]:
    """Return the lines of a finding, with the connection that it is about."""
    name = f"{finding.connection_id}: " if finding.connection_id is not None else ""
    return [f"{name}{finding.finding}", *([f"Next: {finding.next}"] if finding.next else [])]


def counted(counts: Mapping[str, int]) -> str:
    """Return counts in words, such as "3 active, 1 disabled"."""
    return ", ".join(f"{count} {word}" for word, count in counts.items())
