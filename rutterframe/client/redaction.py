"""The one place that takes secrets out of text that will be shown."""

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

_TOO_SHORT_TO_MASK = 4
_CUT = "…"


def mask(text: str, secrets: Iterable[SecretStr]) -> str:
    """Replace every secret in a text, as it is, URL-encoded, escaped or in base64, by asterisks.

    The beginning of a secret that was cut short by "…" is replaced as well.
    """
    spellings = {spelling for secret in secrets for spelling in _spellings(secret.get_secret_value())}
    # The longest first: a secret that begins another one must not uncover the rest of it.
    for spelling in sorted(spellings, key=len, reverse=True):
        text = text.replace(spelling, MASK)
    if _CUT in text:
        *cut, rest = text.split(_CUT)
        text = _CUT.join([*(_without_beginning(part, spellings) for part in cut), rest])
    return text


def mask_error(error: E, secrets: Sequence[SecretStr]) -> E:
    """Take every secret out of an error: out of its words, and out of the rows that it names."""
    error.reword(mask(error.message, secrets))
    error.hint = mask(error.hint, secrets)
    if isinstance(error, InvalidRows):
        error.refused = mask_refusals(error.refused, secrets)
    return error


def mask_refusals(refused: Iterable[Refusal], secrets: Sequence[SecretStr]) -> tuple[Refusal, ...]:
    """Take every secret out of what is said about rows that cannot be read."""
    return tuple(
        replace(
            one,
            record_id=one.record_id and mask(one.record_id, secrets),
            field=mask(one.field, secrets),
            value=mask(one.value, secrets),
            reason=mask(one.reason, secrets),
        )
        for one in refused
    )


def _without_beginning(text: str, spellings: Iterable[str]) -> str:
    """Mask the longest beginning of a secret with which a text ends."""
    longest = max((_overlap(text, spelling) for spelling in spellings), default=0)
    return text[:-longest] + MASK if longest else text


def _overlap(text: str, spelling: str) -> int:
    lengths = range(min(len(text), len(spelling)), _TOO_SHORT_TO_MASK - 1, -1)
    return next((length for length in lengths if text.endswith(spelling[:length])), 0)


def _spellings(value: str) -> Iterator[str]:
    # A secret of three letters would tear holes into every word; it protects nothing either.
    if len(value) >= _TOO_SHORT_TO_MASK:
        encoded = base64.b64encode(value.encode()).decode().rstrip("=")
        yield from (value, quote(value), quote(value, safe=""), quote_plus(value), encoded)
        yield from (repr(value)[1:-1], json.dumps(value)[1:-1])
