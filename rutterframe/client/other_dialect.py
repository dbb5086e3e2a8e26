"""Recognise a server that speaks the other dialect, so that its answers are refused and never read as empty.

The sign that decides is the list of connections, which both dialects have at the same path: the live service
sends an access token with each connection, the contract never does. Everything else is only a reason to look:

- A client of the contract reads a list of connections with access tokens: the server speaks live.
- A client of live reads a list of connections, and none of them has even the field: it speaks the contract.
- A path that only this client's dialect has (``/invoices``, ``/accounting/invoices``) answers 404, as it also
  does where the platform merely does not have the resource. (In the contract not that of a record, where a
  404 is about the id.) Or a path that both have refuses the parameters (400, 422), which differ. The list of
  connections is then requested without parameters, once in the life of a client; its tokens, or their
  absence, decide. If it is empty or cannot be read, the error stays what it is.
- A path that both have (``/orders``) answers with rows that would be read wrongly. Live names the
  organisation (``orgId``) on every page, beside the rows, and the contract has no such key. A client of the
  contract refuses a page that has it there; a client of live looks at the list of connections, as above, if
  the first page of a list lacks it.

A platform without a resource can therefore not be mistaken for the other dialect, nor can an empty list.
"""

from __future__ import annotations

import contextlib
import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from rutterframe.client.request import RequestSpec
from rutterframe.dialects import BASES, Dialect
from rutterframe.errors import BadRequest, NotFound, RutterframeError, WrongDialect

#: The lists that both dialects have at the same path. A literal: the tables of a dialect that is not used are
#: not imported.
SHARED_PATHS = frozenset({"/connections", "/transactions", "/orders", "/products", "/customers"})

# An unescaped quote ends a text, so that these can only be keys; a token is a text that is not empty.
_TOKEN = re.compile(rb'"access_token"\s*:\s*"[^"]')
_ID_KEY = re.compile(rb'"id"\s*:')
_ORGANISATION = b'"orgId"'

_ADVICE = {
    "contract": "open it with rf.Client(dialect='contract'), the default, and leave RUTTER_DIALECT unset.",
    "live": "open it with rf.Client(dialect='live'), or set RUTTER_DIALECT=live.",
}
_NAMES = {"contract": "the contract (openapi.yaml)", "live": "the live dialect"}


@dataclass(slots=True)
class DialectCheck:
    """Whether the server speaks the dialect of its client.

    Attributes
    ----------
    own : Dialect
        The client's dialect.
    confirmed : bool
        Whether the server is known to speak it.
    """

    own: Dialect
    confirmed: bool = False
    _sign: str = ""
    _list_requested: bool = False
    # Reentrant: the list of connections may itself be refused.
    _lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    def __post_init__(self) -> None:
        """Look for no sign where the dialect is that of another package: its server may have either."""
        self.confirmed = self.confirmed or self.own.name not in BASES

    def find_out(self, read: Callable[[], object]) -> None:
        """Read the list of connections, if it was not yet; threads that have a reason meanwhile wait for it.

        Parameters
        ----------
        read : callable
            Reads the list, which `listed` judges.

        Raises
        ------
        WrongDialect
            If it is the other dialect; any other error of the list leaves it open.
        """
        with self._lock:
            if not self.confirmed and not self._sign and not self._list_requested:
                self._list_requested = True
                with contextlib.suppress(RutterframeError):  # judged, or not known
                    read()
        if self._sign:
            raise self._error()

    def listed(self, *, tokens: bool | None) -> None:
        """Judge a list of connections, by whether they have access tokens; None for a list without any.

        Raises
        ------
        WrongDialect
            If it is one of the other dialect.
        """
        if tokens is None:
            return
        if tokens != self.own.is_live:
            self._sign = f"The list of connections has {'' if tokens else 'no '}access tokens"
            raise self._error()
        self.confirmed = True

    def may_be_other(self, request: RequestSpec, body: bytes) -> bool:
        """Return whether the first page of a list is a reason to look at the list of connections.

        Raises
        ------
        WrongDialect
            If it can only be a page of the other dialect.
        """
        if self.confirmed or request.cursor is not None or not is_shared(request):
            return False
        if self.own.is_live:
            return _ORGANISATION not in body
        if _names_organisation(body):
            self._sign = "The page names an organisation (orgId)"
            raise self._error()
        return False

    def _error(self) -> WrongDialect:
        other = _other(self.own.name)
        return WrongDialect(
            f"{self._sign}: the server speaks {_NAMES[other]}, and this client {_NAMES[self.own.name]}",
            hint=_ADVICE[other],
        )


def has_tokens(body: bytes) -> bool | None:
    """Return whether a list of connections has access tokens; None if it lists no connection."""
    if _TOKEN.search(body):
        return True
    return False if _ID_KEY.search(body) else None


def is_connection_list(request: RequestSpec) -> bool:
    """Return whether a request is one of the list of connections."""
    return request.resource == "connections" and request.path == request.route.path


def without_params(request: RequestSpec) -> RequestSpec:
    """Return a request without the parameters of its dialect."""
    return replace(request, route=replace(request.route, params={}))


def is_reason(error: RutterframeError, request: RequestSpec) -> bool:
    """Return whether an error may come from the other dialect."""
    if request.any_dialect:
        return False
    if isinstance(error, BadRequest) and error.status in {400, 422}:
        # A later page is refused for its cursor: the first one was of this dialect.
        return request.method == "GET" and request.cursor is None and is_shared(request)
    if not isinstance(error, NotFound) or error.status != 404:
        return False
    dialect = request.session.dialect
    if request.path == dialect.token_exchange:
        return True
    if request.path != request.route.path and dialect.name == "contract":
        return False  # there a 404 is about the id of a record
    # The paths below that of the connections are different ones in each dialect.
    below = request.resource == "connections" and request.path != request.route.path
    return below or request.route.path not in SHARED_PATHS


def is_shared(request: RequestSpec) -> bool:
    """Return whether a request is one of a list that both dialects have at the same path."""
    return request.path == request.route.path and request.path in SHARED_PATHS


def _names_organisation(body: bytes) -> bool:
    """Return whether a page names an organisation beside its rows, as only the live service does."""
    if _ORGANISATION not in body:
        return False
    try:
        page = json.loads(body)
    except (ValueError, RecursionError):
        return False
    connection = page.get("connection") if isinstance(page, dict) else None
    return isinstance(connection, dict) and "orgId" in connection


def _other(name: str) -> str:
    return "contract" if name == "live" else "live"
