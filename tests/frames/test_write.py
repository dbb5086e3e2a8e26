"""Frames as files: every value is written, and a file is replaced only by a complete one."""

from __future__ import annotations

import json
import re
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyarrow as pa
import pytest

import rutterframe as rf
from rutterframe.frames import frame_schema, rows_of, to_frame, write
from rutterframe.models import Order
from rutterframe.models.live import LIVE_RECORDS
from rutterframe.storage.replace import check_target

RECEIPT = {"resource": "orders", "complete": True, "rows": 2}


@pytest.fixture
def orders() -> pd.DataFrame:
    """Two orders, one of them that has only an id, which a spreadsheet could take for a formula."""
    rows = [
        {
            "id": "o1",
            "customer_id": "Łukasz 😀",
            "total_price": 12.5,
            "line_items": [{"product_id": "p", "quantity": 2, "unit_price": 6.25}],
            "created_at": pd.Timestamp("2026-01-31T10:00:00.123456Z"),
        },
        {"id": "=1+1"},
    ]
    frame = to_frame(Order, [rows_of(Order, [pa.Table.from_pylist(rows, frame_schema(Order))], "c1")])
    frame.attrs["receipt"] = RECEIPT
    return frame


def test_parquet_keeps_everything(orders: pd.DataFrame, tmp_path: Path) -> None:
    """A Parquet file holds every value, dtype and the receipt; lists come back as plain lists."""
    rf.write_frame(orders, tmp_path / "orders.parquet")
    again = pd.read_parquet(tmp_path / "orders.parquet")
    pd.testing.assert_frame_equal(again.drop(columns="line_items"), orders.drop(columns="line_items"))
    pd.testing.assert_frame_equal(rf.line_items(again), rf.line_items(orders))
    assert again.attrs["receipt"] == RECEIPT


def test_csv(orders: pd.DataFrame, tmp_path: Path) -> None:
    """A CSV file has nested lists as JSON, times in UTC, and empty fields for null."""
    rf.write_frame(orders, tmp_path / "orders.csv")
    header, first, second = (tmp_path / "orders.csv").read_text(encoding="utf-8").splitlines()
    assert (
        header == "connection_id,id,customer_id,status,currency,total_price,line_items,created_at,updated_at"
    )
    assert first == (
        'c1,o1,Łukasz 😀,,,12.5,"[{""product_id"": ""p"", ""variant_id"": null, ""quantity"": 2, '
        '""unit_price"": 6.25}]",2026-01-31 10:00:00.123456+00:00,'
    )
    assert second == "c1,=1+1,,,,,,,"


def test_excel(orders: pd.DataFrame, tmp_path: Path) -> None:
    """A workbook has the rows, lines on another sheet and the receipt; text is not read as a formula."""
    rf.write_frame(orders, tmp_path / "orders.xlsx")
    book = openpyxl.load_workbook(tmp_path / "orders.xlsx")
    assert book.sheetnames == ["orders", "line_items", "receipt"]
    assert book["orders"].freeze_panes == "A2"
    assert [cell.value for cell in book["orders"][1]] == [
        "connection_id", "id", "customer_id", "status", "currency", "total_price", "created_at", "updated_at",
    ]  # fmt: skip
    assert book["orders"]["B3"].value == "=1+1"
    assert book["orders"]["B3"].data_type == "s"
    assert book["orders"]["F2"].value == 12.5
    assert str(book["orders"]["G2"].value).startswith("2026-01-31 10:00:00.123")
    assert [cell.value for cell in book["line_items"][2]] == ["c1", "o1", 1, "p", None, 2, 6.25]
    entries = {row[0].value: json.loads(str(row[1].value)) for row in book["receipt"].iter_rows(min_row=2)}
    assert entries == RECEIPT
    book.close()


def test_text_in_excel(tmp_path: Path) -> None:
    """Formulas, links, control characters and names of columns are text in a workbook."""
    texts = [
        "=cmd|' /C calc'!A0", "{=1}", "+1", "-2+3", "@SUM(1)", "\t=1", "http://example.com", "mailto:a@b.com",
        "internal:Sheet1!A1", "external:c:/x.xlsx", "1e5", "<b>", "\u202eevil",
    ]  # fmt: skip
    rf.write_frame(pd.DataFrame({"=name": texts, "http://n": 1.0}), tmp_path / "x.xlsx")
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    cells = [row[0] for row in book["data"].iter_rows()]
    assert [cell.value for cell in cells] == ["=name", *texts]
    assert {(cell.data_type, cell.hyperlink, cell.comment) for cell in cells} == {("s", None, None)}
    book.close()
    with zipfile.ZipFile(tmp_path / "x.xlsx") as parts:
        sheets = b"".join(parts.read(name) for name in parts.namelist() if "worksheets" in name)
    assert b"<f>" not in sheets
    assert b"hyperlink" not in sheets


