"""The reports of a month end are compared with the books: connection by connection, account by account."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.reports.month_end import NEEDED, MonthEnd, MonthEndReport, month_end, resources_for

DAY = "2026-06-30"
_KEYS = ("connection_id", "business", "account", "currency")


def banks(*rows: tuple[str | None, str | None, str | None, str | None, float | None]) -> pd.DataFrame:
    """Build bank accounts of connection, name, type, currency and balance."""
    frame = pd.DataFrame(rows, columns=["connection_id", "name", "type", "currency", "balance"])
    frame = frame.astype(dict.fromkeys(["connection_id", "name", "type", "currency"], "str"))
    return frame.assign(id=[str(place) for place in range(len(frame))], institution_name="First")


def accounts(*rows: tuple[str | None, str | None, str, str, float]) -> pd.DataFrame:
    """Build a ledger of connection, name, type, currency and balance."""
    frame = pd.DataFrame(rows, columns=["connection_id", "name", "type", "currency", "balance"])
    return frame.astype({"connection_id": "str", "name": "str", "type": "str", "currency": "str"}).assign(
        platform_id="1"
    )


def documents(*rows: tuple[str | None, str, str, float], party: str = "customer_id") -> pd.DataFrame:
    """Build open documents of connection, party, currency and amount, due on the day."""
    frame = pd.DataFrame(rows, columns=["connection_id", party, "currency", "amount_due"])
    frame = frame.astype({"connection_id": "str", party: "str", "currency": "str"})
    return frame.assign(
        id=[str(place) for place in range(len(frame))], status="open", due_date=pd.Timestamp(DAY)
    )


def ties(result: MonthEnd) -> dict[str, list[tuple[Any, ...]]]:
    """Return each comparison as rows of its keys, report, source and whether they agree."""
    return {
        name: [
            tuple(None if pd.isna(value) else value for value in row)
            for row in tie[[*(key for key in _KEYS if key in tie), "report", "source", "ok"]].to_numpy()
        ]
        for name, tie in result.ties.items()
    }


def notes(result: MonthEnd, name: str) -> list[str]:
    """Return the notes of a comparison."""
    texts: list[str] = result.ties[name].attrs["notes"]
    return texts


def test_resources_are_listed_once() -> None:
    """A resource that several reports need is listed once."""
    assert resources_for([MonthEndReport.CASH, MonthEndReport.FORECAST]) == [
        "bank_accounts",
        "accounts",
        "invoices",
        "bills",
    ]
    assert set(NEEDED) == set(MonthEndReport) - {MonthEndReport.ALL}


def test_unknown_reports_and_missing_frames() -> None:
    """An unknown report and a missing frame are named, with those that are expected or present."""
    with pytest.raises(
        ValueError, match=r"'ageing' is not a report \(expected one of aging, payables, revenue, cash, for"
    ):
        month_end(["ageing"], {}, DAY)
    with pytest.raises(ValueError, match="frames lacks accounts, which aging needs; it has invoices"):
        month_end("aging", {"invoices": documents()}, DAY)
    frames = {"bank_accounts": banks(), "accounts": accounts(), "invoices": documents(), "bills": documents()}
    with pytest.raises(
        ValueError, match="frames lacks orders, products, which aging, payables, revenue, cash"
    ):
        month_end("all", frames, DAY)


@pytest.mark.parametrize(
    ("which", "resource", "party", "control", "kind", "name"),
    [
        ("aging", "invoices", "customer_id", "Accounts Receivable", "asset", "Receivables to ledger"),
        ("payables", "bills", "vendor_id", "Accounts Payable", "liability", "Payables to ledger"),
    ],
)
def test_differences_of_two_connections_do_not_cancel_out(
    which: str, resource: str, party: str, control: str, kind: str, name: str
) -> None:
    """A ledger that is 100 above its documents and one that is 100 below them both differ."""
    frames = {
        resource: documents(("roaster", "a", "USD", 1000.0), ("gear", "a", "USD", 900.0), party=party),
        "accounts": accounts(
            ("roaster", control, kind, "USD", 1100.0), ("gear", control, kind, "USD", 800.0)
        ),
    }
    result = month_end([which], frames, DAY)
    assert ties(result) == {
        name: [("gear", "USD", 900.0, 800.0, False), ("roaster", "USD", 1000.0, 1100.0, False)]
    }
    assert not result.agree
    assert result.counts == (0, 2, 0)
    assert result.verdict == "2 of 2 totals DIFFER, 0 agree."
    assert notes(result, name) == [f"{name}: DIFFERS in gear USD, roaster USD ({control})."]


def test_several_control_accounts_of_a_currency_are_added_up() -> None:
    """A ledger with two control accounts in a currency is compared with their sum, and both are named."""
    frames = {
        "invoices": documents(("qb", "a", "USD", 60.0), ("qb", "b", "USD", 40.0)),
        "accounts": accounts(
            ("qb", "Accounts Receivable", "asset", "USD", 70.0),
            ("qb", "Accounts Receivable - old", "asset", "USD", 30.0),
            ("qb", "Accounts Receivable (EUR)", "asset", "EUR", 0.0),
            ("qb", "Sales", "revenue", "USD", 5.0),
        ),
    }
    result = month_end(["aging"], frames, DAY)
    assert ties(result)["Receivables to ledger"] == [
        ("qb", "EUR", 0.0, 0.0, True), ("qb", "USD", 100.0, 100.0, True),
    ]  # fmt: skip
    named = "Accounts Receivable, Accounts Receivable (EUR), Accounts Receivable - old"
    assert notes(result, "Receivables to ledger") == [f"Receivables to ledger: agrees ({named})."]


def test_a_connection_without_a_control_account_is_not_compared() -> None:
    """Invoices of a connection without a control account neither agree nor differ, and are counted apart."""
    frames = {
        "invoices": documents(("qb", "a", "USD", 10.0), ("shop", "a", "USD", 7.0)),
        "accounts": accounts(("qb", "Accounts Receivable", "asset", "USD", 10.0)),
    }
    result = month_end(["aging"], frames, DAY)
    assert ties(result)["Receivables to ledger"] == [
        ("qb", "USD", 10.0, 10.0, True), ("shop", "USD", 7.0, None, None),
    ]  # fmt: skip
    assert result.agree
    assert (result.counts, result.verdict) == ((1, 0, 1), "All 1 totals agree, 1 not compared.")
    missing = (
        "Receivables to ledger: not compared for shop, since there are no accounts there named "
        "Accounts Receivable."
    )
    assert result.outcome == [result.verdict, missing]


def test_a_business_is_compared_as_one() -> None:
    """With businesses= the invoices of a shop are compared with the ledger of its business."""
    frames = {
        "invoices": documents(("qb", "a", "USD", 10.0), ("shop", "a", "USD", 7.0), ("xero", "a", "USD", 1.0)),
        "accounts": accounts(
            ("qb", "Accounts Receivable", "asset", "USD", 17.0),
            ("xero", "Accounts Receivable", "asset", "USD", 2.0),
        ),
    }
    result = month_end(["aging"], frames, DAY, businesses={"Roaster": ["qb", "shop"]})
    assert ties(result)["Receivables to ledger"] == [
        ("Roaster", "USD", 17.0, 17.0, True), ("xero", "USD", 1.0, 2.0, False),
    ]  # fmt: skip
    assert result.verdict == "1 of 2 totals DIFFER, 1 agrees."
    with pytest.raises(ValueError, match="'qb' in 'A' and in 'B'"):
        month_end(["aging"], frames, DAY, businesses={"A": ["qb"], "B": ["qb"]})


@pytest.mark.parametrize(
    ("resource", "receipt", "why"),
    [
        (
            "invoices",
            {"connections": ["qb"], "errors": {"qb": "HTTP 403"}, "not_offered": []},
            "not all of its invoices could be read",
        ),
        (
            "invoices",
            {"connections": ["qb"], "errors": {}, "not_offered": ["qb"]},
            "its platform has no invoices",
        ),
        (
            "accounts",
            {"connections": ["qb"], "errors": {"qb": "HTTP 500"}, "not_offered": []},
            "not all of its accounts could be read",
        ),
    ],
)
def test_a_list_that_failed_is_not_compared(resource: str, receipt: dict[str, Any], why: str) -> None:
    """A ledger with invoices or accounts that could not be read is not compared."""
    frames = {
        "invoices": documents(("xero", "a", "USD", 5.0)),
        "accounts": accounts(
            ("qb", "Accounts Receivable", "asset", "USD", 10.0),
            ("xero", "Accounts Receivable", "asset", "USD", 5.0),
        ),
    }
    frames[resource].attrs["receipt"] = receipt
    result = month_end(["aging"], frames, DAY)
    assert ties(result)["Receivables to ledger"][0][-1] is None
    assert ties(result)["Receivables to ledger"][1] == ("xero", "USD", 5.0, 5.0, True)
    assert notes(result, "Receivables to ledger")[1:] == [
        f"Receivables to ledger: not compared for qb, since {why}."
    ]
    assert result.counts == (1, 0, 1)


def test_a_business_with_a_shop_without_invoices_is_compared() -> None:
    """A business is compared where one of its connections has documents and another has none to offer."""
    frames = {
        "invoices": documents(("qb", "a", "USD", 5.0)),
        "accounts": accounts(("qb", "Accounts Receivable", "asset", "USD", 5.0)),
    }
    frames["invoices"].attrs["receipt"] = {"connections": ["qb", "shop"], "not_offered": ["shop"]}
    result = month_end(["aging"], frames, DAY, businesses={"Roaster": ["qb", "shop"]})
    assert ties(result) == {"Receivables to ledger": [("Roaster", "USD", 5.0, 5.0, True)]}


def test_documents_without_a_connection_beside_one() -> None:
    """Documents without a connection do not make up for those of the only connection."""
    frames = {
        "invoices": documents(("x", "a", "USD", 100.0), (None, "a", "USD", -100.0)),
        "accounts": accounts((None, "Accounts Receivable", "asset", "USD", 0.0)).drop(
            columns="connection_id"
        ),
    }
    result = month_end(["aging"], frames, DAY)
    assert ties(result) == {"Receivables to ledger": [(None, "USD", 0.0, 0.0, None)]}
    assert result.outcome[1].startswith("Receivables to ledger: not compared: report has 1 value of conn")


def test_a_month_end_of_connections_that_are_numbers() -> None:
    """Ledgers with numbers as ids are kept apart: one 100 above and one 100 below both differ."""
    invoices = documents(("1", "a", "USD", 100.0), ("2", "a", "USD", -100.0))
    ledger = accounts(
        ("1", "Accounts Receivable", "asset", "USD", 0.0), ("2", "Accounts Receivable", "asset", "USD", 0.0)
    )
    frames = {
        "invoices": invoices.astype({"connection_id": "int64"}),
        "accounts": ledger.astype({"connection_id": "float64"}),
    }
    assert ties(month_end(["aging"], frames, DAY))["Receivables to ledger"] == [
        ("1", "USD", 100.0, 0.0, False), ("2", "USD", -100.0, 0.0, False),
    ]  # fmt: skip


def test_amounts_that_are_missing_are_not_compared() -> None:
    """A ledger's, a bank's, an order's or a document's missing amount does not agree with zero."""
    invoices = documents(("qb", "a", "USD", 0.0), ("xero", "a", "USD", 5.0), ("xero", "a", "EUR", 1.0))
    invoices.loc[1, "amount_due"] = None
    orders = pd.DataFrame(
        {
            "connection_id": ["s"], "id": ["o"], "status": ["paid"], "currency": ["USD"],
            "total_price": [None], "created_at": pd.to_datetime([DAY]), "line_items": [[]],
        }
    ).astype({"total_price": "float64"})  # fmt: skip
    frames = {
        "invoices": invoices,
        "bills": documents(("qb", "v", "USD", 0.0), party="vendor_id").head(0),
        "accounts": accounts(
            ("qb", "Accounts Receivable", "asset", "USD", float("nan")),
            ("xero", "Accounts Receivable", "asset", "USD", 0.0),
            ("xero", "Accounts Receivable", "asset", "EUR", 1.0),
            ("qb", "Accounts Payable", "liability", "USD", float("nan")),
            ("qb", "Main", "asset", "USD", float("nan")),
        ),
        "bank_accounts": banks(
            ("bank", "Main", "checking", "USD", 0.0), ("bank", "New", "checking", "EUR", None)
        ),
        "orders": orders,
        "products": pd.DataFrame({"connection_id": ["s"], "id": ["p"], "title": ["Pea"]}),
    }
    result = month_end(["aging", "payables", "cash", "revenue"], frames, DAY)
    assert ties(result) == {
        "Receivables to ledger": [
            ("qb", "USD", None, None, None), ("xero", "EUR", 1.0, 1.0, True),
            ("xero", "USD", None, 0.0, None),
        ],
        "Payables to ledger": [("qb", "USD", None, None, None)],
        "Cash to bank accounts": [("bank", "EUR", 0.0, None, None), ("bank", "USD", 0.0, 0.0, True)],
        "Cash to ledger": [
            ("bank", "New", "EUR", None, None, None), ("bank", "Main", "USD", 0.0, None, None),
        ],
        "Revenue to orders": [("s", "USD", 0.0, None, None)],
    }  # fmt: skip
    assert notes(result, "Receivables to ledger")[1:] == [
        "Receivables to ledger: not compared, an amount is missing in the source: qb USD.",
        "Receivables to ledger: not compared, an amount is missing in the invoices: xero USD.",
    ]


@pytest.mark.parametrize(
    ("which", "control", "side"),
    [("aging", "Accounts Receivable", "asset"), ("payables", "Accounts Payable", "liability")],
)
def test_control_accounts_have_a_type(which: str, control: str, side: str) -> None:
    """Receivables are compared with assets and payables with liabilities, and an unknown type is named."""
    other = "asset" if side == "liability" else "liability"
    resource, party = ("invoices", "customer_id") if which == "aging" else ("bills", "vendor_id")
    ties_by_type = {}
    for kind in (side.upper(), other, "expense", "memo", None):
        frames = {
            resource: documents(("qb", "a", "USD", 5.0), party=party),
            "accounts": accounts(("qb", control, kind or "", "USD", 5.0)),
        }
        (ties_by_type[kind],) = month_end([which], frames, DAY).ties.values()
    assert {kind: tie["ok"].fillna(value=False).tolist() for kind, tie in ties_by_type.items()} == {
        side.upper(): [True], other: [False], "expense": [False], "memo": [True], None: [True],
    }  # fmt: skip
    assert ties_by_type[other]["ok"].isna().tolist() == [True]
    name = "Receivables to ledger" if which == "aging" else "Payables to ledger"
    what = "assets" if side == "asset" else "liabilities"
    notes_by_type = {kind: tie.attrs["notes"][-1] for kind, tie in ties_by_type.items()}
    assert notes_by_type == {
        side.upper(): f"{name}: agrees ({control}).",
        other: f"{name}: accounts that are not {what}, left out: {control} ({other}).",
        "expense": f"{name}: accounts that are not {what}, left out: {control} (expense).",
        "memo": f"{name}: accounts that are of an unknown type or none, taken as {what}: {control} (memo).",
        None: f"{name}: accounts that are of an unknown type or none, taken as {what}: {control} (no type).",
    }


def test_bank_accounts_are_compared_to_eight_decimals() -> None:
    """A balance that was added up of floats agrees with the one that was written."""
    frames = {
        "bank_accounts": banks(("bank", "Main", "checking", "USD", 100.1 + 200.2)),
        "accounts": accounts(("ledger", "Main", "asset", "USD", 300.3)),
    }
    assert ties(month_end(["cash"], frames, DAY))["Cash to ledger"] == [
        ("bank", "Main", "USD", 300.3, 300.3, True)
    ]


@pytest.mark.parametrize("balance", ["100", "n/a", float("inf")])
def test_balances_of_the_ledger_that_are_not_amounts(balance: Any) -> None:
    """Text and infinite numbers are refused as balances, in words."""
    ledger = accounts(("ledger", "Main", "asset", "USD", 1.0)).astype({"balance": "object"})
    ledger["balance"] = pd.Series([balance], dtype=object if isinstance(balance, str) else "float64")
    frames = {"bank_accounts": banks(("bank", "Main", "checking", "USD", 100.0)), "accounts": ledger}
    with pytest.raises(ValueError, match=r"'balance' holds .*(is not a number|an infinite number)"):
        month_end(["cash"], frames, DAY)


def test_blank_names_do_not_match() -> None:
    """A bank account and a ledger's account that are both named by blanks are not the same."""
    frames = {
        "bank_accounts": banks(("bank", "", "checking", "USD", 1.0), ("bank", "Main", "checking", " ", 2.0)),
        "accounts": accounts(("ledger", "", "asset", "USD", 1.0), ("ledger", "Main", "asset", " ", 2.0)),
    }
    assert ties(month_end(["cash"], frames, DAY))["Cash to ledger"] == [
        ("bank", "no name", "USD", 1.0, None, None), ("bank", "Main", None, 2.0, None, None),
    ]  # fmt: skip


