"""The one place that takes secrets out of text that will be shown."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

from pydantic import SecretStr

MASK = "**********"

_TOO_SHORT_TO_MASK = 4


def mask(text: str, secrets: Iterable[SecretStr]) -> str:
    """Replace every secret in a text, as it is, URL-encoded or in base64, by asterisks."""
    for secret in secrets:
        value = secret.get_secret_value()
        # A secret of three letters would tear holes into every word; it protects nothing either.
        if len(value) < _TOO_SHORT_TO_MASK:
            continue
        encoded = base64.b64encode(value.encode()).decode().rstrip("=")
        for spelling in (value, quote(value, safe=""), quote_plus(value), encoded):
            text = text.replace(spelling, MASK)
    return text
