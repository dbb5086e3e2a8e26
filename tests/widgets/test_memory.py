"""The choice that was made by hand, when the cell of a picker runs again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

import rutterframe as rf
from rutterframe.demo.server import DemoServer
from rutterframe.widgets import ConnectionPicker, memory
from rutterframe.widgets.selection import Choice


def is_noted(picker: ConnectionPicker) -> bool:
    """Return whether the line about the remembered choice is shown."""
    return str(picker._panel._memory.layout.display) != "none"


def test_the_cell_runs_again(client: rf.Client) -> None:
    """What was chosen by hand is there again, with a line that says so; Reset returns to the arguments."""
    first = ConnectionPicker(client, value=["gear-xero"])
    assert not is_noted(first)
    first._list.rows["gear-bank"].tick.value = True
    first._panel.resources["bills"].value = True
    first._panel.since.value = date(2026, 6, 1)
    again = ConnectionPicker(client, value=["gear-xero"])
    assert again.value == ("gear-bank", "gear-xero")
    assert [name for name, tick in again._panel.resources.items() if tick.value] == ["invoices", "bills"]
    assert again._panel.since.value == date(2026, 6, 1)
    assert again._list.rows["gear-bank"].tick.value is True
    assert is_noted(again)
    assert "2 connections, invoices, bills, changed since 2026-06-01." in again._panel._remembered.value
    again._panel.reset.click()
    assert list(again.value) == ["gear-xero"]
    assert [name for name, tick in again._panel.resources.items() if tick.value] == ["invoices"]
    assert again._panel.since.value is None
    assert not is_noted(again)
    assert not is_noted(ConnectionPicker(client, value=["gear-xero"]))


def test_arguments_that_changed(client: rf.Client) -> None:
    """A cell with other arguments has a memory of its own: its arguments count."""
    ConnectionPicker(client, value=["gear-xero"])._list.rows["gear-bank"].tick.value = True
    other = ConnectionPicker(client, value=["roaster-bank"])
    assert (other.value, is_noted(other)) == (("roaster-bank",), False)


def test_what_is_set_in_code(client: rf.Client) -> None:
    """A value that is set in code is not remembered, nor is a choice that is that of the arguments."""
    picker = ConnectionPicker(client, value=["gear-xero"])
    picker.value = ("gear-bank",)
    assert ConnectionPicker(client, value=["gear-xero"]).value == ("gear-xero",)
    picker._panel.none.click()
    picker._list.rows["gear-xero"].tick.value = True
    assert not is_noted(ConnectionPicker(client, value=["gear-xero"]))


def test_of_another_client(server: DemoServer, client_on: Callable[..., rf.Client]) -> None:
    """Without a kernel a client has a memory of its own; in a kernel a new client of one API has the same."""
    ConnectionPicker(client_on(server))._list.rows["gear-bank"].tick.value = True
    assert ConnectionPicker(client_on(server)).value == ()


class Kernel:
    """Stands for the shell of a kernel."""


def test_in_a_kernel(
    server: DemoServer, client_on: Callable[..., rf.Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a kernel a new client of the same API has the choice; a connection that is gone is left out."""
    kernel = Kernel()
    monkeypatch.setattr(memory, "get_ipython", lambda: kernel)
    first = ConnectionPicker(client_on(server))
    first._list.rows["gear-bank"].tick.value = True
    assert ConnectionPicker(client_on(server)).value == ("gear-bank",)
    remembered = memory.Memory(client_on(server), Choice((), ("invoices",), None))
    remembered.remember(Choice(("gear-bank", "gone"), ("invoices",), None))
    assert ConnectionPicker(client_on(server)).value == ("gear-bank",)
    with rf.demo() as demo:
        assert ConnectionPicker(demo).value == ()


def test_no_token_is_remembered(server: DemoServer, client_on: Callable[..., rf.Client]) -> None:
    """A token that was typed is not in the memory: it is asked for again."""
    client = client_on(server, access_tokens={})
    picker = ConnectionPicker(client)
    picker._list.rows["gear-bank"].tick.value = True
    picker._list.rows["gear-bank"].box.children[2].set_state({"value": server.access_tokens["gear-bank"]})
    assert server.access_tokens["gear-bank"] not in repr(dict(memory._REMEMBERED))
    assert len(ConnectionPicker(client)._list.rows["gear-bank"].box.children) == 3
