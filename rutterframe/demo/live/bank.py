"""Bank accounts, the bank feed and advertising accounts in the live dialect."""

from __future__ import annotations

from rutterframe.demo.books.collection import Record
from rutterframe.demo.books.store import Books
from rutterframe.demo.books.units import OPENING, moment
from rutterframe.demo.live.lists import SYNCED_AT, LiveList, collection_list, stamps
from rutterframe.demo.live.spelling import live_moment, synced_at, written_date

_WORDS = (("PAYMENT OF INV", "income"), ("PAYMENT OF BILL", "payables"), ("PAYOUT", "income"))


class Bank:
    """The lists of one bank connection.

    Parameters
    ----------
    books : Books
        The books.
    connection : str
        The id of the connection.
    """

    def __init__(self, books: Books, connection: str) -> None:
        self._accounts = books.collection(connection, "bank_accounts")
        self._transactions = books.collection(connection, "transactions")
        self._platform = books.connections[connection].platform

    def lists(self) -> dict[str, LiveList]:
        """Return the lists by resource."""
        return {
            "bank_accounts": collection_list(self._accounts, self._account),
            "transactions": collection_list(self._transactions, self._transaction),
        }

    def _account(self, position: int) -> Record:
        record = self._accounts.record(position)
        balance = {
            "available": record["balance"],
            "currency_code": record["currency"],
            "current": record["balance"],
        }
        if position == 1:
            # This bank tells only what is available.
            balance["current"] = None
        updated = self._accounts.changed_at(position)
        return {
            "id": record["id"],
            "platform_id": f"acc-{position + 1}",
            "mask": f"{4_000 + 137 * position:04d}"[-4:],
            "name": record["name"],
            "subtype": record["type"],
            "type": "depository",
            "balance": balance,
            SYNCED_AT: live_moment(synced_at(updated, position)),
        }

    def _transaction(self, position: int) -> Record:
        record = self._transactions.record(position)
        text = record["description"] or ""
        category = next((word for start, word in _WORDS if text.startswith(start)), None)
        updated = self._transactions.changed_at(position)
        return {
            "id": record["id"],
            "platform_id": f"t-{position + 1}",
            "account_id": record["account_id"],
            "amount": record["amount"],
            "currency_code": record["currency"],
            "date": record["date"] and written_date(record["date"], self._platform),
            "merchant_name": record["description"],
            # The balances of the books contain every row.
            "status": "posted",
            "category": [category] if category else [],
            SYNCED_AT: live_moment(synced_at(updated, position)),
        }


def ad_accounts(books: Books, connection: str) -> dict[str, LiveList]:
    """Return the list of advertising accounts of a connection."""
    collection = books.collection(connection, "ad_accounts")

    def record(position: int) -> Record:
        account = collection.record(position)
        return {
            "id": account["id"],
            "platform_id": f"{310_200_000 + position}",
            "parent_id": None,
            "name": account["name"],
            **stamps(moment(OPENING), collection.changed_at(position), position),
        }

    return {"ad_accounts": collection_list(collection, record)}
