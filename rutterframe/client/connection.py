"""One connection: a business on one platform, with its ten resources as attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import SecretStr

from rutterframe.client.accounting import Bills, Invoices
from rutterframe.client.commerce import Orders, Products
from rutterframe.client.filters import Moment
from rutterframe.client.request import RequestSpec
from rutterframe.client.resources import Customers, Resource, Transactions
from rutterframe.models import RESOURCES, Account, AdAccount, BankAccount, Expense, Record
from rutterframe.notebook.cards import card

if TYPE_CHECKING:
    from rutterframe.client.session import Session


class Connection:
    """A business on one platform, as `Client.connection` returns it.

    Nothing is sent until a resource is listed or loaded.

    Attributes
    ----------
    id : str
        The connection's id.
    accounts, transactions, invoices, bills, expenses, orders, products, customers, bank_accounts, ad_accounts
        The resources, each with ``list()``; invoices, orders, products, customers also with ``retrieve(id)``;
        invoices, bills, orders, products with ``create(...)`` and ``create_many(frame)``; orders with
        ``fulfill(id, ...)`` and products with ``update(id, ...)``.
    """

    def __init__(self, session: Session, connection_id: str, access_token: SecretStr) -> None:
        def request_of(resource: str) -> RequestSpec:
            return RequestSpec.of(session, resource, connection_id, access_token)

        self.id = connection_id
        self._session = session
        self.accounts = Resource[Account](request_of("accounts"))
        self.transactions = Transactions(request_of("transactions"))
        self.invoices = Invoices(request_of("invoices"))
        self.bills = Bills(request_of("bills"))
        self.expenses = Resource[Expense](request_of("expenses"))
        self.orders = Orders(request_of("orders"))
        self.products = Products(request_of("products"))
        self.customers = Customers(request_of("customers"))
        self.bank_accounts = Resource[BankAccount](request_of("bank_accounts"))
        self.ad_accounts = Resource[AdAccount](request_of("ad_accounts"))

    def __repr__(self) -> str:
        """Name the connection; nothing secret."""
        return f"<Connection {self.id!r} of {self._session.server.base_url}>"

    def _repr_html_(self) -> str:
        """Draw API, resources and next steps as a card."""
        facts = [("API", self._session.server.base_url), ("resources", ", ".join(RESOURCES))]
        facts.append(("next", "rf.load_invoices(connection), rf.load_all(connection)"))
        return card(f"Connection {self.id}", facts)

    def listing(self, resource: str, **filters: Moment | None) -> RequestSpec:
        """Return the request of a list, by the resource's name; nothing is sent.

        Raises
        ------
        ValueError
            If there is no such resource.
        InvalidFilter
            If the dialect has no such filter, or the filter does not take that value.
        """
        return self._named(resource).listing(**filters)

    def listings(self, resource: str, **filters: Moment | None) -> tuple[RequestSpec, ...]:
        """Return a request for each route of a list, by the resource's name: the contract has exactly one.

        In the live dialect the connection's platform decides; it is looked up in the list of connections
        where it is not known yet and several routes would be possible. A platform that has none of them still
        gives the first: whether it is asked for is decided where lists are loaded.

        Raises
        ------
        ValueError
            If there is no such resource.
        InvalidFilter
            If a route has no such filter, or the filter does not take that value.
        """
        return self._named(resource).listings(**filters)

    def _named(self, resource: str) -> Resource[Record]:
        """Return a resource by its name."""
        if resource not in RESOURCES:
            raise ValueError(f"There is no resource {resource!r}; there are {', '.join(RESOURCES)}")
        named: Resource[Record] = getattr(self, resource)
        return named
