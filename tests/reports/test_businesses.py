"""Which connections are one business."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.reports.businesses import (
    business_of,
    check_known,
    owners,
    parse_businesses,
    with_business,
)

FORM = '{"Roaster": ["roaster-quickbooks", "roaster-bank"]}'


def test_each_connection_has_one_business() -> None:
    """A connection belongs to the business that lists it; without businesses none belongs to any."""
    assert owners({"Roaster": ["qb", "bank"], "Gear": ("xero",)}) == {
        "qb": "Roaster", "bank": "Roaster", "xero": "Gear",
    }  # fmt: skip
    assert owners(None) == {}


def test_a_connection_without_a_business_is_its_own() -> None:
    """A connection that no business lists stands for itself, and a missing one stays missing."""
    owner_of = owners({"Roaster": ["qb"]})
    assert [business_of(owner_of, connection) for connection in ("qb", "shop", None)] == [
        "Roaster",
        "shop",
        None,
    ]
    with pytest.raises(ValueError, match="names a business 'Roaster', which is the id of a connection that"):
        business_of(owner_of, "Roaster")


@pytest.mark.parametrize(
    ("businesses", "message"),
    [
        ({}, f"businesses is empty; leave it out, or write {FORM}"),
        (["qb"], f"businesses must be a mapping such as {FORM}, not ['qb']"),
        ({"": ["qb"]}, f"businesses has a business without a name: ''; write {FORM}"),
        ({1: ["qb"]}, f"businesses has a business without a name: 1; write {FORM}"),
        (
            {"Roaster": "qb"},
            f"businesses['Roaster'] must be a list of connection ids, not 'qb'; write {FORM}",
        ),
        (
            {"Roaster": None},
            f"businesses['Roaster'] must be a list of connection ids, not None; write {FORM}",
        ),
        ({"Roaster": []}, "businesses['Roaster'] has no connection; list its ids, or leave it out"),
        ({"Roaster": [7]}, "businesses['Roaster'] has a connection id that is not text: 7"),
        ({"Roaster": [" "]}, "businesses['Roaster'] has a connection id that is not text: ' '"),
        ({"Roaster": ["qb", "qb"]}, "businesses has connection 'qb' twice in 'Roaster'; list it once"),
        ({"A": ["qb"], "B": ["x", "qb"]}, "businesses has connection 'qb' in 'A' and in 'B'; list it once"),
    ],
)
def test_businesses_that_are_not_valid(businesses: Any, message: str) -> None:
    """Anything but a mapping from names to lists of ids is refused, with the form of one."""
    with pytest.raises((TypeError, ValueError)) as caught:
        owners(businesses)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Roaster=qb", f"businesses is not JSON (Expecting value, character 1); write {FORM}"),
        ("null", f"businesses must be a mapping such as {FORM}, not null"),
        ("[" * 100_000, f"businesses is nested too deeply; write {FORM}"),
        ("{}", f"businesses is empty; leave it out, or write {FORM}"),
        ('{"A": ["x"], "A": ["y"]}', "businesses has 'A' twice; list all its connections together"),
    ],
)
def test_json_that_is_not_valid(text: str, message: str) -> None:
    """JSON that says something else, or one business twice, is refused in words."""
    with pytest.raises((TypeError, ValueError)) as caught:
        parse_businesses(text)
    assert str(caught.value) == message


def test_businesses_as_json() -> None:
    """JSON is read as a mapping."""
    assert parse_businesses('{"Roaster": ["qb", "bank"]}') == {"Roaster": ["qb", "bank"]}


def test_connections_that_do_not_exist() -> None:
    """A business that lists an unknown connection is refused where the connections are known."""
    check_known({"Roaster": ["qb"]}, ["qb", "xero"])
    check_known(None, [])
    with pytest.raises(ValueError, match="lists") as caught:
        check_known({"Roaster": ["qb", "bnak"]}, ["qb", "bank"])
    assert str(caught.value) == (
        "businesses lists 'bnak', and no connection has such an id; there are bank, qb"
    )


def test_the_business_is_a_column_on_every_engine(
    engine: Callable[[pd.DataFrame], Any], rows: Callable[[Any], list[dict[str, Any]]]
) -> None:
    """Each row has the business of its connection, or the connection's own id, or null."""
    frame = pd.DataFrame({"connection_id": ["qb", "bank", "shop", None], "n": [1, 2, 3, 4]})
    result = with_business(engine(frame), {"Roaster": ["qb", "bank"], "Gear": ["xero"]})
    assert [tuple(row.values()) for row in rows(result)] == [
        ("qb", 1, "Roaster"), ("bank", 2, "Roaster"), ("shop", 3, "shop"), (None, 4, None),
    ]  # fmt: skip


def test_a_frame_that_cannot_have_the_column() -> None:
    """A frame without connections, or with a column of that name, is refused."""
    with pytest.raises(ValueError, match="frame has no column 'connection_id'"):
        with_business(pd.DataFrame({"id": ["1"]}), {"Roaster": ["qb"]})
    frame = pd.DataFrame({"connection_id": ["qb"], "business": ["x"]})
    with pytest.raises(ValueError, match="frame has a column 'business' already: rename it"):
        with_business(frame, {"Roaster": ["qb"]})


def test_the_receipt_stays() -> None:
    """A frame with businesses keeps its receipt: reports of it are as complete, and as much of the demo."""
    with rf.demo() as client:
        frame = rf.load_bank_accounts(client.connection("gear-bank"), progress=False)
    owned = with_business(frame, {"Gear": ["gear-bank"]})
    assert owned.attrs["receipt"] == frame.attrs["receipt"]
    assert rf.reports.cash_position(owned, by="business").attrs["sources"] == [frame.attrs["receipt"]]
