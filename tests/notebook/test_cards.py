"""The cards of a client, a connection, a receipt and an error in a notebook."""

from __future__ import annotations

import re

import rutterframe as rf
from rutterframe.demo.server import DemoServer
from rutterframe.errors import ErrorContext
from rutterframe.notebook.cards import card


def text(html: str | None) -> str:
    """Return the text of a card, a line for each row."""
    assert html is not None
    return re.sub(
        r"<[^>]+>", "", re.sub(r"</(tr|strong|div)>", "\n", re.sub(r"</td><td", ": <", html))
    ).strip()


def test_a_card() -> None:
    """A card has a title, a paragraph and facts, all escaped, and no external resources."""
    html = card("A <b>", [("<i>", "1 & 2")], text="one\ntwo <script>")
    assert text(html) == "A &lt;b&gt;\none\ntwo &lt;script&gt;\n&lt;i&gt;: 1 &amp; 2"
    assert "<table" not in card("Only a title")
    assert not re.search(r"<script|<b>|<i>|src=|href=|url\(", html)


def test_a_client_and_a_connection(server: DemoServer, client: rf.Client) -> None:
    """The cards of a client and a connection have their address and the next call, and no secrets."""
    assert text(client._repr_html_()) == (
        f"rutterframe client: {server.url}\nAPI: {server.url}\nversion: {client._session.server.version}\n"
        "dialect: contract\nnext: client.connection(id), rf.load_connections(client)"
    )
    connection = client.connection("gear-xero")
    lines = text(connection._repr_html_())
    assert lines.splitlines()[0] == "Connection gear-xero"
    assert "resources: accounts, transactions, invoices" in lines
    assert client.connection("<b>", "a token")._repr_html_().count("<b>") == 0
    for secret in (server.client_id, server.client_secret, *server.access_tokens.values()):
        assert secret not in client._repr_html_() + connection._repr_html_()


def test_a_receipt(client: rf.Client) -> None:
    """The card of a receipt has the lines of its text."""
    frame = rf.load_accounts(client.connection("gear-xero"), progress=False)
    receipt = rf.receipt(frame)
    assert text(receipt._repr_html_()).splitlines()[0] == repr(receipt).splitlines()[0]
    for line in repr(receipt).splitlines()[1:]:
        assert f"{line[2:22].strip()}: {line[22:]}" in text(receipt._repr_html_()).splitlines()


def test_an_error() -> None:
    """The card of an error has its class, message, context and hint."""
    error = rf.NotFound("No <invoice>", status=404, hint="look at the id.").with_context(ErrorContext("c1"))
    html = error._repr_html_()
    assert text(html) == (
        "NotFound\nNo &lt;invoice&gt;\nWhere: connection &#x27;c1&#x27;.\nNext: look at the id."
    )
