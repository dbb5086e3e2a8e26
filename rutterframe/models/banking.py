"""Banking: the accounts a business holds at banks."""

from __future__ import annotations

from typing import Annotated

from rutterframe.models.base import Record, optional
from rutterframe.models.fields import CurrencyCode, Id, Money, Text, known


class BankAccount(Record):
    """An account at a bank."""

    id: Id | None = optional("Identifies the bank account")
    name: Text | None = optional("The account's name")
    type: Annotated[Text, known("checking", "savings")] | None = optional("The kind of account")
    balance: Money | None = optional("Today's balance; negative when overdrawn")
    currency: CurrencyCode | None = optional("The currency of the balance")
    institution_name: Text | None = optional("The bank")
