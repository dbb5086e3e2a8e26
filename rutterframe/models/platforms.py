"""The resources that a platform offers, by its kind: ledger, shop, bank or advertising."""

from __future__ import annotations

import functools
from typing import Literal

#: The kinds of platform.
PlatformKind = Literal["ledger", "shop", "bank", "ads"]

# The platforms of each kind, in the spelling of the contract: they have all that platforms of the kind have.
_LEDGERS = (
    "freshbooks", "netsuite", "quickbooks", "quickbooks_desktop", "sage_business_cloud", "sage_intacct",
    "xero", "zoho_books",
)  # fmt: skip
_SHOPS = (
    "amazon", "bigcommerce", "ebay", "etsy", "magento", "shopify", "square", "squarespace", "walmart", "wix",
    "woocommerce",
)  # fmt: skip
_BANKS = ("plaid",)
_ADS = ("facebook_ads", "google_ads", "tiktok_ads")

# Further platforms of the live service, which may have less.
_MORE_LEDGERS = (
    "dualentry", "dynamics365", "exactonline", "freeagent", "kashflow", "moneybird", "sage200cloud",
    "sage_50", "sage_intacct_v2", "tally", "wave",
)  # fmt: skip
_MORE_SHOPS = (
    "alibaba", "clover", "commercelayer", "ecwid", "fnac", "gumroad", "lazada", "mercadolibre", "prestashop",
    "salla", "shopee", "shoper", "shoplazza", "shopline", "webflow", "zid",
)  # fmt: skip
_MORE_BANKS = ("mx", "teller")

# Platforms of the live service that do several things, or something else: payments, subscriptions, payroll.
_OTHERS = (
    "authorizenet", "bamboo_hr", "chargebee", "chargify", "gusto", "intuit_bank_feeds", "mollie", "odoo",
    "paynl", "paypal", "quickbooks_hris", "recharge", "recurly", "sage", "sage_bank_feeds", "stripe",
)  # fmt: skip

#: The live service's names, in small letters, of platforms that have another name in the contract.
LIVE_NAMES = {
    "big_commerce": "bigcommerce",
    "facebook": "facebook_ads",
    "google": "google_ads",
    "tiktok": "tiktok_ads",
    "woo_commerce": "woocommerce",
    "zohobooks": "zoho_books",
}

_KINDS: dict[str, PlatformKind] = {
    **dict.fromkeys(_LEDGERS + _MORE_LEDGERS, "ledger"),
    **dict.fromkeys(_SHOPS + _MORE_SHOPS, "shop"),
    **dict.fromkeys(_BANKS + _MORE_BANKS, "bank"),
    **dict.fromkeys(_ADS, "ads"),
}

#: Every platform that is known, in the spelling of the contract.
PLATFORMS: tuple[str, ...] = (*_KINDS, *_OTHERS)

_BOOKS = frozenset({"accounts", "invoices", "bills", "expenses"})
_SALES = frozenset({"orders", "products"})
# What only the live service has.
_LIVE_BOOKS = frozenset(
    {"vendors", "invoice_payments", "bill_payments", "invoice_credit_memos", "bill_credit_memos",
     "payment_terms", "company_info", "balance_sheets", "income_statements", "cash_flow_statements", "events"}
)  # fmt: skip
_LIVE_SALES = frozenset({"shop_payments", "payouts", "stores"})
_LIVE_FEED = frozenset({"bank_transactions"})

#: The resources that a kind of platform never has.
_NEVER: dict[PlatformKind, frozenset[str]] = {
    "ledger": _SALES | {"ad_accounts"} | _LIVE_SALES | _LIVE_FEED,
    "shop": _BOOKS | {"bank_accounts", "ad_accounts"} | _LIVE_BOOKS | _LIVE_FEED,
    "bank": _BOOKS | _SALES | {"customers", "ad_accounts"} | _LIVE_BOOKS | _LIVE_SALES,
    "ads": _BOOKS | _SALES | {"customers", "bank_accounts", "transactions"}
    | _LIVE_BOOKS | _LIVE_SALES | _LIVE_FEED,
}  # fmt: skip

#: The resources that a platform always has.
_ALWAYS = {
    **dict.fromkeys(_LEDGERS, _BOOKS | {"transactions", "customers"}),
    **dict.fromkeys(_SHOPS, _SALES | {"customers"}),
    **dict.fromkeys(_BANKS, frozenset({"bank_accounts", "transactions"})),
    **dict.fromkeys(_ADS, frozenset({"ad_accounts"})),
}


def platform_kind(platform: str) -> PlatformKind | None:
    """Return the kind of a platform, in the spelling of either dialect; None if it is not known.

    Parameters
    ----------
    platform : str
        The platform's name, as a connection has it.

    Examples
    --------
    >>> platform_kind("QUICKBOOKS_DESKTOP"), platform_kind("WOO_COMMERCE"), platform_kind("STRIPE")
    ('ledger', 'shop', None)
    """
    return _KINDS.get(_normalized(platform))


def offers(platform: str, resource: str) -> bool | None:
    """Return whether a platform has a resource; None if that is unknown.

    Examples
    --------
    >>> offers("Shopify", "orders"), offers("shopify", "invoices"), offers("shopify", "transactions")
    (True, False, None)
    """
    if not may_have(platform, resource):
        return False
    return True if resource in _ALWAYS.get(_normalized(platform), ()) else None


def may_have(platform: str, resource: str) -> bool:
    """Return whether a platform may have a resource; an unknown platform may have any.

    Examples
    --------
    >>> may_have("Shopify", "orders"), may_have("shopify", "invoices"), may_have("something new", "invoices")
    (True, False, True)
    """
    kind = platform_kind(platform)
    return kind is None or resource not in _NEVER[kind]


@functools.lru_cache(maxsize=256)  # for each list of each connection, and there are few platforms
def _normalized(platform: str) -> str:
    """Return the name of a platform in the spelling of this module: " Google-Ads " is google_ads."""
    name = "_".join(platform.casefold().replace("-", " ").replace("_", " ").split())
    return LIVE_NAMES.get(name, name)
