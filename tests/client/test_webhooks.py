"""Webhooks: only what the API signed is read, and nothing of it is shown."""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import json
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from rich.console import Console
from rich.traceback import Traceback

import rutterframe as rf
from rutterframe.models import WebhookEvent, WebhookMessage

SECRET = "canary-client-secret"
BODY = (
    b'{"type": "CONNECTION", "code": "INITIAL_UPDATE", "connection_id": "roaster-shopify",'
    b' "access_token": "canary-token", "later": {"x": 1}}'
)


def signed(body: bytes, secret: str = SECRET) -> str:
    """Sign as the API does."""
    return "sha256=" + base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def test_a_known_signature() -> None:
    """The signature is "sha256=" and the base64 of the HMAC-SHA256 of the raw body, as openssl gives it."""
    signature = "sha256=n/cHBcpCAvOgtepWfYPBWcFm8MQaxLHu1Qh2dy6dR68="
    assert signed(b'{"type":"JOB_COMPLETED"}', "key") == signature
    assert rf.verify_webhook(b'{"type":"JOB_COMPLETED"}', signature, "key").event == "job_completed"


@pytest.mark.parametrize("secret", [SECRET, SecretStr(SECRET)])
def test_a_message_is_typed(secret: str | SecretStr) -> None:
    """A signed body becomes a message; its access token is a SecretStr, unknown fields are ignored."""
    message = rf.verify_webhook(BODY, signed(BODY), secret)
    assert message == WebhookMessage(
        type="CONNECTION",
        code="INITIAL_UPDATE",
        connection_id="roaster-shopify",
        access_token=SecretStr("canary-token"),
    )
    assert message.access_token is not None
    assert message.access_token.get_secret_value() == "canary-token"
    assert "canary" not in f"{message} {message!r} {message.model_dump()} {message.model_dump_json()}"


@pytest.mark.parametrize(
    ("body", "event"),
    [
        ({"type": "ORDER", "code": "ORDER_CREATED"}, "order.created"),
        ({"type": "PRODUCT_UPDATED"}, "product.updated"),
        ({"type": "order.updated"}, "order.updated"),
        ({"type": "BILL", "code": "BILL_CREDIT_MEMO_DELETED"}, "bill_credit_memo.deleted"),
        ({"type": "CONNECTION", "code": "CONNECTION_UPDATED"}, "connection.updated"),
        ({"type": "CONNECTION", "code": "NEEDS_UPDATE"}, "needs_update"),
        ({"type": "CONNECTION", "code": "SOMETHING_NEW"}, "something_new"),
        ({"code": "UPDATED"}, "updated"),
    ],
)
def test_events_have_the_names_of_the_contract(body: dict[str, str], event: str) -> None:
    """The event has the name of the contract, and unknown types and codes stay as they are."""
    raw = json.dumps(body).encode()
    assert rf.verify_webhook(raw, signed(raw), SECRET).event == event


def test_every_event_of_the_contract_can_be_read() -> None:
    """Each event of a webhook is an event of a message, in both of its forms."""
    for event in get_args(WebhookEvent):
        for text in (event, event.upper().replace(".", "_")):
            assert WebhookMessage(type=text).event == event


HEX = hmac.new(SECRET.encode(), BODY, hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        "sha256=",
        signed(BODY).removeprefix("sha256="),
        signed(BODY).rstrip("="),
        signed(BODY) + " ",
        signed(BODY).replace("sha256", "sha1"),
        signed(BODY, "another secret"),
        signed(BODY + b"\n"),
        f"sha256={HEX}",
        "sha256=ü",
        "\ud800",
    ],
)
def test_what_was_not_signed_is_refused(signature: str | None) -> None:
    """Without the header, with a hex digest, another secret, another body or anything else: refused."""
    with pytest.raises(rf.InvalidSignature):
        rf.verify_webhook(BODY, signature, SECRET)


