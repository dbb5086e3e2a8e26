"""Rates from a CSV file."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from rutterframe.reports import read_rates

FORM = "write a header currency,rate,date and lines such as EUR,1.0825,2026-06-30"


def test_rates_are_read(tmp_path: Path) -> None:
    """Order, case, blanks, other columns, empty lines and Excel's mark at the beginning do not matter."""
    path = tmp_path / "rates.csv"
    path.write_text(
        "\ufeffDate,Source, Rate ,Currency\n2026-06-30,ECB, 1.0825 ,eur\n\n2026-06-29,ECB,1,USD\n",
        encoding="utf-8",
    )
    expected = pd.DataFrame(
        {
            "currency": ["EUR", "USD"],
            "rate": [1.0825, 1.0],
            "date": pd.to_datetime(["2026-06-30", "2026-06-29"]).astype("datetime64[us]"),
        }
    )
    pd.testing.assert_frame_equal(read_rates(path, "USD"), expected)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", f"rates.csv has no column currency, rate, date; its header has nothing: {FORM}"),
        ("currency,rate,date\n", f"rates.csv has no rates below its header; {FORM}"),
        (
            "from,rate,date\nEUR,1,2026-06-30\n",
            f"rates.csv has no column currency; its header has 'from', 'rate', 'date': {FORM}",
        ),
        (
            "currency,rate,date\n\nEURO,1,2026-06-30\n",
            "rates.csv, line 3: currency='EURO' is not a valid currency code (expected three letters, such",
        ),
        (
            'currency,rate,date\nEUR,"1,08",2026-06-30\n',
            "rates.csv, line 2: the rate of EUR, '1,08', is not a valid rate (expected a number above zero",
        ),
        *(
            (
                f"currency,rate,date\nEUR,{rate},2026-06-30\n",
                f"the rate of EUR, '{rate}', is not a valid rate",
            )
            for rate in ("-1.1", "1_000", "true", "", "0", "inf", "nan")
        ),
        (
            "currency,rate,date\nEUR,1,08,2026-06-30\n",
            "rates.csv, line 2 has 4 values, its header 3; a comma inside of a number would do that",
        ),
        (
            "currency,rate,date\nEUR,1.08,30.06.2026\n",
            "rates.csv, line 2: the date of EUR, '30.06.2026', is not a valid date (expected YYYY-MM-DD)",
        ),
        *(
            (
                f"currency,rate,date\nEUR,1.08,{day}\n",
                f"rates.csv, line 2: the date of EUR, '{day}', is not a valid date (expected YYYY-MM-DD)",
            )
            for day in (
                "05/06/2026",
                "13/06/2026",
                "20260630",
                "1782777600000",
                "46203",
                "true",
                "2026-6-30",
                "2026-02-29",
                "2026-06-30x",
                "June 2026",
                "",
            )
        ),
        (
            "currency,rate,date\nEUR,1.08,2026-06-30\nEUR,1.09,2026-06-30\n",
            "rates.csv, line 3: EUR has another rate on 2026-06-30 already; leave one of the two",
        ),
        (
            "currency,rate,date\nUSD,0.92,2026-06-30\n",
            "rates.csv, line 2: one USD would be 0.92 USD, so these are rates into another currency",
        ),
    ],
)
def test_rates_that_cannot_be_read(text: str, message: str, tmp_path: Path) -> None:
    """An error says which line is wrong, what is there, and what to write instead."""
    path = tmp_path / "rates.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape(message)):
        read_rates(path, "USD")


def test_the_currency_to_convert_into_is_read_as_well(tmp_path: Path) -> None:
    """The rate of the currency to convert into must be 1, in whatever case it is written."""
    path = tmp_path / "rates.csv"
    path.write_text("currency,rate,date\nusd,1.09,2026-06-30\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"one USD would be 1\.09 USD, so these are rates into another"):
        read_rates(path, " usd ")


def test_a_file_that_does_not_exist() -> None:
    """A missing file is named, with the form of one."""
    with pytest.raises(ValueError, match=r"^there is no file 'rates.csv'; write a header currency,rate,date"):
        read_rates("rates.csv", "USD")


def test_a_file_without_text(tmp_path: Path) -> None:
    """A folder and a file that does not hold text, such as a workbook, are refused."""
    (tmp_path / "rates.csv").write_bytes(b"PK\xff\xfe")
    for path in (tmp_path, tmp_path / "rates.csv"):
        with pytest.raises(ValueError, match="cannot be read as a CSV file of rates; write a header"):
            read_rates(path, "USD")