def test_bank_accounts_are_compared_one_by_one() -> None:
    """Two accounts of which one is 10 above the ledger and one 10 below both differ."""
    frames = {
        "bank_accounts": banks(
            ("bank", "Checking", "checking", "USD", 110.0), ("bank", "Savings", "savings", "USD", 40.0),
            ("bank", "Checking", "checking", "EUR", 7.0), ("bank", None, "checking", "USD", 1.0),
            ("bank", "Payroll", "checking", "USD", -3.25),
        ),
        "accounts": accounts(
            ("ledger", "Checking", "asset", "USD", 100.0), ("ledger", "Savings", "asset", "USD", 50.0),
            ("ledger", "Checking", "asset", "GBP", 7.0), ("ledger", None, "asset", "USD", 1.0),
            ("ledger", "Payroll", "Asset", "USD", -3.25),
        ),
    }  # fmt: skip
    result = month_end(["cash"], frames, DAY, notes=["Seen."])
    assert ties(result) == {
        "Cash to bank accounts": [("bank", "EUR", 7.0, 7.0, True), ("bank", "USD", 147.75, 147.75, True)],
        "Cash to ledger": [
            ("bank", "Checking", "EUR", 7.0, None, None),
            ("bank", "Checking", "USD", 110.0, 100.0, False),
            ("bank", "Payroll", "USD", -3.25, -3.25, True),
            ("bank", "Savings", "USD", 40.0, 50.0, False),
            ("bank", "no name", "USD", 1.0, None, None),
        ],
    }
    why = "the ledger has no asset with the name and currency of the bank account"
    assert notes(result, "Cash to ledger") == [
        "Cash to ledger: DIFFERS in bank Checking USD, bank Savings USD (Checking, Payroll, Savings).",
        f"Cash to ledger: not compared, {why}: bank Checking EUR.",
        "Cash to ledger: not compared, the bank account has no name or no currency: bank no name USD.",
    ]
    assert result.verdict == "2 of 5 totals DIFFER, 3 agree, 2 not compared."
    assert result.reports["Cash"].attrs["notes"][-1] == "Seen."


