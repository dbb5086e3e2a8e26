"""An export to DuckDB, SQLite and PostgreSQL: typed tables that hold the frames, and changes alone."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from shutil import copytree, rmtree
from typing import Any

import pytest
from deltalake import DeltaTable, Field
from deltalake.schema import PrimitiveType

import rutterframe as rf
from rutterframe.dataset.export import resource as resource_module
from rutterframe.dataset.export import source as source_module
from rutterframe.dataset.export.layout import layouts_of
from rutterframe.dataset.export.source import Source
from tests.dataset.databases import TestDatabase, assert_exported, counts, create_database
from tests.dataset.scripted import Api
from tests.postgresql_server import PostgreSQLServer

LINE = {"description": "Ale", "quantity": 2.0, "unit_price": 5.0, "total_amount": 10.0}
INVOICES: list[dict[str, Any]] = [
    {"id": "2", "amount_due": 10.1, "currency": "USD", "due_date": "2026-06-30", "line_items": [LINE, LINE]},
    {"id": "1", "status": "open", "amount_due": -0.1, "line_items": []},
    {"id": "3", "customer_id": 'it\'s "5" €', "line_items": [{**LINE, "quantity": 1.5}]},
]
TABLES = ["invoices", "invoices_line_items"]


@pytest.fixture(
    params=["duckdb", "sqlite", pytest.param("postgresql", marks=pytest.mark.long)],
)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> TestDatabase:
    """An empty database of each kind."""
    kind = request.param
    server = request.getfixturevalue("postgresql_server") if kind == "postgresql" else None
    return create_database(kind, tmp_path, server)


@pytest.fixture
def api() -> Api:
    """Two ledgers with invoices."""
    return Api({("acme", "invoices"): INVOICES, ("beta", "invoices"): [{"id": "1", "amount_due": 7.0}]})


def refresh(api: Api, path: Path, **options: Any) -> rf.Dataset:
    """Refresh the invoices of the two ledgers."""
    rf.refresh(api.connections("acme", "beta"), path, resources=["invoices"], **options)
    return rf.Dataset(path)


def test_tables_are_typed_and_hold_the_frames(database: TestDatabase, path: Path, api: Api) -> None:
    """The first export writes every row and line with the types of the frame, in its order."""
    api.answers["acme", "products"] = [{"id": "9", "price": 0.1, "updated_at": "2026-06-30T12:00:00Z"}]
    rf.refresh(api.connections("acme", "beta"), path, resources=["invoices", "products"])
    data = rf.Dataset(path)
    result = data.export(database.url)
    assert list(result) == [
        "table", "connection_id", "status", "complete", "added", "changed", "deleted", "rows", "version",
    ]  # fmt: skip
    assert counts(result[result["table"] == "invoices"]) == [("acme", 3, 0, 0, 3), ("beta", 1, 0, 0, 1)]
    assert_exported(database, data, [*TABLES, "products"])
    due = database.value(date(2026, 6, 30))
    assert database.rows("SELECT id, amount_due, due_date FROM invoices WHERE amount_due > 10") == [
        ("2", 10.1, due)
    ]
    lines = "SELECT invoice_id, line_number, quantity FROM invoices_line_items ORDER BY 1, 2"
    assert database.rows(lines) == [("2", 1, 2.0), ("2", 2, 2.0), ("3", 1, 1.5)]
    moment = database.value(datetime(2026, 6, 30, 12, tzinfo=UTC))
    assert database.rows("SELECT price, updated_at FROM products") == [(0.1, moment)]


def test_only_new_files_are_read(
    database: TestDatabase, path: Path, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An export without changes reads no file, and one after changes only those of the connection."""
    data = refresh(api, path)
    data.export(database.url)
    read: list[str] = []
    whole = Source.read

    def spy(self: Source, connection_id: str, names: Any) -> Any:
        read.append(connection_id)
        return whole(self, connection_id, names)

    monkeypatch.setattr(Source, "read", spy)
    refresh(api, path).export(database.url)
    assert not read
    changed = [{**INVOICES[0], "line_items": [LINE]}, INVOICES[1], {"id": "4"}]
    api.answers["acme", "invoices"] = changed
    data = refresh(api, path, full=True)
    assert counts(data.export(database.url)) == [("acme", 1, 1, 1, 3), ("beta", 0, 0, 0, 1)]
    assert read == ["acme"]
    assert_exported(database, data, TABLES)
    deleted = "SELECT id FROM invoices WHERE _deleted_at IS NOT NULL"
    assert database.rows(deleted) == [("3",)]
    api.answers["acme", "invoices"] = [*changed, INVOICES[2]]
    data = refresh(api, path, full=True)
    assert counts(data.export(database.url)) == [("acme", 1, 0, 0, 4), ("beta", 0, 0, 0, 1)]
    assert_exported(database, data, TABLES)


