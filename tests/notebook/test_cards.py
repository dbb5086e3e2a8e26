"""How a client, a connection, a receipt and an error look in a notebook."""

from __future__ import annotations

import re

import rutterframe as rf
from rutterframe.demo.server import DemoServer
from rutterframe.errors import ErrorContext
from rutterframe.notebook.cards import card


def text(drawn: str | None) -> str:
    """Give the text of a card, a line for each row."""
    assert drawn is not None
    return re.sub(
        r"<[^>]+>", "", re.sub(r"</(tr|strong|div)>", "\n", re.sub(r"</td><td", ": <", drawn))
    ).strip()


def test_a_card() -> None:
    """A card has a title, a paragraph and facts; all of it is escaped, and nothing is fetched."""
    drawn = card("A <b>", [("<i>", "1 & 2")], text="one\ntwo <script>")
    assert text(drawn) == "A &lt;b&gt;\none\ntwo &lt;script&gt;\n&lt;i&gt;: 1 &amp; 2"
    assert "<table" not in card("Only a title")
    assert not re.search(r"<script|<b>|<i>|src=|href=|url\(", drawn)


def test_a_client_and_a_connection(server: DemoServer, client: rf.Client) -> None:
    """A client and a connection say what they are and what comes next; nothing secret."""
    assert text(client._repr_html_()) == (
        f"rutterframe client: {server.url}\nAPI: {server.url}\nversion: {client._session.server.version}\n"
        "next: client.connection(id), rf.load_connections(client)"
    )
    connection = client.connection("gear-xero")
    shown = text(connection._repr_html_())
    assert shown.splitlines()[0] == "Connection gear-xero"
    assert "resources: accounts, transactions, invoices" in shown
    assert client.connection("<b>", "a token")._repr_html_().count("<b>") == 0
    for secret in (server.client_id, server.client_secret, *server.access_tokens.values()):
        assert secret not in client._repr_html_() + connection._repr_html_()


def test_a_receipt(client: rf.Client) -> None:
    """A receipt's card says what its text says."""
    frame = rf.load_accounts(client.connection("gear-xero"), progress=False)
    shown = rf.receipt(frame)
    assert text(shown._repr_html_()).splitlines()[0] == repr(shown).splitlines()[0]
    for line in repr(shown).splitlines()[1:]:
        assert f"{line[2:22].strip()}: {line[22:]}" in text(shown._repr_html_()).splitlines()


def test_an_error() -> None:
    """An error that was caught and is looked at shows its class, what happened and what to do."""
    error = rf.NotFound("No <invoice>", status=404, hint="look at the id.").with_context(ErrorContext("c1"))
    drawn = error._repr_html_()
    assert text(drawn) == (
        "NotFound\nNo &lt;invoice&gt;\nWhere: connection &#x27;c1&#x27;.\nNext: look at the id."
    )
