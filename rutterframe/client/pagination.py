"""Every page of a list, in order, each once."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import httpx
from pydantic import SecretStr

from rutterframe.client.cursors import CursorReader
from rutterframe.client.error_mapping import http_date
from rutterframe.client.session import Session
from rutterframe.errors import ErrorContext, InvalidResponse, PaginationError


@dataclass(frozen=True, slots=True)
class Listing:
    """What to list: a resource, of a connection, with filters.

    Attributes
    ----------
    session : Session
        Sends the requests.
    resource : str
        The resource's name.
    connection_id : str or None
        The connection; None for what belongs to the client itself.
    token : pydantic.SecretStr or None
        The connection's access token.
    filters : mapping of str to str
        Sent along with every page.
    """

    session: Session = field(repr=False)
    resource: str
    connection_id: str | None = None
    token: SecretStr | None = None
    filters: Mapping[str, str] = field(default_factory=dict)

    @property
    def list_key(self) -> str:
        """The key of the list in the answer."""
        return self.session.dialect.resources[self.resource].list_key


@dataclass(slots=True)
class Paginator:
    """Walks the pages of a list; can be stopped and walked on later.

    Attributes
    ----------
    listing : Listing
        What is listed.
    stop : threading.Event
        Ends the walk (and every wait in it) once it is set.
    pages : int
        How many pages were read.
    cursor : str or None
        Where the next page begins.
    done : bool
        Whether the last page was read.
    served : datetime or None
        When the first page was served, by the server's own clock: its ``Date`` header.
    """

    listing: Listing
    stop: threading.Event = field(default_factory=threading.Event)
    pages: int = 0
    cursor: str | None = None
    done: bool = False
    served: datetime | None = None
    _followed: set[str] = field(default_factory=set, repr=False)

    def __iter__(self) -> Iterator[bytes]:
        """Give the body of every page.

        Raises
        ------
        PaginationError
            If a cursor comes back that was followed before.
        """
        session = self.listing.session
        spelling = session.dialect.resources[self.listing.resource]
        next_cursor = CursorReader(session.dialect)

        def read(body: bytes) -> tuple[bytes, str | None]:
            if not body:
                raise InvalidResponse("The answer is empty")
            return body, next_cursor(body)

        while not self.done:
            query = dict(self.listing.filters)
            if self.cursor is not None:
                query[session.dialect.cursor_parameter] = self.cursor
            where = ErrorContext(self.listing.connection_id, self.listing.resource, pages=self.pages)
            body, following = session.get(
                spelling.path,
                read=read,
                query=query,
                token=self.listing.token,
                where=where,
                stop=self.stop,
                headers=self._note_date if self.pages == 0 else None,
            )
            self._follow(following)
            yield body

    def _note_date(self, headers: httpx.Headers) -> None:
        self.served = http_date(headers.get("Date"))

    def _follow(self, following: str | None) -> None:
        """Take one page as read, and turn to the next."""
        if following is not None and following in self._followed:
            raise PaginationError(
                f"Page {self.pages + 1} gives a cursor that was followed before",
                hint="nothing is wrong on your side: quote the connection and resource to the API's support.",
                where=ErrorContext(self.listing.connection_id, self.listing.resource, pages=self.pages),
            )
        self.pages += 1
        self.done = following is None
        self.cursor = following
        if following is not None:
            self._followed.add(following)
