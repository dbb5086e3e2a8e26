"""The resources that a platform offers, by its kind: ledger, shop, bank or advertising."""

from __future__ import annotations

import functools

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

_BOOKS = frozenset({"accounts", "invoices", "bills", "expenses"})
_SALES = frozenset({"orders", "products"})

#: The resources that a kind of platform never has.
_WITHOUT = {
    _LEDGERS: _SALES | {"ad_accounts"},
    _SHOPS: _BOOKS | {"bank_accounts", "ad_accounts"},
    _BANKS: _BOOKS | _SALES | {"customers", "ad_accounts"},
    _ADS: _BOOKS | _SALES | {"customers", "bank_accounts", "transactions"},
}
_NEVER = {platform: without for platforms, without in _WITHOUT.items() for platform in platforms}


#: The resources that a kind of platform always has.
_ALWAYS = {
    **dict.fromkeys(_LEDGERS, _BOOKS | {"transactions", "customers"}),
    **dict.fromkeys(_SHOPS, _SALES | {"customers"}),
    **dict.fromkeys(_BANKS, frozenset({"bank_accounts", "transactions"})),
    **dict.fromkeys(_ADS, frozenset({"ad_accounts"})),
}


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


@functools.lru_cache(maxsize=256)  # for each list of each connection, and there are few platforms
def _normalized(platform: str) -> str:
    """Return the name of a platform in the spelling of this module: " Google-Ads " is google_ads."""
    return "_".join(platform.casefold().replace("-", " ").replace("_", " ").split())


def may_have(platform: str, resource: str) -> bool:
    """Return whether a platform may have a resource; an unknown platform may have any.

    Examples
    --------
    >>> may_have("Shopify", "orders"), may_have("shopify", "invoices"), may_have("something new", "invoices")
    (True, False, True)
    """
    return resource not in _NEVER.get(_normalized(platform), frozenset())
