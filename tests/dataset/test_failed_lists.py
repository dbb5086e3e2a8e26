"""A list that fails keeps its rows, and no receipt says complete where something was not read."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable

import rutterframe as rf
from rutterframe.dataset.commits import notes
from rutterframe.dataset.tables import Tables, table_schema
from tests.dataset.scripted import Answer, Api, invoices


@pytest.fixture
def api() -> Api:
    """Three invoices and a bill of "books", and two invoices of "more"."""
    return Api(
        {
            ("books", "invoices"): invoices(3),
            ("books", "bills"): [{"id": "b"}],
            ("more", "invoices"): invoices(2),
        }
    )


def statuses(done: Any) -> list[tuple[str, str, str]]:
    return list(done[["connection_id", "resource", "status"]].itertuples(index=False, name=None))


@pytest.mark.parametrize(
    "answer",
    [404, 410, 403, 401, 500, 503, 452, 429, 400, {"bills": []}, {"invoices": None}, {"invoices": {}}, {}],
)
def test_a_list_that_fails_keeps_its_rows(api: Api, path: Path, answer: Answer) -> None:
    """Whatever an error status or a wrong shape says, the rows stay, and the list is named as failed."""
    [books] = api.connections("books")
    rf.refresh(books, path, resources=["invoices", "bills"])
    api.answers["books", "invoices"] = answer
    done = rf.refresh(books, path, resources=["invoices", "bills"], on_error="skip")
    assert statuses(done) == [("books", "invoices", "failed"), ("books", "bills", "unchanged")]
    assert done["error"].notna().tolist() == [True, False]
    with pytest.raises(rf.LoadError, match="1 of 2 lists failed, the others are committed"):
        rf.refresh(books, path, resources=["invoices", "bills"])
    data = rf.Dataset(path)
    frame = data.load("invoices")
    assert frame["id"].tolist() == ["1", "2", "3"]
    receipt = frame.attrs["receipt"]
    assert (receipt["complete"], list(receipt["errors"])) == (False, ["books"])
    assert receipt["per_connection"]["books"]["complete"] is False
    assert len(data.load("invoices", deleted=True)) == 0
    assert data.load("bills").attrs["receipt"]["complete"] is True


def test_a_list_that_answers_again_is_complete_again(api: Api, path: Path) -> None:
    """After the next good refresh nothing is left of the failure; earlier versions still tell of it."""
    [books] = api.connections("books")
    rf.refresh(books, path, resources=["invoices", "bills"])
    api.answers["books", "invoices"] = 404
    rf.refresh(books, path, resources=["invoices", "bills"], on_error="skip")
    api.answers["books", "invoices"] = invoices(3)
    done = rf.refresh(books, path, resources=["invoices", "bills"])
    assert done["status"].tolist() == ["unchanged", "unchanged"]
    data = rf.Dataset(path)
    versions = data.versions("invoices")["version"].tolist()
    complete = {
        version: data.load("invoices", version=version).attrs["receipt"]["complete"] for version in (1, 2, 3)
    }
    assert (versions, complete) == ([3, 1], {1: True, 2: False, 3: True})
    assert data.load("invoices").attrs["receipt"]["errors"] == {}


def test_a_single_list_that_is_not_found_fails(api: Api, path: Path) -> None:
    """Where the only list answers 404, or every list does, that is a failure."""
    [books] = api.connections("books")
    api.answers |= {("books", "invoices"): 404, ("books", "bills"): 404}
    for resources in (["invoices"], ["invoices", "bills"]):
        done = rf.refresh(books, path, resources=resources, on_error="skip")
        assert set(done["status"]) == {"failed"}
    with pytest.raises(FileNotFoundError, match="There is no dataset at"):
        rf.Dataset(path)


def test_a_list_that_was_never_read_is_not_offered(api: Api, path: Path) -> None:
    """A 404 of a list that was never read, beside others, is "not offered": named, and not complete."""
    [books] = api.connections("books")
    api.answers["books", "orders"] = 404
    with pytest.warns(rf.NotOfferedWarning, match=r"books: orders \(HTTP 404\)"):
        done = rf.refresh(books, path, resources=["invoices", "orders"])
    assert statuses(done) == [("books", "invoices", "refreshed"), ("books", "orders", "not offered")]
    assert done["error"].fillna("").tolist() == ["", "not offered (HTTP 404)"]
    frame = rf.Dataset(path).load("orders")
    receipt = frame.attrs["receipt"]
    assert (len(frame), receipt["complete"], receipt["not_offered"]) == (0, False, ["books"])


def test_a_list_in_not_offered_is_not_requested(api: Api, path: Path) -> None:
    """It is "not offered" without an error; rows of an earlier refresh stay, and are not complete."""
    [books] = api.connections("books")
    rf.refresh(books, path, resources=["invoices"])
    api.requests.clear()
    done = rf.refresh(books, path, resources=["invoices", "orders"], not_offered=["invoices", "orders"])
    assert api.requests == []
    assert done[["status", "rows", "removed"]].to_numpy().tolist() == [
        ["not offered", 3, 0],
        ["not offered", 0, 0],
    ]
    assert done["error"].isna().all()
    data = rf.Dataset(path)
    receipts = {name: data.load(name).attrs["receipt"] for name in ("invoices", "orders")}
    assert {name: (one["complete"], one["not_offered"]) for name, one in receipts.items()} == {
        "invoices": (False, ["books"]),
        "orders": (False, ["books"]),  # as of a load in which no connection has the list
    }
    complete = {name: one["per_connection"]["books"]["complete"] for name, one in receipts.items()}
    assert complete == {"invoices": False, "orders": True}


@pytest.mark.parametrize("answer", [404, 410])
def test_a_platform_that_has_the_list(api: Api, path: Path, answer: int) -> None:
    """Where the platform is known to have a list, a 404 fails, also at the first refresh."""
    [books] = api.connections("books")
    books.listing("invoices").session.platforms["books"] = "quickbooks"
    api.answers["books", "bills"] = answer
    done = rf.refresh(books, path, resources=["invoices", "bills"], on_error="skip")
    assert done["status"].tolist() == ["refreshed", "failed"]
    more = api.connections("more")
    api.answers["more", "orders"] = [{"id": "o"}]
    done = rf.refresh([books, *more], path, resources=["invoices", "orders"])
    assert done["status"].tolist() == ["unchanged", "not offered", "refreshed", "refreshed"]
    receipt = rf.Dataset(path).load("orders").attrs["receipt"]
    assert (receipt["complete"], receipt["not_offered"]) == (True, ["books"])


def test_a_requested_connection_that_was_never_read_is_missing(api: Api, path: Path) -> None:
    """The frame of all connections names one of which the first refresh failed, and is not complete."""
    connections = api.connections("books", "more")
    api.answers["more", "invoices"] = 500
    rf.refresh(connections, path, resources=["invoices"], on_error="skip")
    data = rf.Dataset(path)
    receipt = data.load("invoices").attrs["receipt"]
    assert (receipt["complete"], receipt["rows"], receipt["connections"]) == (False, 3, ["books", "more"])
    assert list(receipt["errors"]) == ["more"]
    assert receipt["per_connection"]["more"] == {
        "pages": 0, "rows": 0, "duplicates_dropped": 0, "rows_refused": 0, "complete": False,
    }  # fmt: skip
    assert receipt["per_connection"]["books"]["complete"] is True
    assert data.load("invoices", connections=["books"]).attrs["receipt"]["complete"] is True
    with pytest.raises(KeyError, match="No invoices of 'more' were refreshed; there are books"):
        data.load("invoices", connections=["more"])


class Killed(BaseException):
    """The process ends here."""


def test_a_refresh_that_was_killed_after_its_first_commit(
    api: Api, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that the killed refresh did not reach is named as missing, until it is refreshed."""
    connections = api.connections("books", "more")
    write = Tables.write

    def killed(self: Tables, resource: str, connection_id: str, *rest: Any, **more: Any) -> Any:
        if connection_id == "more":
            raise Killed
        return write(self, resource, connection_id, *rest, **more)

    with monkeypatch.context() as then:
        then.setattr(Tables, "write", killed)
        with ThreadPoolExecutor(1) as one_by_one, pytest.raises(Killed):
            rf.refresh(connections, path, resources=["invoices"], executor=one_by_one)
    data = rf.Dataset(path)
    receipt = data.load("invoices").attrs["receipt"]
    assert (receipt["complete"], receipt["rows"]) == (False, 3)
    assert receipt["errors"] == {
        "more": "never refreshed: it was requested, but no refresh has read it to its end"
    }
    rf.refresh(connections, path, resources=["invoices"])
    receipt = data.load("invoices").attrs["receipt"]
    assert (receipt["complete"], receipt["errors"], receipt["rows"]) == (True, {}, 5)


