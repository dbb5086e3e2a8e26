"""Payments and credit memos of invoices and bills, as the live dialect lists them."""

from __future__ import annotations

from collections.abc import Iterator

from rutterframe.demo.books.collection import Record
from rutterframe.demo.books.settlements import Allocation, History
from rutterframe.demo.books.units import minor, moment, number
from rutterframe.demo.live.documents import Documents
from rutterframe.demo.live.lists import LiveList, moments, stamps
from rutterframe.demo.live.spelling import live_date, money_text

_NOON = 39_600


class Payments:
    """The payments of the invoices or bills of a ledger: each settles one document.

    A key is twice a document's position, and one more for what was paid by a later change.
    """

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def live_list(self) -> LiveList:
        """Return the list."""
        return LiveList(
            (self._documents.collection,),
            self._keys,
            self._record,
            lambda key: self._payment(key)[1].id,
            moments(self._updated_at),
            self._find,
        )

    def _keys(self) -> Iterator[int]:
        documents = self._documents
        for position in documents.collection.positions():
            for number_of_payment in range(documents.histories.payment_count(position)):
                yield 2 * position + number_of_payment

    def _find(self, payment_id: str) -> int | None:
        place = self._documents.histories.find_payment(payment_id)
        return None if place is None else 2 * place[0] + place[1]

    def _payment(self, key: int) -> tuple[History, Allocation]:
        histories, (position, number_of_payment) = self._documents.histories, divmod(key, 2)
        return histories.of(position), histories.payments(position)[number_of_payment]

    def _updated_at(self, key: int) -> int:
        touched = self._documents.collection.touched_at(key // 2)
        if touched is not None:
            return touched
        return moment(self._documents.histories.table.document(key // 2).paid_on, _NOON)

    def _record(self, key: int) -> Record:
        history, payment = self._payment(key)
        documents = self._documents
        if documents.resource == "invoices":
            return {**self._invoice_payment(history, payment), **self._tail(key)}
        return {**self._bill_payment(history, payment), **self._tail(key)}

    def _tail(self, key: int) -> Record:
        updated = self._updated_at(key)
        return {**stamps(updated, updated, key), "platform_url": None}

    def _invoice_payment(self, history: History, payment: Allocation) -> Record:
        documents, currency = self._documents, history.record["currency"]
        amount = money_text(payment.amount, currency)
        return {
            "id": payment.id,
            "platform_id": f"P{history.position + 1}",
            "account_id": self._cash(currency),
            "ar_account_id": documents.account("Accounts Receivable", currency),
            "customer_id": history.record["customer_id"],
            "payment_method_id": None,
            "txn_date": live_date(payment.day, documents.platform),
            "currency_code": currency,
            "currency_rate": None,
            "deposited": True,
            "memo": None,
            "reference": None,
            "total_amount": amount,
            "linked_invoices": [
                {
                    "id": history.record["id"],
                    "allocated_at": live_date(payment.day, documents.platform),
                    "amount": amount,
                }
            ],
        }

    def _bill_payment(self, history: History, payment: Allocation) -> Record:
        documents, currency = self._documents, history.record["currency"]
        amount = number(payment.amount, currency)
        return {
            "id": payment.id,
            "platform_id": f"P{history.position + 1}",
            "account_id": self._cash(currency),
            "vendor_id": history.record["vendor_id"],
            "transaction_date": live_date(payment.day, documents.platform),
            "currency_code": currency,
            "currency_rate": None,
            "document_number": None,
            "memo": None,
            "reference": None,
            "status": "active",
            "total_amount": amount,
            "linked_bills": [
                {
                    "id": history.record["id"],
                    "allocated_date": live_date(payment.day, documents.platform),
                    "allocated_amount": amount,
                }
            ],
            "linked_credit_memos": [],
        }

    def _cash(self, currency: str) -> str | None:
        """Return the account that is paid from or into: without one in the currency, the main one."""
        base = self._documents.business.company.base
        return self._documents.account("Cash", currency) or self._documents.account("Cash", base)


class CreditMemos:
    """The credit memos of a ledger: those that settled a part of a document, and the open ones."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def live_list(self) -> LiveList:
        """Return the list; a key is the position of the document in the contract's list."""
        return LiveList(
            (self._documents.collection,),
            self._keys,
            self._record,
            lambda key: str(self._record(key)["id"]),
            moments(self._documents.updated_at),
        )

    def _keys(self) -> Iterator[int]:
        histories = self._documents.histories
        for position in self._documents.collection.positions():
            if histories.is_credit_note(position) or histories.has_credit(position):
                yield position

    def _record(self, position: int) -> Record:
        histories = self._documents.histories
        history = histories.of(position)
        if histories.is_credit_note(position):
            record = history.record
            lines = [{**line, "total_amount": -line["total_amount"]} for line in record["line_items"]]
            remaining = -minor(record["amount_due"], record["currency"])
            return self._memo(history, str(record["id"]), (-history.total, remaining), lines)
        used = next(each for each in history.allocations if each.kind == "credit_memo")
        line: Record = {
            "description": "Returned goods",
            "quantity": None,
            "unit_price": None,
            "total_amount": number(used.amount, history.record["currency"]),
        }
        return self._memo(history, used.id, (used.amount, 0), [line])

    def _memo(self, history: History, memo_id: str, amounts: tuple[int, int], lines: list[Record]) -> Record:
        """Return a credit memo of a total and of what remains of it."""
        documents, position = self._documents, history.position
        updated = documents.updated_at(position)
        issued = history.credit_issued or history.issued
        tail = {**stamps(moment(issued, _NOON), updated, position), "platform_url": None}
        if documents.resource == "invoices":
            return {**self._customer_memo(history, memo_id, amounts, lines), **tail}
        return {**self._vendor_memo(history, memo_id, amounts, lines), **tail}

    def _customer_memo(
        self, history: History, memo_id: str, amounts: tuple[int, int], lines: list[Record]
    ) -> Record:
        documents, currency = self._documents, history.record["currency"]
        total, remaining = amounts
        used = [each for each in history.allocations if each.kind == "credit_memo"]
        return {
            "id": memo_id,
            "platform_id": f"CM{history.position + 1}",
            "account_id": documents.account("Accounts Receivable", currency),
            "customer_id": history.record["customer_id"],
            "allocated_at": live_date(used[0].day, documents.platform) if used else None,
            "issue_date": live_date(history.credit_issued or history.issued, documents.platform),
            "currency_code": currency,
            "document_number": f"CM-{history.position + 1:05d}",
            "memo": None,
            "remaining_amount": money_text(remaining, currency),
            "status": "OPEN" if remaining == total else "PARTIALLY_APPLIED" if remaining else "APPLIED",
            "total_amount": money_text(total, currency),
            "linked_invoices": [
                {
                    "id": history.record["id"],
                    "allocated_date": live_date(each.day, documents.platform),
                    "allocated_amount": money_text(each.amount, currency),
                }
                for each in used
            ],
            "line_items": [self._customer_line(history, row, line) for row, line in enumerate(lines)],
        }

    def _customer_line(self, history: History, row: int, line: Record) -> Record:
        currency = history.record["currency"]
        amount = money_text(minor(line["total_amount"], currency), currency)
        unit = None if line["unit_price"] is None else abs(minor(line["unit_price"], currency))
        nothing = dict.fromkeys(("class_id", "item_id", "tax_rate_id", "discount_amount"))
        return {
            "id": None,
            "platform_id": str(row + 1),
            "account_id": self._documents.account("Wholesale sales", currency),
            **nothing,
            "amount": amount,
            "description": line["description"],
            "discount_percentage": None,
            "quantity": line["quantity"],
            "sub_total": amount,
            "tax_amount": None,
            "unit_amount": None if unit is None else money_text(unit, currency),
        }

    def _vendor_memo(
        self, history: History, memo_id: str, amounts: tuple[int, int], lines: list[Record]
    ) -> Record:
        documents, currency = self._documents, history.record["currency"]
        total, remaining = amounts
        nothing = dict.fromkeys(
            ("class_id", "customer_id", "department_id", "location_id", "project_id", "tax_rate_id", "item")
        )
        return {
            "id": memo_id,
            "platform_id": f"VC{history.position + 1}",
            "account_id": documents.account("Accounts Payable", currency),
            "vendor_id": history.record["vendor_id"],
            "issue_date": live_date(history.credit_issued or history.issued, documents.platform),
            "document_number": f"VC-{history.position + 1:05d}",
            "remaining_amount": number(remaining, currency),
            "status": "open" if remaining == total else "partially_paid" if remaining else "paid",
            "total_amount": number(total, currency),
            "currency_code": currency,
            "memo": None,
            "linked_bills": [
                {
                    "id": history.record["id"],
                    "allocated_date": live_date(each.day, documents.platform),
                    "allocated_amount": number(each.amount, currency),
                }
                for each in history.allocations
                if each.kind == "credit_memo"
            ],
            "line_items": [
                {
                    "platform_id": str(row + 1),
                    "account_id": documents.account("Other purchases", currency),
                    **nothing,
                    "description": line["description"],
                    "discount_amount": None,
                    "discount_percentage": None,
                    "sub_total": line["total_amount"],
                    "tax_amount": None,
                    "total_amount": line["total_amount"],
                }
                for row, line in enumerate(lines)
            ],
        }
