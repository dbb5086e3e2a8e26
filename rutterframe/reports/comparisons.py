"""What each report of a month end must agree with: control accounts, orders, bank accounts, one by one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import pandas as pd

from rutterframe.reports.account_types import is_debt, side_of
from rutterframe.reports.businesses import Businesses, business_of, owners
from rutterframe.reports.tie_out import Line, as_frame, tie_out


class _Account(NamedTuple):
    """An account at a bank, or in a ledger; its side is 1 for assets and -1 for debts."""

    connection: str | None
    name: str | None
    currency: str | None
    side: int
    amount: Decimal | None


# What accounts are matched by: name, currency and side.
_Key = tuple[str, str, int]


def to_ledger(
    name: str,
    report: pd.DataFrame,
    documents: tuple[str, pd.DataFrame],
    accounts: pd.DataFrame,
    prefix: str,
    *,
    businesses: Businesses | None,
) -> pd.DataFrame:
    """Compare an aging with the ledger's control accounts; only their names tell which they are.

    Parameters
    ----------
    name : str
        What the comparison is called.
    report : DataFrame
        An aging.
    documents : tuple of str and DataFrame
        What the report was made of, and what that is called.
    accounts : DataFrame
        The ledger's accounts.
    prefix : str
        How the names of the control accounts begin.
    businesses : mapping of str to sequence of str, optional
        The connections of each business.

    Returns
    -------
    DataFrame
        As `tie_out` gives it. A connection without a control account, or of which something could not be
        read, is not compared; the notes name it.
    """
    control = accounts[accounts["name"].astype("str").str.startswith(prefix).fillna(value=False).astype(bool)]
    tie: pd.DataFrame = tie_out(report, control, businesses=businesses)
    found = owners(businesses)
    there = [_key(owner) for owner in tie[tie.columns[0]].tolist()]
    booked = {business_of(found, one) for one in _connections(control)}
    compared = {owner for owner, ok in zip(there, tie["ok"].tolist(), strict=True) if not pd.isna(ok)}
    # Where the accounts have no connection they may be those of any.
    bare = set() if None in booked else compared - booked
    reasons: dict[str | None, str] = dict.fromkeys(bare, f"there are no accounts there named {prefix}")
    unread = _unread(*documents, found)
    reasons |= _unread("accounts", accounts, found) | unread
    for columns, left in ((["report"], unread), (["source", "difference"], reasons)):
        tie.loc[[owner in left for owner in there], columns] = None
    tie.loc[[owner in reasons for owner in there], "ok"] = pd.NA
    said = defaultdict(list)
    for owner in sorted({*there} & {*reasons}, key=lambda one: (one is None, one or "")):
        said[reasons[owner]].append(owner or "no connection")
    names = sorted(set(control["name"].astype(str)))
    notes = [f"{name}: not compared for {', '.join(one)}, since {why}." for why, one in said.items()]
    return _noted(name, tie, names, notes)


def to_source(
    name: str, report: pd.DataFrame, source: pd.DataFrame, *, businesses: Businesses | None
) -> pd.DataFrame:
    """Compare a report with what it was made of."""
    return _noted(name, tie_out(report, source, businesses=businesses), [], [])


def banks_to_ledger(
    name: str, banks: pd.DataFrame, accounts: pd.DataFrame, *, businesses: Businesses | None
) -> pd.DataFrame:
    """Compare each bank account with the ledger's account of its name and currency.

    Cash is compared with assets, and what is owed on cards, credit lines and loans with liabilities. The
    ledger's account is looked for in the bank account's own business, or else, where no business lists its
    connection, in all other such connections. Where several accounts could be meant none is compared.

    Parameters
    ----------
    name : str
        What the comparison is called.
    banks, accounts : DataFrame
        The bank accounts and the ledger's accounts.
    businesses : mapping of str to sequence of str, optional
        The connections of each business.

    Returns
    -------
    DataFrame
        As `tie_out` gives it, with the column ``account``: one row for each bank account.
    """
    found = owners(businesses)
    held, booked = _bank_accounts(banks), _ledger_accounts(accounts)
    inside = {"banks": _by_key(held, found), "ledger": _by_key(booked, found)}
    outside = {side: _joined(places, set(found.values())) for side, places in inside.items()}
    lines: list[Line] = []
    reasons: dict[str, list[str]] = defaultdict(list)
    for account in held:
        owner = business_of(found, account.connection)
        match, why = _match(account, owner, inside, outside, declared=account.connection in found)
        source = match.amount if match is not None else None
        line = Line(owner, account.currency, account.amount, source, account=account.name or "no name")
        if source is None or account.amount is None:
            line = line._replace(compared=False)
            label = (owner, line.account, line.currency or "no currency")
            reasons[why or "an amount is missing"].append(" ".join(filter(None, label)))
        lines.append(line)
    column = "connection_id" if businesses is None else "business"
    tie: pd.DataFrame = as_frame(lines, column, nw.from_native(banks), sources=[banks, accounts], notes=())
    notes = [f"{name}: not compared, {why}: {', '.join(sorted(one))}." for why, one in reasons.items()]
    return _noted(name, tie, sorted({line.account or "" for line in lines if line.compared}), notes)


def _match(
    account: _Account,
    owner: str | None,
    inside: Mapping[str, Mapping[tuple[str | None, _Key], list[_Account]]],
    outside: Mapping[str, Mapping[_Key, list[_Account]]],
    *,
    declared: bool,
) -> tuple[_Account | None, str]:
    """Find the one account of the ledger that a bank account must agree with, or say why there is none."""
    if account.name is None or account.currency is None:
        return None, "the bank account has no name or no currency"
    key = account.name, account.currency, account.side
    held, booked = (inside[side].get((owner, key), []) for side in ("banks", "ledger"))
    if not booked and not declared:
        held, booked = (outside[side].get(key, []) for side in ("banks", "ledger"))
    if not booked:
        what = "asset" if account.side > 0 else "liability"
        return None, f"the ledger has no {what} with the name and currency of the bank account"
    if len(held) == 1 and len(booked) == 1:
        return booked[0], ""
    return None, "several accounts have its name and currency"


def _bank_accounts(banks: pd.DataFrame) -> list[_Account]:
    """List bank accounts; what is owed is positive, whatever its sign at the bank."""
    types = banks["type"].tolist() if "type" in banks else [None] * len(banks)
    debts = [isinstance(one, str) and is_debt(one) for one in types]
    accounts = _listed(banks, [-1 if debt else 1 for debt in debts])
    return [
        one._replace(amount=abs(one.amount)) if one.side < 0 and one.amount is not None else one
        for one in accounts
    ]


def _ledger_accounts(accounts: pd.DataFrame) -> list[_Account]:
    return _listed(
        accounts, [side_of(one) if isinstance(one, str) else 0 for one in accounts["type"].tolist()]
    )


def _listed(frame: pd.DataFrame, sides: Sequence[int]) -> list[_Account]:
    columns = [_connections(frame), *(frame[name].tolist() for name in ("name", "currency", "balance"))]
    return [
        _Account(
            connection, _key(name), _key(currency), side, None if pd.isna(amount) else Decimal(str(amount))
        )
        for connection, name, currency, amount, side in zip(*columns, sides, strict=True)
    ]


def _by_key(
    accounts: Iterable[_Account], found: Mapping[str, str]
) -> dict[tuple[str | None, _Key], list[_Account]]:
    """Group accounts by their business, or else connection, and by what they are matched by."""
    places: dict[tuple[str | None, _Key], list[_Account]] = defaultdict(list)
    for one in accounts:
        if one.name is not None and one.currency is not None:
            owner = business_of(found, one.connection)
            places[owner, (one.name, one.currency, one.side)].append(one)
    return places


def _joined(
    places: Mapping[tuple[str | None, _Key], list[_Account]], declared: set[str]
) -> dict[_Key, list[_Account]]:
    """Put together the accounts of all connections that no business lists."""
    joined: dict[_Key, list[_Account]] = defaultdict(list)
    for (owner, key), accounts in places.items():
        if owner not in declared:
            joined[key] += accounts
    return joined


def _unread(resource: str, frame: pd.DataFrame, found: Mapping[str, str]) -> dict[str | None, str]:
    """Tell of which connections or businesses a frame lacks rows, by its receipt, and why."""
    receipt = frame.attrs.get("receipt") or {}
    missing = set(receipt.get("not_offered", ()))
    read = {business_of(found, one) for one in receipt.get("connections", ()) if one not in missing}
    reasons: dict[str | None, str] = {}
    for one in missing:
        if business_of(found, one) not in read:
            reasons[business_of(found, one)] = f"its platform has no {resource}"
    for one in receipt.get("errors", ()):
        reasons[business_of(found, one)] = f"not all of its {resource} could be read"
    return reasons


def _noted(name: str, tie: pd.DataFrame, accounts: Sequence[str], notes: Sequence[str]) -> pd.DataFrame:
    """Say in words how a comparison went."""
    # Not what else a tie-out notes: that its source is a part is meant to be so here.
    own = [
        f"{name}: {one[0].lower()}{one[1:]}" for one in tie.attrs["notes"] if one.startswith("Not compared")
    ]
    tie.attrs["notes"] = [*_sentences(name, tie, accounts), *own, *notes]
    return tie


def _sentences(name: str, tie: pd.DataFrame, accounts: Sequence[str]) -> list[str]:
    """Say whether what was compared agrees, and which accounts it was compared with."""
    compared = tie[tie["ok"].notna()]
    if compared.empty:
        return []
    wrong = compared[~compared["ok"].astype(bool)]
    said = dict.fromkeys(
        " ".join(
            str(row[column])
            for column in (tie.columns[0], "account", "currency")
            if column in row and not pd.isna(row[column])
        )
        or "no currency"
        for row in wrong.to_dict("records")
    )
    how = f"DIFFERS in {', '.join(said)}" if said else "agrees"
    # Accounts are found by their names, so a reader must see which they were.
    return [f"{name}: {how} ({', '.join(accounts)})." if accounts else f"{name}: {how}."]


def _connections(frame: pd.DataFrame) -> list[str | None]:
    if "connection_id" not in frame:
        return [None] * len(frame)
    return [_key(one) for one in frame["connection_id"].tolist()]


def _key(value: Any) -> str | None:
    return None if pd.isna(value) else str(value)