def test_a_body_that_was_written_anew_is_refused() -> None:
    """One space less is another body: what is signed is the raw bytes."""
    with pytest.raises(rf.InvalidSignature):
        rf.verify_webhook(json.dumps(json.loads(BODY), separators=(",", ":")).encode(), signed(BODY), SECRET)


@given(st.binary(min_size=1), st.integers(0, 7), st.data())
def test_any_changed_bit_is_seen(body: bytes, bit: int, data: st.DataObject) -> None:
    """Whichever bit of the body is changed, the signature no longer fits."""
    place = data.draw(st.integers(0, len(body) - 1))
    changed = bytearray(body)
    changed[place] ^= 1 << bit
    with pytest.raises(rf.InvalidSignature):
        rf.verify_webhook(bytes(changed), signed(body), SECRET)


@pytest.mark.parametrize("body", [BODY.decode(), json.loads(BODY), None])
def test_a_parsed_body_is_a_mistake_in_the_code(body: Any) -> None:
    """A text or an object is not what was received."""
    with pytest.raises(TypeError, match="The body has to be the bytes that were received"):
        rf.verify_webhook(body, signed(BODY), SECRET)


@pytest.mark.parametrize("secret", ["", SecretStr("")])
def test_an_empty_secret_verifies_nothing(secret: str | SecretStr) -> None:
    """With an empty secret anyone could sign."""
    with pytest.raises(rf.ConfigurationError):
        rf.verify_webhook(BODY, signed(BODY, ""), secret)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"access_token": "canary-token"', "is not a JSON object"),
        (b'["canary-token"]', "is not a JSON object"),
        (b'{"access_token": "canary-token"}', "has neither type nor code"),
        (
            b'{"type": {"x": "canary-token"}, "code": 1.5}',
            "cannot be read: type Input should be a valid string; code Input should be a valid string",
        ),
        (b'{"type":"A","type":"canary-token"}', "is not a JSON object"),
        (b'{"type":"A","x":' + b"[" * 5000 + b"]" * 5000 + b"}", "is not a JSON object"),
    ],
)
def test_a_signed_body_that_is_not_a_message(body: bytes, reason: str) -> None:
    """A signed body that cannot be read is an InvalidResponse that does not quote it: it may hold a token."""
    with pytest.raises(rf.InvalidResponse) as error:
        rf.verify_webhook(body, signed(body), SECRET)
    assert error.value.message == f"The webhook is signed, but {reason}"
    assert (error.value.__cause__, error.value.__context__) == (None, None)


def test_a_refusal_shows_no_secret() -> None:
    """A refusal, drawn with the local variables of this package's frames, has no client secret."""
    hidden = SECRET[::-1]
    out = io.StringIO()
    try:
        rf.verify_webhook(b"{}", "sha256=x", hidden[::-1])
    except rf.InvalidSignature as error:
        rendered = Traceback.from_exception(
            type(error), error, error.__traceback__, show_locals=True, width=2000, max_frames=0
        )
        Console(file=out, width=2000).print(rendered)
    assert "InvalidSignature" in out.getvalue()
    assert SECRET not in out.getvalue()


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (
            (BODY, b"sha256=", SECRET),
            "The signature is the text of the header, or None; got bytes",
        ),
        ((BODY, 12, SECRET), "The signature is the text of the header, or None; got int"),
        ((BODY, signed(BODY), SECRET.encode()), "The client secret must be a text or a SecretStr, got bytes"),
        ((BODY, signed(BODY), None), "The client secret must be a text or a SecretStr, got None"),
        (("str", signed(BODY), SECRET), "The body has to be the bytes that were received, not a str"),
    ],
)
def test_an_argument_of_a_wrong_type_is_named_by_type(arguments: tuple[Any, ...], problem: str) -> None:
    """Whatever is passed for body, signature and secret, the TypeError names the type and no value."""
    with pytest.raises(TypeError) as error:
        rf.verify_webhook(*arguments)
    assert str(error.value).startswith(problem)
    assert "canary" not in str(error.value)
