"""Find which of thousands of secrets a text may hold: a server may mention the token of another connection.

To search for a secret in every spelling takes a second for a megabyte: too long for each of 5,000 tokens. So
the text is decoded, and each of its letters and digits looked up as the beginning of a secret.
"""

from __future__ import annotations

import base64
import bisect
import itertools
import re
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Self
from urllib.parse import quote

from pydantic import Secret, SecretStr

from rutterframe.client.encodings import NOT_COMPARED, Squeezed, decodings, forms, least_part

# The shortest beginning that is looked up, and the shortest secret that is searched for.
_MIN_LENGTH = 4
# How often a text is decoded: servers escape what another has escaped.
_MAX_FORMS = 12
# Only these are compared: encoders change, drop and insert all others.
_LEFT_OUT = re.compile(r"[^a-z0-9]+")
# Half an escape before the mark of a cut, and its most characters.
_HALF_ESCAPE, _MAX_ESCAPE = re.compile(r"[%&\\]"), 25
# How many cuts of a text, and characters before each, are looked at.
_MAX_CUTS, _MAX_BEFORE_CUT = 40, 500


class SecretIndex:
    """The secrets that a client knows."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._new: list[SecretStr] = []
        self._known: set[SecretStr] = set()
        # Wrapped, since it holds them as plain text: no tool that shows an object's attributes opens it.
        self._entries = Secret(_Entries())

    def add(self, secrets: Iterable[SecretStr]) -> None:
        """Add secrets; they are indexed when the first text is searched."""
        with self._lock:
            self._new += secrets

    def of(self, text: str) -> list[SecretStr]:
        """Return the secrets of which a text may hold all, a large part, or the beginning before a cut."""
        with self._lock:
            new = [secret for secret in dict.fromkeys(self._new) if secret not in self._known]
            self._new.clear()
            self._known.update(new)
            return self._entries.get_secret_value().with_more(new).of(text)


class _Entries:
    """Secrets by their beginnings."""

    def __init__(self) -> None:
        #: Their spellings, and the parts of them that a text must have.
        self._spellings: dict[str, list[SecretStr]] = defaultdict(list)
        self._sorted: list[str] = []
        self._parts: set[str] = set()
        #: The lengths of parts, and of spellings, by their first characters.
        self._lengths: dict[str, set[int]] = defaultdict(set)
        self._whole_lengths: dict[str, set[int]] = defaultdict(set)
        #: Secrets with hardly a letter or digit, or not in ASCII: candidates for every text.
        self._always: list[SecretStr] = []

    def of(self, text: str) -> list[SecretStr]:
        candidates = dict.fromkeys(self._always)
        if self._parts:
            for form in _decoded(text):
                candidates.update(dict.fromkeys(self._in_text(_squeezed(form))))
                candidates.update(dict.fromkeys(self._before_cuts(form)))
        return list(candidates)

    def with_more(self, secrets: list[SecretStr]) -> Self:
        """Add secrets, and return the entries."""
        for secret in secrets:
            value = secret.get_secret_value()
            for spelling, part in _spellings(value):
                if len(part) < _MIN_LENGTH or not value.isascii():
                    self._always.append(secret)
                    continue
                self._spellings[spelling].append(secret)
                self._parts.add(part)
                self._lengths[part[:_MIN_LENGTH]].add(len(part))
                self._whole_lengths[part[:_MIN_LENGTH]].add(len(spelling))
        if secrets:
            self._sorted = sorted(self._spellings)
        return self

    def _in_text(self, text: str) -> Iterator[SecretStr]:
        for start in range(len(text) - _MIN_LENGTH + 1):
            beginning = text[start : start + _MIN_LENGTH]
            lengths = self._lengths.get(beginning, ())
            if any(text[start : start + length] in self._parts for length in lengths):
                for length in self._whole_lengths[beginning]:
                    yield from self._spellings.get(text[start : start + length], ())
                yield from self._nearest(text[start : start + max(self._whole_lengths[beginning])])

    def _nearest(self, text: str) -> list[SecretStr]:
        """Return a secret of which a text has the most: which of several it is makes no difference."""
        place = bisect.bisect_left(self._sorted, text)
        neighbours = self._sorted[max(0, place - 1) : place + 1]
        return self._spellings[max(neighbours, key=lambda spelling: _length_of_same(spelling, text))]

    def _before_cuts(self, form: str) -> Iterator[SecretStr]:
        cuts = (match.start() for match in re.finditer("…", form))
        for end in itertools.islice(cuts, _MAX_CUTS):
            before = form[max(0, end - _MAX_BEFORE_CUT) : end]
            half_escapes = _HALF_ESCAPE.finditer(before, max(0, len(before) - _MAX_ESCAPE))
            for last in (len(before), *(match.start() for match in half_escapes)):
                text = _squeezed(before[:last])
                for start in range(len(text)):
                    place = bisect.bisect_left(self._sorted, text[start:])
                    if place < len(self._sorted) and self._sorted[place].startswith(text[start:]):
                        yield from self._spellings[self._sorted[place]]


def _length_of_same(one: str, other: str) -> int:
    """Return the length of the beginning that two texts share."""
    pairs = zip(one, other, strict=False)
    return next((length for length, (left, right) in enumerate(pairs) if left != right), len(one))


def _decoded(text: str) -> Iterator[str]:
    """Yield a text without line breaks, and what each further decoding makes of it."""
    for squeezed in Squeezed.of(text):
        yield from decodings(squeezed.text, _MAX_FORMS)


def _spellings(value: str) -> Iterator[tuple[str, str]]:
    """Yield what a text is searched for, and the part of it that must be there: also of base64."""
    if len(value) < _MIN_LENGTH:
        return  # never masked: it protects nothing, and three letters are in every text
    for form in forms(value):
        compared = NOT_COMPARED.sub("", form)
        yield _squeezed(form), _squeezed(compared[: least_part(len(compared))])
    for data in dict.fromkeys((value, quote(value, safe=""))):
        for shift in range(3):
            encoded = base64.b64encode(bytes(shift) + data.encode("utf-8", "replace")).decode()
            inner = encoded[(0, 2, 3)[shift] : (shift + len(data.encode("utf-8", "replace"))) * 8 // 6]
            if len(_squeezed(inner)) >= _MIN_LENGTH:
                yield _squeezed(inner), _squeezed(inner[: least_part(len(inner))])


def _squeezed(text: str) -> str:
    return _LEFT_OUT.sub("", text.lower())