def test_text_beyond_a_cell_of_excel(tmp_path: Path) -> None:
    """Text beyond the limit of a cell is cut where a reader sees it, also in a long receipt."""
    frame = pd.DataFrame({"note": ["x" * 40_000, "y" * 32_767]})
    frame.attrs["receipt"] = {"resource": "orders", "errors": {"c" * 40_000: "failed"}}
    rf.write_frame(frame, tmp_path / "x.xlsx")
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    assert [cell.value for cell in book["orders"]["A"]][1:] == ["x" * 32_766 + "…", "y" * 32_767]
    assert str(book["receipt"]["B3"].value).endswith("c…")
    book.close()


@pytest.mark.parametrize(
    "receipt", [{"resource": "a/b"}, {"resource": "receipt"}, {"resource": 5}, {}, [], None]
)
def test_a_receipt_that_was_changed_names_no_sheet(receipt: object, tmp_path: Path) -> None:
    """A resource that is none of ours does not become the name of a sheet."""
    frame = pd.DataFrame({"id": ["a"]})
    frame.attrs["receipt"] = receipt
    rf.write_frame(frame, tmp_path / "x.xlsx")
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    assert book.sheetnames == ["data", "receipt"]
    book.close()


def test_attrs_that_json_does_not_have(tmp_path: Path) -> None:
    """Attributes that JSON does not have are stored as text, without a warning."""
    frame = pd.DataFrame({"id": ["a"]})
    frame.attrs = {"receipt": RECEIPT, "day": pd.Timestamp("2026-06-30")}
    rf.write_frame(frame, tmp_path / "x.parquet")
    assert pd.read_parquet(tmp_path / "x.parquet").attrs == {"receipt": RECEIPT, "day": "2026-06-30 00:00:00"}


def test_days_before_excel(tmp_path: Path) -> None:
    """A day before 1900 is text in a workbook, as in those of reports; the others stay days."""
    days = pd.Series(["0001-01-01", "2026-06-30", "2026-07-01"], dtype="datetime64[us]")
    rf.write_frame(pd.DataFrame({"due_date": days}), tmp_path / "x.xlsx")
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    values = [cell.value for cell in book["data"]["A"]][1:]
    assert values == ["0001-01-01", datetime(2026, 6, 30), datetime(2026, 7, 1)]  # noqa: DTZ001 - Excel has none
    book.close()


