"""The dataset on the command line, as a person would use it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable
from typer.testing import CliRunner, Result

import rutterframe as rf
from rutterframe import cli
from rutterframe.cli import dataset as dataset_commands
from rutterframe.demo.server import DemoServer
from tests.conftest import settings_of
from tests.dataset.damages import damages
from tests.dataset.scripted import Api, invoices


def run(*words: str, **settings: str) -> Result:
    return CliRunner().invoke(cli.app, list(words), env={"COLUMNS": "200", "TERM": "dumb", **settings})


@pytest.fixture(scope="module")
def demo_dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of the demo's active connections."""
    path = tmp_path_factory.mktemp("demo") / "books"
    result = run("refresh", str(path), "--demo", "--details")
    assert result.exit_code == 0, result.output
    assert "roaster-quickbooks invoices refreshed 542 542 0 0" in " ".join(result.output.split())
    assert "Left out" in result.output
    return path


def test_a_second_refresh_changes_nothing(demo_dataset: Path) -> None:
    """A second refresh says that nothing changed."""
    result = run(
        "refresh", str(demo_dataset), "--demo", "--connection", "roaster-quickbooks", "--resource", "invoices"
    )
    assert "roaster-quickbooks invoices unchanged 542 0 0 0" in " ".join(result.output.split())


def test_a_summary_of_many_lists(demo_dataset: Path) -> None:
    """Of more than twelve lists the rows of each resource are printed, and how many have which status."""
    result = run("refresh", str(demo_dataset), "--demo", COLUMNS="80")
    lines = [line.rstrip() for line in result.stdout.splitlines()]
    assert lines[:4] == [
        "resource       lists    rows  added  changed  removed",
        "─────────────────────────────────────────────────────",
        "accounts           2     119      0        0        0",
        "transactions       7  12,187      0        0        0",
    ]
    assert lines[12:] == [
        "",
        "Lists: 80 of 8 connections (49 not offered, 31 unchanged). (--details shows",
        "each.)",
        "Left out, since only active connections are fresh: roaster-netsuite-old (error),",
        "gear-ebay-closed (inactive).",
    ]


def test_reports_from_a_dataset_are_those_of_the_api(demo_dataset: Path) -> None:
    """A report from a dataset is the same as from the API itself, names included."""
    for which in ("all", "aging"):
        words = ["report", which, "--as-of", "2026-06-30"]
        stored = run(*words, "--dataset", str(demo_dataset))
        fresh = run(*words, "--demo")
        assert stored.exit_code == fresh.exit_code == 0

        def figures(result: Result) -> list[str]:
            lines = result.stdout.splitlines()
            return [line for line in lines if line.startswith("|") and "fetched" not in line]

        assert figures(stored) == figures(fresh) != []


def test_the_default_day_is_that_of_the_newest_refresh(demo_dataset: Path) -> None:
    """Without --as-of a report of a dataset is as of the day of its newest refresh, as `open_books`."""
    result = run("report", "aging", "--dataset", str(demo_dataset))
    day = rf.open_books(demo_dataset).as_of
    assert result.stderr == f"As of {day}, the day of the newest refresh (UTC).\n"
    assert f"## Receivables aging as of {day} (demo data)" in result.stdout
    assert run("report", "aging", "--as-of", day, "--dataset", str(demo_dataset)).stderr == ""


def test_a_missing_dataset_and_resource_are_errors(tmp_path: Path) -> None:
    """A folder without a dataset, and a resource that was not refreshed, are errors that say what to do."""
    result = run("report", "aging", "--as-of", "2026-06-30", "--dataset", str(tmp_path / "none"))
    assert result.exit_code == 1
    assert "There is no dataset at" in result.stderr
    with rf.demo() as client:
        rf.refresh(client.connection("gear-xero"), tmp_path / "some", resources=["accounts"])
    result = run("report", "aging", "--as-of", "2026-06-30", "--dataset", str(tmp_path / "some"))
    assert result.exit_code == 1
    assert "The dataset has no 'invoices'; it has accounts. Next: rutterframe refresh" in result.stderr


def test_a_failed_list_is_an_error(tmp_path: Path) -> None:
    """A connection that fails is named, and the exit code is 1."""
    result = run(
        "refresh",
        str(tmp_path / "x"),
        "--demo",
        "--connection",
        "roaster-netsuite-old",
        "--resource",
        "bills",
    )
    assert result.exit_code == 1
    assert "Lists: 1 of 1 connection (1 failed). Failed: roaster-netsuite-old (bills)." in text_of(result)
    assert "roaster-netsuite-old" in result.stderr