def test_rows_without_an_id_are_compared_as_a_whole(database: TestDatabase, path: Path, api: Api) -> None:
    """A row without an id is new with each refresh, as in the dataset, and so are its lines."""
    nameless = {"amount_due": 5.0, "line_items": [LINE]}
    api.answers["acme", "invoices"] = [*INVOICES, nameless, nameless]
    data = refresh(api, path)
    assert counts(data.export(database.url))[0] == ("acme", 5, 0, 0, 5)
    assert_exported(database, data, TABLES)
    assert counts(refresh(api, path).export(database.url))[0] == ("acme", 2, 0, 2, 5)
    api.answers["acme", "invoices"] = [*INVOICES, nameless]
    data = refresh(api, path)
    assert counts(data.export(database.url))[0] == ("acme", 1, 0, 2, 4)
    api.answers["acme", "invoices"] = [*INVOICES[:2], nameless, {**nameless, "amount_due": 6.0}]
    data = refresh(api, path, full=True)
    assert data.export(database.url)["rows"].tolist() == [4, 1]
    assert_exported(database, data, TABLES)


def test_files_of_a_compaction_change_nothing(database: TestDatabase, path: Path, api: Api) -> None:
    """Rows that stand in other files, or in files that were deleted since, are compared and not written."""
    data = refresh(api, path)
    data.export(database.url)
    for number in range(3):
        api.answers["acme", "invoices"] = [*INVOICES, {"id": "4", "amount_due": float(number)}]
        data = refresh(api, path)
    data.compact()
    data.vacuum(keep=timedelta(0))
    assert counts(data.export(database.url))[0] == ("acme", 1, 0, 0, 4)
    assert_exported(database, data, TABLES)


def test_changes_of_another_program_are_corrected(database: TestDatabase, path: Path, api: Api) -> None:
    """Deleted and inserted rows are noticed by their number, changed values by a full comparison."""
    data = refresh(api, path)
    data.export(database.url)
    database.rows("DELETE FROM invoices_line_items WHERE invoice_id = '2'")
    data.export(database.url)
    assert_exported(database, data, TABLES)
    database.rows("DELETE FROM invoices")
    assert counts(data.export(database.url)) == [("acme", 3, 0, 0, 3), ("beta", 1, 0, 0, 1)]
    assert_exported(database, data, TABLES)
    database.rows("INSERT INTO invoices (connection_id, id) VALUES ('acme', 'x')")
    assert counts(data.export(database.url))[0] == ("acme", 0, 0, 1, 3)
    database.rows("UPDATE invoices SET amount_due = 1000000")
    assert counts(data.export(database.url, full=True))[0] == ("acme", 0, 3, 0, 3)
    database.rows("DROP TABLE rutterframe_export")
    assert counts(data.export(database.url))[0] == ("acme", 0, 0, 0, 3)
    assert_exported(database, data, TABLES)


def test_tables_that_no_export_wrote_are_refused(database: TestDatabase, path: Path, api: Api) -> None:
    """A table of another program is left as it is, and so is one with a column or type that differs."""
    data = refresh(api, path)
    database.rows("CREATE TABLE invoices (id INTEGER)")
    with pytest.raises(ValueError, match="was not written by an export: it has no column _deleted_at"):
        data.export(database.url)
    database.rows("DROP TABLE invoices")
    data.export(database.url)
    database.rows("ALTER TABLE invoices_line_items ADD COLUMN note TEXT")
    with pytest.raises(ValueError, match="a column 'note' that no export writes") as caught:
        data.export(database.url)
    assert "s3cret" not in str(caught.value)
    database.rows("ALTER TABLE invoices_line_items DROP COLUMN note")
    database.rows("UPDATE rutterframe_export SET files = 'x'")
    with pytest.raises(ValueError, match=r"rutterframe_export of .* is not as this rutterframe writes it"):
        data.export(database.url)
    database.rows("DROP TABLE rutterframe_export")
    database.rows("CREATE TABLE rutterframe_export (resource TEXT)")
    with pytest.raises(ValueError, match="is not as this rutterframe writes it"):
        data.export(database.url)


def test_a_column_of_another_type_is_refused(path: Path, api: Api, tmp_path: Path) -> None:
    """A column that another program gave another type is not written to."""
    database = create_database("duckdb", tmp_path, None)
    data = refresh(api, path)
    data.export(database.url)
    database.rows("ALTER TABLE invoices_line_items ALTER quantity TYPE VARCHAR")
    with pytest.raises(ValueError, match="the column 'quantity' as VARCHAR, not as DOUBLE: another program"):
        data.export(database.url)


