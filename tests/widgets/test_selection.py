"""What can be chosen, what stands in the way, and the lines of code that load the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd
import pytest
from pydantic import SecretStr

import rutterframe as rf
from rutterframe.demo.server import DemoServer
from rutterframe.widgets.selection import Choice

LISTED = pd.DataFrame(
    {
        "id": ["b2", "a1", "s1", None],
        "platform": ["xero", "plaid", "xero", "xero"],
        "status": ["active", "error", None, "active"],
    }
)


@pytest.fixture
def choice(client: rf.Client) -> Choice:
    return Choice(client, LISTED)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", ["a1", "b2", "s1"]),
        ("XERO", ["b2", "s1"]),
        ("xero act", ["b2"]),
        ("err", ["a1"]),
        (" 1 ", ["a1", "s1"]),
        ("none of them", []),
    ],
)
def test_the_filter(choice: Choice, text: str, ids: list[str]) -> None:
    """Every word of the filter must occur in id, platform or status; the list is ordered by platform."""
    assert [one.id for one in choice.matching(text)] == ids


def test_in_the_order_of_the_list(choice: Choice) -> None:
    """What is chosen stands in the order in which it is listed, each once."""
    choice.choose(["s1", "a1", "s1"])
    choice.choose_resources(["orders", "accounts"])
    assert choice.ids == ("a1", "s1")
    assert choice.resources == ("accounts", "orders")


def test_what_is_not_there(choice: Choice) -> None:
    """An id or a resource that is not there is an error that lists what there is."""
    with pytest.raises(ValueError, match=r"There is no connection 'c3'; there are a1, b2, s1"):
        choice.choose(["c3"])
    with pytest.raises(ValueError, match=r"There is no resource 'cats'; there are accounts, transactions,"):
        choice.choose_resources(["cats"])


def test_what_stands_in_the_way(server: DemoServer, client_on: Callable[..., rf.Client]) -> None:
    """The first obstacle is said in words; nothing is said where there is none."""
    choice = Choice(client_on(server, access_tokens={}), LISTED)
    assert choice.obstacle() == "Choose at least one connection."
    assert choice.code() == "# Choose at least one connection."
    choice.choose(["a1", "b2"])
    assert choice.obstacle() == "Choose at least one resource."
    with pytest.raises(ValueError, match="Choose at least one connection"):
        Choice(client_on(server), LISTED).load()
    choice.choose_resources(["orders"])
    assert choice.obstacle() == "Type the access token of a1, b2, or do not choose it."
    with pytest.raises(rf.MissingToken):
        choice.load()
    choice.take_token("a1", SecretStr("one"))
    choice.take_token("b2", SecretStr("two"))
    assert choice.obstacle() == ""
    assert choice.connection("a1").id == "a1"


def test_the_code(server: DemoServer, client_on: Callable[..., rf.Client]) -> None:
    """The lines open the same connections and load the same resources, with the date where there is one."""
    client = client_on(server, access_tokens={"b2": "known"}, environment="sandbox")
    choice = Choice(client, LISTED)
    choice.choose(["a1", "b2"])
    choice.choose_resources(["orders", "invoices"])
    choice.take_token("a1", SecretStr("typed-by-somebody"))
    choice.since = date(2026, 1, 31)
    assert str(choice.code()) == repr(choice.code())
    assert (
        choice.code()
        == """\
import rutterframe as rf

client = rf.Client(environment='sandbox')
# a1: its token was typed; here it comes from RUTTER_ACCESS_TOKENS.
connections = [client.connection(name) for name in ['a1', 'b2']]
frames = {
    "invoices": rf.load_invoices(connections, on_error="skip"),
    "orders": rf.load_orders(connections, updated_at_min="2026-01-31T00:00:00Z", on_error="skip"),
}"""
    )


def test_the_code_of_the_demo() -> None:
    """On the demo the lines open the demo."""
    with rf.demo() as client:
        choice = Choice(client, rf.load_connections(client, progress=False))
        choice.choose(["gear-bank"])
        choice.choose_resources(["bank_accounts"])
        assert choice.environment == "demo"
        assert choice.code().splitlines()[2] == "client = rf.demo()"


def test_the_code_runs(server: DemoServer, client: rf.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run as they are, the lines give the frames that the load gives."""
    choice = Choice(client, rf.load_connections(client, progress=False))
    choice.choose(["gear-shopify", "roaster-netsuite-old"])
    choice.choose_resources(["orders", "customers"])
    choice.since = date(2026, 6, 1)
    monkeypatch.setenv("RUTTER_CLIENT_ID", server.client_id)
    monkeypatch.setenv("RUTTER_CLIENT_SECRET", server.client_secret)
    monkeypatch.setenv("RUTTER_ACCESS_TOKENS", str(server.access_tokens).replace("'", '"'))
    names: dict[str, Any] = {}
    exec(choice.code(), names)  # noqa: S102 - that it runs is the point
    names["client"].close()
    loaded = choice.load().run()
    assert list(names["frames"]) == list(loaded) == ["orders", "customers"]
    for resource, frame in loaded.items():
        pd.testing.assert_frame_equal(names["frames"][resource], frame)
        receipt = names["frames"][resource].attrs["receipt"]
        assert receipt["filters"] == frame.attrs["receipt"]["filters"]
        assert list(receipt["errors"]) == ["roaster-netsuite-old"]
    assert 0 < len(loaded["orders"]) < len(server.books.rows("gear-shopify", "orders"))
