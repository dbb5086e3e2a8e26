"""Masking: whatever the API or a proxy repeats of a request, no secret is shown."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

import rutterframe as rf
from rutterframe.client.redaction import mask, mask_refusals
from rutterframe.errors import Refusal
from rutterframe.models.fields import excerpt
from tests.client.encoders import ENCODERS, WRAPPERS
from tests.client.test_encodings import BREAKS, left_of

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
        ("began with s3cr/t +…", "began with **********…"),
        ("s3c… and s3cr… and …", "s3c… and **********… and …"),
        ("", ""),
    ],
)
def test_a_secret_is_masked_in_every_encoding(text: str, masked: str) -> None:
    """A secret is replaced as it is, URL-encoded in both ways, and in base64; all else stays."""
    assert mask(text, [SecretStr(SECRET)]) == masked


def test_every_secret_is_masked() -> None:
    """All secrets of a request are masked in its errors."""
    secrets = [SecretStr("first-one"), SecretStr("second-one")]
    assert mask("first-one and second-one", secrets) == "********** and **********"


def test_a_very_short_secret_is_not_masked() -> None:
    """A secret of three letters would tear holes into every word, so it is not masked; one of four is."""
    assert mask("a cat sat", [SecretStr("cat"), SecretStr("")]) == "a cat sat"
    assert mask("a goat sat", [SecretStr("goat")]) == "a ********** sat"


@settings(max_examples=40)
@given(st.text(min_size=4, max_size=12).filter(lambda text: not set(text) <= {"*"}), st.text(), st.text())
def test_no_encoding_survives(secret: str, before: str, after: str) -> None:
    """Wherever in a text a secret stands, in whichever encoding, it is masked."""
    encoded = base64.b64encode(secret.encode()).decode().rstrip("=")
    for encoding in (secret, quote(secret, safe=""), quote_plus(secret), encoded):
        masked = mask(f"{before}|{encoding}|{after}", [SecretStr(secret)])
        assert "|**********|" in masked


TOKEN = "tok-0123456789-of-a"
LONG = "x" * 60


def _invoices(response: dict[str, Any]) -> rf.Connection:
    client = rf.Client(
        client_id="an-id",
        client_secret="a-secret",
        environment="https://api.example.com",
        access_tokens={"a": TOKEN},
        transport=httpx.MockTransport(lambda _: httpx.Response(200, json={"next_cursor": None} | response)),
        rate_limit=None,
    )
    return client.connection("a")


@pytest.mark.parametrize(
    "response",
    [
        {"connection": {"id": f"https://api.example.com/invoices?access_token={TOKEN}"}, "invoices": []},
        {"invoices": TOKEN},
        {"invoices": f"{LONG}{TOKEN}"},
        {"invoices": [{"id": TOKEN, "amount_due": "a-secret"}]},
        {"invoices": [{"id": "1", "amount_due": f"{LONG}{TOKEN}"}]},
        {TOKEN: []},
    ],
)
def test_a_response_that_repeats_the_token(response: dict[str, Any], tmp_path: Path) -> None:
    """No secret that a response repeats is in the error of a load, of chunks, or of a refresh."""
    connection = _invoices(response)
    with pytest.raises(rf.InvalidResponse) as loaded:
        rf.load_invoices(connection, progress=False)
    with pytest.raises(rf.InvalidResponse) as chunks:
        list(rf.iter_frames(connection, "invoices"))
    done = rf.refresh([connection], tmp_path, resources=["invoices"], on_error="skip")
    texts = [str(done.to_dict()), *(path.read_text() for path in tmp_path.rglob("*.json"))]
    errors: list[rf.RutterframeError] = [loaded.value, chunks.value]
    try:
        list(connection.invoices.list())
    except rf.InvalidResponse as listed:
        errors.append(listed)
    texts += [f"{caught!r} {caught} {getattr(caught, 'refused', ())}" for caught in errors]
    for text in texts:
        assert TOKEN[:8] not in text
        assert "a-secret" not in text


def test_a_refused_row_that_repeats_the_token(tmp_path: Path) -> None:
    """Neither a receipt nor a dataset keeps a secret that stands in a row that is set aside."""
    connection = _invoices({"invoices": [{"id": "1", "amount_due": f"{LONG}{TOKEN}"}, {"id": "2"}]})
    frame = rf.load_invoices(connection, on_invalid="quarantine", progress=False)
    (chunk,) = rf.iter_frames(connection, "invoices", on_invalid="quarantine")
    done = rf.refresh([connection], tmp_path, resources=["invoices"], on_invalid="quarantine")
    texts = [path.read_text() for path in tmp_path.rglob("*.json")]
    texts = [json.dumps(rf.receipt(frame)), json.dumps(rf.receipt(chunk)), str(done.to_dict()), *texts]
    assert [TOKEN[:8] in text for text in texts] == [False] * len(texts)
    assert rf.receipt(frame)["refused"][0]["reason"].endswith("x**********…")


Answering = Callable[..., rf.Client]


def invoices(client: rf.Client) -> list[object]:
    return list(client.connection("books").invoices.list())


def test_the_authorization_header_is_masked(answering: Answering) -> None:
    """A server that repeats the Authorization header does not bring the secret into the error."""
    client = answering(
        lambda request: httpx.Response(400, json={"error_message": request.headers["Authorization"]}),
        client_id="canary-id-x",
        client_secret="canary-secret",
    )
    with pytest.raises(rf.BadRequest) as error:
        invoices(client)
    assert error.value.message == "The API answered HTTP 400: Basic **********"


def test_a_secret_that_contains_another_is_masked_whole() -> None:
    """An id that begins the secret does not leave the end of the secret in the text."""
    assert mask("acme-s3cret", [SecretStr("acme"), SecretStr("acme-s3cret")]) == "**********"


LIVE_TOKEN = "sandbox_at_9f8e7d6c/5b4a+3928=1706&a5b4c3d2e1f0"


SOME_ENCODERS = ["as it is", "percent", "percent in lower case", "HTML with hex", "base64 after 1 bytes"]


def quoted_page(encode: Callable[[str], str], position: int) -> Callable[[httpx.Request], httpx.Response]:
    """Return a gateway's page that repeats the token, which begins at a position of the quoted text."""
    return lambda _: httpx.Response(
        414, text=f"{'x' * position}{encode(LIVE_TOKEN)} was too long, {'y' * 300}"
    )


