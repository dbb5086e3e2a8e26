"""The exact path takes steps in proportion to the body, and little memory, for any content."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

import rutterframe as rf
from benchmarks.bounds import MORE_PAGES, PAGES, REPORTED, decode, page, peak, refused
from rutterframe.frames import Decoder
from rutterframe.frames.exact import page_rows, parse_object, read_rows
from rutterframe.models import Invoice

#: Pages and their sizes, as a share of the largest.
SIZES = [
    *((make, 0.03) for make in PAGES),
    *(pytest.param(make, 1, marks=pytest.mark.long) for make in REPORTED),
    *(pytest.param(make, 0.2, marks=pytest.mark.long) for make in MORE_PAGES),
]


@pytest.mark.parametrize(("make", "size"), SIZES)
def test_memory_is_bounded(make: Callable[[float], bytes], size: float) -> None:
    """A page of refused rows takes at most ten times its size in memory, and two megabytes."""
    body = make(size)
    assert peak(lambda: decode(body)) < 10 * len(body) + 2_000_000


def calls(run: Callable[[], object]) -> int:
    """Return how many functions are called."""
    number = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal number
        number += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        run()
    finally:
        sys.setprofile(None)
    return number


@pytest.mark.slow
@pytest.mark.parametrize("make", PAGES)
def test_calls_are_linear(make: Callable[[float], bytes]) -> None:
    """Four times the page takes about four times as many calls, not sixteen times."""
    small, large = make(0.04), make(0.16)
    decode(small)
    assert calls(lambda: decode(large)) < 6 * calls(lambda: decode(small)) + 1_000


def test_refusals_are_counted_and_the_first_hundred_listed() -> None:
    """The counts of refused rows are exact; the reasons, ids and texts are those of the first hundred."""
    body = refused(0.005)
    batch = decode(body)
    assert (batch.refused, len(batch.reasons)) == (1_000, 100)
    assert [reason.record_id for reason in batch.reasons] == [f"i{number}" for number in range(100)]
    with pytest.raises(rf.InvalidRows) as caught:
        Decoder(Invoice, "invoices", "next_cursor").decode([page('{"id":"good"}'), body])
    assert len(caught.value.refused) == 100
    assert "1,000 of 1,000 rows of a page cannot be read" in str(caught.value)
    assert "\n  - and 995 more\n" in str(caught.value)


def test_refusals_of_several_pages_and_kinds_are_counted() -> None:
    """Rows that are refused before and after Arrow reads them are counted together, in order."""
    bodies = [page(*['{"id":"n","due_date":"x"}'] * 70, "null", '{"id":"good"}') for _ in range(3)]
    batch = Decoder(Invoice, "invoices", "next_cursor", on_invalid="quarantine").decode(bodies)
    assert (len(batch.table), batch.refused, len(batch.reasons)) == (3, 213, 100)
    assert [reason.record_id for reason in batch.reasons] == ["n"] * 70 + [None] + ["n"] * 29


def test_long_lists_are_refused_with_paths() -> None:
    """A refused line of a long list is named as in a short one, with the other fields of its row."""
    lines = ['{"quantity":1}'] * 2_000
    lines[1_500:1_502] = ['{"quantity":"x"}', "null"]
    batch = decode(page(f'{{"id":"a","amount_due":true,"line_items":[{",".join(lines)}]}}'))
    assert [str(reason) for reason in batch.reasons] == [
        "record 'a', amount_due: not a number, got True",
        "record 'a', line_items[1500].quantity: not a number, got 'x'",
        "record 'a', line_items[1501]: Input should be a valid dictionary or instance of LineItem, got None",
    ]
    good = decode(page(f'{{"id":"a","amount_due":"1e1","line_items":[{",".join(lines[:1_400])}]}}'))
    assert len(good.table["line_items"][0]) == 1_400


def test_a_long_key_is_cut_in_the_path() -> None:
    """The path of a repeated key below a long one is short, and found at the end of a long list too."""
    inner = ",".join(['{"a":1}'] * 5_000)
    row = f'{{"{"k" * 100_000}":[{inner},{{"a":1,"a":2}}]}}'
    rows = read_rows(Invoice, page_rows(parse_object(page(row)), "invoices"))
    assert [reason.field for reason in rows.reasons] == ["k" * 79 + "…[5000].a"]
