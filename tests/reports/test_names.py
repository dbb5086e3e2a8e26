"""Names of vendors and customers from a CSV file."""

from __future__ import annotations

from pathlib import Path

import pytest

from rutterframe.reports import read_names


def test_names_of_one_and_of_several_ledgers(tmp_path: Path) -> None:
    """A file has ids and names, and the connection where there are several; blank lines do not matter."""
    path = tmp_path / "vendors.csv"
    path.write_text("ID,Name,City\nV-1,Hafen & Söhne,Kiel\n\nV-2,Ōsaka,\n", encoding="utf-8-sig")
    assert read_names(path).to_numpy().tolist() == [["V-1", "Hafen & Söhne"], ["V-2", "Ōsaka"]]
    path.write_text("connection_id,id,name\na,V-1,One\nb,V-1,Two\nb,V-1,Two\n", encoding="utf-8")
    frame = read_names(path)
    assert frame.to_numpy().tolist() == [["a", "V-1", "One"], ["b", "V-1", "Two"]]
    assert [str(dtype) for dtype in frame.dtypes] == ["str", "str", "str"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,title\nV-1,One\n", "vendors.csv has no column name; its header has 'id', 'title'"),
        ("id,name\n", "vendors.csv has no names below its header"),
        ("id,name\n,One\n", "vendors.csv, line 2 has no id"),
        ("id,name\nV-1,\n", "vendors.csv, line 2 has no name"),
        ("id,name\nV-1,One\nV-1,Two\n", "vendors.csv, line 3: V-1 is named 'One' already; leave one"),
        ("id,name\nV-1,One,more\n", "vendors.csv, line 2 has 3 values, its header 2"),
        (
            "connection_id,id,name\na,V-1,One\n,V-2,Two\n",
            "vendors.csv: V-2 has no connection_id, which other",
        ),
    ],
)
def test_files_that_are_not_valid(tmp_path: Path, text: str, message: str) -> None:
    """An error names the file, the line and what is expected."""
    path = tmp_path / "vendors.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=message.replace(".", r"\.")):
        read_names(path)
