"""Records of findings: a sentence with its topic, its currency and the exact numbers in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from types import MappingProxyType
from typing import Any, overload

from rutterframe.views.sentences import Finding as Sentences

#: An amount in major units, a count, a share (a fraction of 1), a name, a day, or nothing.
Value = Decimal | int | float | str | None

#: The topics of findings, in the order of a month end, with the title of each.
TOPICS: Mapping[str, str] = MappingProxyType(
    {
        "load": "Load",
        "receivables": "Receivables",
        "payables": "Payables",
        "revenue": "Revenue",
        "cash": "Cash",
        "businesses": "Businesses",
        "month_end": "Month end",
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence on data, and the numbers in it.

    Attributes
    ----------
    topic : str
        One of `TOPICS`.
    currency : str or None
        The currency of its amounts; None where there are none, or where they have no currency.
    values : mapping of str to Decimal, int, float, str or None
        The numbers and names in the sentence, before they are rounded for a reader: amounts are decimals in
        major units, shares are fractions of 1. It is read-only.
    sentence : str
        For a reader.

    Examples
    --------
    >>> finding = Finding("cash", "EUR", {"overdrawn": Decimal("5.00")}, "Tills: 5.00 EUR overdrawn.")
    >>> print(finding)
    Tills: 5.00 EUR overdrawn.
    >>> finding.values["overdrawn"]
    Decimal('5.00')
    """

    topic: str
    currency: str | None
    values: Mapping[str, Value] = field(hash=False)
    sentence: str

    def __post_init__(self) -> None:
        """Check the topic, and make the values read-only."""
        if self.topic not in TOPICS:
            raise ValueError(f"topic={self.topic!r} is not a topic (expected one of {', '.join(TOPICS)})")
        object.__setattr__(self, "values", MappingProxyType(dict(self.values)))

    def __str__(self) -> str:
        """Return the sentence."""
        return self.sentence

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle by the arguments: a read-only mapping cannot be pickled."""
        return type(self), (self.topic, self.currency, dict(self.values), self.sentence)


class Findings(Sequence[Finding]):
    """A sequence of findings, which shows itself as sentences in text and HTML.

    Parameters
    ----------
    findings : iterable of Finding
        Those of several topics are shown under the title of each.

    Examples
    --------
    >>> Findings([Finding("cash", None, {"overdrawn": 0}, "No account is overdrawn.")])
    Finding: No account is overdrawn.
    """

    __slots__ = ("_findings",)

    def __init__(self, findings: Iterable[Finding] = ()) -> None:
        """Create the sequence."""
        self._findings = tuple(findings)

    @overload
    def __getitem__(self, index: int) -> Finding: ...
    @overload
    def __getitem__(self, index: slice) -> Findings: ...
    def __getitem__(self, index: int | slice) -> Finding | Findings:
        """Return one finding, or some of them as a sequence of the same kind."""
        if isinstance(index, slice):
            return type(self)(self._findings[index])
        return self._findings[index]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._findings)

    def __eq__(self, other: object) -> bool:
        """Compare with other findings, one by one."""
        return self._findings == other._findings if isinstance(other, Findings) else NotImplemented

    def __hash__(self) -> int:
        """Hash the findings."""
        return hash(self._findings)

    @property
    def sentences(self) -> list[str]:
        """The sentences, in order."""
        return [finding.sentence for finding in self._findings]

    def about(self, topic: str) -> Findings:
        """Return the findings of one topic.

        Parameters
        ----------
        topic : str
            One of `TOPICS`.

        Returns
        -------
        Findings
            Those of the topic, in the same order.

        Raises
        ------
        ValueError
            If it is not a topic.

        Examples
        --------
        >>> both = [Finding("cash", "EUR", {}, "Tills are low."), Finding("revenue", None, {}, "Up.")]
        >>> Findings(both).about("cash")
        Finding: Tills are low.
        """
        if topic not in TOPICS:
            raise ValueError(f"topic={topic!r} is not a topic (expected one of {', '.join(TOPICS)})")
        return type(self)(finding for finding in self._findings if finding.topic == topic)

    def __repr__(self) -> str:
        """Return the sentences as text, with the title of each topic where there are several."""
        return repr(self._text())

    def _repr_html_(self) -> str:
        """Return the sentences as HTML."""
        return self._text()._repr_html_()

    def _text(self) -> Sentences:
        groups = [(topic, [*group]) for topic, group in groupby(self._findings, key=lambda each: each.topic)]
        if len(groups) < 2:
            return Sentences(self.sentences)
        return Sentences(
            f"{TOPICS[topic]}: {finding.sentence}" for topic, group in groups for finding in group
        )
