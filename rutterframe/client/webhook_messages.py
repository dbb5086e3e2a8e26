"""What did the API tell us? Webhooks: who sent them, and what they say."""

from __future__ import annotations

import base64
import hashlib
import hmac

from pydantic import SecretStr

from rutterframe.errors import ConfigurationError, InvalidResponse, InvalidSignature
from rutterframe.frames.exact import parse_object, read_rows
from rutterframe.models import WebhookMessage

_SCHEME = "sha256="


def verify_webhook(body: bytes, signature: str | None, client_secret: str | SecretStr) -> WebhookMessage:
    """Check that a webhook comes from the API, and read it.

    The API may deliver the same message more than once: act on it so that twice is no harm.

    Parameters
    ----------
    body : bytes
        The body of the request, as it was received: not parsed, not written anew.
    signature : str or None
        The header ``X-Rutter-Signature``; None where there is none.
    client_secret : str
        The client secret of your API credentials.

    Returns
    -------
    WebhookMessage
        What happened, to which connection; an access token in it is a SecretStr.

    Raises
    ------
    InvalidSignature
        If it was not signed with this client secret: answer with 401, and do nothing.
    InvalidResponse
        If it was, but is no message.
    ConfigurationError
        If the client secret is empty.

    Examples
    --------
    >>> import base64, hashlib, hmac
    >>> import rutterframe as rf
    >>> body = b'{"type": "ORDER", "code": "ORDER_CREATED", "connection_id": "roaster-shopify"}'
    >>> digest = hmac.digest(b"a secret", body, "sha256")
    >>> signature = "sha256=" + base64.b64encode(digest).decode()
    >>> message = rf.verify_webhook(body, signature, "a secret")
    >>> message.event, message.connection_id
    ('order.created', 'roaster-shopify')
    """
    if not isinstance(body, bytes | bytearray | memoryview):
        raise TypeError(
            f"The body has to be the bytes that were received, not a {type(body).__name__}: parsed and "
            "written anew it would no longer be what was signed"
        )
    # The plain text is let go at once: who logs an exception may log local variables with it.
    client_secret = client_secret if isinstance(client_secret, SecretStr) else SecretStr(client_secret)
    if not client_secret.get_secret_value():
        raise ConfigurationError(
            "The client secret is empty: anybody could sign with it",
            hint="pass that of your API credentials.",
        )
    if not signature:
        raise InvalidSignature(
            "The webhook is not signed", hint="answer with 401; the API sends X-Rutter-Signature along."
        )
    received = bytes(body)
    if not hmac.compare_digest(
        _signature(received, client_secret).encode(), signature.encode("utf-8", "replace")
    ):
        raise InvalidSignature(
            "The webhook's signature is not that of its body and this client secret",
            hint="answer with 401; if it should be right, check the secret, and that the body is untouched.",
        )
    return _read(received)


def _signature(body: bytes, secret: SecretStr) -> str:
    digest = hmac.new(secret.get_secret_value().encode(), body, hashlib.sha256).digest()
    return _SCHEME + base64.b64encode(digest).decode()


def _read(body: bytes) -> WebhookMessage:
    """Read a message; no error shows anything of it, since it may hold an access token."""
    message: WebhookMessage | None = None
    reason = "is no JSON object"
    try:
        page = read_rows(WebhookMessage, [parse_object(body)])
    except InvalidResponse:
        page = None
    if page is not None and page.refused:
        reason = "cannot be read: " + "; ".join(f"{found.field} {found.reason}" for found in page.reasons)
    elif page is not None and not page.valid[0].event:
        reason = "says neither type nor code"
    elif page is not None:
        message = page.valid[0]
    if message is None:
        raise InvalidResponse(f"The webhook is signed, but {reason}", hint="quote it to the API's support.")
    return message
