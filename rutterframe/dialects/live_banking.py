"""The columns of banks, advertising and connections by the fields of the live service."""

from __future__ import annotations

from rutterframe.dialects.live_accounting import CHANGES
from rutterframe.dialects.live_words import currency_code, known_words
from rutterframe.dialects.mapping import (
    Case,
    Envelope,
    Field,
    First,
    Mapping,
    Null,
    UTCDay,
    Words,
    WrittenDay,
)
from rutterframe.models.live import (
    BankTransaction,
    LiveAdAccount,
    LiveBankAccount,
    LiveConnection,
    LiveTransaction,
    ShopPayment,
)
from rutterframe.models.platforms import LIVE_NAMES, PLATFORMS

#: The contract's names of platforms, by the live service's, which are compared without case.
_PLATFORM_NAMES = {**{name: name for name in PLATFORMS}, **LIVE_NAMES}

CONNECTIONS = Mapping(
    LiveConnection,
    {
        "id": Field("id"),
        "platform": Words(Field("platform"), _PLATFORM_NAMES),
        "status": known_words(LiveConnection, "status"),
        "created_at": Field("created_at"),
        "updated_at": Field("updated_at"),
        "name": Field("name"),
    },
)

BANK_FEED = Mapping(
    LiveTransaction,
    {
        "id": Field("id"),
        "amount": Field("amount"),
        "currency": currency_code("currency_code"),
        "date": WrittenDay(Field("date")),
        "description": Field("merchant_name"),
        "type": Null("a bank feed has a status, and no word for the kind of movement"),
        "account_id": Field("account_id"),
        "status": known_words(LiveTransaction, "status"),
        "order_id": Null("only shops have orders"),
        "fee": Null("only processors keep a fee"),
        "gateway": Null("only shops have a processor"),
        "updated_at": Null("a bank feed does not have it"),
        "last_synced_at": Field("last_synced_at"),
    },
)

SHOP_MOVEMENTS = Mapping(
    LiveTransaction,
    {
        "id": Field("id"),
        "amount": Field("amount"),
        "currency": currency_code("iso_currency_code"),
        "date": UTCDay(Field("created_at")),
        "description": Field("description"),
        "type": known_words(ShopPayment, "type"),
        "account_id": Null("a shop's payments are on no account"),
        "status": known_words(LiveTransaction, "status"),
        "order_id": Field("order_id"),
        "fee": Field("fee"),
        "gateway": Field("gateway"),
        "updated_at": Field("updated_at"),
        "last_synced_at": Null("lists of shops do not have it"),
    },
)

BANK_TRANSACTIONS = Mapping(
    BankTransaction,
    {
        "id": Field("id"),
        "account_id": Field("account_id"),
        "date": WrittenDay(Field("date")),
        "amount": Field("amount"),
        "currency": currency_code("currency_code"),
        "description": Field("merchant_name"),
        "status": known_words(BankTransaction, "status"),
        "last_synced_at": Field("last_synced_at"),
    },
)

_CURRENT, _AVAILABLE = Field("balance", "current"), Field("balance", "available")
# What says that an account is a debt: its type, or where that is missing its subtype.
_DEBTS = (
    *((Field("type"), word) for word in ("credit", "loan")),
    *((Field("subtype"), word) for word in (
        "credit_card", "credit card", "charge", "line_of_credit", "commercial_line_of_credit",
        "home_line_of_credit", "heloc", "overdraft", "revolving", "loan", "mortgage", "home_equity",
    )),
)  # fmt: skip

BANK_ACCOUNTS = Mapping(
    LiveBankAccount,
    {
        "id": Field("id"),
        "name": Field("name"),
        "type": known_words(LiveBankAccount, "type", Field("subtype")),
        # What is available on a card or credit line is the rest of its limit, not its balance.
        "balance": Case(
            [(source, word, _CURRENT) for source, word in _DEBTS],
            otherwise=First(_CURRENT, _AVAILABLE),
        ),
        "currency": currency_code("balance", "currency_code"),
        "institution_name": Null("the service does not send it"),
        "kind": known_words(LiveBankAccount, "kind", Field("type")),
        "available": _AVAILABLE,
        "mask": Field("mask"),
        "last_synced_at": Field("last_synced_at"),
    },
)

AD_ACCOUNTS = Mapping(
    LiveAdAccount,
    {
        "id": Field("id"),
        "name": Field("name"),
        "platform": Words(Envelope("connection", "platform"), _PLATFORM_NAMES),
        "currency": Null("only campaigns have a currency"),
        "status": Null("only campaigns have a status"),
        "parent_id": Field("parent_id"),
        **CHANGES,
    },
)