def test_requested_connections_are_noted_with_the_first_commit(api: Api, path: Path) -> None:
    """The first commit of a refresh names the connections without rows; so a killed refresh is seen."""
    [books] = api.connections("books")
    rf.refresh(books, path, resources=["invoices"])
    assert rf.Dataset(path).load("invoices").attrs["receipt"]["complete"] is True
    api.answers["more", "invoices"] = 404
    rf.refresh(api.connections("books", "more"), path, resources=["invoices"], on_error="skip")
    at_first = rf.Dataset(path).load("invoices", version=2).attrs["receipt"]
    assert at_first["complete"] is False
    assert list(at_first["errors"]) == ["more"]


def test_only_the_first_commit_of_a_refresh_names_the_others(api: Api, path: Path) -> None:
    """The others are named once, not with each commit; those that have rows are not named at all."""
    api.answers["third", "invoices"] = invoices(1)
    for names in (("books",), ("books", "more", "third")):
        with ThreadPoolExecutor(1) as one_by_one:
            rf.refresh(api.connections(*names), path, resources=["invoices"], executor=one_by_one)
    table = DeltaTable(path / "invoices")
    assert [note.get("connections") for note in reversed(list(notes(table)))] == [
        None, ["more", "third"], None, None,
    ]  # fmt: skip