@pytest.mark.parametrize(
    "encoder", ["as it is", "percent", "percent in lower case", "HTML with hex", "base64 after 1 bytes"]
)
@pytest.mark.parametrize("wrapper", ["one line", "columns with indent"])
def test_a_page_that_repeats_the_address_across_the_cut(
    answering: Answering, encoder: str, wrapper: str
) -> None:
    """A gateway's 414 page that echoes the URL is masked before it is cut to 200 characters (D7)."""
    for position in range(100, 203, 3):
        page = quoted_page(lambda token: WRAPPERS[wrapper](ENCODERS[encoder](token)), position)
        client = answering(page, access_tokens={"books": LIVE_TOKEN}, retry=rf.RetryPolicy(attempts=1))
        with pytest.raises(rf.APIError) as error:
            invoices(client)
        text = str(error.value)
        assert left_of(LIVE_TOKEN, WRAPPERS[wrapper](ENCODERS[encoder](LIVE_TOKEN)), text) == []


@pytest.mark.parametrize("encoder", ENCODERS)
def test_headers_messages_and_codes_that_repeat_the_token(answering: Answering, encoder: str) -> None:
    """Request id, error code, type and message are masked in every spelling."""
    encoded = ENCODERS[encoder](LIVE_TOKEN)
    body = dict.fromkeys(("error_code", "error_type", "error_message"), f"{'z' * 9}{encoded}{'z' * 9}")
    header = encoded.encode("utf-8").decode("latin-1")
    response = httpx.Response(400, json=body, headers={"X-Rutter-Request-ID": header})
    with pytest.raises(rf.BadRequest) as error:
        invoices(answering(lambda _: response, access_tokens={"books": LIVE_TOKEN}))
    text = f"{error.value} {vars(error.value)} {error.value.args}"
    assert left_of(LIVE_TOKEN, encoded, text) == []


def test_a_long_message_of_the_api_is_cut_short(answering: Answering) -> None:
    """An error quotes the first 2,000 characters of the API's message."""
    response = httpx.Response(400, json={"error_message": "word " * 100_000})
    with pytest.raises(rf.BadRequest) as error:
        invoices(answering(lambda _: response))
    assert len(error.value.message) < 2_100
    assert error.value.message.endswith("…")


@pytest.mark.parametrize("encoder", ENCODERS)
def test_a_refused_value_that_was_cut_within_the_token(encoder: str) -> None:
    """A value of a refused row is cut to 80 characters, a page to 40 bytes: no piece of the token is left."""
    encoded = ENCODERS[encoder](LIVE_TOKEN)
    for position in range(0, 80, 4):
        value = excerpt(f"{'x' * position}{encoded}")
        opening = excerpt(f"{'x' * position}{encoded}"[:40] + "…")
        refusals = [Refusal(None, "amount", value, opening), Refusal(encoded, encoded, "1", "not a date")]
        masked = mask_refusals(refusals, [SecretStr(LIVE_TOKEN), SecretStr("another-secret")])
        assert [one.record_id is None for one in masked] == [True, False]
        assert (masked[0].field, masked[1].value, masked[1].reason) == ("amount", "1", "not a date")
        # What is left of a token that was cut may be five of its characters.
        least = len(encoded) * 7 // len(LIVE_TOKEN)
        left = BREAKS.sub("", f"{masked}")
        whole = BREAKS.sub("", encoded)
        assert not [start for start in range(len(whole) - least) if whole[start : start + least] in left]


def test_no_refusals() -> None:
    """Without refused rows there is nothing to mask."""
    assert mask_refusals([], [SecretStr("a-secret")]) == ()
