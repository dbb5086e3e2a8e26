"""Secrets in every encoding: no piece of one is left in a text, at any place, in a linear number of steps."""

from __future__ import annotations

import re
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from rutterframe.client.redaction import MASK, mask
from tests.client.encoders import ENCODERS, WRAPPERS

# The least piece of a secret that must not be left.
PIECE = 6
TOKENS = st.one_of(
    st.from_regex(r"[A-Za-z0-9_./+=~-]{8,60}", fullmatch=True),
    st.from_regex(r"(sandbox|production)_(at|sk)_[0-9a-f]{8}-[0-9a-f]{12}", fullmatch=True),
    st.text(st.characters(max_codepoint=0x24F, exclude_categories=["C", "Z", "M"]), min_size=8, max_size=40),
    st.text(st.sampled_from("aB3%25&#;\\/u0x+\"'<é€😀= "), min_size=8, max_size=30),
)


# Line breaks, white space and doubled backslashes, which say nothing about a token.
BREAKS = re.compile(r"\\+[nrt]|[\s\u200b\x00]+|\\+(?=\\)")


def pieces(text: str) -> set[str]:
    """Return the pieces of a text that must not be left of it: six characters, mostly letters and digits."""
    parts = {text[start : start + PIECE] for start in range(len(text) - PIECE + 1)}
    return {piece for piece in parts if sum(map(str.isalnum, piece)) > PIECE // 2}


def left_of(secret: str, encoded: str, masked: str, around: str = "") -> list[str]:
    """Return the pieces of a secret, and of its spelling, that are still in a text."""
    texts = [secret, BREAKS.sub("", encoded)]
    left = BREAKS.sub("", masked)
    return [piece for text in texts for piece in pieces(text) if piece in left and piece not in around]


@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_a_token_in_every_spelling(encoder: str, wrapper: str) -> None:
    """A token with everything that encoders escape is masked in each spelling, broken in each way."""
    for token in ("tok/0123+45=6789&abc", "sandbox_at_9f8e7d6c-5b4a", "q\"x'\\y<ö>?#;:@ %41z~é"):
        encoded = WRAPPERS[wrapper](ENCODERS[encoder](token))
        masked = mask(f"<a href='?access_token={encoded}&x=1'>", [SecretStr(token)])
        assert left_of(token, encoded, masked) == []
        assert masked.startswith("<a href='?access_token=")
        assert masked.endswith("&x=1'>")


def usable(token: str) -> bool:
    """Return whether a token has enough characters that are not left out of the comparison."""
    return len([one for one in token if one.isalnum()]) >= 6 and "**" not in token


@pytest.mark.slow
@settings(max_examples=120)
@given(
    TOKENS.filter(usable),
    st.sampled_from(sorted(ENCODERS)),
    st.sampled_from(sorted(WRAPPERS)),
    st.text(max_size=20),
    st.text(max_size=20),
)
def test_no_piece_of_a_token_is_left(token: str, encoder: str, wrapper: str, before: str, after: str) -> None:
    """Whatever the token, its spelling and what is around it, no piece of six characters is left."""
    encoded = WRAPPERS[wrapper](ENCODERS[encoder](token))
    masked = mask(f"{before}{encoded}{after}", [SecretStr(token)])
    assert MASK in masked
    assert left_of(token, encoded, masked, BREAKS.sub("", f"{before}|{after}")) == []


@pytest.mark.slow
@settings(max_examples=120)
@given(TOKENS.filter(usable), st.sampled_from(sorted(ENCODERS)), st.sampled_from(sorted(WRAPPERS)), st.data())
def test_no_piece_of_a_token_is_left_before_a_cut(
    token: str, encoder: str, wrapper: str, data: st.DataObject
) -> None:
    """A text that was cut short within a token, also within an escape, has no piece of it."""
    encoded = WRAPPERS[wrapper](ENCODERS[encoder](token))
    length = data.draw(st.integers(0, len(encoded)))
    masked = mask(f"was {encoded[:length]}…", [SecretStr(token)])
    # Fewer characters of the token may be left, whatever it takes to write them.
    if length * len(token) > (PIECE + 1) * len(encoded):
        assert left_of(token, encoded, masked) == []


@pytest.mark.parametrize(
    "unit", ["No such address: /invoices?x=1. ", "%25", "&amp;", "\\", " s", "…", "sandbox_at_"]
)
def test_masking_takes_steps_in_proportion_to_the_length(unit: str) -> None:
    """A text that is ten times as long takes about ten times as many calls, whatever it repeats."""

    def calls(length: int) -> int:
        number = 0

        def count(_frame: object, event: str, _argument: object) -> None:
            nonlocal number
            number += event in {"call", "c_call"}

        sys.setprofile(count)
        try:
            mask((unit * length)[:length], [SecretStr("sandbox_at_9f8e7d6c-5b4a-3928")])
        finally:
            sys.setprofile(None)
        return number

    calls(1000)
    assert calls(30_000) < 15 * calls(3_000) + 1_000


@pytest.mark.parametrize(
    "text",
    [
        "No response from https://sandbox.rutterapi.com: timed out (tried 3 times)",
        "RUTTER_CLIENT_ID and RUTTER_CLIENT_SECRET of the sandbox, and its access token",
        "Unknown environment 'sandbox_at'",
    ],
)
def test_the_words_with_which_a_token_begins_are_not_masked(text: str) -> None:
    """Real tokens begin with the environment's name, which an error must still be able to say."""
    assert mask(text, [SecretStr("sandbox_at_9f8e7d6c-5b4a-3928-1706-a5b4c3d2e1f0")]) == text


def test_half_of_a_token_is_masked_without_a_mark_of_the_cut() -> None:
    """A gateway that cuts the address that it repeats, and does not show it, leaves less than 16 of them."""
    token = "sandbox_at_9f8e7d6c-5b4a-3928-1706-a5b4c3d2e1f0"
    assert mask(f"Too long: {token[:30]}", [SecretStr(token)]) == f"Too long: {MASK}"
