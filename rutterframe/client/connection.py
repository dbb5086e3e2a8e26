"""One connection: a business on one platform, with its ten resources as attributes."""

from __future__ import annotations

from rutterframe.client.accounting import Bills, Invoices
from rutterframe.client.commerce import Orders, Products
from rutterframe.client.filters import Moment
from rutterframe.client.pagination import Listing
from rutterframe.client.resources import Customers, Place, Resource, Transactions
from rutterframe.models import RESOURCES, Account, AdAccount, BankAccount, Expense, Record
from rutterframe.notebook.cards import card


class Connection:
    """A business on one platform, as `Client.connection` gives it.

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

    def __init__(self, place: Place) -> None:
        self.id = place.connection_id or ""
        self._place = place
        self.accounts = Resource[Account](place, "accounts")
        self.transactions = Transactions(place, "transactions")
        self.invoices = Invoices(place, "invoices")
        self.bills = Bills(place, "bills")
        self.expenses = Resource[Expense](place, "expenses")
        self.orders = Orders(place, "orders")
        self.products = Products(place, "products")
        self.customers = Customers(place, "customers")
        self.bank_accounts = Resource[BankAccount](place, "bank_accounts")
        self.ad_accounts = Resource[AdAccount](place, "ad_accounts")

    def __repr__(self) -> str:
        """Name the connection; nothing secret."""
        return f"<Connection {self.id!r} of {self._place.session.server.base_url}>"

    def _repr_html_(self) -> str:
        """Draw the same as a card, and what can be read from it."""
        facts = [("API", self._place.session.server.base_url), ("resources", ", ".join(RESOURCES))]
        facts.append(("next", "rf.load_invoices(connection), rf.load_all(connection)"))
        return card(f"Connection {self.id}", facts)

    def listing(self, resource: str, **filters: Moment | None) -> Listing:
        """Say what would be listed, by the resource's name; nothing is sent.

        Raises
        ------
        ValueError
            If there is no such resource.
        InvalidFilter
            If the contract has no such filter, or the filter does not take that value.
        """
        if resource not in RESOURCES:
            raise ValueError(f"There is no resource {resource!r}; there are {', '.join(RESOURCES)}")
        named: Resource[Record] = getattr(self, resource)
        return named.listing(**filters)
