"""The pages of a list, each once and in order."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

import httpx

from rutterframe.client.cursors import CursorReader
from rutterframe.client.error_mapping import http_date
from rutterframe.client.request import RequestSpec
from rutterframe.errors import InvalidResponse, PaginationError


@dataclass(slots=True)
class Paginator:
    """Reads the pages of a list; can be stopped and continued later.

    Attributes
    ----------
    request : RequestSpec
        The request of the first page.
    stop : threading.Event
        Ends the reading (and every wait in it) once it is set.
    pages : int
        How many pages were read.
    cursor : str or None
        Where the next page begins.
    done : bool
        Whether the last page was read.
    served : datetime or None
        When the first page was served, by the server's own clock: its ``Date`` header.
    """

    request: RequestSpec
    stop: threading.Event = field(default_factory=threading.Event)
    pages: int = 0
    cursor: str | None = None
    done: bool = False
    served: datetime | None = None
    _followed: set[str] = field(default_factory=set, repr=False)

    def __iter__(self) -> Iterator[bytes]:
        """Yield the body of every page.

        Raises
        ------
        PaginationError
            If a cursor comes back that was followed before.
        """
        session = self.request.session
        next_cursor = CursorReader(session.dialect)

        def read(body: bytes) -> tuple[bytes, str | None]:
            if not body:
                raise InvalidResponse("The answer is empty")
            return body, next_cursor(body)

        while not self.done:
            body, following = session.get(
                self._page_request(),
                read=read,
                stop=self.stop,
                on_headers=self._note_date if self.pages == 0 else None,
            )
            self._follow(following)
            yield body

    def _page_request(self) -> RequestSpec:
        return replace(self.request, cursor=self.cursor, pages=self.pages)

    def _note_date(self, headers: httpx.Headers) -> None:
        self.served = http_date(headers.get("Date"))

    def _follow(self, following: str | None) -> None:
        """Take one page as read, and turn to the next."""
        if following is not None and following in self._followed:
            raise PaginationError(
                f"Page {self.pages + 1} gives a cursor that was followed before",
                hint="nothing is wrong on your side: quote the connection and resource to the API's support.",
                context=self._page_request().context,
            )
        self.pages += 1
        self.done = following is None
        self.cursor = following
        if following is not None:
            self._followed.add(following)
