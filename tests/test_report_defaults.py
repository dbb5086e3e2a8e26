"""The defaults of reports: the as-of date, the currency, the rates and the connections."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

import rutterframe as rf
from rutterframe.connect import Basis, read_businesses
from rutterframe.demo.server import DemoServer
from rutterframe.reports import read_rates

Captured = pytest.CaptureFixture[str]


def test_the_demo_has_its_own_day_and_rates() -> None:
    """The demo's reports are as of its closing date, with rates for each of its currencies."""
    with rf.demo() as client:
        basis = rf.report_basis(client)
        accounts = rf.load_accounts([client.connection(one) for one in ("gear-xero", "roaster-quickbooks")])
    assert (basis.as_of, basis.currency) == ("2026-06-30", "USD")
    assert basis.rates is not None
    known = {*read_rates(basis.rates, "USD")["currency"], "USD"}
    assert set(accounts["currency"]) == known


def test_real_books_are_as_of_today_and_have_no_rates(client: rf.Client) -> None:
    """Other clients have no rates, so nothing is converted with a made-up one, and count from today."""
    before = f"{datetime.now(UTC):%Y-%m-%d}"
    basis = rf.report_basis(client)
    assert basis.as_of in {before, f"{datetime.now(UTC):%Y-%m-%d}"}
    assert (basis.currency, basis.rates) == ("USD", None)


def test_the_environment_comes_first(
    client: rf.Client, monkeypatch: pytest.MonkeyPatch, capsys: Captured, caplog: pytest.LogCaptureFixture
) -> None:
    """RUTTER_AS_OF, RUTTER_CURRENCY and RUTTER_RATES precede the defaults; the day is logged, not printed."""
    caplog.set_level(logging.INFO, logger="rutterframe")
    monkeypatch.setenv("RUTTER_AS_OF", "2025-12-31")
    monkeypatch.setenv("RUTTER_CURRENCY", " eur ")
    monkeypatch.setenv("RUTTER_RATES", "mine.csv")
    basis = rf.report_basis(client)
    assert basis == Basis("2025-12-31", "EUR", Path("mine.csv"))
    assert repr(basis) == "As of 2025-12-31, set by RUTTER_AS_OF; in EUR, with the rates of mine.csv."
    assert caplog.messages == [repr(basis)]
    assert capsys.readouterr() == ("", "")
    with rf.demo() as made_up:
        assert rf.report_basis(made_up).rates == Path("mine.csv")


@pytest.mark.parametrize(
    ("basis", "text"),
    [
        (
            Basis("2026-06-30", "USD", None, reason="today in UTC"),
            "2026-06-30, today in UTC; in USD, without",
        ),
        (Basis("2026-06-30", "USD", Path("a/b.csv")), "2026-06-30; in USD, with the rates of b.csv."),
    ],
)
def test_a_basis_shows_the_day_and_the_reason(basis: Basis, text: str) -> None:
    """A notebook that shows the basis states the day, why it is that day, the currency and the rates."""
    assert repr(basis).startswith(f"As of {text}")


def test_which_connections_are_one_business(client: rf.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """RUTTER_BUSINESSES maps businesses to connections; the demo knows its own two businesses."""
    assert rf.report_basis(client).businesses is None
    with rf.demo() as made_up:
        assert rf.report_basis(made_up).businesses == {
            "Roaster": [
                "roaster-quickbooks", "roaster-shopify", "roaster-bank", "roaster-google-ads",
                "roaster-netsuite-old",
            ],
            "Gear": ["gear-xero", "gear-shopify", "gear-amazon", "gear-bank", "gear-ebay-closed"],
        }  # fmt: skip
    monkeypatch.setenv("RUTTER_BUSINESSES", '{"Both": ["gear-xero", "roaster-quickbooks"]}')
    assert rf.report_basis(client).businesses == {"Both": ["gear-xero", "roaster-quickbooks"]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Gear", "RUTTER_BUSINESSES: businesses is not JSON (Expecting value, character 1); write"),
        ("[]", "RUTTER_BUSINESSES: businesses must be a mapping such as"),
        ('{"A": ["x"], "B": ["x"]}', "RUTTER_BUSINESSES: businesses has connection 'x' in 'A' and in 'B'"),
    ],
)
def test_invalid_businesses(text: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Businesses that are not a JSON mapping, or share a connection, are refused with the setting's name."""
    monkeypatch.setenv("RUTTER_BUSINESSES", text)
    with pytest.raises(rf.ConfigurationError) as caught:
        read_businesses()
    assert caught.value.message.startswith(message)


def test_rates_into_another_currency_are_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo's rates are into USD: for another currency there are none."""
    monkeypatch.setenv("RUTTER_CURRENCY", "EUR")
    with rf.demo() as client:
        assert rf.report_basis(client).rates is None


@pytest.mark.parametrize(("name", "value"), [("AS_OF", "yesterday"), ("CURRENCY", "Euro"), ("CURRENCY", "€")])
def test_an_invalid_date_or_currency_is_refused(
    client: rf.Client, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """An invalid date and an invalid currency are errors that say what is expected."""
    monkeypatch.setenv(f"RUTTER_{name}", value)
    with pytest.raises(rf.ConfigurationError, match=r"2026-06-30|three letters"):
        rf.report_basis(client)


@pytest.mark.parametrize(
    ("resources", "listed", "left_out"),
    [
        (["invoices", "bills"], ["roaster-quickbooks", "gear-xero"], "roaster-netsuite-old (error)"),
        (["orders"], ["roaster-shopify", "gear-shopify", "gear-amazon"], "gear-ebay-closed (inactive)"),
        (["ad_accounts"], ["roaster-google-ads"], ""),
    ],
)
def test_active_connections(
    resources: list[str],
    listed: list[str],
    left_out: str,
    capsys: Captured,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Listed are the active connections that may have a resource; a log warning names inactive ones."""
    with rf.demo() as client:
        assert rf.active_connections(client, resources) == listed
    warning = (
        "rutterframe",
        logging.WARNING,
        f"Left out, since only active connections are fresh: {left_out}.",
    )
    assert caplog.record_tuples == ([warning] if left_out else [])
    assert capsys.readouterr() == ("", "")


def test_a_connection_without_a_token_is_named(server: DemoServer, caplog: pytest.LogCaptureFixture) -> None:
    """A connection without an access token is left out, and named in a log warning."""
    with rf.Client(
        client_id=server.client_id,
        client_secret=server.client_secret,
        environment=server.url,
        access_tokens={"gear-xero": "some"},
    ) as stranger:
        assert rf.active_connections(stranger, ["bills"]) == ["gear-xero"]
    assert "Left out, since no access token is known: roaster-quickbooks. (See" in caplog.text


def test_none_is_active(client: rf.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an error if no connection is active."""
    listed = rf.load_connections(client, progress=False).query("status != 'active'")
    monkeypatch.setattr(sys.modules["rutterframe.connect"], "load_connections", lambda *_, **__: listed)
    with pytest.raises(
        rf.ConfigurationError, match="No connection is active; there are roaster-netsuite-old"
    ):
        rf.active_connections(client)
