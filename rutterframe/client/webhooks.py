"""Webhooks: register the addresses of notifications, and verify the notifications."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import SecretBytes, SecretStr

from rutterframe.client.records import read_array, read_record
from rutterframe.client.request import RequestSpec
from rutterframe.client.resources import path_to
from rutterframe.client.secret_arguments import InvalidSecret, require_secret, wrap, wrap_bytes
from rutterframe.client.writing import read_nothing, with_body, write_method
from rutterframe.errors import ConfigurationError, InvalidResponse, InvalidSignature
from rutterframe.frames.exact import invalid_rows, page_rows, parse_object, read_rows
from rutterframe.models import Webhook, WebhookCreate, WebhookEvent, WebhookMessage
from rutterframe.models.drafts import validate_draft

if TYPE_CHECKING:
    from rutterframe.client.session import Session

_SCHEME = "sha256="


class Webhooks:
    """The webhooks of these credentials.

    Parameters
    ----------
    session : Session
        Sends the requests.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._route = session.dialect.webhooks
        self._request = RequestSpec.of(session, "webhooks", route=self._route)

    def __repr__(self) -> str:
        """Name the resource; nothing secret."""
        return "<Webhooks>"

    def list(self) -> Iterator[Webhook]:
        """Yield every webhook.

        Yields
        ------
        Webhook
            An address, its events and its status.

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     list(client.webhooks.list())
        []
        """

        def read(body: bytes) -> list[Webhook]:
            if self._route.is_array:
                rows = [_in_contract(row) for row in read_array(body)]
            else:
                rows = page_rows(parse_object(body), self._route.list_key)
            page = read_rows(Webhook, rows)
            if page.refused:
                raise invalid_rows(page)
            return page.valid

        yield from self._session.get(self._request, read=read)

    @write_method
    def create(self, *, url: str, events: Sequence[WebhookEvent]) -> Webhook:
        """Register an address for notifications; the request is sent once, and never repeated by itself.

        In the contract only: the live service does that in its dashboard.

        Parameters
        ----------
        url : str
            The address they are sent to. Use https, since they may hold access tokens; `verify_webhook`
            reads them.
        events : sequence of str
            The events: ``connection.created``, ``connection.updated``, ``order.created``,
            ``order.updated``, ``product.created``, ``product.updated``.

        Returns
        -------
        Webhook
            The webhook, with its id.

        Raises
        ------
        {raises}

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     hook = client.webhooks.create(url="https://example.com/hook", events=["order.created"])
        ...     client.webhooks.delete(hook.id)
        >>> hook.status
        'active'
        """
        self._refuse_live()
        written = validate_draft(WebhookCreate, {"url": url, "events": list(events)})
        return self._session.write(
            with_body(self._request, written),
            read=lambda body: read_record(Webhook, body),
            find_out="look for it in client.webhooks.list() before you send it again.",
        )

    def delete(self, webhook_id: str) -> None:
        """End the notifications to one address; in the contract only.

        Parameters
        ----------
        webhook_id : str
            The webhook's id.

        Raises
        ------
        NotFound
            If there is no such webhook.
        OutcomeUnknown
            If it may or may not have been deleted; ``list`` shows it.
        ConfigurationError
            In the live dialect.

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     hook = client.webhooks.create(url="https://example.com/hook", events=["order.updated"])
        ...     client.webhooks.delete(hook.id)
        ...     list(client.webhooks.list())
        []
        """
        self._refuse_live()
        self._session.write(
            replace(self._request, method="DELETE", path=path_to(self._route, webhook_id)),
            read=read_nothing,
            find_out="look whether it is still in client.webhooks.list().",
        )

    def _refuse_live(self) -> None:
        if self._session.dialect.is_live:
            raise ConfigurationError(
                "Webhooks cannot be created or deleted in the live dialect",
                hint="do it in the service's dashboard; client.webhooks.list() shows them.",
            )


def _in_contract(row: Any) -> Any:
    """Return a webhook of the live service with the names of the contract."""
    if not isinstance(row, dict):
        return row
    allowed = row.get("allow_list")
    codes = allowed.get("allowedTypes") if isinstance(allowed, dict) else None
    texts = [code for code in codes if isinstance(code, str)] if isinstance(codes, list) else None
    events = None if texts is None else [WebhookMessage(code=code).event for code in texts]
    return {**row, "events": events, "status": "inactive" if row.get("disabled") is True else "active"}


def verify_webhook(body: bytes, signature: str | None, client_secret: str | SecretStr) -> WebhookMessage:
    """Check that a webhook comes from the API, and read it.

    The API may deliver the same message more than once: process it so that a repeated message does no harm.

    Parameters
    ----------
    body : bytes
        The body of the request, as it was received: not parsed and encoded again.
    signature : str or None
        The header ``X-Rutter-Signature``; None if it is missing.
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
        If it was signed, but is not a message.
    ConfigurationError
        If the client secret is empty.
    TypeError
        If an argument has the wrong type; the error names the type, and shows neither secret nor body.

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
    # The plain values are dropped at once: who logs an exception may log local variables with it. The body
    # may hold an access token.
    secret, received = wrap(client_secret), wrap_bytes(body)
    del client_secret, body
    secret = require_secret("The client secret", secret)
    if isinstance(received, InvalidSecret):
        raise TypeError(
            f"The body has to be the bytes that were received, not a {received.content}: parsed and "
            "encoded again it would no longer be what was signed"
        )
    if signature is not None and not isinstance(signature, str):
        raise TypeError(f"The signature is the text of the header, or None; got {type(signature).__name__}")
    if not secret:
        raise ConfigurationError(
            "The client secret is empty: anyone could sign with it",
            hint="pass that of your API credentials.",
        )
    if not signature:
        raise InvalidSignature(
            "The webhook is not signed", hint="answer with 401; the API sends X-Rutter-Signature along."
        )
    if not hmac.compare_digest(_signature(received, secret).encode(), signature.encode("utf-8", "replace")):
        raise InvalidSignature(
            "The webhook's signature is not that of its body and this client secret",
            hint="answer with 401; if it should be valid, check the secret, and that the body is unchanged.",
        )
    message = _read(received)
    if isinstance(message, str):
        raise InvalidResponse(f"The webhook is signed, but {message}", hint="quote it to the API's support.")
    return message


def _signature(body: SecretBytes, secret: SecretStr) -> str:
    digest = hmac.new(secret.get_secret_value().encode(), body.get_secret_value(), hashlib.sha256).digest()
    return _SCHEME + base64.b64encode(digest).decode()


def _read(body: SecretBytes) -> WebhookMessage | str:
    """Return a message, or the reason why it is none; nothing quotes the body, which may hold a token."""
    try:
        page = read_rows(WebhookMessage, [parse_object(body.get_secret_value())])
    except InvalidResponse:
        return "is not a JSON object"
    if page.refused:
        return "cannot be read: " + "; ".join(f"{reason.field} {reason.reason}" for reason in page.reasons)
    return page.valid[0] if page.valid[0].event else "has neither type nor code"
