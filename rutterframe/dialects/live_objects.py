"""The live service's words for objects, as in `unavailable_objects`, by this package's resources."""

from __future__ import annotations

from collections.abc import Iterable

from rutterframe.models.platforms import platform_kind

#: The resources that each word stands for. A word that is left out stands for none of them.
OBJECTS: dict[str, tuple[str, ...]] = {
    "account": ("accounts",),
    "balance_sheet": ("balance_sheets",),
    "bill": ("bills",),
    "bill_credit_memo": ("bill_credit_memos",),
    "bill_payment": ("bill_payments",),
    "cash_flow": ("cash_flow_statements",),
    "company_info": ("company_info",),
    "expense": ("expenses",),
    "income_statement": ("income_statements",),
    "invoice": ("invoices",),
    "invoice_credit_memo": ("invoice_credit_memos",),
    "invoice_payment": ("invoice_payments",),
    "order": ("orders",),
    "payment_term": ("payment_terms",),
    "payout": ("payouts",),
    "product": ("products",),
    "store": ("stores",),
    "transaction": ("shop_payments",),
    "vendor": ("vendors",),
}

# Customers, and transactions, are different lists for each kind of platform.
_BY_KIND: dict[tuple[str, str | None], tuple[str, ...]] = {
    ("accounting_customer", "ledger"): ("customers",),
    ("commerce_customer", "shop"): ("customers",),
    ("transaction", "shop"): ("transactions",),
}


def resources_of(objects: Iterable[str], platform: str | None) -> frozenset[str]:
    """Return the resources that some words of the service stand for.

    Parameters
    ----------
    objects : iterable of str
        The words, in any case.
    platform : str or None
        The connection's platform: only of a ledger are accounting_customer the customers.

    Examples
    --------
    >>> sorted(resources_of(["INVOICE", "accounting_customer", "tax_rates"], "QUICKBOOKS"))
    ['customers', 'invoices']
    """
    kind = platform_kind(platform) if platform else None
    words = [word.casefold() for word in objects]
    return frozenset(
        resource for word in words for resource in (*OBJECTS.get(word, ()), *_BY_KIND.get((word, kind), ()))
    )
