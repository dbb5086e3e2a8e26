"""Ads: the accounts a business holds with advertising platforms."""

from __future__ import annotations

from rutterframe.models.base import Record, optional
from rutterframe.models.fields import CurrencyCode, Id, Text


class AdAccount(Record):
    """An account with an advertising platform."""

    id: Id | None = optional("Identifies the ad account")
    name: Text | None = optional("The account's name")
    platform: Text | None = optional("The advertising platform")
    currency: CurrencyCode | None = optional("The currency the account is billed in")
    status: Text | None = optional("The platform's word for the account's state")
