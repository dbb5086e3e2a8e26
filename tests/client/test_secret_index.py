"""Tokens of other connections: found among thousands, in every spelling, in whatever a server sends."""

from __future__ import annotations

import json
import random
import uuid
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

import rutterframe as rf
from rutterframe.client.redaction import MASK, mask
from rutterframe.client.secret_index import SecretIndex
from tests.canary.canaries import texts_of
from tests.client.encoders import ENCODERS, WRAPPERS

GENERATOR = random.Random(14)  # noqa: S311 - a test, which must repeat
TOKENS = [
    SecretStr(f"production_access_token_{uuid.UUID(int=GENERATOR.getrandbits(128))}") for _ in range(5000)
]
OTHER = TOKENS[4321].get_secret_value()


@pytest.fixture(scope="module")
def index() -> SecretIndex:
    index = SecretIndex()
    index.add(TOKENS)
    return index


def test_few_of_thousands_are_candidates(index: SecretIndex) -> None:
    """A text without a token has no candidate; one with a token has that, and few more."""
    assert index.of("HTTP 503: the gateway did not respond in production, access denied") == []
    assert index.of(f"not {OTHER}, but production") == [SecretStr(OTHER)]
    # So much of a beginning is masked; which of the tokens it belongs to does not matter.
    assert len(index.of("production_access_token_is missing")) == 1


def test_an_index_shows_nothing() -> None:
    """No text that can be reached from an index, also after a search, has a part of a token."""
    token = SecretStr("0123456789abcdef0123456789abcdef")
    index = SecretIndex()
    index.add([token])
    assert index.of(f"a text with {token.get_secret_value()}") == [token]
    texts = [repr(vars(index)), *texts_of(index)]
    assert [text for text in texts if "0123456789" in text] == []


@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_a_token_is_found_in_every_spelling(index: SecretIndex, encoder: str, wrapper: str) -> None:
    """Whatever would be masked of the request's own token is masked of another's."""
    text = WRAPPERS[wrapper](ENCODERS[encoder](f"before {OTHER} after"))
    assert mask(text, index.of(text)) == mask(text, [SecretStr(OTHER)])


@pytest.mark.slow
@settings(max_examples=60)
@given(
    st.text(st.characters(max_codepoint=126, min_codepoint=33), min_size=4, max_size=30)
    | st.text(min_size=4, max_size=8),
    st.sampled_from(sorted(ENCODERS)),
    st.sampled_from(sorted(ENCODERS)),
    st.text(max_size=20),
    st.integers(4, 200),
)
def test_nothing_that_is_masked_is_missed(
    secret: str, first: str, second: str, around: str, length: int
) -> None:
    """Of any secret, escaped twice and cut anywhere, the index finds what the search for it alone masks."""
    index = SecretIndex()
    index.add([SecretStr(secret), SecretStr("production_access_token_1")])
    text = ENCODERS[second](f"{around}{ENCODERS[first](secret)}{around}")
    for part in (text, f"{text[:length]}…", text[:length]):
        assert mask(part, index.of(part)) == mask(part, [SecretStr(secret)])


def responses(token: str) -> dict[str, httpx.Response]:
    """Return responses that mention a token."""
    refused = {"id": f"id {token}", "amount_due": f"of {token}"}
    return {
        "an error": httpx.Response(
            400, json={"error_message": token, "error_code": token, "error_type": token}
        ),
        "a request id": httpx.Response(400, headers={"X-Rutter-Request-ID": token}),
        "a page of a gateway": httpx.Response(502, html=f"<p>{'x' * 180}{token.replace('_', '&#95;')}</p>"),
        "a refused row": httpx.Response(200, json={"invoices": [refused], "next_cursor": None}),
        "a list that is a text": httpx.Response(200, json={"invoices": token}),
        "another connection": httpx.Response(200, json={"connection": {"id": token}, "invoices": []}),
        "not JSON": httpx.Response(200, text=token),
    }


@pytest.mark.parametrize("source", ["mapping", "environment", "argument", "only", "exchange"])
@pytest.mark.parametrize("case", responses(""))
def test_the_token_of_another_connection_is_masked(
    case: str, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever a server mentions the token of another connection, it is masked, however it became known."""

    def respond(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("exchange"):
            return httpx.Response(200, json={"access_token": OTHER})
        return responses(OTHER)[case]

    tokens = {"books": "the-token-of-the-books", **({"shop": OTHER} if source == "mapping" else {})}
    if source == "environment":
        monkeypatch.setenv("RUTTER_ACCESS_TOKENS", json.dumps({"shop": OTHER}))
    if source == "only":
        monkeypatch.setenv("RUTTER_ACCESS_TOKEN", OTHER)
    options: dict[str, Any] = {"retry": rf.RetryPolicy(attempts=1), "transport": httpx.MockTransport(respond)}
    with rf.Client(
        client_id="an-id", client_secret="a-secret", environment="https://api.example.com",
        access_tokens=tokens, **options,
    ) as client:  # fmt: skip
        if source == "argument":
            client.connection("shop", OTHER)
        if source == "exchange":
            client.connections.exchange("public")
        with pytest.raises(rf.RutterframeError) as error:
            rf.load_invoices(client.connection("books"), progress=False)
        texts = [str(error.value), repr(error.value), repr(vars(error.value))]
        if case == "a refused row":
            frame = rf.load_invoices(client.connection("books"), on_invalid="quarantine", progress=False)
            texts.append(repr(dict(rf.receipt(frame))))
    assert all(OTHER[24:] not in text and OTHER[24:32] not in text for text in texts)
    assert MASK in texts[0]


def test_a_response_with_many_tokens_is_not_quoted() -> None:
    """A text with more tokens than can be searched for in time is masked as a whole."""
    text = " ".join(token.get_secret_value() for token in TOKENS[:300])
    transport = httpx.MockTransport(lambda _: httpx.Response(400, json={"error_message": text}))
    with rf.Client(
        client_id="an-id", client_secret="a-secret", environment="https://api.example.com",
        access_tokens={f"c{n}": token for n, token in enumerate(TOKENS)}, transport=transport,
    ) as client, pytest.raises(rf.BadRequest) as error:  # fmt: skip
        list(client.connections.list())
    assert error.value.message == f"The API answered HTTP 400: {MASK}"


@pytest.mark.parametrize(
    ("token", "readable"), [("tok-0123456789-ab", "tok-0123"), ("0123456789abcdef0123456789", "0123456789ab")]
)
def test_a_short_token_that_is_cut_without_a_mark(token: str, readable: str) -> None:
    """Half of a token is masked wherever it is, also where a server cut it without a mark."""
    for length in range(len(token)):
        text = mask(f"GET /invoices?access_token={token[:length]}", [SecretStr(token)])
        assert text == f"GET /invoices?access_token={MASK if length > len(readable) else token[:length]}"
