"""Redaction: mask secrets in text and errors before they are shown."""

from __future__ import annotations

import base64
import functools
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar
from urllib.parse import quote, quote_plus

from pydantic import SecretStr

from rutterframe.client.encodings import MIN_LENGTH, CharacterSequence, Squeezed, sequences
from rutterframe.error_context import Refusal
from rutterframe.errors import InvalidRows, RutterframeError

E = TypeVar("E", bound=RutterframeError)

MASK = "**********"

# Shorter secrets are not masked: three letters occur in ordinary words, and masking them protects nothing.
_MIN_LENGTH = 4
# Between texts that are searched at once: a character for private use, which no spelling has.
_SEPARATOR = "\ue000"
# The mark of text that was cut short.
_CUT = "…"


def mask(text: str, secrets: Iterable[SecretStr]) -> str:
    r"""Replace every secret in a text by asterisks, in whatever spelling it is there.

    The beginning of a secret that was cut short by "…" is replaced as well, and a long one anywhere. The time
    grows with the length of the text: about a second for a megabyte and secret.

    Examples
    --------
    >>> secrets = [SecretStr("tok/0123456789+abc")]
    >>> mask("?access_token=tok%252F0123456789%252Babc, <a href='?t=tok&#x2F;01\n23456…", secrets)
    "?access_token=**********, <a href='?t=**********…"
    """
    spans: list[tuple[int, int]] = []
    squeezed = Squeezed.of(text)
    for secret in secrets:
        patterns = _patterns(secret)
        for encoding in patterns.encodings:
            spans += _occurrences(text, encoding)
        for sequence in patterns.sequences:
            for one in squeezed:
                spans += (one.original(*span) for span in sequence.spans(one.text))
    return _replace(text, spans) if spans else text


def mask_parameter(text: str, name: str) -> str:
    """Replace the value of a query parameter or of a JSON key by asterisks, also where it is not known.

    Examples
    --------
    >>> mask_parameter('GET /orders?access_token=t0k&limit=5 {"access_token": "0ther"}', "access_token")
    'GET /orders?access_token=**********&limit=5 {"access_token": "**********"}'
    """
    if name not in text:
        return text
    quoted, plain = r"(?P<quote>\\*[\"']).*?(?:(?P=quote)|$)", r"[^\s\"'&,}\\]+"
    pattern = rf"""({re.escape(name)}\\*["']?\s*[=:]\s*)(?:{quoted}|{plain})"""

    def hide(match: re.Match[str]) -> str:
        quote_mark = match["quote"] or ""
        return f"{match[1]}{quote_mark}{MASK}{quote_mark}"

    return re.sub(pattern, hide, text, flags=re.DOTALL)


def mask_error(error: E, secrets: Sequence[SecretStr]) -> E:
    """Mask every secret in an error: in message and hint, and in the rows that it names."""
    error.reword(mask(error.message, secrets))
    error.hint = mask(error.hint, secrets)
    if isinstance(error, InvalidRows):
        error.refused = mask_refusals(error.refused, secrets)
    return error


def mask_refusals(refusals: Iterable[Refusal], secrets: Sequence[SecretStr]) -> tuple[Refusal, ...]:
    """Mask every secret in the descriptions of rows that cannot be read."""
    refusals = tuple(refusals)
    texts = [
        text.replace(_SEPARATOR, "\ufffd")
        for refusal in refusals
        for text in (refusal.record_id or "", refusal.field, refusal.value, refusal.reason)
    ]
    # All at once: to search many short texts one by one takes several times as long.
    masked = mask(_SEPARATOR.join(texts), secrets).split(_SEPARATOR) if texts else []
    return tuple(
        replace(
            refusal,
            record_id=None if refusal.record_id is None else record_id,
            field=field,
            value=value,
            reason=reason,
        )
        for refusal, record_id, field, value, reason in zip(
            refusals, *(masked[place::4] for place in range(4)), strict=True
        )
    )


@dataclass(frozen=True, slots=True, repr=False)
class _Patterns:
    """What to look for to find a secret; shows nothing of it."""

    #: The secret in the usual encodings.
    encodings: tuple[str, ...]
    #: The secret in every spelling; empty for a short one.
    sequences: tuple[CharacterSequence, ...]


@functools.lru_cache(maxsize=256)
def _patterns(secret: SecretStr) -> _Patterns:
    """Return what to look for; a SecretStr is equal to another one of the same text."""
    value = secret.get_secret_value()
    return _Patterns(tuple(dict.fromkeys(_encodings(value))), tuple(sequences(value)))


def _replace(text: str, spans: list[tuple[int, int]]) -> str:
    """Replace parts of a text by asterisks; parts that overlap are one."""
    parts: list[str] = []
    end = 0
    for first, last in sorted(spans):
        if first >= end:
            parts += [text[end:first], MASK]
        end = max(end, last)
    return "".join([*parts, text[end:]])


def _occurrences(text: str, encoding: str) -> Iterator[tuple[int, int]]:
    """Yield where a text has an encoding, and a beginning of it before the mark of a cut."""
    start = text.find(encoding)
    while start >= 0:
        yield start, start + len(encoding)
        start = text.find(encoding, start + len(encoding))
    for length in range(_MIN_LENGTH, min(len(encoding), MIN_LENGTH)):
        cut = text.find(encoding[:length] + _CUT)
        while cut >= 0:
            yield cut, cut + length
            cut = text.find(encoding[:length] + _CUT, cut + length)


def _encodings(value: str) -> Iterator[str]:
    """Yield a secret as it is, URL-encoded, in base64 and escaped."""
    if len(value) >= _MIN_LENGTH:
        encoded = base64.b64encode(value.encode()).decode().rstrip("=")
        yield from (value, quote(value), quote(value, safe=""), quote_plus(value), encoded)
        yield from (repr(value)[1:-1], json.dumps(value)[1:-1])
