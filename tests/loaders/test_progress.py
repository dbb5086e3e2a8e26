"""The progress bar: in a terminal or notebook unless progress=False, elsewhere only with progress=True."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from tqdm.auto import tqdm

import rutterframe as rf
from rutterframe.demo.faults import Fault
from rutterframe.demo.server import DemoServer
from rutterframe.models import RESOURCES
from tests.conftest import client_of

Captured = pytest.CaptureFixture[str]
#: A function that loads something through a client of a server, with the keyword progress or without it.
Call = Callable[..., object]


def load(name: str, server: DemoServer, **options: Any) -> object:
    with client_of(server) as client:
        return getattr(rf, name)(
            client if name == "load_connections" else client.connection("gear-xero"), **options
        )


def resume(server: DemoServer, **options: Any) -> object:
    server.configure(faults=[Fault("expired_cursor", resource="invoices", page=2, times=1)])
    with client_of(server) as client:
        with pytest.raises(rf.BadRequest) as caught:
            rf.load_invoices(client.connection("gear-xero"), progress=False)
        return rf.resume(caught.value, **options)


def refresh(server: DemoServer, **options: Any) -> object:
    with client_of(server) as client:
        return rf.refresh(client.connection("gear-xero"), "dataset", resources=["bills"], **options)


def refresh_by_id(server: DemoServer, **options: Any) -> object:
    return rf.refresh(
        ["gear-xero"], "dataset", resources=["bills"], client=lambda: client_of(server), **options
    )


CALLS: dict[str, Call] = {
    **{
        name: partial(load, name)
        for name in ("load_connections", "load_all", *(f"load_{one}" for one in RESOURCES))
    },
    "resume": resume,
    "refresh": refresh,
    "refresh by id": refresh_by_id,
}


def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let standard error be a terminal."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)


def notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Python run in the kernel of a notebook."""
    shell = SimpleNamespace(kernel=object())
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))


def pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let standard error be a pipe or a file, and IPython one without a kernel."""
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: None))


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize(
    ("place", "options", "is_shown"),
    [
        (terminal, {}, True),
        (notebook, {}, True),
        (pipe, {}, False),
        (terminal, {"progress": False}, False),
        (notebook, {"progress": False}, False),
        (pipe, {"progress": True}, True),
    ],
    ids=["terminal", "notebook", "pipe", "terminal False", "notebook False", "pipe True"],
)
def test_where_a_bar_is_shown(
    server: DemoServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Captured,
    call: Call,
    place: Callable[[pytest.MonkeyPatch], None],
    options: dict[str, bool],
    *,
    is_shown: bool,
) -> None:
    """By default a bar is shown in a terminal or notebook only; False silences it, and True shows it."""
    place(monkeypatch)
    call(server, **options)
    output = capsys.readouterr()
    assert output.out == ""
    assert bool(output.err) == is_shown


def test_the_bar_counts_pages_and_rows(client: rf.Client, capsys: Captured) -> None:
    """The bar counts pages and rows, and goes to standard error."""
    frame = rf.load_invoices(client.connection("gear-xero"), progress=True)
    output = capsys.readouterr()
    assert f"invoices: {frame.attrs['receipt']['pages']} pages" in output.err
    assert f"{len(frame):,} rows" in output.err
    assert output.out == ""


def test_the_bar_of_a_refresh(client: rf.Client, server: DemoServer, capsys: Captured) -> None:
    """A refresh of several connections has one bar: of pages and rows, or of connections with client=."""
    connections = [client.connection(name) for name in ("gear-xero", "roaster-quickbooks")]
    result = rf.refresh(connections, "dataset", resources=["bills"], progress=True)
    last = capsys.readouterr().err.rstrip().rpartition("\r")[2]
    assert last.startswith("refresh: ")
    assert f"{result['rows'].sum():,} rows" in last
    ids = [connection.id for connection in connections]
    rf.refresh(ids, "dataset", resources=["bills"], progress=True, client=lambda: client_of(server))
    assert "refresh: 2 connections [" in capsys.readouterr().err


def test_the_default_is_the_same_everywhere() -> None:
    """Every public function with a progress bar has the default None."""
    functions = [getattr(rf, name) for name in rf.__all__]
    signatures = [inspect.signature(one) for one in functions if inspect.isfunction(one)]
    defaults = [one.parameters["progress"].default for one in signatures if "progress" in one.parameters]
    assert len(defaults) == 30
    assert set(defaults) == {None}


def test_a_bar_that_cannot_be_drawn(
    server: DemoServer, client: rf.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A progress bar that fails is not drawn again; the load, and the next one, return every row."""
    drawings: list[int] = []

    def refuse(self: Any, **_: object) -> None:
        if self.n:
            drawings.append(self.n)
            raise LookupError("no display here")

    monkeypatch.setattr(tqdm, "refresh", refuse)
    expected = [row["id"] for row in server.books.rows("gear-xero", "invoices")]
    for number in (1, 2):
        frame = rf.load_invoices(client.connection("gear-xero"), progress=True)
        assert frame["id"].tolist() == expected
        assert rf.receipt(frame)["complete"] is True
        assert len(drawings) == number
