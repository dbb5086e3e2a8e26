"""The workbook of the demo books, opened, recalculated and printed by LibreOffice."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from xlsxwriter.worksheet import Worksheet

import rutterframe as rf

OFFICE = shutil.which("soffice")
# Else LibreOffice shows the values in the file, and computes nothing.
ALWAYS_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop>
</item></oor:items>
"""
WRONG = 98_765.4321

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(300),
    pytest.mark.skipif(OFFICE is None, reason="soffice (LibreOffice) is not installed"),
]


def convert(book: Path, form: str) -> Path:
    """Let LibreOffice open a workbook, recalculate it, and write it in another format."""
    profile = book.parent / "profile"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(ALWAYS_RECALCULATE, encoding="utf-8")
    folder = book.parent / "converted"
    command = [str(OFFICE), f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", form]
    subprocess.run([*command, "--outdir", str(folder), str(book)], check=True, capture_output=True)
    return folder / f"{book.stem}.{form}"


def formulas_of(book: Path) -> dict[tuple[str, str], str]:
    """List the formulas of a workbook by sheet and cell."""
    return {
        (sheet.title, cell.coordinate): str(cell.value)
        for sheet in openpyxl.load_workbook(book)
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    }


def values_of(book: Path, cells: dict[tuple[str, str], str]) -> dict[tuple[str, str], Any]:
    """Return the values that cells have in a workbook."""
    opened = openpyxl.load_workbook(book, data_only=True)
    return {(sheet, cell): opened[sheet][cell].value for sheet, cell in cells}


def with_wrong_values(monkeypatch: pytest.MonkeyPatch, write: Callable[[], None]) -> None:
    """Write a workbook with a wrong value for each formula, which only a recalculation corrects."""
    original: Any = Worksheet.write_formula

    def spoil(self: Any, row: int, column: int, formula: str, style: Any = None, _: Any = 0) -> Any:
        return original(self, row, column, formula, style, WRONG)

    with monkeypatch.context() as patch:
        patch.setattr(Worksheet, "write_formula", spoil)
        write()


def test_the_demo_in_libreoffice(client: rf.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Recalculated, every formula has the value that was written, and the print has at most 20 pages."""
    books = rf.load_books(client, progress=False)
    written, spoiled = tmp_path / "written.xlsx", tmp_path / "spoiled.xlsx"
    books.to_excel(written)
    with_wrong_values(monkeypatch, lambda: books.to_excel(spoiled))
    formulas = formulas_of(written)
    kinds = ("=SUM(", "=ROUND(SUBTOTAL(109,", "=SUBTOTAL(9,")
    numbers = [sum(text.startswith(kind) for text in formulas.values()) for kind in kinds]
    assert min(numbers) > 20
    assert sum(bool(re.fullmatch(r"=[A-Z]\d+-[A-Z]\d+", text)) for text in formulas.values()) > 20
    assert set(values_of(spoiled, formulas).values()) == {WRONG}
    # Amounts have at most 8 decimals; floats add a little to a plain sum.
    expected, computed = values_of(written, formulas), values_of(convert(spoiled, "xlsx"), formulas)
    assert {cell: round(value, 8) for cell, value in computed.items()} == {
        cell: round(value, 8) for cell, value in expected.items()
    }
    pages = re.findall(rb"/Type\s*/Page\b(?!s)", convert(written, "pdf").read_bytes())
    assert 10 < len(pages) <= 20
