"""One connection: a business on one platform, with its ten resources as attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn, Self

from pydantic import SecretStr

from rutterframe.client.accounting import Bills, Invoices
from rutterframe.client.commerce import Orders, Products
from rutterframe.client.connection_status import ConnectionStatus, read_status
from rutterframe.client.filters import Moment
from rutterframe.client.request import RequestSpec
from rutterframe.client.resources import Customers, Resource, RetrievableResource, Transactions
from rutterframe.client.secret_arguments import refuse_copy
from rutterframe.errors import ConfigurationError
from rutterframe.models import LIVE_RESOURCES, RESOURCES, Account, AdAccount, BankAccount, Expense, Record
from rutterframe.notebook.cards import card

if TYPE_CHECKING:
    from rutterframe.client.session import Session
    from rutterframe.models import live


_KNOWN = frozenset({*RESOURCES, *LIVE_RESOURCES})
_OPEN_LIVE = "the contract has no such resource; of the real service open rf.Client(dialect='live')."


class LiveOnly(ConfigurationError, AttributeError):
    """A resource that only the live dialect has; `hasattr` is False for it."""


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
    vendors, invoice_payments, bill_payments, invoice_credit_memos, bill_credit_memos, payment_terms, \
bank_transactions, shop_payments, payouts, stores, company_info, balance_sheets, income_statements, \
cash_flow_statements, events
        What only the live dialect has, each with ``list()``; elsewhere they raise a ConfigurationError.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     bank = client.connection("gear-bank")
    ...     [account.currency for account in bank.bank_accounts.list()]
    ['EUR', 'GBP', 'USD', 'EUR', 'EUR']
    """

    vendors: RetrievableResource[live.Vendor]
    invoice_payments: RetrievableResource[live.InvoicePayment]
    bill_payments: RetrievableResource[live.BillPayment]
    invoice_credit_memos: RetrievableResource[live.InvoiceCreditMemo]
    bill_credit_memos: RetrievableResource[live.BillCreditMemo]
    payment_terms: RetrievableResource[live.PaymentTerm]
    bank_transactions: RetrievableResource[live.BankTransaction]
    shop_payments: RetrievableResource[live.ShopPayment]
    payouts: Resource[live.Payout]
    stores: Resource[live.Store]
    company_info: Resource[live.CompanyInfo]
    balance_sheets: Resource[live.BalanceSheet]
    income_statements: Resource[live.IncomeStatement]
    cash_flow_statements: Resource[live.CashFlowStatement]
    events: Resource[live.Event]

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
        for name in LIVE_RESOURCES if session.dialect.is_live else ():
            request = request_of(name)
            kind = RetrievableResource if request.route.single_key is not None else Resource
            setattr(self, name, kind(request))

    def __copy__(self) -> Self:
        """Return a connection with the same session and token, none of which is copied."""
        other = object.__new__(type(self))
        vars(other).update(vars(self))
        return other

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled or copied deeply: nothing of it is copied before."""
        refuse_copy()

    def __repr__(self) -> str:
        """Name the connection; nothing secret."""
        return f"<Connection {self.id!r} of {self._session.server.base_url}>"

    def _repr_html_(self) -> str:
        """Draw API, resources and next steps as a card."""
        facts = [("API", self._session.server.base_url), ("resources", ", ".join(self._resources))]
        facts.append(("next", "rf.load_invoices(connection), rf.load_all(connection)"))
        return card(f"Connection {self.id}", facts)

    @property
    def _resources(self) -> tuple[str, ...]:
        """The names of the resources of the dialect."""
        return RESOURCES + (LIVE_RESOURCES if self._session.dialect.is_live else ())

    if not TYPE_CHECKING:  # hidden from type checkers, which would accept any name

        def __getattr__(self, name: str) -> object:
            """Refuse the resources that only the live dialect has, with advice."""
            if name in LIVE_RESOURCES:
                raise LiveOnly(f"{name!r} is only in the live dialect", hint=_OPEN_LIVE)
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def status(self) -> ConnectionStatus | None:
        """Return the state of the connection: ready or not, how old its data is, and what it cannot serve.

        One request in the live dialect, without ``is_healthy`` and the reason of a disabled connection, which
        `Connections.status` reads as well. None for the contract, where nothing is sent.

        Returns
        -------
        ConnectionStatus or None
            The state, of which unknown parts are None; None for the contract.

        Raises
        ------
        ConnectionMismatch
            If the access token belongs to another connection.
        APIError, TransportError
            If it could not be read.

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     print(client.connection("roaster-bank").status())
        None
        """
        return read_status(self.accounts.listing())

    def listing(self, resource: str, **filters: Moment | None) -> RequestSpec:
        """Return the request of a list, by the resource's name; nothing is sent.

        Parameters
        ----------
        resource : str
            The resource, such as "invoices".
        **filters : datetime, date or str
            Filters of its list.

        Returns
        -------
        RequestSpec
            The request of the first page.

        Raises
        ------
        ValueError
            If there is no such resource.
        InvalidFilter
            If the dialect has no such filter, or the filter does not take that value.

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     client.connection("gear-xero").listing("bills").path
        '/bills'
        """
        return self._named(resource).listing(**filters)

    def listings(self, resource: str, **filters: Moment | None) -> tuple[RequestSpec, ...]:
        """Return a request for each route of a list, by the resource's name: the contract has exactly one.

        In the live dialect the connection's platform decides; it is looked up in the list of connections
        where it is not known yet and several routes would be possible. A platform that has none of them still
        gives the first: whether it is asked for is decided where lists are loaded.

        Parameters
        ----------
        resource : str
            The resource, such as "invoices".
        **filters : datetime, date or str
            Filters of its list.

        Returns
        -------
        tuple of RequestSpec
            A request for each route.

        Raises
        ------
        ValueError
            If there is no such resource.
        InvalidFilter
            If a route has no such filter, or the filter does not take that value.

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     len(client.connection("gear-xero").listings("bills"))
        1
        """
        return self._named(resource).listings(**filters)

    def _named(self, resource: str) -> Resource[Record]:
        """Return a resource by its name."""
        if resource not in _KNOWN:
            raise ValueError(f"There is no resource {resource!r}; there are {', '.join(self._resources)}")
        named: Resource[Record] = getattr(self, resource)
        return named


def offered(connection: Connection) -> tuple[str, ...]:
    """Return the names of the resources that the dialect of a connection has."""
    return connection._resources  # noqa: SLF001 - of this module's class