@pytest.mark.parametrize(
    "ledger",
    [
        accounts(("ledger", "Main", "asset", "USD", 30.0)),
        accounts(("ledger", "Main", "asset", "USD", 10.0), ("other", "Main", "asset", "USD", 20.0)),
    ],
    ids=["two banks", "two ledgers"],
)
def test_bank_accounts_that_could_be_several(ledger: pd.DataFrame) -> None:
    """Accounts of one name and currency in two banks or two ledgers are not compared without businesses."""
    frames = {
        "bank_accounts": banks(
            ("one", "Main", "checking", "USD", 10.0), ("two", "Main", "checking", "USD", 20.0)
        ),
        "accounts": ledger,
    }
    result = month_end(["cash"], frames, DAY)
    assert ties(result)["Cash to ledger"] == [
        ("one", "Main", "USD", 10.0, None, None), ("two", "Main", "USD", 20.0, None, None),
    ]  # fmt: skip
    why = "several accounts have its name and currency"
    assert notes(result, "Cash to ledger") == [
        f"Cash to ledger: not compared, {why}: one Main USD, two Main USD."
    ]
    assert result.counts == (2, 0, 2)


def test_one_bank_account_and_two_ledgers() -> None:
    """A bank account is not compared if two ledgers have its name, or one ledger has it twice."""
    frames = {
        "bank_accounts": banks(
            ("bank", "Main", "checking", "USD", 10.0), ("qb", "Own", "checking", "USD", 1.0)
        ),
        "accounts": accounts(
            ("qb", "Main", "asset", "USD", 10.0), ("xero", "Main", "asset", "USD", 10.0),
            ("qb", "Own", "asset", "USD", 1.0), ("qb", "Own", "asset", "USD", 1.0),
        ),
    }  # fmt: skip
    assert ties(month_end(["cash"], frames, DAY))["Cash to ledger"] == [
        ("bank", "Main", "USD", 10.0, None, None), ("qb", "Own", "USD", 1.0, None, None),
    ]  # fmt: skip


