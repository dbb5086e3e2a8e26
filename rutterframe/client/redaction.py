"""Redaction: mask secrets in text and errors before they are shown."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar
from urllib.parse import quote, quote_plus

from pydantic import SecretStr

from rutterframe.error_context import Refusal
from rutterframe.errors import InvalidRows, RutterframeError

E = TypeVar("E", bound=RutterframeError)

MASK = "**********"

# Shorter secrets are not masked: one of three letters would tear holes into every word, and protects nothing.
_MIN_LENGTH = 4
# The mark of text that was cut short.
_CUT = "…"


def mask(text: str, secrets: Iterable[SecretStr]) -> str:
    """Replace every secret in a text, as it is, URL-encoded, escaped or in base64, by asterisks.

    The beginning of a secret that was cut short by "…" is replaced as well.
    """
    encodings = {encoding for secret in secrets for encoding in _encodings(secret.get_secret_value())}
    # The longest first: a secret that begins another one must not uncover the rest of it.
    for encoding in sorted(encodings, key=len, reverse=True):
        text = text.replace(encoding, MASK)
    if _CUT in text:
        *cut, rest = text.split(_CUT)
        text = _CUT.join([*(_mask_beginning(part, encodings) for part in cut), rest])
    return text


def mask_error(error: E, secrets: Sequence[SecretStr]) -> E:
    """Mask every secret in an error: in message and hint, and in the rows that it names."""
    error.reword(mask(error.message, secrets))
    error.hint = mask(error.hint, secrets)
    if isinstance(error, InvalidRows):
        error.refused = mask_refusals(error.refused, secrets)
    return error


def mask_refusals(refusals: Iterable[Refusal], secrets: Sequence[SecretStr]) -> tuple[Refusal, ...]:
    """Mask every secret in the descriptions of rows that cannot be read."""
    return tuple(
        replace(
            refusal,
            record_id=refusal.record_id and mask(refusal.record_id, secrets),
            field=mask(refusal.field, secrets),
            value=mask(refusal.value, secrets),
            reason=mask(refusal.reason, secrets),
        )
        for refusal in refusals
    )


def _mask_beginning(text: str, encodings: Iterable[str]) -> str:
    """Mask the longest beginning of a secret with which a text ends."""
    longest = max((_overlap(text, encoding) for encoding in encodings), default=0)
    return text[:-longest] + MASK if longest else text


def _overlap(text: str, encoding: str) -> int:
    """Return the length of the longest beginning of a secret with which a text ends."""
    lengths = range(min(len(text), len(encoding)), _MIN_LENGTH - 1, -1)
    return next((length for length in lengths if text.endswith(encoding[:length])), 0)


def _encodings(value: str) -> Iterator[str]:
    """Yield a secret as it is, URL-encoded, in base64 and escaped."""
    if len(value) >= _MIN_LENGTH:
        encoded = base64.b64encode(value.encode()).decode().rstrip("=")
        yield from (value, quote(value), quote(value, safe=""), quote_plus(value), encoded)
        yield from (repr(value)[1:-1], json.dumps(value)[1:-1])
