"""The live lists of a ledger that are neither documents nor statements: accounts, names, expenses, terms."""

from __future__ import annotations

from functools import cached_property

from rutterframe.demo.books.business import Business
from rutterframe.demo.books.chart import Account
from rutterframe.demo.books.collection import Collection, Record
from rutterframe.demo.books.names import email, phone
from rutterframe.demo.books.store import Books
from rutterframe.demo.books.tables import Ids
from rutterframe.demo.books.units import DAY, OPENING, moment, parse_day, parse_moment
from rutterframe.demo.live.lists import LiveList, collection_list, moments, stamps
from rutterframe.demo.live.spelling import written_date

#: The expense accounts of goods that are sold again.
COST_OF_SALES = frozenset(
    {"Green coffee", "Packaging", "Equipment for resale", "Contract manufacturing", "Fabrics", "Trims"}
)
_TYPES = {
    "Accounts Receivable": "accounts_receivable",
    "Accounts Payable": "accounts_payable",
    "Equipment": "fixed_asset",
    "Accumulated depreciation": "fixed_asset",
    "Sales tax payable": "other_current_liability",
    "Company card": "credit_card",
    "Bank loan": "long_term_liability",
    "Interest income": "other_income",
    "Loan interest": "other_expense",
}
_TYPES_OF_CATEGORIES = {"asset": "other_current_asset", "equity": "equity", "revenue": "income"}
#: Days of the payment terms of all customers and vendors; of the last one an early payment earns a discount.
TERMS = (7, 10, 14, 15, 20, 30, 45, 60, 90)


class LedgerIds:
    """The ids of a ledger's lists, the same as the contract's where the contract has them."""

    def __init__(self, seed: int, connection: str) -> None:
        self.accounts = Ids(seed, connection, "accounts")
        self.customers = Ids(seed, connection, "customers")
        self.vendors = Ids(seed, connection, "vendors")
        self.terms = Ids(seed, connection, "payment_terms")
        self.items = Ids(seed, connection, "items")


