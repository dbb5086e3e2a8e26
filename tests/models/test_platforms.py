"""The resources that kinds of platforms have, lack and may have."""

from __future__ import annotations

import pytest

from rutterframe.models import LIVE_RESOURCES, RESOURCES
from rutterframe.models.platforms import may_have, offers, platform_kind


@pytest.mark.parametrize(
    ("platform", "has", "unknown"),
    [
        ("QuickBooks", "accounts transactions invoices bills expenses customers", "bank_accounts"),
        ("shopify", "orders products customers", "transactions"),
        (" QuickBooks ", "accounts transactions invoices bills expenses customers", "bank_accounts"),
        ("Quickbooks-Desktop", "accounts transactions invoices bills expenses customers", "bank_accounts"),
        ("Google  Ads", "ad_accounts", ""),
        ("plaid", "transactions bank_accounts", ""),
        ("Google_Ads", "ad_accounts", ""),
        ("something new", "", " ".join(RESOURCES)),
        ("", "", " ".join(RESOURCES)),
    ],
)
def test_resources_of_a_platform(platform: str, has: str, unknown: str) -> None:
    """A resource that a platform neither always nor never has may be there."""
    assert [name for name in RESOURCES if offers(platform, name) is True] == has.split()
    assert [name for name in RESOURCES if offers(platform, name) is None] == unknown.split()
    assert [name for name in RESOURCES if may_have(platform, name)] == [
        name for name in RESOURCES if name in f"{has} {unknown}".split()
    ]


# The 68 platforms of the live service's specification, and no kind where that is not clear.
LIVE_PLATFORMS = {
    "ledger": "KASHFLOW SAGE_INTACCT SAGE_INTACCT_V2 DYNAMICS365 ZOHOBOOKS EXACTONLINE FREEAGENT QUICKBOOKS "
    "QUICKBOOKS_DESKTOP FRESHBOOKS XERO SAGE_BUSINESS_CLOUD SAGE_50 NETSUITE WAVE DUALENTRY MONEYBIRD "
    "SAGE200CLOUD TALLY",
    "shop": "AMAZON EBAY ETSY FNAC WALMART SHOPEE LAZADA MERCADOLIBRE ALIBABA SHOPLINE PRESTASHOP SHOPIFY "
    "MAGENTO WOO_COMMERCE SQUARESPACE WIX SHOPER SHOPLAZZA BIG_COMMERCE SALLA ZID COMMERCELAYER WEBFLOW "
    "GUMROAD ECWID SQUARE CLOVER",
    "bank": "MX PLAID TELLER",
    "ads": "GOOGLE FACEBOOK TIKTOK",
    None: "PAYPAL STRIPE MOLLIE PAYNL AUTHORIZENET RECHARGE CHARGIFY CHARGEBEE RECURLY ODOO "
    "INTUIT_BANK_FEEDS SAGE SAGE_BANK_FEEDS QUICKBOOKS_HRIS BAMBOO_HR GUSTO",
}


@pytest.mark.parametrize("kind", LIVE_PLATFORMS)
def test_the_kinds_of_the_live_platforms(kind: str | None) -> None:
    """Every platform of the live service has its kind, in its spelling and in small letters."""
    for name in LIVE_PLATFORMS[kind].split():
        assert (name, platform_kind(name), platform_kind(name.lower())) == (name, kind, kind)


@pytest.mark.parametrize(
    ("contract", "live"),
    [
        ("woocommerce", "WOO_COMMERCE"),
        ("bigcommerce", "BIG_COMMERCE"),
        ("zoho_books", "ZOHOBOOKS"),
        ("google_ads", "GOOGLE"),
        ("facebook_ads", "FACEBOOK"),
        ("tiktok_ads", "TIKTOK"),
    ],
)
def test_a_live_name_means_the_platform_of_the_contract(contract: str, live: str) -> None:
    """Both spellings of a platform have the same resources."""
    assert [offers(live, name) for name in RESOURCES] == [offers(contract, name) for name in RESOURCES]


@pytest.mark.parametrize(
    ("platform", "has"),
    [
        (
            "XERO",
            (
                "vendors invoice_payments bill_payments invoice_credit_memos bill_credit_memos payment_terms "
                "company_info balance_sheets income_statements cash_flow_statements events"
            ),
        ),
        ("SHOPIFY", "shop_payments payouts stores"),
        ("PLAID", "bank_transactions"),
        ("GOOGLE", ""),
        ("STRIPE", " ".join(LIVE_RESOURCES)),
    ],
)
def test_live_resources_of_a_platform(platform: str, has: str) -> None:
    """What only the live dialect has belongs to one kind of platform, and none is certain to be there."""
    assert [name for name in LIVE_RESOURCES if may_have(platform, name)] == has.split()
    assert {offers(platform, name) for name in LIVE_RESOURCES} <= {None, False}


def test_a_further_ledger_may_lack_what_ledgers_have() -> None:
    """Only the platforms of the contract are certain: of others a 404 may say that they lack the list."""
    assert offers("WAVE", "invoices") is None
    assert offers("WAVE", "orders") is False
