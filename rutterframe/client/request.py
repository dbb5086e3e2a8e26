"""A request to the API as one record: what is sent, and the context of its errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from pydantic import SecretStr

from rutterframe.dialects import Route
from rutterframe.errors import ErrorContext

if TYPE_CHECKING:
    from rutterframe.client.session import Session


@dataclass(frozen=True, slots=True)
class RequestSpec:
    """A request: what is sent, for which connection and resource. Secrets stay in their wrappers.

    Attributes
    ----------
    session : Session
        Sends the request.
    resource : str
        The resource's name.
    path : str
        The path below the base URL.
    route : Route
        The route of the list that the request belongs to: its keys, and what is sent with every page.
    connection_id : str or None
        The connection; None for what belongs to the client itself.
    access_token : pydantic.SecretStr or None
        The connection's access token.
    method : str
        The HTTP method.
    filters : mapping of str to str
        The filters of a list, sent along with every page.
    cursor : str or None
        The cursor of the page; None for the first page.
    pages : int or None
        How many pages of the list were read before, for the context of errors.
    body : pydantic.SecretStr or None
        The JSON to be written: as private as what is read.
    idempotency_key : str or None
        With it a write may be sent again.
    secrets : tuple of pydantic.SecretStr
        Further secrets in the body, masked should the API repeat them.
    any_dialect : bool
        Whether an answer of the other dialect is not an error: it is what the request is to find out.
    """

    session: Session = field(repr=False)
    resource: str
    path: str
    route: Route = field(kw_only=True, repr=False)
    connection_id: str | None = None
    access_token: SecretStr | None = None
    method: str = "GET"
    filters: Mapping[str, str] = field(default_factory=dict)
    cursor: str | None = field(default=None, repr=False)
    pages: int | None = field(default=None, repr=False)
    body: SecretStr | None = field(default=None, repr=False)
    idempotency_key: str | None = field(default=None, repr=False)
    secrets: tuple[SecretStr, ...] = field(default=(), repr=False)
    any_dialect: bool = field(default=False, repr=False)

    @classmethod
    def of(
        cls,
        session: Session,
        resource: str,
        connection_id: str | None = None,
        access_token: SecretStr | None = None,
        route: Route | None = None,
    ) -> Self:
        """Return the request of a resource's list, without filters; by its first route if none is passed.

        Parameters
        ----------
        session : Session
            Sends the request.
        resource : str
            The resource, such as "invoices".
        connection_id : str, optional
            The connection; None for what belongs to the client itself.
        access_token : SecretStr, optional
            The connection's access token.
        route : Route, optional
            The route of the list; the first one when left out.

        Returns
        -------
        RequestSpec
            The request of the first page.

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     listing = client.connection("gear-xero").accounts.listing()
        >>> RequestSpec.of(listing.session, "accounts", "gear-xero", listing.access_token) == listing
        True
        """
        route = route or session.dialect.resources[resource][0]
        return cls(session, resource, route.path, connection_id, access_token, route=route)

    @property
    def list_key(self) -> str:
        """The key of the list in the response."""
        return self.route.list_key

    @property
    def params(self) -> dict[str, str]:
        """The query parameters, without the access token; those of the route only with its own pages."""
        of_pages = self.route.params if self.method == "GET" and self.path == self.route.path else {}
        params = {**of_pages, **self.filters}
        if self.cursor is not None:
            params[self.session.dialect.cursor_parameter] = self.cursor
        return params

    @property
    def context(self) -> ErrorContext:
        """The context that errors of this request carry."""
        return ErrorContext(self.connection_id, self.resource, pages=self.pages)

    @property
    def all_secrets(self) -> tuple[SecretStr, ...]:
        """The access token and the secrets in the body."""
        return self.secrets if self.access_token is None else (self.access_token, *self.secrets)