class LedgerLists:
    """Accounts, customers, vendors, expenses and payment terms of a ledger.

    Parameters
    ----------
    books : Books
        The books.
    connection : str
        The id of the ledger.
    """

    def __init__(self, books: Books, connection: str) -> None:
        self._books = books
        self._connection = connection
        self._platform = books.connections[connection].platform
        self._ids = LedgerIds(books.seed, connection)

    def lists(self) -> dict[str, LiveList]:
        """Return the lists by resource."""
        terms = self._ids.terms
        vendors = self._ids.vendors
        bills, expenses = self._collection("bills"), self._collection("expenses")
        return {
            "accounts": collection_list(self._collection("accounts"), self._account),
            "customers": collection_list(self._collection("customers"), self._customer),
            "expenses": collection_list(
                expenses, self._expense, {"transaction_date": lambda row: _date_of(expenses, row)}
            ),
            "vendors": LiveList(
                (bills,),
                lambda: range(len(self._business.ledger.bills.counterparties)),
                self._vendor,
                vendors.of,
                moments(self._vendor_since),
            ),
            "payment_terms": LiveList((), lambda: range(len(TERMS)), self._term, terms.of, moments(_opened)),
        }

    @cached_property
    def _business(self) -> Business:
        return self._books.business(self._connection)

    def _collection(self, resource: str) -> Collection:
        return self._books.collection(self._connection, resource)

    def _account(self, position: int) -> Record:
        collection = self._collection("accounts")
        record = collection.record(position)
        account = self._business.ledger.chart.accounts[position]
        return {
            "id": record["id"],
            "platform_id": record["platform_id"],
            "parent_id": self._parent(account),
            "account_type": account_type(account),
            "category": "income" if record["type"] == "revenue" else record["type"],
            "status": "active",
            "balance": record["balance"],
            "currency_code": record["currency"],
            "name": record["name"],
            "nominal_code": account.number,
            "subsidiaries": [],
            **stamps(moment(OPENING), collection.changed_at(position), position),
            "platform_url": None,
        }

    def _parent(self, account: Account) -> str | None:
        """Return the account in the base currency, below which QuickBooks has one in another currency."""
        chart, base = self._business.ledger.chart, self._business.company.base
        if self._platform != "quickbooks" or account.currency == base or not chart.has(account.role, base):
            return None
        return self._ids.accounts.of(chart.find(account.role, base))

    def _customer(self, position: int) -> Record:
        collection = self._collection("customers")
        record = collection.record(position)
        created = record["created_at"]
        return {
            "id": record["id"],
            "platform_id": str(position + 1),
            "parent_id": None,
            "payment_terms_id": None,
            "subsidiary_id": None,
            "status": "active",
            # QuickBooks has the name of the business, Xero that of the contact, in a field of its own.
            "contact_name": record["name"] if self._platform == "xero" and position % 7 == 3 else None,
            "currency_code": None,
            "customer_name": None if self._platform == "xero" and position % 7 == 3 else record["name"],
            "email": record["email"],
            "phone": record["phone"],
            "registration_number": None,
            "tax_number": None,
            "addresses": [],
            **stamps(
                None if created is None else int(parse_moment(created)),
                collection.changed_at(position),
                position,
            ),
            "platform_url": None,
        }

    def _vendor_since(self, row: int) -> int:
        return moment(OPENING - 30 + row % 20, (row * 2_741 + 31_000) % DAY)

    def _vendor(self, row: int) -> Record:
        bills = self._business.ledger.bills
        name = bills.counterparties[row]
        known = self._business.company.vendors
        currency = known[row].currency if row < len(known) else self._business.company.base
        since = self._vendor_since(row)
        return {
            "id": self._ids.vendors.of(row),
            "platform_id": str(row + 1),
            "payment_terms_id": self._terms_of_vendor(row),
            "status": "active" if row < len(known) else "unknown",
            "bank_account_number": None,
            "contact_name": None,
            "currency_codes": [currency],
            "display_name": name,
            "email": email(name, row, "vendors.example"),
            "phone": phone(row, "+1" if self._business.company.base == "USD" else "+49"),
            "registration_number": None,
            "tax_number": None,
            "vendor_name": None if row % 5 == 4 else name,
            "website": None,
            "subsidiaries": [],
            "addresses": [],
            **stamps(since, since, row),
            "platform_url": None,
        }

    def _terms_of_vendor(self, row: int) -> str | None:
        known = self._business.company.vendors
        return terms_id(self._ids, known[row].terms) if row < len(known) else None

    def _term(self, row: int) -> Record:
        days = TERMS[row]
        early = days == TERMS[-1]
        return {
            "id": self._ids.terms.of(row),
            "platform_id": str(row + 1),
            "due_days": days,
            "term_name": f"2% 10, net {days}" if early else f"Net {days}",
            "discount_days": 10 if early else None,
            "discount_percent": 2 if early else None,
            **stamps(_opened(row), _opened(row), row),
        }

    def _expense(self, position: int) -> Record:
        collection = self._collection("expenses")
        record = collection.record(position)
        amount, text = record["amount"], record["description"]
        spending = self._business.ledger.expenses
        category = self._business.ledger.chart.find(record["category"], record["currency"])
        # The description is on the head or, as here and there in practice, only on its one line.
        on_line = position % 5 == 2
        created = collection.changed_at(position)
        return {
            "id": record["id"],
            "platform_id": str(position + 1),
            "account_id": record["account_id"],
            "customer_id": None,
            "subsidiary_id": None,
            "vendor_id": None,
            "transaction_date": record["date"] and written_date(record["date"], self._platform),
            "currency_code": record["currency"],
            "expense_type": "refund" if amount < 0 else "expense",
            "currency_rate": 1,
            "memo": None if on_line else text,
            "line_items": [
                {
                    "account_id": self._ids.accounts.of(category),
                    "class_id": None,
                    "customer_id": None,
                    "department_id": None,
                    "location_id": None,
                    "project_id": None,
                    "tax_rate_id": None,
                    "total_amount": abs(amount),
                    "description": text if on_line or position >= len(spending) else None,
                }
            ],
            **stamps(created, created, position),
            "platform_url": None,
        }


def account_type(account: Account) -> str:
    """Return the live type of an account; each liability has its own."""
    if account.role in _TYPES:
        return _TYPES[account.role]
    if account.type in _TYPES_OF_CATEGORIES:
        is_cash = account.type == "asset" and not account.role.endswith("clearing")
        return "bank" if is_cash else _TYPES_OF_CATEGORIES[account.type]
    return "cost_of_goods_sold" if account.role in COST_OF_SALES else "expense"


def terms_id(ids: LedgerIds, days: int) -> str | None:
    """Return the id of the payment terms of so many days, or None if there are none."""
    return ids.terms.of(TERMS.index(days)) if days in TERMS else None


def _date_of(expenses: Collection, position: int) -> int:
    date = expenses.record(position)["date"]
    return 0 if date is None else moment(parse_day(date))


def _opened(_: int) -> int:
    return moment(OPENING)