def test_columns_that_are_not_known_are_refused(path: Path, api: Api, tmp_path: Path) -> None:
    """A dataset that a newer rutterframe wrote is not exported without its new columns."""
    data = refresh(api, path)
    table = DeltaTable(path / "invoices")
    table.alter.add_columns([Field("mood", PrimitiveType("string"), nullable=True)])
    with pytest.raises(ValueError, match=r"columns that this rutterframe does not know: mood\."):
        data.export(f"sqlite:///{tmp_path / 'books'}")


def test_the_first_row_without_an_id(path: Path, api: Api, tmp_path: Path) -> None:
    """A connection that gets its first row without an id is compared as a whole from then on."""
    database = create_database("sqlite", tmp_path, None)
    refresh(api, path).export(database.url)
    api.answers["acme", "invoices"] = [*INVOICES, {"amount_due": 5.0, "line_items": [LINE]}]
    data = refresh(api, path)
    assert counts(data.export(database.url))[0] == ("acme", 1, 0, 0, 4)
    assert_exported(database, data, TABLES)


@pytest.mark.long
def test_a_nul_in_a_text(path: Path, api: Api, postgresql_server: PostgreSQLServer, tmp_path: Path) -> None:
    """PostgreSQL gets the replacement character for NUL, which its texts cannot hold."""
    database = create_database("postgresql", tmp_path, postgresql_server)
    api.answers["acme", "invoices"] = [{"id": "1", "customer_id": "a\0b"}]
    data = refresh(api, path)
    assert data.export(database.url)["added"].tolist() == [1, 1]
    query = "SELECT customer_id FROM invoices WHERE connection_id = 'acme'"
    assert database.rows(query) == [("a\ufffdb",)]
    assert data.export(database.url, full=True)["changed"].tolist() == [0, 0]


def test_threads_take_turns(database: TestDatabase, path: Path, api: Api) -> None:
    """Exports of several threads to one database write one after the other."""
    data = refresh(api, path)
    with ThreadPoolExecutor(3) as pool:
        results = list(pool.map(lambda _: data.export(database.url), range(3)))
    assert sorted(int(result["added"].sum()) for result in results) == [0, 0, 4]
    assert_exported(database, data, TABLES)


def test_another_origin_is_refused(database: TestDatabase, path: Path, api: Api, tmp_path: Path) -> None:
    """Rows of another environment are not mixed with those that a database holds."""
    refresh(api, path).export(database.url)
    other = api.connections("acme", environment="https://other.example.com/base")
    rf.refresh(other, tmp_path / "other", resources=["invoices"])
    with pytest.raises(ValueError, match=r"holds rows of the environment 'https://api\.example\.com/base'"):
        rf.Dataset(tmp_path / "other").export(database.url)


def test_a_dataset_in_another_folder_is_compared(
    database: TestDatabase, path: Path, api: Api, tmp_path: Path
) -> None:
    """A dataset that was refreshed anew has other files: every row is compared, and lost ones are deleted."""
    refresh(api, path).export(database.url)
    api.answers["acme", "invoices"] = INVOICES[:1]
    data = refresh(api, tmp_path / "anew")
    assert counts(data.export(database.url)) == [("acme", 0, 0, 2, 1), ("beta", 0, 0, 0, 1)]
    assert_exported(database, data, TABLES)


@pytest.mark.parametrize("more", [0, 1])
def test_a_restored_copy_is_compared(
    database: TestDatabase, path: Path, api: Api, tmp_path: Path, more: int
) -> None:
    """A dataset that was restored from a copy reaches a version that was exported with other rows."""
    refresh(api, path)
    copytree(path, tmp_path / "copy")
    added = {"id": "4", "amount_due": 4.0, "line_items": [LINE]}
    api.answers["acme", "invoices"] = [{**INVOICES[0], "amount_due": 20.0, "line_items": [LINE]}, added]
    refresh(api, path, full=True).export(database.url)
    rmtree(path)
    copytree(tmp_path / "copy", path)
    for number in range(more + 1):
        rows = [{**INVOICES[0], "amount_due": 70.0 + number}, INVOICES[2], {"id": "5", "amount_due": 5.0}]
        api.answers["acme", "invoices"] = rows
        data = refresh(api, path, full=True)
    assert counts(data.export(database.url)) == [("acme", 2, 1, 1, 3), ("beta", 0, 0, 0, 1)]
    assert_exported(database, data, TABLES)
    assert counts(data.export(database.url)) == [("acme", 0, 0, 0, 3), ("beta", 0, 0, 0, 1)]


