"""A dialect of another package: chosen by name, read with its mapping, remembered by a dataset."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import rutterframe as rf
from rutterframe.cli.app import app
from rutterframe.dialects.own import check_dialect
from rutterframe.errors import ConfigurationError
from rutterframe.extensions.dialects import CONTRACT, Mapping, Null, Route
from rutterframe.models import Invoice
from tests.extensions.gateway import open_gateway, serve

InstallExample = Callable[[str], None]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The address of the gateway."""
    with serve() as base_url:
        yield base_url


def test_a_load_reads_the_fields_of_the_dialect(install_example: InstallExample, address: str) -> None:
    """The frame has the contract's columns, from the gateway's paths, names and words."""
    install_example("acme-gateway")
    with open_gateway(address) as client:
        assert client.dialect == "acme"
        connection = client.connection("acme-books")
        invoices = rf.load_invoices(connection, progress=False)
        (first, *_) = connection.invoices.list()
    with rf.demo() as demo:
        usual = rf.load_invoices(demo.connection("gear-xero"), progress=False)
    assert invoices.dtypes.to_dict() == usual.dtypes.to_dict()
    assert invoices["id"].tolist() == ["R-1", "R-2", "R-3"]
    assert invoices["status"].tolist() == ["open", "paid", "disputed"]
    assert invoices["amount_due"].tolist() == [120.1, 0.0, 0.2]
    assert invoices["customer_id"].isna().tolist() == [False, False, True]
    assert rf.receipt(invoices)["complete"] is True
    assert (first.id, first.status) == ("R-1", "open")
    assert [line.description for line in first.line_items or ()] == ["Beans"]
    aging = rf.reports.ar_aging(invoices, "2026-06-30")
    assert aging["total"].tolist() == [120.1, 0.2]


def test_a_list_that_the_gateway_lacks_is_not_offered(install_example: InstallExample, address: str) -> None:
    """A path that the gateway answers with 404 is a list that is not offered, as of any unknown platform."""
    install_example("acme-gateway")
    with open_gateway(address) as client, pytest.warns(rf.NotOfferedWarning, match="bills"):
        frames = rf.load_all(client.connection("acme-books"), resources=["invoices", "bills"], progress=False)
    assert len(frames["invoices"]) == 3
    assert len(frames["bills"]) == 0


def test_the_shell_and_a_dataset_know_it(
    install_example: InstallExample, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--dialect acme` loads; a dataset remembers the dialect, and cannot be read without the package."""
    install_example("acme-gateway")
    for name, value in {
        "CLIENT_ID": "id", "CLIENT_SECRET": "secret", "ENVIRONMENT": address,
        "ACCESS_TOKENS": '{"acme-books": "token"}',
    }.items():  # fmt: skip
        monkeypatch.setenv(f"RUTTER_{name}", value)
    root = str(tmp_path / "data")
    arguments = [
        "refresh", root, "--dialect", "acme", "--connection", "acme-books", "--resource", "invoices",
    ]  # fmt: skip
    printed = CliRunner().invoke(app, arguments)
    assert printed.exit_code == 0, printed.output
    assert rf.Dataset(root).load("invoices")["id"].tolist() == ["R-1", "R-2", "R-3"]
    shutil.rmtree(next((tmp_path / "site").glob("*.dist-info")))
    rf.extensions.reload()
    with pytest.raises(ValueError, match="install the package that has this dialect"):
        rf.Dataset(root).load("invoices")


def test_a_misspelt_name_lists_it(install_example: InstallExample) -> None:
    """The error about an unknown dialect offers the package's."""
    install_example("acme-gateway")
    with pytest.raises(ConfigurationError, match="expected 'contract' or 'live' or 'acme'") as caught:
        rf.Client(client_id="id", client_secret="secret", dialect="acmee")
    assert "did you mean 'acme'?" in caught.value.hint


def test_the_demo_does_not_speak_it(install_example: InstallExample) -> None:
    """The demo serves the two dialects of rutterframe only, and says so."""
    install_example("acme-gateway")
    with pytest.raises(ValueError, match="dialect must be contract or live, not 'acme'"):
        rf.demo(dialect="acme")


def test_a_diagnosis_of_its_server(install_example: InstallExample, address: str) -> None:
    """Nothing is concluded from the signs of the two dialects, and the connections are listed."""
    install_example("acme-gateway")
    with open_gateway(address) as client:
        lines = {each.check: each.finding for each in rf.diagnose(client).findings}
    assert lines["dialect"] == (
        "The client speaks 'acme', of the package acme-gateway 1.0.0; the server's is not compared."
    )
    assert "connections" in lines


MAPPING = Mapping(Invoice, {name: Null("it is not sent") for name in Invoice.model_fields})


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": "Acme"}, "'Acme' is not a valid name of a dialect"),
        ({"base": "other"}, "base='other' is not valid"),
        ({"base_urls": {}}, "base_urls is empty"),
        (
            {"base_urls": {"test": "https://a:secret@h/p"}},
            r"base_urls\['test'\] has a user name or a password",
        ),
        ({"base_urls": {"test": "http://gateway/p"}}, "would send tokens unencrypted"),
        ({"base_urls": {"test": "gateway/p"}}, "expected https://…, or http:// of this machine"),
        ({"resources": {"invoices": (Route("/r", "items"),)}}, "it has no route for connections, accounts"),
        ({"base": "live"}, "it has no route for vendors"),
        (
            {"resources": {**CONTRACT.resources, "warehouses": (Route("/w", "items"),)}},
            "there is no resource 'warehouses' in the dialect 'contract'",
        ),
        (
            {"resources": {**CONTRACT.resources, "products": (Route("/r", "items", mapping=MAPPING),)}},
            "products: the mapping is of Invoice, and the resource's record is Product",
        ),
    ],
)
def test_a_dialect_that_a_client_could_not_use(changes: dict[str, Any], problem: str) -> None:
    """A dialect is refused with what is wrong with it."""
    with pytest.raises(ValueError, match=problem):
        check_dialect(replace(CONTRACT, **{"name": "mine", **changes}))


def test_other_objects_are_no_dialects() -> None:
    """Neither something else nor a route of another type is taken."""
    with pytest.raises(TypeError, match="expected a Dialect, not dict"):
        check_dialect({})
    resources: Any = {**CONTRACT.resources, "invoices": ("/r",)}
    with pytest.raises(TypeError, match="invoices: expected a tuple of Route, not of str"):
        check_dialect(replace(CONTRACT, name="mine", resources=resources))
