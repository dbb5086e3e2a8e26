"""CSV that reads back as the same rows, whatever the text; formulas stay text in a spreadsheet."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rutterframe as rf
from rutterframe.frames.csv_format import escape_formulas

BREAKS = ["\r", "\n", "\r\n", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]
OTHERS = ['"', '""', "'", ",", ";", "\t", "\x00", "\x1a", "\x1b", "\ufeff", "\\", " ", "é", "😀"]


def rows_of(path: Path) -> list[list[str]]:
    """Read a CSV file with the standard library."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("sign", [*BREAKS, *OTHERS])
def test_text_survives(sign: str, tmp_path: Path) -> None:
    """Text with a line break, quotes, NUL or blanks at its ends is one row for every reader, unchanged."""
    names = [f"Ann{sign}Bob", sign, f"{sign}Ann", f"Ann{sign}", f" {sign} "]
    rf.write_frame(pd.DataFrame({"name": names, "n": range(5)}), tmp_path / "x.csv")
    header, *rows = rows_of(tmp_path / "x.csv")
    assert (header, [row[0] for row in rows]) == (["name", "n"], names)
    again = pd.read_csv(tmp_path / "x.csv", keep_default_na=False)
    assert again["name"].tolist() == names
    assert again["n"].tolist() == [*range(5)]


@pytest.mark.parametrize("sign", BREAKS)
def test_every_line_break_is_quoted(sign: str, tmp_path: Path) -> None:
    """A reader that divides the text at any line break of Unicode still finds the same rows."""
    rf.write_frame(pd.DataFrame({"name": [f"Ann{sign}Bob", "Zed"]}), tmp_path / "x.csv")
    with (tmp_path / "x.csv").open(encoding="utf-8", newline="") as file:
        lines = file.read().splitlines(keepends=True)
    assert list(csv.reader(lines)) == [["name"], [f"Ann{sign}Bob"], ["Zed"]]


@given(names=st.lists(st.text(), min_size=1, max_size=20))
def test_any_text_survives(names: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever the text, and whether or not formulas are escaped, the rows are the same."""
    path = tmp_path_factory.mktemp("csv") / "x.csv"
    frame = pd.DataFrame({"name": pd.Series(names, dtype="str"), "n": 1})
    rf.write_frame(frame, path)
    assert [row[0] for row in rows_of(path)[1:]] == names
    rf.write_frame(frame, path, escape_formulas=True)
    assert [row[0].removeprefix("'") for row in rows_of(path)[1:]] == [
        name.removeprefix("'") for name in names
    ]


@pytest.mark.parametrize(
    "text",
    [
        "=cmd|' /C calc'!A0", '=HYPERLINK("http://x")', "@SUM(1)", "\t=1", "\tx", "\rx", "\n=1", "-2+3",
        "+1+1", "-", "+cmd|x", "- cost", "+1-2", "-1 000", "--1", "+SUM(A1)", " =1", "\u00a0=1", "\ufeff=1",
        "\uff1d1", "\uff0d1", "\uff0b1", "\uff20x", "+49 30 1234567 =1", "-1e5+1", "+12345678901234567890-1",
    ],
)  # fmt: skip
def test_formulas_are_escaped(text: str) -> None:
    """Text that a spreadsheet would calculate gets an apostrophe, in a cell and as a column's name."""
    escaped = escape_formulas(pd.DataFrame({text: [text, "Ann"]}))
    assert escaped.columns.tolist() == [f"'{text}"]
    assert escaped.iloc[:, 0].tolist() == [f"'{text}", "Ann"]


@pytest.mark.parametrize(
    "text",
    [
        "+1", "-1", "-1,234.50", "+.5", "-5%", "-1.5e-7", "+49 (0)30 123-456", "+1-800-555-0100",
        "+1 415 555 0100 x12", "+44.20.7946.0958", "Ann", "'quoted", "a=b", "a@b.com", "2026-06-30", "",
        "5-3", "1+1",
    ],
)  # fmt: skip
def test_other_text_is_not_escaped(text: str) -> None:
    """Numbers, telephone numbers, addresses and names stay as they are."""
    assert escape_formulas(pd.DataFrame({"x": [text]})).iloc[0, 0] == text


def test_only_text_is_escaped() -> None:
    """Numbers, dates and nulls stay as they are in every kind of column; other kinds of text are escaped."""
    values = ["=1", None, "x"]
    frame = pd.DataFrame(
        {
            "object": pd.Series([*values[:2], -5], dtype=object),
            "category": pd.Series(values, dtype="category"),
            "string": pd.Series(values, dtype="string"),
            "amount": [-5.0, 1.0, 2.0],
            "count": pd.Series([-1, None, 2], dtype="Int64"),
            "date": pd.to_datetime(["2026-06-30"] * 3),
        }
    )
    escaped = escape_formulas(frame)
    assert escaped["object"].tolist() == ["'=1", None, -5]
    for name in ("category", "string"):
        assert escaped[name].dropna().tolist() == ["'=1", "x"]
    pd.testing.assert_frame_equal(escaped[["amount", "count", "date"]], frame[["amount", "count", "date"]])
    assert frame["object"].tolist()[0] == "=1"


def test_formulas_are_escaped_on_request_only(tmp_path: Path) -> None:
    """Python keeps every text as it is unless escape_formulas=True; Parquet always does."""
    frame = pd.DataFrame({"name": ["=1+1"], "amount": [-5.0]})
    rf.write_frame(frame, tmp_path / "x.csv")
    assert rows_of(tmp_path / "x.csv")[1] == ["=1+1", "-5.0"]
    rf.write_frame(frame, tmp_path / "x.csv", escape_formulas=True)
    assert rows_of(tmp_path / "x.csv")[1] == ["'=1+1", "-5.0"]
    rf.write_frame(frame, tmp_path / "x.parquet", escape_formulas=True)
    assert pd.read_parquet(tmp_path / "x.parquet")["name"].tolist() == ["=1+1"]