def test_a_table_without_rows_of_a_refresh_cannot_be_loaded(path: Path) -> None:
    """A refresh that is killed before its first commit leaves an empty table, which cannot be loaded."""
    path.mkdir()
    DeltaTable.create(path / "invoices", table_schema("invoices"), partition_by=["connection_id"])
    data = rf.Dataset(path)
    for read in (data.load, data.scan, data.files):
        with pytest.raises(
            KeyError, match="The invoices were never refreshed until version 0: no connection"
        ):
            read("invoices")
    with pytest.raises(KeyError, match="never refreshed"):
        data.load("invoices", connections=["books"])
    with pytest.raises(KeyError, match="never refreshed"):
        data.compare("invoices", 0)
    assert len(data.versions("invoices")) == 0
    assert data.resources == ()


def test_before_the_first_refresh_there_is_nothing_to_load(api: Api, path: Path) -> None:
    """The version and the moments before the first refresh are an error, not zero rows."""
    rf.refresh(api.connections("books"), path, resources=["invoices"])
    data = rf.Dataset(path)
    with pytest.raises(KeyError, match="never refreshed until version 0"):
        data.load("invoices", version=0)
    with pytest.raises(ValueError, match="There is no version until 2026-01-31T23:59:59"):
        data.load("invoices", version="2026-01-31")
    with pytest.raises(ValueError, match="There is no version 7; there are 0 to 1"):
        data.load("invoices", version=7)
    with pytest.raises(ValueError, match="There is no version -1"):
        data.load("invoices", version=-1)


def test_an_empty_list_is_complete(api: Api, path: Path) -> None:
    """An empty list with status 200 was read to its end: the stored rows are marked as deleted."""
    [books] = api.connections("books")
    rf.refresh(books, path, resources=["invoices"])
    api.answers["books", "invoices"] = []
    done = rf.refresh(books, path, resources=["invoices"])
    assert done[["rows", "removed"]].to_numpy().tolist() == [[0, 3]]
    data = rf.Dataset(path)
    assert data.load("invoices").attrs["receipt"]["complete"] is True
    assert data.load("invoices", deleted=True)["id"].tolist() == ["1", "2", "3"]


