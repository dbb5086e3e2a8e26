"""The selection of a picker: what can be selected, what is missing, and the code that loads the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd
import pytest
from pydantic import SecretStr

import rutterframe as rf
from rutterframe.demo.server import DemoServer
from rutterframe.widgets.selection import Selection

LISTED = pd.DataFrame(
    {
        "id": ["b2", "a1", "s1", None],
        "platform": ["xero", "plaid", "xero", "xero"],
        "status": ["active", "error", None, "active"],
    }
)


@pytest.fixture
def selection(client: rf.Client) -> Selection:
    return Selection(client, LISTED)


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
def test_the_filter(selection: Selection, text: str, ids: list[str]) -> None:
    """Every word of the filter must occur in id, platform or status; the list is ordered by platform."""
    assert [one.id for one in selection.matching(text)] == ids


def test_in_the_order_of_the_list(selection: Selection) -> None:
    """Selected ids and resources are in the order in which they are listed, each once."""
    selection.select(["s1", "a1", "s1"])
    selection.select_resources(["orders", "accounts"])
    assert selection.ids == ("a1", "s1")
    assert selection.resources == ("accounts", "orders")


def test_an_unknown_id_or_resource(selection: Selection) -> None:
    """An unknown id or resource is an error that lists the known ones."""
    with pytest.raises(ValueError, match=r"There is no connection 'c3'; there are a1, b2, s1"):
        selection.select(["c3"])
    with pytest.raises(ValueError, match=r"There is no resource 'cats'; there are accounts, transactions,"):
        selection.select_resources(["cats"])


def test_what_is_missing(server: DemoServer, client_on: Callable[..., rf.Client]) -> None:
    """The first missing input is named; the text is empty where nothing is missing."""
    selection = Selection(client_on(server, access_tokens={}), LISTED)
    assert selection.missing() == "Choose at least one connection."
    assert selection.code() == "# Choose at least one connection."
    selection.select(["a1", "b2"])
    assert selection.missing() == "Choose at least one resource."
    with pytest.raises(ValueError, match="Choose at least one connection"):
        Selection(client_on(server), LISTED).new_job()
    selection.select_resources(["orders"])
    assert selection.missing() == "Type the access token of a1, b2, or do not choose it."
    with pytest.raises(rf.MissingToken):
        selection.new_job()
    selection.set_token("a1", SecretStr("one"))
    selection.set_token("b2", SecretStr("two"))
    assert selection.missing() == ""
    assert selection.connection("a1").id == "a1"


def test_the_code(server: DemoServer, client_on: Callable[..., rf.Client]) -> None:
    """The code opens the same connections and loads the same resources, with the date if there is one."""
    client = client_on(server, access_tokens={"b2": "known"}, environment="sandbox")
    selection = Selection(client, LISTED)
    selection.select(["a1", "b2"])
    selection.select_resources(["orders", "invoices"])
    selection.set_token("a1", SecretStr("typed-by-a-user"))
    selection.since = date(2026, 1, 31)
    assert str(selection.code()) == repr(selection.code())
    assert (
        selection.code()
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
    """On the demo the code opens the demo."""
    with rf.demo() as client:
        selection = Selection(client, rf.load_connections(client, progress=False))
        selection.select(["gear-bank"])
        selection.select_resources(["bank_accounts"])
        assert selection.environment == "demo"
        assert selection.code().splitlines()[2] == "client = rf.demo()"


def test_the_code_runs(server: DemoServer, client: rf.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The code, run as it is, gives the same frames as the load."""
    selection = Selection(client, rf.load_connections(client, progress=False))
    selection.select(["gear-shopify", "roaster-netsuite-old"])
    selection.select_resources(["orders", "customers"])
    selection.since = date(2026, 6, 1)
    monkeypatch.setenv("RUTTER_CLIENT_ID", server.client_id)
    monkeypatch.setenv("RUTTER_CLIENT_SECRET", server.client_secret)
    monkeypatch.setenv("RUTTER_ACCESS_TOKENS", str(server.access_tokens).replace("'", '"'))
    names: dict[str, Any] = {}
    exec(selection.code(), names)  # noqa: S102 - that it runs is the point
    names["client"].close()
    loaded = selection.new_job().run()
    assert list(names["frames"]) == list(loaded) == ["orders", "customers"]
    for resource, frame in loaded.items():
        pd.testing.assert_frame_equal(names["frames"][resource], frame)
        receipt = names["frames"][resource].attrs["receipt"]
        assert receipt["filters"] == frame.attrs["receipt"]["filters"]
        assert list(receipt["errors"]) == ["roaster-netsuite-old"]
    assert 0 < len(loaded["orders"]) < len(server.books.rows("gear-shopify", "orders"))