def test_columns_of_a_newer_rutterframe_are_added(
    database: TestDatabase, path: Path, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table that an older rutterframe wrote gets the new column, with its values, and so do the views."""
    data = refresh(api, path)

    def older(resource: str, dialect: str) -> Any:
        own, *children = layouts_of(resource, dialect)
        schema = own.schema.remove(own.schema.get_field_index("status"))
        return (type(own)(own.name, schema, own.parent, own.key), *children)

    monkeypatch.setattr(source_module, "layouts_of", older)
    data.export(database.url)
    monkeypatch.setattr(source_module, "layouts_of", layouts_of)
    assert counts(data.export(database.url))[0] == ("acme", 0, 1, 0, 3)
    assert database.rows("SELECT id FROM invoices_current WHERE status = 'open'") == [("1",)]


def test_a_list_that_failed_is_named(database: TestDatabase, path: Path, api: Api) -> None:
    """The rows of a failed list stay, and both the result and the database state that it failed."""
    refresh(api, path).export(database.url)
    api.answers["beta", "invoices"] = 500
    result = refresh(api, path, on_error="skip").export(database.url)
    assert result["status"].tolist() == ["complete", "failed"]
    assert result["rows"].tolist() == [3, 1]
    status = "SELECT connection_id, status, version FROM rutterframe_export ORDER BY 1"
    version = result["version"].iloc[0]
    assert database.rows(status) == [("acme", "complete", version), ("beta", "failed", version)]


@pytest.mark.long
def test_the_database_holds_the_frames_after_any_changes(
    database: TestDatabase, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After each of many refreshes, with and without an export between them, all rows and lines are equal."""
    monkeypatch.setattr(resource_module, "_SEND_ROWS", 3)
    choose = random.Random(16)  # noqa: S311 - repeatable, not secret

    def invoice(number: int) -> dict[str, Any]:
        lines = [{**LINE, "quantity": float(choose.randrange(3))} for _ in range(choose.randrange(3))]
        name = str(number) if choose.random() < 0.95 else None
        return {"id": name, "amount_due": choose.randrange(5) / 100, "line_items": lines}

    books: dict[str, list[dict[str, Any]]] = {"acme": [], "beta": []}
    api = Api()
    data, total = refresh(api, path), 0
    for _ in range(12):
        for ledger in ("acme", "beta"):
            rows = [row if choose.random() < 0.7 else invoice(choose.randrange(12)) for row in books[ledger]]
            rows = [row for row in rows if choose.random() < 0.9] + [invoice(choose.randrange(12))]
            choose.shuffle(rows)
            books[ledger] = list({row["id"] or id(row): row for row in rows}.values())
            api.answers[ledger, "invoices"] = books[ledger]
        data = refresh(api, path, full=True)
        if choose.random() < 0.7:
            result = data.export(database.url)
            total += int((result["added"] - result["deleted"]).sum())
            assert total == result["rows"].sum()
            assert_exported(database, data, TABLES)


@pytest.fixture(scope="module")
def live_books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of the live dialect, with every resource."""
    path = tmp_path_factory.mktemp("live") / "books"
    with rf.demo(dialect="live") as client:
        names = ("roaster-quickbooks", "roaster-shopify", "roaster-bank")
        rf.refresh([client.connection(name) for name in names], path, progress=False)
    return path


@pytest.mark.long
def test_every_live_table_is_exported(database: TestDatabase, live_books: Path) -> None:
    """Every resource and nested column of the live dialect is a table that holds the frame."""
    data = rf.Dataset(live_books)
    result = data.export(database.url)
    tables = [table.name for name in data.resources for table in layouts_of(name, "live")]
    assert_exported(database, data, tables)
    assert len(tables) > 30
    again = data.export(database.url)
    assert again["rows"].tolist() == result["rows"].tolist()
    assert again[["added", "changed", "deleted"]].sum().tolist() == [0, 0, 0]


@pytest.mark.long
def test_a_category_changes_with_its_account(tmp_path: Path) -> None:
    """The category of an expense is the name of an account: where that changes, the expenses are exported."""
    database = create_database("sqlite", tmp_path, None)
    with rf.demo(dialect="live") as live:
        ledger = live.connection("roaster-quickbooks")
        rf.refresh(ledger, tmp_path / "books", resources=["accounts", "expenses"], progress=False)
        data = rf.Dataset(tmp_path / "books")
        data.export(database.url)
        category, number = database.rows(
            "SELECT category, COUNT(*) FROM expenses GROUP BY 1 ORDER BY category = 'Split', 2 DESC LIMIT 1"
        )[0]
        accounts = data.load("accounts")
        account = accounts.loc[accounts["name"] == category, "id"].iloc[0]
        live.server.books.change("roaster-quickbooks", "accounts", account, name="Renamed")
        rf.refresh(ledger, tmp_path / "books", resources=["accounts"], progress=False)
        result = data.export(database.url, resources=["expenses"])
    assert result[["added", "changed", "deleted"]].to_numpy().tolist() == [[0, number, 0]]
    assert_exported(database, data, ["expenses", "expenses_line_items"])
