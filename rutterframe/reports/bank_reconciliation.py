"""Compare each bank account with the ledger's account of its name and currency."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from rutterframe.reports.account_types import flag_debts, ledger_side, normalize_type
from rutterframe.reports.businesses import Businesses, business_of, connections_of, owners
from rutterframe.reports.engine.frame import collect, normalize_key, read_frame
from rutterframe.reports.engine.tick_arrays import to_floats, to_ticks
from rutterframe.reports.engine.ticks import choose_scale
from rutterframe.reports.tie_out import Comparison, to_frame
from rutterframe.reports.verdict import with_outcome


class _Account(NamedTuple):
    """An account at a bank, or in a ledger; its side is 1 for assets and -1 for debts.

    ``is_bank`` is whether the ledger has it as an account at a bank or a card, by ``account_type`` (live).
    """

    connection: str | None
    name: str | None
    currency: str | None
    side: int
    amount: Decimal | None
    is_bank: bool = False


_BANK_TYPES = ("bank", "credit_card")
# What accounts are matched by: name, currency and side.
_Key = tuple[str, str, int]
# Accounts by their business, or else connection, and key.
_ByOwner = Mapping[tuple[str | None, _Key], list[_Account]]


def reconcile_banks(
    title: str, banks: pd.DataFrame, accounts: pd.DataFrame, *, businesses: Businesses | None
) -> pd.DataFrame:
    """Compare each bank account with the ledger's account of its name and currency.

    Cash is compared with assets, and what is owed on cards, credit lines and loans with liabilities. The
    ledger's account is looked for in the bank account's own business, or else, where no business lists its
    connection, in all other such connections. Where several accounts could be meant none is compared. If none
    has the name, and ledger accounts have ``account_type`` (live), the only account of type bank, or credit
    card, of that currency is the counterpart of the only bank account.

    Parameters
    ----------
    title : str
        The name of the comparison.
    banks, accounts : DataFrame
        The bank accounts and the ledger's accounts.
    businesses : mapping of str to sequence of str, optional
        The connections of each business.

    Returns
    -------
    DataFrame
        As of `tie_out`, with the column ``account``: one row for each bank account.
    """
    owner_of = owners(businesses)
    for kind, frame in (("bank_accounts", banks), ("accounts", accounts)):
        read_frame(frame, ("name", "currency", "balance"), kind=kind)
    scale = choose_scale((nw.from_native(banks), "balance"), (nw.from_native(accounts), "balance"))
    at_banks, in_ledger = _bank_accounts(banks, scale), _ledger_accounts(accounts, scale)
    own = {"banks": _by_owner(at_banks, owner_of), "ledger": _by_owner(in_ledger, owner_of)}
    shared = {side: _of_no_business(by_owner, set(owner_of.values())) for side, by_owner in own.items()}
    rows: list[Comparison] = []
    reasons: dict[str, list[str]] = defaultdict(list)
    for account in at_banks:
        owner = business_of(owner_of, account.connection)
        match, why = _match(account, owner, own, shared, listed=account.connection in owner_of)
        source = match.amount if match is not None else None
        row = Comparison(owner, account.currency, account.amount, source, account=account.name or "no name")
        if source is None or account.amount is None:
            row = row._replace(compared=False)
            label = (owner, row.account, row.currency or "no currency")
            reasons[why or "an amount is missing"].append(" ".join(filter(None, label)))
        rows.append(row)
    column = "connection_id" if businesses is None else "business"
    tie: pd.DataFrame = to_frame(rows, column, nw.from_native(banks), sources=[banks, accounts], notes=())
    notes = [
        f"{title}: not compared, {reason}: {', '.join(sorted(labels))}." for reason, labels in reasons.items()
    ]
    compared = sorted({row.account or "" for row in rows if row.compared})
    return with_outcome(title, tie, accounts=compared, notes=notes)


def _match(
    account: _Account,
    owner: str | None,
    own: Mapping[str, _ByOwner],
    shared: Mapping[str, Mapping[_Key, list[_Account]]],
    *,
    listed: bool,
) -> tuple[_Account | None, str]:
    """Return the one ledger account that a bank account must agree with, or the reason why there is none."""
    if account.name is None or account.currency is None:
        return None, "the bank account has no name or no currency"
    key = account.name, account.currency, account.side
    at_banks, in_ledger = (own[side].get((owner, key), []) for side in ("banks", "ledger"))
    if not in_ledger and not listed:
        at_banks, in_ledger = (shared[side].get(key, []) for side in ("banks", "ledger"))
    if not in_ledger:
        only = _only_by_type(key, owner, own, shared, listed=listed)
        if only is not None:
            return only, ""
        what = "asset" if account.side > 0 else "liability"
        return None, f"the ledger has no {what} with the name and currency of the bank account"
    if len(at_banks) == 1 and len(in_ledger) == 1:
        return in_ledger[0], ""
    return None, "several accounts have its name and currency"


def _only_by_type(
    key: _Key,
    owner: str | None,
    own: Mapping[str, _ByOwner],
    shared: Mapping[str, Mapping[_Key, list[_Account]]],
    *,
    listed: bool,
) -> _Account | None:
    """Return the only ledger account of a bank's type in a currency, for the only bank account in it."""
    groups: list[dict[str, list[_Account]]] = [
        {side: [a for (who, _), each in by.items() if who == owner for a in each] for side, by in own.items()}
    ]
    if not listed:
        groups.append({side: [a for each in by.values() for a in each] for side, by in shared.items()})
    _, currency, sign = key
    for group in groups:
        alike = {
            side: [a for a in each if (a.currency, a.side) == (currency, sign)]
            for side, each in group.items()
        }
        in_ledger = [account for account in alike["ledger"] if account.is_bank]
        if in_ledger:
            return in_ledger[0] if len(in_ledger) == len(alike["banks"]) == 1 else None
    return None


