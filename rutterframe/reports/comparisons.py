"""What each report of a month end must agree with: control accounts, orders, bank accounts, one by one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from rutterframe.reports.account_types import is_debt, ledger_side, side_of
from rutterframe.reports.businesses import Businesses, business_of, owners
from rutterframe.reports.engine.frame import key_of, read_frame
from rutterframe.reports.engine.tick_arrays import floats, ticks_of
from rutterframe.reports.engine.ticks import scale_of
from rutterframe.reports.tie_out import Line, as_frame, labels_of, tie_out, without_amount


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
    side: int,
    *,
    businesses: Businesses | None,
) -> pd.DataFrame:
    """Compare an aging with the ledger's control accounts, which their names and types tell.

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
    side : int
        1 where they are assets, -1 where they are liabilities. An account of any other known type is none;
        one of an unknown type or none is taken as one, and the notes name both.
    businesses : mapping of str to sequence of str, optional
        The connections of each business.

    Returns
    -------
    DataFrame
        As `tie_out` gives it. A connection without a control account, or of which something could not be
        read or an amount is missing, is not compared; the notes name it.
    """
    control, on_types = _control(name, accounts, prefix, side)
    tie: pd.DataFrame = tie_out(report, control, businesses=businesses)
    found = owners(businesses)
    there = [key_of(owner) for owner in tie[tie.columns[0]].tolist()]
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
    return _noted(name, tie, names, [*_leave_out_missing(name, tie, documents, found), *notes, *on_types])


def _control(name: str, accounts: pd.DataFrame, prefix: str, side: int) -> tuple[pd.DataFrame, list[str]]:
    """Find the control accounts, and name those whose type is unknown, or another."""
    read_frame(accounts, ("name", "currency", "balance"), kind="accounts")
    named = accounts[accounts["name"].astype("str").str.startswith(prefix).fillna(value=False).astype(bool)]
    words = [key_of(word) for word in named["type"].tolist()] if "type" in named else [None] * len(named)
    other = [word is not None and side_of(word) != 0 and ledger_side(word) != side for word in words]
    strange = [word is None or side_of(word) == 0 for word in words]
    what = "assets" if side > 0 else "liabilities"
    notes = []
    for marks, why in (
        (strange, f"of an unknown type or none, taken as {what}"),
        (other, f"no {what}, left out"),
    ):
        listed = sorted(
            {
                f"{account} ({word or 'no type'})"
                for account, word, mark in zip(named["name"].tolist(), words, marks, strict=True)
                if mark
            }
        )
        if listed:
            notes.append(f"{name}: accounts that are {why}: {', '.join(listed)}.")
    return named[~np.array(other, dtype=bool)], notes


def _leave_out_missing(
    name: str, tie: pd.DataFrame, documents: tuple[str, pd.DataFrame], found: Mapping[str, str]
) -> list[str]:
    """Compare nothing where an open document has no amount, which an aging counts as nothing."""
    lacks = without_amount(documents[1], tie.columns[0], found)
    if not lacks:
        return []
    whole = all(owner is None for owner, _ in lacks) and not any(_connections(documents[1]))
    places = [tuple(map(key_of, place)) for place in zip(tie[tie.columns[0]], tie["currency"], strict=True)]
    rows = [(None if whole else owner, currency) in lacks for owner, currency in places]
    tie.loc[rows, ["report", "difference"]] = None
    tie.loc[rows, "ok"] = pd.NA
    return [f"{name}: not compared, an amount is missing in the {documents[0]}: {labels_of(lacks)}."]


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
    for kind, frame in (("bank_accounts", banks), ("accounts", accounts)):
        read_frame(frame, ("name", "currency", "balance"), kind=kind)
    scale = scale_of((nw.from_native(banks), "balance"), (nw.from_native(accounts), "balance"))
    held, booked = _bank_accounts(banks, scale), _ledger_accounts(accounts, scale)
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


def _bank_accounts(banks: pd.DataFrame, scale: int) -> list[_Account]:
    """List bank accounts; what is owed is positive, whatever its sign at the bank."""
    types = banks["type"].tolist() if "type" in banks else [None] * len(banks)
    debts = [isinstance(one, str) and is_debt(one) for one in types]
    accounts = _listed(banks, [-1 if debt else 1 for debt in debts], scale)
    return [
        one._replace(amount=abs(one.amount)) if one.side < 0 and one.amount is not None else one
        for one in accounts
    ]


def _ledger_accounts(accounts: pd.DataFrame, scale: int) -> list[_Account]:
    types = read_frame(accounts, ("type",), kind="accounts")["type"].to_list()
    return _listed(accounts, [ledger_side(one) if isinstance(one, str) else 0 for one in types], scale)


def _listed(frame: pd.DataFrame, sides: Sequence[int], scale: int) -> list[_Account]:
    balances = floats(frame["balance"])
    counted = [
        None if missing else Decimal(found) / scale
        for found, missing in zip(ticks_of(balances, scale).tolist(), np.isnan(balances), strict=True)
    ]
    columns = [_connections(frame), *(map(key_of, frame[name].tolist()) for name in ("name", "currency"))]
    return [_Account(*row) for row in zip(*columns, sides, counted, strict=True)]


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
    return [key_of(one) for one in frame["connection_id"].tolist()]