def test_a_business_does_not_look_into_the_ledgers_of_others() -> None:
    """A bank account of a business is not compared with a ledger that no business lists."""
    frames = {
        "bank_accounts": banks(("bank", "Main", "checking", "USD", 10.0)),
        "accounts": accounts(("free", "Main", "asset", "USD", 10.0)),
    }
    result = month_end(["cash"], frames, DAY, businesses={"A": ["bank", "qb"]})
    assert ties(result)["Cash to ledger"] == [("A", "Main", "USD", 10.0, None, None)]
    assert month_end(["cash"], frames, DAY).verdict == "All 2 totals agree."


def test_accounts_of_one_name_in_two_businesses() -> None:
    """With businesses= each bank account is compared with the ledger of its own business."""
    frames = {
        "bank_accounts": banks(
            ("one", "Main", "checking", "USD", 10.0), ("two", "Main", "checking", "USD", 20.0),
            ("three", "Main", "checking", "USD", 30.0), ("two", "Other", "checking", "USD", 4.0),
        ),
        "accounts": accounts(
            ("qb", "Main", "asset", "USD", 10.0), ("xero", "Main", "asset", "USD", 21.0),
            ("sage", "Main", "asset", "USD", 30.0), ("qb", "Other", "asset", "USD", 4.0),
        ),
    }  # fmt: skip
    result = month_end(["cash"], frames, DAY, businesses={"A": ["one", "qb"], "B": ["two", "xero"]})
    assert ties(result)["Cash to ledger"] == [
        ("A", "Main", "USD", 10.0, 10.0, True),
        ("B", "Main", "USD", 20.0, 21.0, False),
        ("B", "Other", "USD", 4.0, None, None),
        ("three", "Main", "USD", 30.0, 30.0, True),
    ]