def test_too_long_for_excel(orders: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More rows than a sheet holds is an error that names the format to use, and leaves no file."""
    monkeypatch.setattr(write, "_EXCEL_ROWS", 1)
    with pytest.raises(
        ValueError, match=r"orders, receipt: more than 1 rows, too many for Excel; use \.parquet"
    ):
        rf.write_frame(orders, tmp_path / "orders.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_unknown_ending(orders: pd.DataFrame, tmp_path: Path) -> None:
    """Another ending is refused with the known ones."""
    with pytest.raises(
        ValueError, match=r"Cannot write 'orders\.json': the ending must be one of \.parquet, \.csv"
    ):
        rf.write_frame(orders, tmp_path / "orders.json")


def test_missing_folder(orders: pd.DataFrame, tmp_path: Path) -> None:
    """A missing folder is named."""
    with pytest.raises(ValueError, match=r"there is no folder .*nowhere"):
        rf.write_frame(orders, tmp_path / "nowhere" / "orders.csv")


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("new.csv", "the folder '.' cannot be written to; choose another"),
        ("old.csv", "the file is write-protected; choose another name"),
    ],
)
def test_write_protected_targets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str, message: str
) -> None:
    """A folder or a file that is write-protected is refused with the reason."""
    (tmp_path / "old.csv").write_text("old")
    denied = Path() if target == "new.csv" else Path(target)
    monkeypatch.setattr("os.access", lambda path, _: path != denied)
    with pytest.raises(ValueError, match=f"^Cannot write '{re.escape(target)}': {re.escape(message)}$"):
        check_target(target, write.ENDINGS)


def test_a_failure_keeps_the_old_file(
    orders: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When writing fails half-way the old file stays as it was, and no partial file is left."""
    (tmp_path / "orders.csv").write_text("old")

    def fail(frame: pd.DataFrame, path: Path) -> None:
        path.write_text(f"half of {len(frame)} rows")
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(write._WRITERS, ".csv", fail)
    with pytest.raises(OSError, match="No space left"):
        rf.write_frame(orders, tmp_path / "orders.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["orders.csv"]
    assert (tmp_path / "orders.csv").read_text() == "old"


# The live dialect


def live(resource: str, row: dict[str, Any]) -> pd.DataFrame:
    """Return a frame with one record of the live dialect."""
    model = LIVE_RECORDS[resource]
    frame = to_frame(model, [rows_of(model, [pa.Table.from_pylist([row], frame_schema(model))], "c1")])
    frame.attrs["receipt"] = {"resource": resource}
    return frame


PAID = {"id": "p", "date": pd.Timestamp("2026-01-31"), "amount": 1.5}


@pytest.mark.parametrize(
    ("resource", "nested", "row", "parent"),
    [
        ("invoices", "payments", PAID, "invoice_id"),
        ("bills", "payments", PAID, "bill_id"),
        ("invoice_payments", "documents", PAID, "payment_id"),
        ("bill_payments", "documents", PAID, "payment_id"),
        ("invoice_credit_memos", "documents", PAID, "credit_memo_id"),
        ("orders", "refunds", {"line_item_id": "l", "amount": 1.5}, "order_id"),
        ("expenses", "line_items", {"account_id": "a", "total_amount": 1.5}, "expense_id"),
        ("products", "variants", {"id": "v", "price": 1.5}, "product_id"),
        ("balance_sheets", "items", {"name": "Cash", "value": 1.5}, "statement_id"),
    ],
)
def test_nested_rows_of_live_frames(
    tmp_path: Path, resource: str, nested: str, row: dict[str, Any], parent: str
) -> None:
    """Every nested column is JSON with days as text in CSV, and a sheet of its own in Excel."""
    frame = live(resource, {"id": "x", nested: [row]})
    rf.write_frame(frame, tmp_path / "frame.csv")
    (written,) = json.loads(pd.read_csv(tmp_path / "frame.csv")[nested].iloc[0])
    sent = {key: value if key != "date" else "2026-01-31" for key, value in row.items()}
    assert {key: value for key, value in written.items() if value is not None} == sent
    rf.write_frame(frame, tmp_path / "frame.xlsx")
    header, first = openpyxl.load_workbook(tmp_path / "frame.xlsx")[nested].iter_rows(values_only=True)
    assert header[:3] == ("connection_id", parent, "line_number")
    assert first[:3] == ("c1", "x", 1)
    assert openpyxl.load_workbook(tmp_path / "frame.xlsx").sheetnames[0] == resource


def test_a_number_of_documents_is_not_a_list(tmp_path: Path) -> None:
    """A report with a column of the name of a nested one is written as it is."""
    rf.write_frame(pd.DataFrame({"documents": [3]}), tmp_path / "report.csv")
    assert (tmp_path / "report.csv").read_text(encoding="utf-8") == "documents\n3\n"


@pytest.mark.parametrize(
    ("frame", "ending"),
    [
        (pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", "b"), ("a", "c")])), "xlsx"),
        (pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", "b"), ("a", "c")])), "csv"),
        (pd.DataFrame({"a": ["x", 1]}, dtype="object"), "parquet"),
        (pd.DataFrame({"a": [1j]}), "parquet"),
        (pd.DataFrame({"a": pd.Series(["\ud800"], dtype="object")}), "csv"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "parquet"),
    ],
)
def test_a_frame_that_the_format_cannot_hold(tmp_path: Path, frame: pd.DataFrame, ending: str) -> None:
    """A frame that was changed into what a format does not have is a ValueError, and leaves no file."""
    with pytest.raises(ValueError, match=r"."):
        rf.write_frame(frame, tmp_path / f"odd.{ending}", escape_formulas=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("thing", [None, [1], {"a": [1]}, pd.Series([1])])
def test_what_is_not_a_frame(tmp_path: Path, thing: Any) -> None:
    """Anything but a DataFrame is a TypeError that names its type."""
    with pytest.raises(TypeError, match=f"this is a {type(thing).__name__}$"):
        rf.write_frame(thing, tmp_path / "odd.csv")


def test_a_receipt_with_values_that_json_does_not_have(tmp_path: Path) -> None:
    """In a workbook a receipt that was changed is written as text."""
    frame = pd.DataFrame({"a": [1]})
    frame.attrs["receipt"] = {"resource": "invoices", "day": date(2026, 6, 30)}
    rf.write_frame(frame, tmp_path / "odd.xlsx")
    assert pd.read_excel(tmp_path / "odd.xlsx", "receipt")["value"].tolist() == ['"invoices"', '"2026-06-30"']
