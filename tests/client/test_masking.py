"""Masking: whatever the API or a proxy repeats of what it was sent, no secret is shown."""

from __future__ import annotations

import base64
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from rutterframe.client.masking import mask

SECRET = "s3cr/t +é"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("nothing here", "nothing here"),
        ("it was s3cr/t +é!", "it was **********!"),
        ("twice s3cr/t +é s3cr/t +é", "twice ********** **********"),
        ("?access_token=s3cr%2Ft%20%2B%C3%A9&x=1", "?access_token=**********&x=1"),
        ("?access_token=s3cr%2Ft+%2B%C3%A9", "?access_token=**********"),
        ("Basic czNjci90ICvDqQ==", "Basic **********=="),
        ("", ""),
    ],
)
def test_a_secret_is_masked_in_every_spelling(text: str, masked: str) -> None:
    """A secret is replaced as it is, URL-encoded in both ways, and in base64; all else stays."""
    assert mask(text, [SecretStr(SECRET)]) == masked


def test_every_secret_is_masked() -> None:
    """All secrets of a request are taken out of its errors."""
    secrets = [SecretStr("first-one"), SecretStr("second-one")]
    assert mask("first-one and second-one", secrets) == "********** and **********"


def test_a_very_short_secret_is_left() -> None:
    """A secret of three letters would tear holes into every word, so it is left; of four it is not."""
    assert mask("a cat sat", [SecretStr("cat"), SecretStr("")]) == "a cat sat"
    assert mask("a goat sat", [SecretStr("goat")]) == "a ********** sat"


@given(st.text(min_size=4, max_size=12).filter(lambda text: not set(text) <= {"*"}), st.text(), st.text())
def test_no_spelling_survives(secret: str, before: str, after: str) -> None:
    """Wherever in a text a secret stands, in whichever spelling, it is not in what is left."""
    encoded = base64.b64encode(secret.encode()).decode().rstrip("=")
    for spelling in (secret, quote(secret, safe=""), quote_plus(secret), encoded):
        shown = mask(f"{before}|{spelling}|{after}", [SecretStr(secret)])
        assert "|**********|" in shown