def test_a_ledger_that_has_bank_accounts_of_its_own() -> None:
    """A bank account is compared with the ledger of its own connection before that of any other."""
    frames = {
        "bank_accounts": banks(("a", "Main", "checking", "USD", 1.0), ("b", "Main", "checking", "USD", 2.0)),
        "accounts": accounts(("a", "Main", "asset", "USD", 1.0), ("b", "Main", "asset", "USD", 2.5)),
    }
    assert ties(month_end(["cash"], frames, DAY))["Cash to ledger"] == [
        ("a", "Main", "USD", 1.0, 1.0, True), ("b", "Main", "USD", 2.0, 2.5, False),
    ]  # fmt: skip


@pytest.mark.parametrize("balance", [-4000.0, 4000.0])
def test_debt_is_compared_with_liabilities(balance: float) -> None:
    """What is owed on a card is compared with the liability of its name, whatever its sign at the bank."""
    frames = {
        "bank_accounts": banks(
            ("bank", "Checking", "checking", "USD", 10_000.0), ("bank", "Card", "credit_card", "USD", balance)
        ),
        "accounts": accounts(
            ("ledger", "Checking", "asset", "USD", 10_000.0), ("ledger", "Card", "liability", "USD", 4000.0),
            ("ledger", "Card", "asset", "USD", 1.0),
        ),
    }  # fmt: skip
    result = month_end(["cash"], frames, DAY)
    assert ties(result)["Cash to ledger"] == [
        ("bank", "Card", "USD", 4000.0, 4000.0, True), ("bank", "Checking", "USD", 10_000.0, 10_000.0, True),
    ]  # fmt: skip


