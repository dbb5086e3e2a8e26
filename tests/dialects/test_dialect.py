"""Routes, filters and records of a dialect, as data."""

from __future__ import annotations

import pytest

from rutterframe.dialects import CONTRACT, Route
from rutterframe.models import RECORDS, ExpandedOrder


@pytest.mark.parametrize(
    ("platform", "expected"),
    [
        (None, ["shop", "ledger", "any"]),
        ("", ["shop", "ledger", "any"]),
        ("something new", ["shop", "ledger", "any"]),
        ("WOO_COMMERCE", ["shop", "any"]),
        ("quickbooks", ["ledger", "any"]),
        ("PLAID", ["any"]),
    ],
)
def test_a_platform_has_the_routes_of_its_kind(platform: str | None, expected: list[str]) -> None:
    """A route without kinds is on every platform, and a platform of an unknown kind may have every route."""
    routes = (
        Route("/customers", "customers", name="shop", kinds=frozenset({"shop"})),
        Route("/accounting/customers", "customers", name="ledger", kinds=frozenset({"ledger"})),
        Route("/anything", "customers", name="any"),
    )
    assert [route.name for route in routes if route.is_on(platform)] == expected


def test_the_contract_has_one_route_of_each_resource_on_every_platform() -> None:
    """The contract asks for each resource in one way, whatever the platform."""
    assert {name: len(CONTRACT.routes(name)) for name in CONTRACT.resources} == dict.fromkeys(RECORDS, 1)
    assert CONTRACT.routes("orders", "quickbooks") == CONTRACT.resources["orders"]


def test_the_records_of_the_contract_are_its_models() -> None:
    """Without a mapping the response is the record; an expansion of orders adds a field."""
    assert {name: CONTRACT.record(name) for name in CONTRACT.resources} == RECORDS
    assert CONTRACT.record("orders", {"expand": "platform_data"}) is ExpandedOrder


def test_a_resource_that_the_dialect_lacks_is_a_key_error() -> None:
    """Who asks a dialect for an unknown resource has checked the name against another list."""
    with pytest.raises(KeyError):
        CONTRACT.routes("vendors")
    with pytest.raises(KeyError):
        CONTRACT.record("vendors")


def test_a_route_is_a_key() -> None:
    """Routes are compared and hashed by their path, name and keys."""
    assert {Route("/a", "a", params={"limit": "500"}): 1}[Route("/a", "a", params={"limit": "500"})] == 1
