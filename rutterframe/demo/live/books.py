"""Every live list of every connection, built when it is first read."""

from __future__ import annotations

from rutterframe.demo.books.store import Books
from rutterframe.demo.live.bank import Bank, ad_accounts
from rutterframe.demo.live.documents import Documents
from rutterframe.demo.live.ledger import LedgerLists
from rutterframe.demo.live.lists import LiveList, empty_list
from rutterframe.demo.live.settlement_lists import CreditMemos, Payments
from rutterframe.demo.live.shop import Shop
from rutterframe.demo.live.shop_money import ShopMoney
from rutterframe.demo.live.spelling import KINDS

#: Objects that the organisation does not sync: their lists are empty, without an error.
NOT_SYNCED = frozenset({("gear-xero", "payment_terms")})
#: Lists that the live service has for each kind of platform.
LISTS = {
    "ledger": frozenset(
        {
            "accounts",
            "invoices",
            "bills",
            "expenses",
            "customers",
            "vendors",
            "invoice_payments",
            "bill_payments",
            "invoice_credit_memos",
            "bill_credit_memos",
            "payment_terms",
        }
    ),
    "shop": frozenset({"orders", "products", "customers", "transactions", "payouts"}),
    "bank": frozenset({"bank_accounts", "transactions"}),
    "ads": frozenset({"ad_accounts"}),
}


class LiveBooks:
    """The live lists over the books of a server.

    Parameters
    ----------
    books : Books
        The books.
    """

    def __init__(self, books: Books) -> None:
        self._books = books
        self._lists: dict[str, dict[str, LiveList]] = {}

    def kind(self, connection: str) -> str:
        """Return the kind of a connection's platform: "ledger", "shop", "bank" or "ads"."""
        return KINDS[self._books.connections[connection].platform]

    def list(self, connection: str, resource: str) -> LiveList:
        """Return a list of a connection; empty where the objects are not synced.

        Raises
        ------
        KeyError
            The platform has no such list.
        """
        if resource not in LISTS[self.kind(connection)]:
            raise KeyError(resource)
        if (connection, resource) in NOT_SYNCED:
            return empty_list()
        if connection not in self._lists:
            self._lists[connection] = self._build(connection)
        return self._lists[connection].get(resource) or empty_list()

    def _build(self, connection: str) -> dict[str, LiveList]:
        books, kind = self._books, self.kind(connection)
        company = books.business(connection).company
        if kind == "bank":
            return Bank(books, connection).lists()
        if kind == "ads":
            return ad_accounts(books, connection)
        if kind == "shop":
            if connection not in {shop.connection for shop in company.shops}:
                return {}
            shop = Shop(books, connection)
            return shop.lists() | ShopMoney(shop).lists()
        if connection != company.ledger:
            return {}
        return LedgerLists(books, connection).lists() | _documents(books, connection)


def _documents(books: Books, connection: str) -> dict[str, LiveList]:
    lists: dict[str, LiveList] = {}
    for resource in ("invoices", "bills"):
        documents = Documents(books, connection, resource)
        lists[resource] = documents.live_list()
        lists[f"{resource[:-1]}_payments"] = Payments(documents).live_list()
        lists[f"{resource[:-1]}_credit_memos"] = CreditMemos(documents).live_list()
    return lists
