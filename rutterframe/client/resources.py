"""The resources as attributes: ``client.connection(id).invoices.list()``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast
from urllib.parse import quote

from pydantic import SecretStr

from rutterframe.client.filters import Moment, query
from rutterframe.client.pagination import Listing, Paginator
from rutterframe.client.session import Session
from rutterframe.dialects import Spelling
from rutterframe.errors import ErrorContext, InvalidResponse, RutterframeError
from rutterframe.models import RECORDS, Customer, Record, Transaction, record_model
from rutterframe.models.pages import excerpt, invalid_rows, page_rows, parse_object, read_rows

R = TypeVar("R", bound=Record)

# In a path these would be no id, but a step
_NO_IDS = ("", ".", "..")
_LONGEST_ID = 1000


@dataclass(frozen=True, slots=True)
class Place:
    """Whose records: those of a connection, or of the client itself.

    Attributes
    ----------
    session : Session
        Sends the requests.
    connection_id : str or None
        The connection; None for what belongs to the client itself.
    token : pydantic.SecretStr or None
        The connection's access token.
    """

    session: Session
    connection_id: str | None = None
    token: SecretStr | None = None


class Resource(Generic[R]):
    """A resource that can be listed.

    Parameters
    ----------
    place : Place
        Whose records.
    name : str
        The resource's name.
    """

    def __init__(self, place: Place, name: str) -> None:
        self._place = place
        self._name = name

    def __repr__(self) -> str:
        """Name the resource and its connection; nothing secret."""
        of = f" of {self._place.connection_id!r}" if self._place.connection_id is not None else ""
        return f"<{type(self).__name__} {self._name!r}{of}>"

    def listing(self, **filters: Moment | None) -> Listing:
        """Say what would be listed, with checked filters; nothing is sent."""
        return Listing(
            self._place.session,
            self._name,
            connection_id=self._place.connection_id,
            token=self._place.token,
            filters=query(self._place.session.dialect, self._name, filters),
        )

    def list(self) -> Iterator[R]:
        """Give every record, page by page; a page is asked for when its first record is needed.

        Yields
        ------
        record
            A pydantic model with the fields of the contract.

        Raises
        ------
        InvalidRows
            If a record cannot be read without guessing.
        APIError, TransportError, PaginationError
            If a page could not be had.

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     first = next(client.connection("roaster-quickbooks").accounts.list())
        >>> first.currency
        'USD'
        """
        return self._records(self.listing())

    def _records(self, listing: Listing) -> Iterator[R]:
        model = cast("type[R]", record_model(self._name, listing.filters))
        walk, rows = Paginator(listing), 0
        try:
            for body in walk:
                page = read_rows(model, page_rows(parse_object(body), listing.list_key))
                if page.refused:
                    raise invalid_rows(page)
                yield from page.valid
                rows += len(page.valid)
        except RutterframeError as error:
            masked = listing.session.without_secrets(error, listing.token)
            raise masked.at(**_progress(listing, walk, rows)) from None


class RetrievableResource(Resource[R]):
    """A resource whose records can also be asked for one by one."""

    def retrieve(self, record_id: str) -> R:
        """Give one record.

        Parameters
        ----------
        record_id : str
            The record's id.

        Raises
        ------
        NotFound
            If this connection has no such record.
        """
        spelling = self._place.session.dialect.resources[self._name]
        model = cast("type[R]", RECORDS[self._name])
        return self._place.session.get(
            path_to(spelling, record_id),
            read=lambda body: read_record(model, body, record_id),
            query={},
            token=self._place.token,
            where=ErrorContext(connection_id=self._place.connection_id, resource=self._name),
        )


class Transactions(Resource[Transaction]):
    """The transactions of a connection."""

    def list(self, *, updated_at_min: Moment | None = None) -> Iterator[Transaction]:
        """Give every transaction.

        Parameters
        ----------
        updated_at_min : datetime, date or str, optional
            Only what changed at or after this moment. Without a zone it is read as UTC, with a warning.
        """
        return self._records(self.listing(updated_at_min=updated_at_min))


class Customers(RetrievableResource[Customer]):
    """The customers of a connection."""


def path_to(spelling: Spelling, record_id: str) -> str:
    """Give the path of one record.

    Raises
    ------
    ValueError
        If no record can have that id.
    """
    if type(record_id) is not str or record_id in _NO_IDS or len(record_id) > _LONGEST_ID:
        raise ValueError(f"That is no id of {spelling.list_key}: {excerpt(record_id)}")
    return f"{spelling.path}/{quote(record_id, safe='')}"


def read_record(model: type[R], body: bytes, record_id: str | None = None) -> R:
    """Read an answer that is one record; with an id, it must be that one.

    Raises
    ------
    InvalidResponse
        If it is something else.
    """
    page = read_rows(model, [parse_object(body)])
    if page.refused:
        raise invalid_rows(page)
    found = page.valid[0]
    found_id = getattr(found, "id", None)
    if record_id is None and not found_id:
        raise InvalidResponse(f"The answer has no id: {excerpt(found)}", transient=False)
    if record_id is not None and found_id != record_id:
        raise InvalidResponse(f"Asked for {record_id!r}, but the answer is {excerpt(found)}", transient=False)
    return found


def _progress(listing: Listing, walk: Paginator, rows: int) -> dict[str, Any]:
    return {
        "connection_id": listing.connection_id,
        "resource": listing.resource,
        "pages": walk.pages,
        "rows": rows,
    }
