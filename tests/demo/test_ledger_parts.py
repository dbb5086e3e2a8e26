"""Money, days, ids, the journal, the chart of accounts and lists."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rutterframe.demo.books import units
from rutterframe.demo.books.chart import Chart
from rutterframe.demo.books.collection import empty_collection
from rutterframe.demo.books.documents import Line, to_base
from rutterframe.demo.books.gear import GEAR
from rutterframe.demo.books.journal import Entry, Journal
from rutterframe.demo.books.names import email, phone, shop_names
from rutterframe.demo.books.roaster import ROASTER
from rutterframe.demo.books.store import Books
from rutterframe.demo.books.tables import Ids, secret
from rutterframe.demo.books.units import digits, divide, minor, number


@pytest.mark.parametrize(
    ("amount", "currency", "value"),
    [(1234, "USD", 12.34), (-5, "EUR", -0.05), (980, "JPY", 980), (260_312, "KWD", 260.312), (0, "GBP", 0.0)],
)
def test_minor_units_become_json_numbers_and_back(amount: int, currency: str, value: float) -> None:
    """Cents have two decimals, yen none and fils three."""
    assert number(amount, currency) == value
    assert minor(value, currency) == amount


@given(st.integers(-(10**14), 10**14), st.sampled_from(["USD", "JPY", "KWD"]))
def test_the_text_of_a_json_number_is_exact(amount: int, currency: str) -> None:
    """The shortest text of the number is the amount, without binary fractions."""
    value = number(amount, currency)
    assert Decimal(repr(value)).scaleb(digits(currency)) == amount


@pytest.mark.parametrize(
    ("dividend", "divisor", "quotient"),
    [(5, 2, 2), (7, 2, 4), (-5, 2, -2), (-7, 2, -4), (8, 3, 3), (7, 3, 2), (6, 3, 2), (-8, 3, -3)],
)
def test_division_rounds_half_to_even(dividend: int, divisor: int, quotient: int) -> None:
    """Halves go to the even neighbour, on both sides of zero."""
    assert divide(dividend, divisor) == quotient


def test_a_line_of_half_a_kilo() -> None:
    """Quantities are hundredths: 12.5 kg at 19.99 are 249.88 (249.875 rounded half to even)."""
    assert Line("Beans", 1250, 1999).total == 24_988


@pytest.mark.parametrize(
    ("amount", "currency", "base"), [(1_480, "JPY", 1000), (307, "KWD", 100), (250, "USD", 250)]
)
def test_foreign_amounts_in_the_base_currency(amount: int, currency: str, base: int) -> None:
    """At 148 yen and 0.307 dinars a dollar, 1,480 yen are ten dollars and 0.307 dinars one."""
    assert to_base(ROASTER, amount, currency) == base


def test_days_and_moments() -> None:
    """The closing date, the first second of the books, and texts in both directions."""
    assert units.day_text(units.CLOSING) == "2026-06-30"
    assert units.moment_text(units.CLOSING_MOMENT) == "2026-06-30T12:00:00Z"
    assert units.moment_text(units.moment(units.OPENING, 86_399)) == "2024-07-01T23:59:59Z"
    assert units.parse_moment("2026-06-30T12:00:00Z") == units.CLOSING_MOMENT
    assert units.parse_day("2026-06-30") == units.CLOSING
    assert [units.day_text(day) for day in units.month_ends()[:3]] == [
        "2024-07-31",
        "2024-08-31",
        "2024-09-30",
    ]
    assert len(units.month_ends()) == 24
    assert units.month_ends()[-1] == units.CLOSING


@given(st.integers(0, 2**32 - 1))
def test_an_id_gives_its_row(index: int) -> None:
    """An id looks like a random uuid, and only its own list accepts it."""
    ids, bill_ids = Ids(7, "gear-xero", "invoices"), Ids(7, "gear-xero", "bills")
    text = ids.of(index)
    assert [len(part) for part in text.split("-")] == [8, 4, 4, 4, 12]
    assert ids.index(text) == index
    assert bill_ids.index(text) is None


def test_invalid_ids_give_no_row() -> None:
    """Neither a wrong digit nor other text is accepted."""
    ids = Ids("x")
    text = ids.of(5)
    for wrong in (
        "",
        "x",
        text.upper(),
        text + "0",
        text[:-1] + ("0" if text[-1] != "0" else "1"),
        " " + text,
    ):
        assert ids.index(wrong) is None
    assert secret("a") != secret("b")


def test_the_journal_refuses_unbalanced_entries() -> None:
    """An entry with legs that do not add up to zero is an error, and so is one after the closing date."""
    journal = Journal(Chart(GEAR))
    cash, sales = journal.chart.find("Cash", "EUR"), journal.chart.find("Wholesale sales", "EUR")
    with pytest.raises(ValueError, match="unbalanced entry"):
        journal.post(Entry(units.OPENING, "journal", 0, "wrong"), (cash, 100), (sales, -99))
    with pytest.raises(ValueError, match="the books are closed"):
        journal.post(Entry(units.CLOSING + 1, "journal", 0, "late"), (cash, 100), (sales, -100))
    journal.post(Entry(units.OPENING, "journal", 0, "right"), (cash, 100), (sales, -100))
    assert (journal.balances[cash], journal.balances[sales], len(journal.postings)) == (100, 100, 2)


def test_a_chart_has_one_account_a_role_and_currency() -> None:
    """Names and numbers are unique, numbers rise, and foreign control accounts name their currency."""
    accounts = Chart(GEAR).accounts
    assert (
        len({account.number for account in accounts})
        == len({account.name for account in accounts})
        == len(accounts)
    )
    assert [account.number for account in accounts] == sorted(account.number for account in accounts)
    receivable = [account.name for account in accounts if account.role == "Accounts Receivable"]
    assert receivable == ["Accounts Receivable"] + [
        f"Accounts Receivable ({c})" for c in ("GBP", "USD", "JPY")
    ]


def test_rows_without_changes_have_a_moment_too() -> None:
    """Every list has the moment of a row's last change, also those without a filter by change."""
    books = Books()
    for connection, resource in (
        ("gear-xero", "accounts"),
        ("gear-xero", "bills"),
        ("gear-bank", "bank_accounts"),
        ("gear-xero", "expenses"),
        ("gear-xero", "customers"),
        ("gear-xero", "invoices"),
        ("roaster-google-ads", "ad_accounts"),
        ("", "connections"),
    ):
        moment = books.collection(connection, resource).changed_at(0)
        assert units.moment(units.OPENING - 400) < moment <= units.CLOSING_MOMENT


def test_an_empty_list_has_no_rows() -> None:
    """What a platform does not have is an empty list, not an error."""
    empty = empty_collection()
    assert (len(empty), list(empty), empty.find("x")) == (0, [], None)
    with pytest.raises(IndexError):
        empty.record(0)


def test_names_are_enough_for_any_scale() -> None:
    """Ten thousand customers have ten thousand names; addresses are plain even where names are not."""
    names = shop_names(GEAR.wholesale.kinds, 20_000, Random(1))  # noqa: S311 - repeatable
    assert Counter(names).most_common(1)[0][1] == 1
    assert email("Łukasz O'Brien", 4, "example.com") == "ukasz.o.brien4@example.com"
    assert email("札幌", 3, "example.com") == "customer@example.com"
    assert [phone(row, "+1") is None for row in range(4)] == [False, False, True, False]
