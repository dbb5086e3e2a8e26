"""Each of the contract's 26 operations once, as a user calls it; the ids come from whoever runs them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import rutterframe as rf
from rutterframe.demo.server import DemoServer


@dataclass(frozen=True)
class Known:
    """What there is on the server that is called."""

    ledger: rf.Connection
    shop: rf.Connection
    bank: rf.Connection
    ads: rf.Connection
    connection_id: str
    invoice: str
    order: str
    product: str
    variant: str
    shopper: str
    customer: str
    vendor: str
    public_token: str
    webhook: str


def known_to(client: rf.Client, server: DemoServer) -> Known:
    """Find on a demo API what each operation needs; a webhook is made, to be deleted."""
    rows = server.books.rows
    product = rows("gear-shopify", "products")[0]
    hook = client.webhooks.create(url="https://example.com/other", events=["order.created"])
    return Known(
        ledger=client.connection("gear-xero"),
        shop=client.connection("gear-shopify"),
        bank=client.connection("gear-bank"),
        ads=client.connection("roaster-google-ads"),
        connection_id="gear-xero",
        invoice=rows("gear-xero", "invoices")[0]["id"],
        order=next(r["id"] for r in rows("gear-shopify", "orders") if r["status"] == "pending"),
        product=product["id"],
        variant=product["variants"][0]["id"],
        shopper=rows("gear-shopify", "customers")[0]["id"],
        customer=rows("gear-xero", "customers")[0]["id"],
        vendor=rows("gear-xero", "bills")[0]["vendor_id"],
        public_token="public-gear-bank",
        webhook=str(hook.id),
    )


LINE = {"description": "Tent", "quantity": 1.5, "unit_price": 10.1, "total_amount": 15.15}
SINCE = "2026-06-01T00:00:00Z"

OPERATIONS: dict[str, Callable[[rf.Client, Known], object]] = {
    "listConnections": lambda c, _: next(c.connections.list()),
    "getConnection": lambda c, k: c.connections.retrieve(k.connection_id),
    "exchangeToken": lambda c, k: c.connections.exchange(k.public_token),
    "listAccounts": lambda _, k: next(k.ledger.accounts.list()),
    "listTransactions": lambda _, k: next(k.ledger.transactions.list(updated_at_min=SINCE)),
    "listInvoices": lambda _, k: next(k.ledger.invoices.list()),
    "createInvoice": lambda _, k: k.ledger.invoices.create(
        customer_id=k.customer, currency="GBP", due_date="2026-07-31", line_items=[LINE]
    ),
    "getInvoice": lambda _, k: k.ledger.invoices.retrieve(k.invoice),
    "listBills": lambda _, k: next(k.ledger.bills.list()),
    "createBill": lambda _, k: k.ledger.bills.create(vendor_id=k.vendor, line_items=[LINE]),
    "listExpenses": lambda _, k: next(k.ledger.expenses.list()),
    "listOrders": lambda _, k: next(k.shop.orders.list(expand="platform_data", updated_at_min=SINCE)),
    "createOrder": lambda _, k: k.shop.orders.create(
        customer_id=k.shopper,
        currency="USD",
        line_items=[
            {"product_id": k.product, "variant_id": k.variant, "quantity": 2, "unit_price": 5.5},
        ],
    ),
    "getOrder": lambda _, k: k.shop.orders.retrieve(k.order),
    "fulfillOrder": lambda _, k: k.shop.orders.fulfill(
        k.order,
        carrier="DHL",
        tracking_number="T-1",
        tracking_url="https://example.com/T-1",
        line_items=[{"line_item_id": "1", "quantity": 1}],
    ),
    "listProducts": lambda _, k: next(k.shop.products.list()),
    "createProduct": lambda _, k: k.shop.products.create(
        title="Tarp", description="Small", price=4.5, currency="USD"
    ),
    "getProduct": lambda _, k: k.shop.products.retrieve(k.product),
    "updateProduct": lambda _, k: k.shop.products.update(k.product, price=12.34, status="draft"),
    "listCustomers": lambda _, k: next(k.shop.customers.list()),
    "getCustomer": lambda _, k: k.shop.customers.retrieve(k.shopper),
    "listBankAccounts": lambda _, k: next(k.bank.bank_accounts.list()),
    "listAdAccounts": lambda _, k: next(k.ads.ad_accounts.list()),
    "listWebhooks": lambda c, _: list(c.webhooks.list()),
    "createWebhook": lambda c, _: c.webhooks.create(
        url="https://example.com/hook", events=["order.created", "product.updated"]
    ),
    "deleteWebhook": lambda c, k: c.webhooks.delete(k.webhook),
}
