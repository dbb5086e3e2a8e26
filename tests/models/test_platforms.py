"""The resources that kinds of platforms have, lack and may have."""

from __future__ import annotations

import pytest

from rutterframe.models import RESOURCES
from rutterframe.models.platforms import may_have, offers


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