def _bank_accounts(banks: pd.DataFrame, scale: int) -> list[_Account]:
    """List bank accounts; what is owed is positive, whatever its sign at the bank."""
    frame = read_frame(banks, (), kind="bank_accounts")
    debts = collect(frame.select("name", flag_debts(frame).alias("_debt")))["_debt"].to_list()
    sides = [-1 if is_debt else 1 for is_debt in debts]
    return [
        account._replace(amount=abs(account.amount))
        if account.side < 0 and account.amount is not None
        else account
        for account in _accounts(banks, sides, scale)
    ]


def _ledger_accounts(accounts: pd.DataFrame, scale: int) -> list[_Account]:
    types = read_frame(accounts, ("type",), kind="accounts")["type"].to_list()
    sides = [ledger_side(word) if isinstance(word, str) else 0 for word in types]
    words = accounts["account_type"].tolist() if "account_type" in accounts else [None] * len(accounts)
    return [
        account._replace(is_bank=isinstance(word, str) and normalize_type(word) in _BANK_TYPES)
        for account, word in zip(_accounts(accounts, sides, scale), words, strict=True)
    ]


def _accounts(frame: pd.DataFrame, sides: Sequence[int], scale: int) -> list[_Account]:
    balances = to_floats(frame["balance"])
    amounts = [
        None if missing else Decimal(ticks) / scale
        for ticks, missing in zip(to_ticks(balances, scale).tolist(), np.isnan(balances), strict=True)
    ]
    columns = [
        connections_of(frame),
        *(map(normalize_key, frame[name].tolist()) for name in ("name", "currency")),
    ]
    return [_Account(*row) for row in zip(*columns, sides, amounts, strict=True)]


def _by_owner(accounts: Iterable[_Account], owner_of: Mapping[str, str]) -> _ByOwner:
    """Group accounts by their business, or else connection, and by what they are matched by."""
    groups: dict[tuple[str | None, _Key], list[_Account]] = defaultdict(list)
    for account in accounts:
        if account.name is not None and account.currency is not None:
            owner = business_of(owner_of, account.connection)
            groups[owner, (account.name, account.currency, account.side)].append(account)
    return groups


def _of_no_business(by_owner: _ByOwner, businesses: set[str]) -> dict[_Key, list[_Account]]:
    """Collect the accounts of all connections that no business lists."""
    shared: dict[_Key, list[_Account]] = defaultdict(list)
    for (owner, key), accounts in by_owner.items():
        if owner not in businesses:
            shared[key] += accounts
    return shared
