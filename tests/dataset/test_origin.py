"""A dataset remembers its environment and dialect, and refuses the rows of others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable

import rutterframe as rf
from rutterframe.dataset import origin
from rutterframe.dataset.origin import Origin, environment_of, refuse_other
from rutterframe.dataset.tables import Tables
from tests.dataset.scripted import Api, invoices
from tests.dataset.test_tables import merge


@pytest.fixture
def api() -> Api:
    return Api({("books", "invoices"): invoices(3)})


def refreshed(api: Api, path: Path, environment: str, resource: str = "invoices") -> Any:
    return rf.refresh(api.connections("books", environment=environment), path, resources=[resource])


def test_demo_rows_are_not_mixed_with_real_ones(api: Api, path: Path) -> None:
    """The demo is refused in a real dataset and the other way round, before any request."""
    refreshed(api, path, "production")
    with rf.demo() as client:
        books = client.connection("roaster-quickbooks")
        message = r"(?s)holds rows of the environment 'production'.*of the environment 'demo'.*Next: refresh"
        for resource in ("invoices", "bills"):
            with pytest.raises(ValueError, match=message):
                rf.refresh(books, path, resources=[resource])
        assert client.server.requests == ()
        rf.refresh(books, path / "demo", resources=["invoices"])
    assert rf.Dataset(path).load("invoices")["id"].tolist() == ["1", "2", "3"]
    with pytest.raises(ValueError, match="holds rows of the environment 'demo'"):
        refreshed(api, path / "demo", "production")
    assert len(api.requests) == 1


def test_the_demo_of_another_port_is_the_demo(path: Path) -> None:
    """The demo's address changes each time; it is one environment."""
    for status in ("refreshed", "unchanged"):
        with rf.demo() as client:
            done = rf.refresh(client.connection("roaster-bank"), path, resources=["bank_accounts"])
        assert done["status"].tolist() == [status]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("production", "Production", True),
        ("production", "sandbox", False),
        ("https://api.example.com/base", "https://API.example.com:443/base/", True),
        ("https://api.example.com/base", "https://api.example.com/other", False),
        ("https://api.example.com/base", "production", False),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8001", False),
    ],
)
def test_environments_of_one_address_are_equal(
    api: Api, path: Path, one: str, other: str, *, same: bool
) -> None:
    """Names are compared without case, addresses in one spelling."""
    refreshed(api, path, one)
    if same:
        assert refreshed(api, path, other)["status"].tolist() == ["unchanged"]
    else:
        with pytest.raises(ValueError, match="they would be mixed"):
            refreshed(api, path, other)


@pytest.mark.parametrize(
    ("stored", "origin", "advice"),
    [
        (("demo", "contract"), ("demo", "live"), "pass dialect='contract' to rf.demo()"),
        (("sandbox", "live"), ("sandbox", "contract"), "pass dialect='live' to rf.Client()"),
        (("sandbox", "live"), ("production", "live"), "set RUTTER_ENVIRONMENT as for the dataset"),
        (
            ("sandbox", "live"),
            ("production", "contract"),
            "set RUTTER_ENVIRONMENT and RUTTER_DIALECT as for the dataset",
        ),
    ],
)
def test_the_advice_names_what_differs(stored: tuple[str, str], origin: tuple[str, str], advice: str) -> None:
    """The next step changes the dialect, the environment, or both."""
    with pytest.raises(ValueError, match="they would be mixed") as caught:
        refuse_other("books", Origin(*stored), Origin(*origin))
    assert str(caught.value).endswith(f"\nNext: refresh into another folder, or {advice}")


def test_the_address_of_a_named_environment_is_that_environment(api: Api, path: Path) -> None:
    """The name "production" and its address are the same."""
    [books] = api.connections("books", environment="production")
    address = books.listing("invoices").session.server.base_url
    refreshed(api, path, "production")
    assert refreshed(api, path, address)["status"].tolist() == ["unchanged"]
    assert environment_of(address.upper().replace("HTTPS", "https")) != "production"  # paths have a case


def test_another_dialect_is_refused() -> None:
    """The same environment in another dialect has other columns."""
    message = "holds rows of the environment 'demo' in the dialect 'contract', and these .* dialect 'live'"
    with pytest.raises(ValueError, match=message):
        refuse_other("books", Origin("demo", "contract"), Origin("demo", "live"))
    assert origin.read_origin({"rutterframe.environment": "demo", "rutterframe.dialect": "live"}) == Origin(
        "demo", "live"
    )


def test_connections_of_two_environments(api: Api, path: Path) -> None:
    """They do not go into one dataset."""
    [one] = api.connections("books", environment="production")
    [other] = api.connections("more", environment="sandbox")
    with pytest.raises(ValueError, match=r"'production' in .* and of the environment 'sandbox'"):
        rf.refresh([one, other], path)
    assert (api.requests, path.exists()) == ([], False)


