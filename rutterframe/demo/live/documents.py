"""Invoices and bills of the live dialect, with issue dates, totals and dated payments."""

from __future__ import annotations

from zlib import crc32

from rutterframe.demo.books.business import Business
from rutterframe.demo.books.collection import Record
from rutterframe.demo.books.settlements import Allocation, Histories, History
from rutterframe.demo.books.store import Books
from rutterframe.demo.books.units import moment, number
from rutterframe.demo.live.ledger import LedgerIds, terms_id
from rutterframe.demo.live.lists import LiveList, moments, stamps
from rutterframe.demo.live.spelling import live_date, written_date

_KINDS = {"payment": "INVOICE_PAYMENT", "credit_memo": "INVOICE_CREDIT_MEMO"}
_STATUSES = {"voided": "void"}
_MORNING = 36_000


class Documents:
    """The invoices or the bills of one ledger.

    Parameters
    ----------
    books : Books
        The books.
    connection : str
        The id of the ledger.
    resource : str
        "invoices" or "bills".
    """

    def __init__(self, books: Books, connection: str, resource: str) -> None:
        self.resource = resource
        self.platform = books.connections[connection].platform
        self.business: Business = books.business(connection)
        self.histories: Histories = books.histories(connection, resource)
        self.collection = self.histories.collection
        self.ids = LedgerIds(books.seed, connection)
        self._live_fields = books.live_fields
        self._is_invoice = resource == "invoices"

    def live_list(self) -> LiveList:
        """Return the list; the open credit notes of the contract are not in it, but credit memos."""
        collection, histories = self.collection, self.histories
        return LiveList(
            (collection,),
            lambda: (key for key in collection.positions() if not histories.is_credit_note(key)),
            self.record,
            lambda key: str(collection.record(key)["id"]),
            moments(self.updated_at, self.created_at),
            self._find,
        )

    def record(self, position: int) -> Record:
        """Return the document at a position of the contract's list."""
        history = self.histories.of(position)
        return self._invoice(history) if self._is_invoice else self._bill(history)

    def updated_at(self, position: int) -> int:
        """Return the moment of a document's last change: its issue, its payment, or a later change."""
        touched = self.collection.touched_at(position)
        if touched is not None:
            return touched
        document = self.histories.table.document(position)
        return moment(document.paid_on or document.day, _MORNING)

    def created_at(self, position: int) -> int:
        """Return the moment at which a document was entered: in the morning of its issue."""
        return min(moment(self.histories.issued(position), _MORNING), self.updated_at(position))

    def account(self, role: str, currency: str) -> str | None:
        """Return the id of the account that plays a role in a currency."""
        chart = self.business.ledger.chart
        return self.ids.accounts.of(chart.find(role, currency)) if chart.has(role, currency) else None

    def document_number(self, position: int) -> str | None:
        """Return the number that is printed on a document; some bills have none."""
        if self._is_invoice:
            return f"INV-{position + 1:05d}"
        return None if position % 40 == 9 else f"{position + 1:05d}"

    def _find(self, record_id: str) -> int | None:
        position = self.collection.find(record_id)
        return None if position is None or self.histories.is_credit_note(position) else position

    def _invoice(self, history: History) -> Record:
        record = history.record
        return {
            **self._head(history, "customer_id", "Accounts Receivable"),
            "discount_amount": 0,
            "linked_payments": [
                {**self._allocation(history, allocation), "type": _KINDS[allocation.kind]}
                for allocation in history.allocations
            ],
            "line_items": [
                {**self._line(history, row, line), "type": None}
                for row, line in enumerate(record["line_items"])
            ],
            "additional_fields": {"internal_memo": None, "po_number": None, "shipping_amount": None},
            **self._tail(history),
        }

    def _bill(self, history: History) -> Record:
        record = history.record
        extra = dict.fromkeys(("customer_id", "department_id", "project_id"))
        return {
            **self._head(history, "vendor_id", "Accounts Payable"),
            "total_discount": 0,
            "currency_rate": None if record["currency"] == self.business.company.base else self._rate(record),
            "linked_purchase_orders": [],
            "linked_credit_memos": [
                self._allocation(history, allocation)
                for allocation in history.allocations
                if allocation.kind == "credit_memo"
            ],
            "linked_payments": [
                self._allocation(history, allocation)
                for allocation in history.allocations
                if allocation.kind == "payment"
            ],
            "line_items": [
                {**self._line(history, row, line), **extra} for row, line in enumerate(record["line_items"])
            ],
            **self._tail(history),
        }

    def _head(self, history: History, counterparty: str, control_account: str) -> Record:
        record, live = history.record, self._live_fields.get(history.record["id"], {})
        total = number(history.total, record["currency"])
        return {
            "id": record["id"],
            "platform_id": str(history.position + 1),
            "account_id": self.account(control_account, record["currency"]),
            counterparty: record[counterparty],
            "payment_terms_id": live.get("payment_terms_id", self._terms(history)),
            "subsidiary_id": None,
            "due_date": record["due_date"] and written_date(record["due_date"], self.platform),
            "issue_date": live_date(history.issued, self.platform),
            "status": _STATUSES.get(record["status"], record["status"]),
            "amount_due": record["amount_due"],
            "currency_code": record["currency"],
            "document_number": live.get("document_number", self.document_number(history.position)),
            "memo": live.get("memo"),
            "sub_total": total,
            "tax_amount": 0,
            "total_amount": total,
        }

    def _tail(self, history: History) -> Record:
        position = history.position
        updated = self.updated_at(position)
        return {**stamps(self.created_at(position), updated, position), "platform_url": None}

    def _terms(self, history: History) -> str | None:
        if history.record["due_date"] is None:
            # The contract shows no due date; in QuickBooks the terms tell it.
            return terms_id(self.ids, 30) if self.platform == "quickbooks" and self._is_invoice else None
        if history.position >= len(self.histories.table):
            return None
        document = self.histories.table.document(history.position)
        return terms_id(self.ids, document.due - document.day)

    def _allocation(self, history: History, allocation: Allocation) -> Record:
        return {
            "id": allocation.id,
            "allocated_date": live_date(allocation.day, self.platform),
            "allocated_amount": number(allocation.amount, history.record["currency"]),
        }

    def _line(self, history: History, row: int, line: Record) -> Record:
        item = None
        if line["quantity"] is not None or line["unit_price"] is not None:
            item = {
                "id": self.ids.items.of(crc32((line["description"] or "").encode())),
                "quantity": line["quantity"],
                "unit_amount": line["unit_price"],
            }
        return {
            "platform_id": str(row + 1),
            "account_id": self._line_account(history),
            "class_id": None,
            "location_id": None,
            "tax_rate_id": None,
            "description": line["description"],
            "discount_amount": None,
            "discount_percentage": None,
            "sub_total": line["total_amount"],
            "tax_amount": 0,
            "total_amount": line["total_amount"],
            "item": item,
        }

    def _line_account(self, history: History) -> str | None:
        currency = history.record["currency"]
        if self._is_invoice:
            return self.account("Wholesale sales", currency)
        vendor = self.ids.vendors.index(history.record["vendor_id"])
        known = self.business.company.vendors
        is_regular = (
            vendor is not None and vendor < len(known) and history.position < len(self.histories.table)
        )
        category = known[vendor].category if is_regular and vendor is not None else "Other purchases"
        return self.account(category, currency)

    def _rate(self, record: Record) -> str:
        return f"{self.business.company.rate(record['currency']) / 10_000:.6f}"