def test_one_id_without_a_token_does_not_stop_the_others(api: Api, path: Path) -> None:
    """Where ids are opened by a client, one without a token fails by name; the others are committed."""
    rf.refresh(api.connections("more"), path, resources=["invoices"])
    options: dict[str, Any] = {"resources": ["invoices", "bills"], "client": lambda: api.client("books")}
    done = rf.refresh(["more", "books"], path, on_error="skip", **options)
    assert statuses(done) == [
        ("more", "invoices", "failed"), ("more", "bills", "failed"),
        ("books", "invoices", "refreshed"), ("books", "bills", "refreshed"),
    ]  # fmt: skip
    with pytest.raises(rf.LoadError, match="2 of 4 lists failed") as error:
        rf.refresh(["more", "books"], path, **options)
    assert {type(one) for one in error.value.errors} == {rf.MissingToken}
    receipt = rf.Dataset(path).load("invoices").attrs["receipt"]
    assert (receipt["complete"], list(receipt["errors"]), receipt["rows"]) == (False, ["more"], 5)


def test_repeated_connections_of_a_load_are_refused(api: Api, path: Path) -> None:
    """Ids that stand there twice, none, and one id as a text are refused; an iterator is read once."""
    rf.refresh(api.connections("books", "more"), path, resources=["invoices"])
    data = rf.Dataset(path)
    with pytest.raises(ValueError, match="Passed more than once: books; the rows would count twice"):
        data.load("invoices", connections=["books", "more", "books"])
    with pytest.raises(ValueError, match="connections is empty"):
        data.load("invoices", connections=[])
    with pytest.raises(TypeError, match=r"pass connections=\['books'\]"):
        data.load("invoices", connections="books")
    frame = data.load("invoices", connections=iter(["more", "books"]))
    assert frame["connection_id"].tolist() == ["more", "more", "books", "books", "books"]


def test_repeated_connections_of_a_refresh_are_refused(api: Api, path: Path) -> None:
    """Of a refresh as well: twice, none and no resource are refused before any request."""
    [books] = api.connections("books")
    with pytest.raises(ValueError, match="Passed more than once: books"):
        rf.refresh([books, books], path)
    with pytest.raises(ValueError, match="Passed more than once: books"):
        rf.refresh(["books", "books"], path, client=api.client)
    nothings: list[Any] = [[], iter([]), ()]
    for nothing in nothings:
        with pytest.raises(ValueError, match=r"[Nn]o connection"):
            rf.refresh(nothing, path)
    with pytest.raises(ValueError, match="No connection was passed"):
        rf.refresh([], path, client=api.client)
    with pytest.raises(ValueError, match="No resource was named"):
        rf.refresh(books, path, resources=[])
    with pytest.raises(ValueError, match="Passed more than once: bills"):
        rf.refresh(books, path, resources=["bills", "bills"])
    with pytest.raises(TypeError, match=r"pass resources=\['bills'\]"):
        rf.refresh(books, path, resources="bills")
    assert (api.requests, path.exists()) == ([], False)
    done = rf.refresh((one for one in api.connections("books", "more")), path, resources=iter(["invoices"]))
    assert done["rows"].tolist() == [3, 2]


def test_the_same_rows_in_another_order_are_written(api: Api, path: Path) -> None:
    """Where only the order of a list changed it is refreshed, and loaded in its new order."""
    [books] = api.connections("books")
    rf.refresh(books, path, resources=["invoices"])
    api.answers["books", "invoices"] = invoices(3)[::-1]
    done = rf.refresh(books, path, resources=["invoices"])
    assert done[["status", "added", "changed", "removed"]].to_numpy().tolist() == [["refreshed", 0, 0, 0]]
    assert rf.Dataset(path).load("invoices")["id"].tolist() == ["3", "2", "1"]
