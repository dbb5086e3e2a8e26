"""Webhooks: where the API sends its notifications."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rutterframe.client.request import RequestSpec
from rutterframe.client.resources import path_to, read_record
from rutterframe.client.session import Session
from rutterframe.client.writing import names_checked, read_nothing, with_body
from rutterframe.frames.exact import invalid_rows, page_rows, parse_object, read_rows
from rutterframe.models import Webhook, WebhookCreate, WebhookEvent
from rutterframe.models.drafts import draft


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
        self._request = RequestSpec(session, "webhooks", self._route.path)

    def __repr__(self) -> str:
        """Name the resource; nothing secret."""
        return "<Webhooks>"

    def list(self) -> Iterator[Webhook]:
        """Give every webhook.

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     list(client.webhooks.list())
        []
        """

        def read(body: bytes) -> list[Webhook]:
            page = read_rows(Webhook, page_rows(parse_object(body), self._route.list_key))
            if page.refused:
                raise invalid_rows(page)
            return page.valid

        yield from self._session.get(self._request, read=read)

    @names_checked
    def create(self, *, url: str, events: Sequence[WebhookEvent]) -> Webhook:
        """Ask for notifications; it is sent once, and never again by itself.

        Parameters
        ----------
        url : str
            Where they are to be sent. Use https, since they may hold access tokens; `verify_webhook` reads
            them.
        events : sequence of str
            Of which events: ``connection.created``, ``connection.updated``, ``order.created``,
            ``order.updated``, ``product.created``, ``product.updated``.

        Raises
        ------
        InvalidDraft
            If the address is none, or there is no such event; nothing is sent.
        OutcomeUnknown
            If it may or may not have been written; ``list`` shows it.
        APIError, TransportError
            If it was not written.

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     hook = client.webhooks.create(url="https://example.com/hook", events=["order.created"])
        ...     client.webhooks.delete(hook.id)
        >>> hook.status
        'active'
        """
        written = draft(WebhookCreate, {"url": url, "events": list(events)})
        return self._session.write(
            with_body(self._request, written),
            read=lambda body: read_record(Webhook, body),
            find_out="look for it in client.webhooks.list() before you send it again.",
        )

    def delete(self, webhook_id: str) -> None:
        """End the notifications to one address.

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
        """
        self._session.write(
            replace(self._request, method="DELETE", path=path_to(self._route, webhook_id)),
            read=read_nothing,
            find_out="see in client.webhooks.list() whether it is still there.",
        )
