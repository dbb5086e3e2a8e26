"""Banking and advertising, live: accounts and transactions with more columns, and the bank feed."""

from __future__ import annotations

from typing import Annotated

from rutterframe.models.accounting import Transaction
from rutterframe.models.ads import AdAccount
from rutterframe.models.banking import BankAccount
from rutterframe.models.base import Record, optional
from rutterframe.models.fields import CurrencyCode, Day, Id, Money, Text, Timestamp, known


class LiveTransaction(Transaction):
    """One movement of money on an account of a bank, or in a shop."""

    amount: Money | None = optional("Signed as the platform does: a shop's type says the direction")
    status: (
        Annotated[
            Text,
            known("posted", "pending", "success", "failure", "cancelled", "refunded", "other"),
        ]
        | None
    ) = optional("Whether the money moved: posted or pending at a bank, the others in a shop")
    order_id: Id | None = optional("The order of a shop; null at a bank")
    fee: Money | None = optional("What the processor kept; null at a bank")
    gateway: Text | None = optional("The processor; null at a bank")
    updated_at: Timestamp | None = optional("When the payment last changed; null at a bank")
    last_synced_at: Timestamp | None = optional("When the service last read it; null in a shop")


class LiveBankAccount(BankAccount):
    """An account at a bank, or a card or loan."""

    balance: Money | None = optional(
        "Today's balance as the bank signs it; of a credit card or loan what is owed, never what is available"
    )
    kind: (
        Annotated[
            Text,
            known(
                "depository",
                "credit",
                "loan",
                "investment",
                "insurance",
                "annuity",
                "property",
                "other",
            ),
        ]
        | None
    ) = optional("What sort of account: credit and loan are debts, not cash")
    available: Money | None = optional("What can be drawn today; of a credit card the rest of the limit")
    mask: Text | None = optional("The last digits of the account number")
    last_synced_at: Timestamp | None = optional("When the service last read the account")


class BankTransaction(Record):
    """One movement of money on an account of a bank."""

    id: Id | None = optional("Identifies the transaction")
    account_id: Id | None = optional("The bank account")
    date: Day | None = optional("The day of the transaction")
    amount: Money | None = optional("The amount with the bank's sign, which is not documented")
    currency: CurrencyCode | None = optional("The currency of the amount")
    description: Text | None = optional("The merchant")
    status: Annotated[Text, known("pending", "posted")] | None = optional("Whether it is final")
    last_synced_at: Timestamp | None = optional("When the service last read the transaction")


class LiveAdAccount(AdAccount):
    """An account with an advertising platform."""

    parent_id: Id | None = optional("The account that this one is a part of")
    updated_at: Timestamp | None = optional("When the account last changed on the platform")
    last_synced_at: Timestamp | None = optional("When the service last read the account")
