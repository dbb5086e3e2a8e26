"""The one place that takes secrets out of text that will be shown."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

from pydantic import SecretStr

MASK = "**********"

_TOO_SHORT_TO_MASK = 4


def mask(text: str, secrets: Iterable[SecretStr]) -> str:
    """Replace every secret in a text, as it is, URL-encoded or in base64, by asterisks."""
    spellings = {spelling for secret in secrets for spelling in _spellings(secret.get_secret_value())}
    # The longest first: a secret that begins another one must not uncover the rest of it.
    for spelling in sorted(spellings, key=len, reverse=True):
        text = text.replace(spelling, MASK)
    return text


def _spellings(value: str) -> Iterator[str]:
    # A secret of three letters would tear holes into every word; it protects nothing either.
    if len(value) >= _TOO_SHORT_TO_MASK:
        encoded = base64.b64encode(value.encode()).decode().rstrip("=")
        yield from (value, quote(value), quote(value, safe=""), quote_plus(value), encoded)