def test_debt_is_not_in_the_cash_that_is_compared() -> None:
    """The cash position is compared with the accounts that are cash."""
    frames = {
        "bank_accounts": banks(
            ("bank", "Checking", "checking", "USD", 10_000.0), ("bank", "Card", "credit_card", "USD", -4.0)
        ),
        "accounts": accounts(),
    }
    result = month_end(["cash"], frames, DAY)
    assert ties(result)["Cash to bank accounts"] == [("bank", "USD", 10_000.0, 10_000.0, True)]


def test_a_debt_that_the_ledger_does_not_have() -> None:
    """A card is not compared with an asset of its name."""
    frames = {
        "bank_accounts": banks(("bank", "Card", "credit_card", "USD", -4.0)),
        "accounts": accounts(("ledger", "Card", "asset", "USD", 4.0)),
    }
    result = month_end(["cash"], frames, DAY)
    assert ties(result)["Cash to ledger"] == [("bank", "Card", "USD", 4.0, None, None)]
    assert "the ledger has no liability with the name" in notes(result, "Cash to ledger")[0]


def test_frames_without_connections() -> None:
    """Frames without connections are those of one business."""
    frames = {
        "bank_accounts": banks((None, "Checking", "checking", "USD", 5.0)).drop(columns="connection_id"),
        "accounts": accounts(
            (None, "Checking", "asset", "USD", 5.0), (None, "Accounts Receivable", "asset", "USD", 7.0)
        ).drop(columns="connection_id"),
        "invoices": documents((None, "a", "USD", 7.0)).drop(columns="connection_id"),
    }
    result = month_end(["aging", "cash"], frames, DAY)
    assert ties(result) == {
        "Receivables to ledger": [(None, "USD", 7.0, 7.0, True)],
        "Cash to bank accounts": [(None, "USD", 5.0, 5.0, True)],
        "Cash to ledger": [(None, "Checking", "USD", 5.0, 5.0, True)],
    }


