"""Every connection and its lists, with the records that are written while the server runs."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from threading import RLock
from typing import Any

from rutterframe.demo.books.bank_rows import bank_rows
from rutterframe.demo.books.business import Business
from rutterframe.demo.books.collection import Collection, Record, Rows, empty_collection
from rutterframe.demo.books.gear import GEAR
from rutterframe.demo.books.ledger_rows import ledger_rows
from rutterframe.demo.books.mistakes import with_mistakes
from rutterframe.demo.books.replay import Deletion, OpenOn, earlier_deletions, replay
from rutterframe.demo.books.roaster import ROASTER
from rutterframe.demo.books.settlements import Histories
from rutterframe.demo.books.shop_rows import shop_rows
from rutterframe.demo.books.tables import Ids
from rutterframe.demo.books.units import CLOSING, CLOSING_MOMENT, OPENING, moment, moment_text


@dataclass(frozen=True, slots=True)
class Connection:
    """A platform that a company has connected.

    Attributes
    ----------
    id, platform, status : str
        As the API shows them.
    created, updated : int
        The days of its creation and of its last update.
    """

    id: str
    platform: str
    status: str
    created: int
    updated: int

    def record(self) -> Record:
        """Return the connection as the API shows it."""
        return {
            "id": self.id,
            "platform": self.platform,
            "status": self.status,
            "created_at": moment_text(moment(self.created, 34_200)),
            "updated_at": moment_text(moment(self.updated, 21_600)),
        }


CONNECTIONS = (
    Connection("roaster-quickbooks", "quickbooks", "active", OPENING, CLOSING),
    Connection("roaster-shopify", "shopify", "active", OPENING, CLOSING),
    Connection("roaster-bank", "plaid", "active", OPENING + 1, CLOSING),
    Connection("roaster-google-ads", "google_ads", "active", OPENING + 44, CLOSING),
    Connection("roaster-netsuite-old", "netsuite", "error", OPENING - 240, CLOSING - 97),
    Connection("gear-xero", "xero", "active", OPENING + 2, CLOSING),
    Connection("gear-shopify", "shopify", "active", OPENING + 2, CLOSING),
    Connection("gear-amazon", "amazon", "active", OPENING + 2, CLOSING),
    Connection("gear-bank", "plaid", "active", OPENING + 3, CLOSING),
    Connection("gear-ebay-closed", "ebay", "inactive", OPENING - 300, CLOSING - 260),
)

AD_ACCOUNTS = (
    ("Harbour Light, search", "ENABLED"),
    ("Harbour Light, shopping", "ENABLED"),
    ("Harbour Light, holiday 2024", "SUSPENDED"),
)


RESOURCES = (
    "accounts",
    "transactions",
    "invoices",
    "bills",
    "expenses",
    "orders",
    "products",
    "customers",
    "bank_accounts",
    "ad_accounts",
)


class Books:
    """The books of both companies.

    Parameters
    ----------
    seed : int
        The seed of the random generator; another seed gives other books of the same companies.
    scale : int
        Multiplies the volume of trade.

    Attributes
    ----------
    connections : dict of str to Connection
        All connections by id, the broken and the closed one included.
    issue_days : dict
        By connection and resource: the issue dates of written documents that name one, by id.
    live_fields : dict
        What only the live dialect shows of written records, by id.

    Raises
    ------
    ValueError
        The scale is below 1.
    """

    def __init__(self, seed: int = 7, scale: int = 1) -> None:
        if scale < 1:
            raise ValueError(f"scale must be a whole number from 1, not {scale}")
        self.seed = seed
        self.scale = scale
        self.connections = {connection.id: connection for connection in CONNECTIONS}
        self._businesses = {company.slug: Business(company, seed, scale) for company in (ROASTER, GEAR)}
        self._lists: dict[str, dict[str, Collection]] = {}
        self._clock = CLOSING_MOMENT
        self._deletions: list[Deletion] = []
        self.issue_days: defaultdict[tuple[str, str], dict[str, int]] = defaultdict(dict)
        self.live_fields: dict[str, Record] = {}
        # Both the server's thread and a reader of `rows` build the lists.
        self._lock = RLock()

    def rows(self, connection: str, resource: str) -> list[Record]:
        """Return the records of a list, the same as all its pages serve.

        Parameters
        ----------
        connection : str
            The id of a connection; ignored for the resource "connections".
        resource : str
            The key of a list, such as "invoices" or "bank_accounts".

        Raises
        ------
        KeyError
            There is no such connection or resource.
        """
        return list(self.collection(connection, resource))

    def build(self) -> None:
        """Build all books now, instead of each when it is first read."""
        for connection in self.connections:
            self.collection(connection, RESOURCES[0])

    def collection(self, connection: str, resource: str) -> Collection:
        """Return a list of a connection.

        Raises
        ------
        KeyError
            There is no such connection or resource.
        """
        if resource == "connections":
            return self._connection_list()
        if resource not in RESOURCES:
            raise KeyError(resource)
        with self._lock:
            if connection not in self._lists:
                self._lists[connection] = self._build(self.connections[connection])
            lists = self._lists[connection]
            if resource not in lists:  # called for every record, so nothing is built in vain
                lists[resource] = empty_collection()
            return lists[resource]

    def business(self, connection: str) -> Business:
        """Return the company of a connection."""
        return self._businesses[connection.partition("-")[0]]

    def has_vendor(self, connection: str, vendor_id: str) -> bool:
        """Return whether a ledger has written bills of a vendor; vendors have no list of their own."""
        row = Ids(self.seed, connection, "vendors").index(vendor_id)
        return row is not None and row < len(self.business(connection).ledger.bills.counterparties)

    def vendor_names(self) -> list[tuple[str, str, str]]:
        """List ledger, id and name of every vendor, as the ledgers' own exports have them."""
        ledgers = {name: self.business(name) for name in self.connections}
        return [
            (name, Ids(self.seed, name, "vendors").of(row), vendor)
            for name, business in ledgers.items()
            if business.company.ledger == name
            for row, vendor in enumerate(business.ledger.bills.counterparties)
        ]

    def next_instant(self) -> int:
        """Return the moment of the next write: seconds after noon of the closing date."""
        self._clock += 1
        return self._clock

    def change(self, connection: str, resource: str, record_id: str, **fields: Any) -> Record:
        """Change fields of a record, as its platform would between two reads, and return it.

        Parameters
        ----------
        connection, resource : str
            As for `rows`.
        record_id : str
            The id of the record.
        **fields
            Fields as the contract spells them: ``status="paid", amount_due=0``.

        Raises
        ------
        KeyError
            There is no such record, or it has no such field.
        """
        collection, position = self._find(connection, resource, record_id)
        record = collection.record(position)
        if unknown := set(fields) - set(record):
            raise KeyError(min(unknown))
        instant = self.next_instant()
        moved = {"updated_at": moment_text(instant)} if "updated_at" in record else {}
        changed = {**record, **moved, **fields}
        collection.replace(position, changed, instant)
        return changed

    def delete(self, connection: str, resource: str, record_id: str) -> None:
        """Delete a record: the lists lose it, and the live dialect's events report it.

        Raises
        ------
        KeyError
            There is no such record.
        """
        collection, position = self._find(connection, resource, record_id)
        collection.delete(position)
        self._deletions.append(Deletion(resource, record_id, self.next_instant(), connection))

    def deletions(self, connection: str) -> list[Deletion]:
        """Return what was deleted from a connection, the oldest first."""
        earlier = earlier_deletions(self.seed, connection, self.connections[connection].platform)
        return earlier + [deletion for deletion in self._deletions if deletion.connection == connection]

    def histories(self, connection: str, resource: str) -> Histories:
        """Return the dated events of the invoices or bills of a ledger."""
        collection = self.collection(connection, resource)
        return Histories(
            self.business(connection), resource, collection, self.issue_days[connection, resource]
        )

    def open_on(self, connection: str, resource: str, day: date) -> OpenOn:
        """Return what was open on a day, replayed from the events of the books up to that day.

        Parameters
        ----------
        connection : str
            The id of a ledger.
        resource : str
            "invoices", "bills", "invoice_credit_memos" or "bill_credit_memos".
        day : date
            The day, at its end.

        Returns
        -------
        OpenOn
            The open amounts by id, those of credit memos negative, and the documents that are void or deleted
            today, of which the books do not tell when.
        """
        documents = "bills" if resource.startswith("bill") else "invoices"
        deleted = [each.id for each in self.deletions(connection) if each.resource == resource]
        return replay(self.histories(connection, documents), resource, day, deleted)

    def _find(self, connection: str, resource: str, record_id: str) -> tuple[Collection, int]:
        collection = self.collection(connection, resource)
        position = collection.find(record_id)
        if position is None:
            raise KeyError(record_id)
        return collection, position

    def _build(self, connection: Connection) -> dict[str, Collection]:
        return {
            resource: Collection(rows, Ids(self.seed, connection.id, resource, "written"))
            for resource, rows in with_mistakes(connection.id, self._rows_of(connection)).items()
        }

    def _rows_of(self, connection: Connection) -> dict[str, Rows]:
        business = self.business(connection.id)
        if connection.id == business.company.ledger:
            return ledger_rows(business)
        if connection.id == business.company.bank:
            return bank_rows(business)
        if any(connection.id == shop.connection for shop in business.company.shops):
            return shop_rows(business.shop(connection.id), self.seed)
        if connection.platform == "google_ads":
            return {"ad_accounts": self._ad_accounts(connection)}
        return {}

    def _ad_accounts(self, connection: Connection) -> Rows:
        ids = Ids(self.seed, connection.id, "ad_accounts")

        def record(row: int) -> Record:
            name, status = AD_ACCOUNTS[row]
            return {
                "id": ids.of(row),
                "name": name,
                "platform": connection.platform,
                "currency": "USD",
                "status": status,
            }

        return Rows(ids, len(AD_ACCOUNTS), record, lambda _: moment(OPENING))

    def _connection_list(self) -> Collection:
        records = [connection.record() for connection in CONNECTIONS]
        return Collection(
            Rows(
                Ids("connections"),
                len(records),
                records.__getitem__,
                lambda row: moment(CONNECTIONS[row].updated),
            ),
            Ids("connections", "written"),
        )
