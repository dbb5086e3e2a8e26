"""The lists of a bank connection, rendered from the ledger's cash accounts."""

from __future__ import annotations

from array import array

from rutterframe.demo.books.business import Business
from rutterframe.demo.books.collection import Record, Rows
from rutterframe.demo.books.journal import KIND, posting_changed_at
from rutterframe.demo.books.tables import Ids
from rutterframe.demo.books.units import OPENING, day_text, moment, number


def bank_rows(business: Business) -> dict[str, Rows]:
    """Return the lists of a company's bank by resource."""
    connection = business.company.bank
    accounts = Ids(business.seed, connection, "bank_accounts")
    return {
        "bank_accounts": _accounts(business, accounts),
        "transactions": _transactions(business, Ids(business.seed, connection, "transactions"), accounts),
    }


def _accounts(business: Business, ids: Ids) -> Rows:
    company, ledger = business.company, business.ledger

    def record(row: int) -> Record:
        cash = company.cash[row]
        balance = ledger.journal.balances[ledger.chart.find(cash.name, cash.currency)]
        return {
            "id": ids.of(row),
            "name": cash.name,
            "type": cash.type,
            "balance": number(balance, cash.currency),
            "currency": cash.currency,
            "institution_name": cash.institution,
        }

    return Rows(ids, len(company.cash), record, lambda _: moment(OPENING))


def _transactions(business: Business, ids: Ids, accounts: Ids) -> Rows:
    company, journal, chart = business.company, business.ledger.journal, business.ledger.chart
    account_rows = {chart.find(cash.name, cash.currency): row for row, cash in enumerate(company.cash)}
    # The ledger's postings are the bank's transactions: only their row numbers are stored again.
    rows = array("I", journal.rows_of(list(account_rows)))

    def record(row: int) -> Record:
        posting = journal.posting(rows[row])
        cash = company.cash[account_rows[posting.account]]
        opening = posting.kind == KIND["opening_balance"]
        text = journal.describe(posting)
        return {
            "id": ids.of(row),
            "amount": number(posting.amount, cash.currency),
            "currency": cash.currency,
            "date": day_text(posting.day),
            "description": text if opening else text.upper(),
            "type": "opening_balance" if opening else "deposit" if posting.amount > 0 else "withdrawal",
            "account_id": accounts.of(account_rows[posting.account]),
        }

    return Rows(
        ids, len(rows), record, lambda row: posting_changed_at(journal.postings.columns[0][rows[row]], row)
    )