def test_cash_that_the_ledger_does_not_have() -> None:
    """Where the ledger has none of the bank accounts each is counted as not compared, and nothing differs."""
    frames = {
        "bank_accounts": banks(("bank", "Checking", "checking", "USD", 5.0)),
        "accounts": accounts(("ledger", "Petty cash", "asset", "USD", 5.0)),
    }
    result = month_end(["cash"], frames, DAY)
    assert result.agree
    assert result.verdict == "All 1 totals agree, 1 not compared."


def test_nothing_to_compare() -> None:
    """Where nothing could be compared, the verdict does not say that it agrees."""
    invoices = documents(("qb", "a", "USD", 1.0))
    frames = {"invoices": invoices, "accounts": accounts(("qb", None, "asset", "USD", 1.0))}
    result = month_end(["aging"], frames, DAY)
    assert not result.agree
    assert result.verdict == "Nothing was compared with its source: 1 total not compared."
    none = month_end(["aging"], {**frames, "invoices": invoices.head(0)}, DAY)
    assert (none.tie_outs(), none.agree) == ([], False)
    assert none.verdict == "Nothing was compared with its source."
    assert none.reports["Aging"].attrs["notes"][-1] == (
        "Receivables to ledger: not compared, since there are no accounts there named Accounts Receivable."
    )


def test_revenue_is_compared_by_shop() -> None:
    """Each shop's revenue is compared with its orders; cancelled ones in any spelling are in neither."""
    orders = pd.DataFrame(
        {
            "connection_id": ["a", "a", "b"], "id": ["1", "2", "1"],
            "status": ["fulfilled", "Canceled", "pending"],
            "currency": "USD", "total_price": [1.0, 8.0, 4.0], "line_items": [[], [], []],
            "created_at": pd.to_datetime(["2026-06-01"] * 3, utc=True),
        }
    )  # fmt: skip
    products = pd.DataFrame({"connection_id": ["a"], "id": ["p"], "title": ["Pea"]})
    result = month_end([MonthEndReport.REVENUE], {"orders": orders, "products": products}, DAY)
    assert ties(result) == {"Revenue to orders": [("a", "USD", 1.0, 1.0, True), ("b", "USD", 4.0, 4.0, True)]}


