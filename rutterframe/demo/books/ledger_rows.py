"""The lists of a ledger connection, rendered from its books."""

from __future__ import annotations

from rutterframe.demo.books.business import Business, Ledger
from rutterframe.demo.books.collection import Record, Rows
from rutterframe.demo.books.documents import STATUSES, DocumentTable
from rutterframe.demo.books.journal import KINDS, posting_changed_at
from rutterframe.demo.books.names import email, phone
from rutterframe.demo.books.tables import Ids
from rutterframe.demo.books.units import DAY, OPENING, day_text, moment, moment_text, number


def ledger_rows(business: Business) -> dict[str, Rows]:
    """Return the lists of a company's ledger by resource."""
    ledger, connection = business.ledger, business.company.ledger
    customers = Ids(business.seed, connection, "customers")
    vendors = Ids(business.seed, connection, "vendors")
    accounts = Ids(business.seed, connection, "accounts")
    invoices = Ids(business.seed, connection, "invoices")
    bills = Ids(business.seed, connection, "bills")
    return {
        "accounts": _accounts(ledger, accounts),
        "transactions": _transactions(ledger, Ids(business.seed, connection, "transactions"), accounts),
        "invoices": _documents(ledger.invoices, invoices, ("customer_id", customers)),
        "bills": _documents(ledger.bills, bills, ("vendor_id", vendors)),
        "expenses": _expenses(ledger, Ids(business.seed, connection, "expenses"), accounts),
        "customers": _customers(ledger, customers),
    }


def _accounts(ledger: Ledger, ids: Ids) -> Rows:
    def record(row: int) -> Record:
        account = ledger.chart.accounts[row]
        return {
            "id": ids.of(row),
            "name": account.name,
            "type": account.type,
            "currency": account.currency,
            "balance": number(ledger.journal.balances[row], account.currency),
            "platform_id": account.number,
        }

    return Rows(ids, len(ledger.chart.accounts), record, _at_opening)


def _transactions(ledger: Ledger, ids: Ids, accounts: Ids) -> Rows:
    journal, chart = ledger.journal, ledger.chart
    account_ids = [accounts.of(row) for row in range(len(chart.accounts))]

    def record(row: int) -> Record:
        posting = journal.posting(row)
        currency = chart.accounts[posting.account].currency
        return {
            "id": ids.of(row),
            "amount": number(posting.amount, currency),
            "currency": currency,
            "date": day_text(posting.day),
            "description": journal.describe(posting),
            "type": KINDS[posting.kind][0],
            "account_id": account_ids[posting.account],
        }

    return Rows(
        ids,
        len(journal.postings),
        record,
        lambda row: posting_changed_at(journal.postings.columns[0][row], row),
    )


def _documents(table: DocumentTable, ids: Ids, counterparty: tuple[str, Ids]) -> Rows:
    counterparty_key, counterparty_ids = counterparty

    def record(row: int) -> Record:
        document = table.document(row)
        currency = table.currency(document)
        return {
            "id": ids.of(row),
            counterparty_key: counterparty_ids.of(document.counterparty),
            "status": STATUSES[document.status],
            "amount_due": number(document.amount_due, currency),
            "currency": currency,
            "due_date": day_text(document.due) if document.due else None,
            "line_items": [_line(table, line, currency) for line in table.lines_of(row)],
        }

    return Rows(ids, len(table), record, lambda row: moment(table.document(row).day))


def _line(table: DocumentTable, row: int, currency: str) -> Record:
    text, quantity, unit, total = table.lines.row(row)
    return {
        "description": table.texts.texts[text],
        "quantity": quantity / 100 if quantity % 100 else quantity // 100,
        "unit_price": number(unit, currency),
        "total_amount": number(total, currency),
    }


def _expenses(ledger: Ledger, ids: Ids, accounts: Ids) -> Rows:
    spending, chart = ledger.expenses, ledger.chart

    def record(row: int) -> Record:
        expense = spending.expense(row)
        category = chart.accounts[expense.category]
        return {
            "id": ids.of(row),
            "amount": number(expense.amount, category.currency),
            "currency": category.currency,
            "date": day_text(expense.day),
            "description": spending.texts.texts[expense.text],
            "category": category.role,
            # The account that paid, as in a ledger; the category names the expense account.
            "account_id": accounts.of(expense.paid_from),
        }

    return Rows(ids, len(spending), record, lambda row: moment(spending.expense(row).day))


def _customers(ledger: Ledger, ids: Ids) -> Rows:
    table = ledger.invoices
    first_days: dict[int, int] = {}
    for counterparty, day in zip(table.heads.columns[0], table.heads.columns[6], strict=True):
        first_days.setdefault(counterparty, day)

    def customer_since(row: int) -> int:
        return moment(first_days.get(row, OPENING) - 3 - row % 40, (row * 4_711 + 30_000) % DAY)

    country = "+1" if ledger.company.base == "USD" else "+49"

    def record(row: int) -> Record:
        name = table.counterparties[row]
        return {
            "id": ids.of(row),
            "name": name,
            "email": email(name, row, "customers.example"),
            "phone": phone(row, country),
            "created_at": moment_text(customer_since(row)),
        }

    return Rows(ids, len(table.counterparties), record, customer_since)


def _at_opening(_: int) -> int:
    return moment(OPENING)
