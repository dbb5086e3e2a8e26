"""Frames of records and lines: the fields of each record, and the mistakes that are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.client.bulk import rows_of
from rutterframe.models import CREATES

INVOICE, PRODUCT = CREATES["invoices"], CREATES["products"]


def test_empty_cells_are_left_out() -> None:
    """NaN, None, NA and NaT are fields that are left out; zero and False-like text are values."""
    frame = pd.DataFrame(
        {"title": ["a", "b"], "price": [0.0, np.nan], "currency": pd.array(["USD", pd.NA], dtype="str")}
    )
    assert [row.fields for row in rows_of(frame, PRODUCT)] == [
        {"title": "a", "price": 0.0, "currency": "USD"},
        {"title": "b"},
    ]


def test_numpy_and_arrow_values_become_pythons() -> None:
    """Whatever the column is made of, a field is a plain Python value."""
    frame = pd.DataFrame({"title": ["a"], "price": pd.array([2], dtype="int64[pyarrow]")})
    (row,) = rows_of(frame, PRODUCT)
    assert (type(row.fields["price"]), row.record) == (int, "0")


@pytest.mark.parametrize("container", [list, tuple, np.array])
def test_nested_lines(container: Any) -> None:
    """Lines in a column are a list, a tuple or an array of mappings; empty cells of a line are left out."""
    lines = container([{"total_amount": 1.5, "description": None}])
    frame = pd.DataFrame({"customer_id": ["c"], "line_items": pd.Series([lines], dtype=object)})
    assert rows_of(frame, INVOICE)[0].fields["line_items"] == [{"total_amount": 1.5}]


def test_lines_that_are_none_stay_what_they_are() -> None:
    """Lines that are not a list of mappings stay as they are, for the check that names them."""
    frame = pd.DataFrame({"customer_id": ["c", "d", "e"], "line_items": ["one", ["two"], None]})
    assert [row.fields.get("line_items") for row in rows_of(frame, INVOICE)] == [["one"], ["two"], None]


def test_lines_keep_their_order_and_find_their_record() -> None:
    """Lines of a second frame go to the record of their key, in the order of that frame."""
    frame = pd.DataFrame({"number": [2, 1], "customer_id": ["b", "a"]})
    lines = pd.DataFrame({"number": [1, 2, 1], "description": ["x", "y", "z"]})
    records = [
        (row.record, row.fields["line_items"]) for row in rows_of(frame, INVOICE, lines=lines, key="number")
    ]
    assert records == [("2", [{"description": "y"}]), ("1", [{"description": "x"}, {"description": "z"}])]


def frame_of(**columns: list[Any]) -> pd.DataFrame:
    return pd.DataFrame(columns)


TWICE = pd.DataFrame([["a", "b"]], columns=["title", "title"])
DOCUMENT = frame_of(n=[1], customer_id=["c"])

WRONG: dict[str, tuple[pd.DataFrame, dict[str, Any], str]] = {
    "a misspelt column": (
        frame_of(titel=["a"], rabatt=[1]), {"model": PRODUCT},
        ("The frame has columns that cannot be sent: 'titel' is not a valid field (did you mean 'title'? "
        "expected one of title, description, price, currency); 'rabatt' is not a valid field (expected one "
        "of title, description, price, currency)\n"
        "Next: rename them, or leave them out: .drop(columns=['titel', 'rabatt'])."),
    ),
    "a column twice": (
        TWICE, {"model": PRODUCT},
        "The frame has the column 'title' twice\nNext: rename or drop one of them.",
    ),
    "no such key": (
        frame_of(title=["a"]), {"model": PRODUCT, "key": "number"},
        "The frame has no column 'number', which key= names\nNext: its columns are title.",
    ),
    "an empty key": (
        frame_of(n=[1, None], title=["a", "b"]), {"model": PRODUCT, "key": "n"},
        "The frame has a row without n\nNext: every row needs one.",
    ),
    "a key twice": (
        frame_of(n=[1, 1], title=["a", "b"]), {"model": PRODUCT, "key": "n"},
        ("n '1' stands twice: the records could not be distinguished\n"
        "Next: give each record its own, or reset_index() the frame."),
    ),
    "an index twice": (
        frame_of(title=["a", "b"]).set_axis([7, 7]), {"model": PRODUCT},
        ("The index '7' stands twice: the records could not be distinguished\n"
        "Next: give each record its own, or reset_index() the frame."),
    ),
    "lines of what has none": (
        frame_of(n=[1], title=["a"]), {"model": PRODUCT, "key": "n", "lines": frame_of(n=[1])},
        "These records have no lines\nNext: leave lines= out.",
    ),
    "lines twice": (
        DOCUMENT.assign(line_items=["x"]), {"model": INVOICE, "key": "n", "lines": frame_of(n=[1])},
        "The frame has a column 'line_items', and lines= was passed as well\nNext: leave one of them out.",
    ),
    "lines without a key": (
        DOCUMENT, {"model": INVOICE, "lines": frame_of(n=[1], quantity=[1])},
        ("The frame has columns that cannot be sent: 'n' is not a valid field (expected one of customer_id, "
        "currency, due_date, line_items)\nNext: rename them, or leave them out: .drop(columns=['n'])."),
    ),
    "no key named": (
        DOCUMENT[["customer_id"]], {"model": INVOICE, "lines": frame_of(customer_id=["c"])},
        ("The record of each line is not known: key= is missing\n"
        "Next: name a column of both frames with key=; they share customer_id."),
    ),
    "a line of no record": (
        DOCUMENT, {"model": INVOICE, "key": "n", "lines": frame_of(n=[2], quantity=[1])},
        ("A line is of n '2', but the frame has no such record\n"
        "Next: add the record, or leave the line out: else it would be lost."),
    ),
    "a misspelt column of lines": (
        DOCUMENT, {"model": INVOICE, "key": "n", "lines": frame_of(n=[1], unit_prise=[1])},
        ("The lines frame has columns that cannot be sent: 'unit_prise' is not a valid field (did you mean "
        "'unit_price'? expected one of description, quantity, unit_price, total_amount)\n"
        "Next: rename them, or leave them out: .drop(columns=['unit_prise'])."),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_does_not_fit_is_refused(case: str) -> None:
    """Each mistake in a frame is named, with what was there instead and what to do next."""
    frame, options, message = WRONG[case]
    with pytest.raises(rf.InvalidDraft) as refused:
        rows_of(frame, **options)
    assert str(refused.value) == message


def test_only_frames_of_pandas(client: rf.Client) -> None:
    """Anything but a pandas DataFrame is a TypeError that names its type."""
    with pytest.raises(TypeError, match="create_many takes a pandas DataFrame; this is a list"):
        client.connection("roaster-shopify").products.create_many([])  # type: ignore[arg-type]