def test_lists_that_fail_for_one_reason(tmp_path: Path) -> None:
    """Of lists of a connection that fail for one reason one error is printed, and the others are named."""
    words = ["--connection", "roaster-netsuite-old", "--resource", "bills", "--resource", "invoices"]
    result = run("refresh", str(tmp_path / "x"), "--demo", *words)
    assert result.exit_code == 1
    assert "(2 failed). Failed: roaster-netsuite-old (bills, invoices)." in text_of(result)
    assert result.stderr.count("Error: ") == 1
    assert result.stderr.endswith("The same reason: invoices of roaster-netsuite-old.\n")


def test_without_credentials_nothing_is_read(tmp_path: Path) -> None:
    """Without credentials the command fails and names --demo: the demo is never read by itself."""
    result = run("refresh", str(tmp_path / "x"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: No API credentials are set\n")
    assert "--demo" in result.stderr
    assert not (tmp_path / "x").exists()


def test_demo_rows_are_refused_in_a_real_dataset(server: DemoServer, tmp_path: Path) -> None:
    """With --demo a dataset of another environment is refused, and does not change."""
    words = ["refresh", str(tmp_path / "x"), "--connection", "gear-xero", "--resource", "accounts"]
    assert run(*words, **settings_of(server)).exit_code == 0
    result = run(*words, "--demo")
    assert result.exit_code == 1
    assert f"holds rows of the environment '{server.url}'" in result.stderr
    assert "these connections are of the environment 'demo'" in result.stderr
    assert len(rf.Dataset(tmp_path / "x").versions("accounts")) == 1


def test_one_connection_without_a_token_does_not_stop_the_others(server: DemoServer, tmp_path: Path) -> None:
    """The others are refreshed, the one without a token is named, and the exit code is 1."""
    settings = settings_of(server)
    tokens = {name: token for name, token in server.access_tokens.items() if name != "gear-xero"}
    settings["RUTTER_ACCESS_TOKENS"] = json.dumps(tokens)
    words = ["refresh", str(tmp_path / "x"), "--resource", "accounts"]
    for named in ([], ["--connection", "gear-xero", "--connection", "roaster-quickbooks"]):
        result = run(*words, *named, **settings)
        assert result.exit_code == 1
        assert "Left out, since no access token is known: gear-xero." in result.output
    frame = rf.Dataset(tmp_path / "x").load("accounts")
    assert "roaster-quickbooks" in set(frame["connection_id"])
    assert "gear-xero" not in set(frame["connection_id"])


def report(path: Path) -> Result:
    return run("report", "aging", "--as-of", "2026-06-30", "--dataset", str(path))


@pytest.mark.parametrize("named", [("books", "b"), ("b",)])
def test_a_connection_that_is_left_out_is_not_up_to_date(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, named: tuple[str, ...]
) -> None:
    """A connection without a token now is not up to date: a report says so, with exit code 1."""
    api = Api({("books", "invoices"): invoices(3), ("b", "invoices"): invoices(2)})
    path, resources = tmp_path / "x", ["--resource", "invoices", "--resource", "accounts"]
    words = ["refresh", str(path), *resources]
    monkeypatch.setattr(dataset_commands, "open_client", lambda **_: api.client("books", "b"))
    assert run(*words, "--connection", "books", "--connection", "b").exit_code == 0
    assert "Not up to date" not in report(path).output
    monkeypatch.setattr(dataset_commands, "open_client", lambda **_: api.client("books"))
    result = run(*words, *[word for one in named for word in ("--connection", one)])
    assert result.exit_code == 1
    assert "Left out, since no access token is known: b." in result.output
    receipt = rf.receipt(rf.Dataset(path).load("invoices"))
    assert (receipt["rows"], receipt["complete"], [*receipt["errors"]]) == (5, False, ["b"])
    result = report(path)
    assert result.exit_code == 1
    assert "Not up to date: invoices of b: " in result.output
    monkeypatch.setattr(dataset_commands, "open_client", lambda **_: api.client("books", "b"))
    assert run(*words, "--connection", "b").exit_code == 0
    assert rf.receipt(rf.Dataset(path).load("invoices"))["complete"]


def test_a_connection_left_out_since_the_first_refresh_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A connection without a token in the refresh that makes the dataset is missing there, in every list."""
    api = Api({("books", "invoices"): invoices(3)})
    monkeypatch.setattr(dataset_commands, "open_client", lambda **_: api.client("books"))
    words = ["--connection", "b", "--connection", "books", "--resource", "invoices", "--resource", "bills"]
    assert run("refresh", str(tmp_path / "x"), *words).exit_code == 1
    for name in ("invoices", "bills"):
        receipt = rf.receipt(rf.Dataset(tmp_path / "x").load(name))
        assert (receipt["complete"], [*receipt["errors"]]) == (False, ["b"])


def test_a_misspelt_id_is_not_noted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """If the only id has no token and no rows, nothing is written, and the error names the token."""
    monkeypatch.setattr(dataset_commands, "open_client", lambda **_: Api().client("books"))
    result = run("refresh", str(tmp_path / "x"), "--connection", "boks")
    assert (result.exit_code, [*tmp_path.iterdir()]) == (1, [])
    assert result.stderr.count("Error: ") == 1
    assert "The list of connections cannot be read, so their platforms are not known: " in result.stderr
    assert "No access token is known for connection 'boks'" in result.stderr
    words = ["refresh", str(tmp_path / "x"), "--resource", "bills", "--connection"]
    assert [run(*words, one).exit_code for one in ("books", "boks")] == [0, 1]
    assert rf.receipt(rf.Dataset(tmp_path / "x").load("bills"))["complete"]


def test_an_id_that_is_not_listed(server: DemoServer, tmp_path: Path) -> None:
    """An id that the list of connections does not have is refused in a line, with exit code 2."""
    words = ["refresh", str(tmp_path / "x"), "--connection", "gear-xero", "--connection", "nope"]
    result = run(*words, **settings_of(server))
    ids = ", ".join(server.access_tokens)
    assert result.exit_code == 2
    assert result.stderr == f"Error: There is no connection 'nope'; there are {ids}\n"
    assert [*tmp_path.iterdir()] == []
    result = run(*words, "--json", **settings_of(server))
    document = json.loads(result.stdout)
    error = {"message": f"There is no connection 'nope'; there are {ids}", "hint": None}
    assert (document["exit_code"], document["error"], result.exit_code) == (2, error, 2)


def test_platforms_of_named_connections(server: DemoServer, tmp_path: Path) -> None:
    """With --connection the platforms are known as without it, from one request for all connections."""
    words = ["refresh", str(tmp_path / "x"), "--resource", "orders"]
    before = len(server.requests)
    result = run(*words, "--connection", "gear-xero", "--connection", "gear-bank", **settings_of(server))
    assert result.exit_code == 0, result.output
    assert rf.Dataset(tmp_path / "x").status()["status"].tolist() == ["not offered"] * 2
    assert [request.path for request in server.requests[before:]] == ["/connections"]


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    """An API that the command reads from: three invoices of "books"."""
    api = Api({("books", "invoices"): invoices(3)}, connections_status=200)
    monkeypatch.setattr(dataset_commands, "open_client", lambda **_: api.client("books"))
    return api


def refreshed(path: Path, *options: str, resources: tuple[str, ...] = ("invoices",)) -> Result:
    words = [word for name in resources for word in ("--resource", name)]
    return run("refresh", str(path), "--connection", "books", *words, *options)


def text_of(result: Result) -> str:
    return " ".join(result.stdout.split())


def test_unreadable_rows_are_set_aside(api: Api, tmp_path: Path) -> None:
    """One bad date fails the list and names --quarantine; with it the others get in, and the row is named."""
    rows: Any = invoices(3)
    rows[1]["due_date"] = "0000-00-00"
    api.answers["books", "invoices"] = rows
    result = refreshed(tmp_path / "x")
    assert result.exit_code == 1
    assert "record '2', due_date: " in result.stderr
    assert "--quarantine" in result.stderr
    assert "on_invalid" not in result.stderr
    result = refreshed(tmp_path / "x", "--quarantine")
    assert result.exit_code == 1  # a row was left out, as in a report
    assert "books invoices refreshed 2 2 0 0" in text_of(result)
    assert "books invoices: 1 row could not be read and is set aside: record '2', due_date: " in text_of(
        result
    )


def test_a_list_that_is_not_found_keeps_its_rows(api: Api, tmp_path: Path) -> None:
    """A 404 of a list that was read before is a failure, with exit code 1."""
    assert refreshed(tmp_path / "x", resources=("invoices", "bills")).exit_code == 0
    api.answers["books", "invoices"] = 404
    result = refreshed(tmp_path / "x", resources=("invoices", "bills"))
    assert result.exit_code == 1
    assert "HTTP 404" in result.stderr
    assert len(rf.Dataset(tmp_path / "x").load("invoices")) == 3


def test_a_list_that_is_not_offered_is_named(api: Api, tmp_path: Path) -> None:
    """A list that was never there is named as not offered, and the exit code is 1."""
    api.answers["books", "orders"] = 404
    result = refreshed(tmp_path / "x", resources=("invoices", "orders"))
    assert result.exit_code == 1
    assert "books orders: not offered (HTTP 404)." in text_of(result)


def test_a_list_that_is_empty_now_is_noted(api: Api, tmp_path: Path) -> None:
    """An empty list is not a failure, but a note says that all rows vanished."""
    refreshed(tmp_path / "x")
    api.answers["books", "invoices"] = []
    result = refreshed(tmp_path / "x")
    assert result.exit_code == 0
    assert "books invoices: all 3 rows vanished, since the list is empty now." in text_of(result)


def test_a_folder_that_cannot_be_written_is_refused(api: Api, tmp_path: Path) -> None:
    """A name that deltalake cannot write is refused before the first request."""
    result = refreshed(tmp_path / "a%20b")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: A dataset cannot be at ")
    assert api.requests == []


def test_a_file_in_the_way_is_refused(api: Api, tmp_path: Path) -> None:
    """A path that is a file, or below one, is refused before the first request."""
    (tmp_path / "file").write_text("in the way")
    for path in (tmp_path / "file", tmp_path / "file/x"):
        result = refreshed(path)
        assert (result.exit_code, result.stdout) == (1, "")
        message = f"Error: The dataset at {path} cannot be used: {tmp_path}/file is a file"
        assert result.stderr.startswith(message)
    assert api.requests == []


def test_a_resource_that_does_not_exist_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The exit code is 2, as of load, and no client is opened."""
    monkeypatch.setattr(dataset_commands, "open_client", None)
    result = refreshed(tmp_path / "x", resources=("invoices", "nope"))
    assert result.exit_code == 2
    assert "there is no resource 'nope'; there are accounts, " in " ".join(result.stderr.split())
    assert [*tmp_path.iterdir()] == []


def test_a_resource_that_is_named_twice_is_refreshed_once(api: Api, tmp_path: Path) -> None:
    """As connections are."""
    result = refreshed(tmp_path / "x", resources=("invoices", "invoices"))
    assert (result.exit_code, len(api.requests)) == (0, 2)  # one lists the connections


def test_a_report_of_a_dataset_names_what_is_not_up_to_date(api: Api, tmp_path: Path) -> None:
    """A report of a list of which the last refresh failed has its rows, names it, and the exit code is 1."""
    words = ["report", "aging", "--as-of", "2026-06-30", "--dataset", str(tmp_path / "x")]
    resources = ("invoices", "accounts")
    api.answers["books", "accounts"] = [{"id": "1", "name": "Accounts Receivable", "balance": 30.0}]
    refreshed(tmp_path / "x", resources=resources)
    before = run(*words)
    assert before.exit_code in {0, 3}
    assert "Not up to date" not in before.output
    api.answers["books", "invoices"] = 503
    assert refreshed(tmp_path / "x", resources=resources).exit_code == 1
    after = run(*words)
    assert after.exit_code == 1
    assert "Not up to date: invoices of books: The API answered HTTP 503" in after.output
    totals = [line for line in before.stdout.splitlines() if line.startswith("| **Total USD**")]
    assert totals == [line for line in after.stdout.splitlines() if line.startswith("| **Total USD**")] != []


@pytest.mark.slow
@pytest.mark.parametrize(
    "damage", ["commit 1 cut in half", "parquet emptied", "a note that is null", "no transaction", "no log"]
)
def test_a_damaged_dataset_is_one_error(api: Api, tmp_path: Path, damage: str) -> None:
    """A report from a damaged dataset, and a refresh of it, end with one error or the right rows."""
    api.answers["shop", "invoices"] = invoices(2)
    path = tmp_path / "books"
    for _ in range(4):
        rf.refresh(api.connections("shop", "books"), path, resources=["invoices"], progress=False)
    DeltaTable(path / "invoices").create_checkpoint()
    dict(damages())[damage](path / "invoices")
    for result in (report(path), refreshed(path)):
        assert isinstance(result.exception, SystemExit | None)
        assert result.stderr.count("Error: ") == result.exit_code
        assert "Traceback" not in result.output


@pytest.mark.usefixtures("api")
def test_remove(tmp_path: Path) -> None:
    """A connection is removed with its rows by resource; an id that the dataset lacks is refused."""
    path = tmp_path / "x"
    refreshed(path, resources=("invoices", "orders"))
    result = run("remove", str(path), "--connection", "boks")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "Error: The dataset has no connection 'boks'; there are books\n"
    result = run("remove", str(path), "--connection", "books")
    lines = ["books was removed. Rows by resource:", "  invoices        3", "  orders          0"]
    assert (result.exit_code, result.stdout.splitlines(), result.stderr) == (0, lines, "")
    assert rf.Dataset(path).connections == ()