@pytest.mark.parametrize(
    "moments",
    [
        pd.Series(
            ["2026-06-30T23:59:59.999999", "2026-07-01T00:00:00", None, "2024-02-29T12:00:00"],
            dtype="datetime64[us]",
        ).dt.tz_localize("UTC"),
        pd.Series(["2026-06-30", "2026-07-01T00:00:00", None, "2024-02-29"], dtype="str"),
    ],
    ids=["moments", "text"],
)
def test_revenue_ends_with_the_day(moments: Any) -> None:
    """Orders of a later day are not in the revenue as of a day; those without a date are."""
    orders = pd.DataFrame(
        {
            "connection_id": "s", "id": ["1", "2", "3", "4"], "status": ["fulfilled"] * 3 + ["cancelled"],
            "currency": "USD", "total_price": [1.0, 2.0, 4.0, 8.0],
            "created_at": moments, "line_items": [[], [], [], []],
        }
    )  # fmt: skip
    products = pd.DataFrame({"connection_id": ["s"], "id": ["p"], "title": ["Pea"]})
    result = month_end([MonthEndReport.REVENUE], {"orders": orders, "products": products}, DAY)
    assert result.reports["Revenue"]["revenue"].tolist() == [5.0]
    assert ties(result) == {"Revenue to orders": [("s", "USD", 5.0, 5.0, True)]}


def test_every_currency_is_in_the_summary() -> None:
    """A currency with only receivables, or only payables, stands beside those with bank accounts."""
    frames = {
        "invoices": documents(
            ("qb", "a", "JPY", 208_600.0), ("qb", "a", "USD", 0.1), ("qb", "b", "USD", 0.2)
        ),
        "bills": documents(("qb", "v", "KWD", 312.755), party="vendor_id"),
        "bank_accounts": banks(("bank", "Main", "checking", "USD", 5.5)),
        "accounts": accounts(),
    }
    result = month_end(["aging", "payables", "cash"], frames, DAY)
    assert result.summary.to_numpy().tolist() == [
        ["JPY", 0.0, 208_600.0, 0.0], ["KWD", 0.0, 0.0, 312.755], ["USD", 5.5, 0.3, 0.0],
    ]  # fmt: skip
    assert {name: str(dtype) for name, dtype in result.summary.dtypes.items()} == {
        "currency": "str", "cash": "float64", "receivables": "float64", "payables": "float64",
    }  # fmt: skip
    only = month_end(["aging"], frames, DAY).summary
    assert only[["cash", "payables"]].isna().all(axis=None)
    assert len(month_end([], frames, DAY).summary) == 0


def test_all_comparisons_in_one_table() -> None:
    """The comparisons stand in one table, of which only bank accounts have an account."""
    frames = {
        "bank_accounts": banks(("bank", "Main", "checking", "USD", 5.5)),
        "accounts": accounts(("ledger", "Main", "asset", "USD", 5.5)),
    }
    (table,) = month_end(["cash"], frames, DAY).tie_outs()
    assert table.columns.tolist() == [
        "comparison", "connection_id", "account", "currency", "report", "source", "difference", "ok",
    ]  # fmt: skip
    assert table["account"].fillna("-").tolist() == ["-", "Main"]
    assert str(table["ok"].dtype) == "boolean"
    assert table.attrs["report"] == "tie_out"


def test_the_demo_agrees_by_business(all_books: Any) -> None:
    """The demo's books agree to the cent for each of the two businesses."""
    frames = {
        name: pd.concat([getattr(books, name) for books in all_books.values()], ignore_index=True)
        for name in ("invoices", "bills", "accounts", "bank_accounts")
    }
    businesses = {"Gear": ["gear-xero", "gear-bank"], "Roaster": ["roaster-quickbooks", "roaster-bank"]}
    result = month_end(["aging", "payables", "cash"], frames, DAY, businesses=businesses)
    assert result.agree
    assert result.counts.not_compared == 0
    assert {owner for tie in result.ties.values() for owner in tie["business"]} == {"Gear", "Roaster"}
    assert len(result.ties["Cash to ledger"]) == len(frames["bank_accounts"])
    assert isinstance(result, rf.reports.MonthEnd)