def test_with_ids_the_clients_that_tasks_open_are_compared(api: Api, path: Path) -> None:
    """Where each task opens its own client, the environment of that client counts."""
    refreshed(api, path, "production")
    with pytest.raises(ValueError, match="of the environment 'sandbox'"):
        rf.refresh(["books"], path, client=lambda: api.client("books", environment="sandbox"))
    done = rf.refresh(
        ["books"], path, resources=["bills"], client=lambda: api.client("books", environment="production")
    )
    assert done["status"].tolist() == ["unchanged"]


def without_properties(path: Path, environment: str, *, connection: str = "books") -> None:
    """Write a dataset as it was before it read_origin its environment."""
    receipt = {"environment": environment, "per_connection": {connection: {"complete": True}}}
    note = {"connection_id": connection, "receipt": receipt, "fields": ""}
    Tables(path).write("accounts", connection, lambda stored: merge(stored, "a"), lambda _: note)


def test_a_dataset_without_an_origin_is_compared_by_its_receipts(api: Api, path: Path) -> None:
    """It takes on the environment of its receipts with the next refresh from there, and refuses others."""
    without_properties(path, "production")
    with pytest.raises(ValueError, match="of the environment 'sandbox'"):
        refreshed(api, path, "sandbox", "accounts")
    refreshed(api, path, "production", "accounts")
    configuration = DeltaTable(path / "accounts").metadata().configuration
    assert json.loads(json.dumps(configuration)) == {
        "delta.enableExpiredLogCleanup": "false",
        "rutterframe.environment": "production",
        "rutterframe.dialect": "contract",
    }


def test_a_table_that_another_process_created_is_compared_as_well(path: Path) -> None:
    """Of two first refreshes at the same time from two environments, the second one writes nothing."""
    note = {"connection_id": "books", "receipt": {}}
    first, second = (Tables(path, origin=Origin(name, "contract")) for name in ("demo", "production"))
    first.refuse_other_origin()
    second.refuse_other_origin()
    first.write("accounts", "books", lambda stored: merge(stored, "a"), lambda _: note)
    for resource in ("accounts", "bills"):
        with pytest.raises(ValueError, match="holds rows of the environment 'demo'"):
            second.write(resource, "books", lambda stored: merge(stored, "b"), lambda _: note)
    assert DeltaTable(path / "accounts").version() == 1
    assert not (path / "bills").exists()


@pytest.mark.parametrize(
    "content",
    ["", "x", "[]", "null", "{}", '{"rutterframe.environment": 7}', "[" * 100_000, "\ud800", None,
     '{"rutterframe.environment": "sandbox", "rutterframe.dialect": "contract"}'],
)  # fmt: skip
def test_the_noted_origin_only_saves_opening_the_tables(api: Api, path: Path, content: str | None) -> None:
    """Where it is missing, damaged or of another dataset, the tables count, and it is written again."""
    refreshed(api, path, "production")
    marker = path / "_rutterframe_origin"
    written = marker.read_bytes()
    assert json.loads(written) == {
        "rutterframe.environment": "production",
        "rutterframe.dialect": "contract",
    }
    marker.unlink()
    if content is not None:
        marker.write_bytes(content.encode(errors="surrogatepass"))
    if content is None or "sandbox" not in content:
        with pytest.raises(ValueError, match="of the environment 'sandbox'"):
            refreshed(api, path, "sandbox")
    refreshed(api, path, "production")
    assert marker.read_bytes() == written


def test_a_folder_in_place_of_the_noted_origin(api: Api, path: Path) -> None:
    """It stops no refresh, and lets none of another environment in."""
    (path / "_rutterframe_origin").mkdir(parents=True)
    refreshed(api, path, "production")
    with pytest.raises(ValueError, match="of the environment 'sandbox'"):
        refreshed(api, path, "sandbox")


def test_a_folder_without_tables_takes_any_origin(api: Api, path: Path) -> None:
    """The noted origin of a refresh that was killed before its first table refuses none."""
    path.mkdir()
    text = '{"rutterframe.environment": "sandbox", "rutterframe.dialect": "contract"}'
    (path / "_rutterframe_origin").write_text(text)
    refreshed(api, path, "production")
    assert "production" in (path / "_rutterframe_origin").read_text()


def test_an_environment_that_was_mixed_already_is_refused(api: Api, path: Path) -> None:
    """Where receipts name two environments, no refresh adds to the mix."""
    without_properties(path, "production")
    without_properties(path, "demo", connection="other")
    with pytest.raises(ValueError, match="holds rows of the environment 'demo'"):
        refreshed(api, path, "production", "accounts")
