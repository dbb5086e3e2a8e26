"""The 26 operations of the contract, as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rutterframe.demo.api.accounting import create_bill, create_invoice
from rutterframe.demo.api.commerce import create_order, create_product, fulfill_order, update_product
from rutterframe.demo.api.pagination import PagedRequest, PageRequest
from rutterframe.demo.api.records import (
    create_webhook,
    delete_webhook,
    exchange_token,
    list_webhooks,
    retrieve,
    retrieve_connection,
)
from rutterframe.demo.api.service import Call, Service

_TOKEN = ("access_token",)
_PAGED = ("access_token", "cursor")


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of the contract.

    Attributes
    ----------
    name : str
        The contract's operationId.
    method, path : str
        The HTTP method, and the path with `{id}` for a record's id.
    resource : str
        The list key.
    kind : str
        "list", "retrieve" or "write".
    query : tuple of str
        The query parameters.
    endpoint : callable or None
        Returns the body of the response; None for a list that is served in pages.
    versioned : bool
        Whether the version header is required.
    pages : callable
        For a list in pages: returns the request of one page.
    opens : callable or None
        Checks the access token and returns the connection's id; None for the contract's check.
    """

    name: str
    method: str
    path: str
    resource: str
    kind: str
    query: tuple[str, ...] = _TOKEN
    endpoint: Callable[[Call], Any] | None = None
    versioned: bool = True
    pages: Callable[[Call], PagedRequest] = PageRequest
    opens: Callable[[Service, Mapping[str, str]], str] | None = None


OPERATIONS = (
    Operation("listConnections", "GET", "/connections", "connections", "list", ("cursor",)),
    # Before the path with an id, which it would match as well.
    Operation(
        "exchangeToken",
        "POST",
        "/connections/token_exchange",
        "connections",
        "write",
        (),
        exchange_token,
        versioned=False,
    ),
    Operation(
        "getConnection", "GET", "/connections/{id}", "connections", "retrieve", (), retrieve_connection
    ),
    Operation("listAccounts", "GET", "/accounts", "accounts", "list", _PAGED),
    Operation(
        "listTransactions", "GET", "/transactions", "transactions", "list", (*_PAGED, "updated_at_min")
    ),
    Operation("listInvoices", "GET", "/invoices", "invoices", "list", _PAGED),
    Operation("createInvoice", "POST", "/invoices", "invoices", "write", _TOKEN, create_invoice),
    Operation("getInvoice", "GET", "/invoices/{id}", "invoices", "retrieve", _TOKEN, retrieve),
    Operation("listBills", "GET", "/bills", "bills", "list", _PAGED),
    Operation("createBill", "POST", "/bills", "bills", "write", _TOKEN, create_bill),
    Operation("listExpenses", "GET", "/expenses", "expenses", "list", _PAGED),
    Operation("listOrders", "GET", "/orders", "orders", "list", (*_PAGED, "expand", "updated_at_min")),
    Operation("createOrder", "POST", "/orders", "orders", "write", _TOKEN, create_order),
    Operation("getOrder", "GET", "/orders/{id}", "orders", "retrieve", _TOKEN, retrieve),
    Operation("fulfillOrder", "POST", "/orders/{id}/fulfillments", "orders", "write", _TOKEN, fulfill_order),
    Operation("listProducts", "GET", "/products", "products", "list", _PAGED),
    Operation("createProduct", "POST", "/products", "products", "write", _TOKEN, create_product),
    Operation("getProduct", "GET", "/products/{id}", "products", "retrieve", _TOKEN, retrieve),
    Operation("updateProduct", "PUT", "/products/{id}", "products", "write", _TOKEN, update_product),
    Operation("listCustomers", "GET", "/customers", "customers", "list", _PAGED),
    Operation("getCustomer", "GET", "/customers/{id}", "customers", "retrieve", _TOKEN, retrieve),
    Operation("listBankAccounts", "GET", "/bank-accounts", "bank_accounts", "list", _PAGED),
    Operation("listAdAccounts", "GET", "/ad-accounts", "ad_accounts", "list", _PAGED),
    Operation("listWebhooks", "GET", "/config-webhooks", "webhooks", "list", (), list_webhooks),
    Operation("createWebhook", "POST", "/config-webhooks", "webhooks", "write", (), create_webhook),
    Operation("deleteWebhook", "DELETE", "/config-webhooks/{id}", "webhooks", "write", (), delete_webhook),
)
