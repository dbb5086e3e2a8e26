"""Compare an aging with the ledger's control accounts: by their types in the ledger, or by their names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from rutterframe.frames.receipt import sound_receipt
from rutterframe.reports.account_types import ledger_side, normalize_type, side_of
from rutterframe.reports.businesses import Businesses, business_of, connections_of, owners
from rutterframe.reports.engine.frame import normalize_key, read_frame
from rutterframe.reports.tie_out import labels_of, tie_out, without_amount
from rutterframe.reports.verdict import with_outcome


class ControlAccounts(NamedTuple):
    """The control accounts that the aging of some documents must agree with.

    Attributes
    ----------
    title : str
        The name of the comparison.
    documents : str
        The resource that the aging is of, such as "invoices".
    prefix : str
        How the names of the control accounts begin.
    side : int
        1 where they are assets, -1 where they are liabilities. An account of any other known type is left
        out; one of an unknown type or none is compared, and the notes name both.
    account_type : str
        The word that the live dialect has for them in ``account_type``; where accounts have that column, it
        decides instead of the name, and the name only for accounts of an unknown type or none.
    """

    title: str
    documents: str
    prefix: str
    side: int
    account_type: str = ""

    def wanted(self, accounts: pd.DataFrame) -> str:
        """Return in words which accounts those are, for a note that there are none."""
        if self.has_types(accounts):
            return f"of the type {self.account_type}"
        return f"named {self.prefix}"

    def has_types(self, accounts: pd.DataFrame) -> bool:
        """Return whether accounts have the column that decides which of them are meant."""
        return bool(self.account_type) and "account_type" in accounts


def compare_with_ledger(
    control: ControlAccounts,
    report: pd.DataFrame,
    documents: pd.DataFrame,
    accounts: pd.DataFrame,
    *,
    businesses: Businesses | None,
    credit_memos: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Compare an aging with the ledger's control accounts.

    Parameters
    ----------
    control : ControlAccounts
        Which accounts those are.
    report, documents : DataFrame
        The aging, and the documents that it is of.
    accounts : DataFrame
        The ledger's accounts.
    businesses : mapping of str to sequence of str, optional
        The connections of each business.
    credit_memos : DataFrame, optional
        The credit memos that are in the aging as well.

    Returns
    -------
    DataFrame
        As of `tie_out`. A connection without a control account, or one that was not read to the end or has a
        document without an amount, is not compared; the notes name it.
    """
    title, resource = control.title, control.documents
    ledger, notes_on_types = _control_accounts(control, accounts)
    tie: pd.DataFrame = tie_out(report, ledger, businesses=businesses)
    owner_of = owners(businesses)
    column = [normalize_key(owner) for owner in tie[tie.columns[0]].tolist()]
    booked = {business_of(owner_of, connection) for connection in connections_of(ledger)}
    compared = {owner for owner, ok in zip(column, tie["ok"].tolist(), strict=True) if not pd.isna(ok)}
    # Accounts without a connection may be those of any.
    without_account = set() if None in booked else compared - booked
    reasons: dict[str | None, str] = dict.fromkeys(
        without_account, f"there are no accounts there {control.wanted(accounts)}"
    )
    unread = _unread(resource, documents, owner_of)
    memos = [] if credit_memos is None else [credit_memos]
    for each in memos:
        unread = _unread("credit memos", each, owner_of) | unread
    reasons |= _unread("accounts", accounts, owner_of) | unread
    for names, left_out in ((["report"], unread), (["source", "difference"], reasons)):
        tie.loc[[owner in left_out for owner in column], names] = None
    tie.loc[[owner in reasons for owner in column], "ok"] = pd.NA
    by_reason = defaultdict(list)
    for owner in sorted({*column} & {*reasons}, key=lambda owner: (owner is None, owner or "")):
        by_reason[reasons[owner]].append(owner or "no connection")
    notes = [
        *_leave_out_missing(control, tie, documents, owner_of),
        *(note for each in memos for note in _leave_out_missing(control, tie, _as_documents(each), owner_of)),
        *(
            f"{title}: not compared for {', '.join(owners_without)}, since {reason}."
            for reason, owners_without in by_reason.items()
        ),
        *notes_on_types,
    ]
    return with_outcome(title, tie, accounts=sorted(set(ledger["name"].astype(str))), notes=notes)


def _control_accounts(control: ControlAccounts, accounts: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Select the control accounts, and note those of an unknown type and those of another type."""
    read_frame(accounts, ("name", "currency", "balance"), kind="accounts")
    rows = accounts[_is_control_account(control, accounts)]
    words = [normalize_key(word) for word in rows["type"].tolist()] if "type" in rows else [None] * len(rows)
    unknown = [word is None or side_of(word) == 0 for word in words]
    other = [word is not None and side_of(word) != 0 and ledger_side(word) != control.side for word in words]
    side = "assets" if control.side > 0 else "liabilities"
    notes = []
    for marks, reason in (
        (unknown, f"of an unknown type or none, taken as {side}"),
        (other, f"not {side}, left out"),
    ):
        labels = {
            f"{account} ({word or 'no type'})"
            for account, word, mark in zip(rows["name"].tolist(), words, marks, strict=True)
            if mark
        }
        if labels:
            notes.append(f"{control.title}: accounts that are {reason}: {', '.join(sorted(labels))}.")
    return rows[~np.array(other, dtype=bool)], notes


def _is_control_account(control: ControlAccounts, accounts: pd.DataFrame) -> pd.Series[bool]:
    """Return which accounts are meant: those of the type, or of the name where the type is not known."""
    has_name = accounts["name"].astype("str").str.startswith(control.prefix).fillna(value=False).astype(bool)
    if not control.has_types(accounts):
        return has_name
    words = [normalize_key(word) for word in accounts["account_type"].tolist()]
    types = ["unknown" if word is None else normalize_type(word) for word in words]
    is_type = pd.Series([word == control.account_type for word in types], index=accounts.index, dtype=bool)
    is_unknown = pd.Series([word == "unknown" for word in types], index=accounts.index, dtype=bool)
    return is_type | (has_name & is_unknown)


def _as_documents(credit_memos: pd.DataFrame) -> pd.DataFrame:
    """Return credit memos with the columns by which documents without an amount are found."""
    return credit_memos.rename(columns={"remaining_amount": "amount_due"})


def _leave_out_missing(
    control: ControlAccounts, tie: pd.DataFrame, documents: pd.DataFrame, owner_of: Mapping[str, str]
) -> list[str]:
    """Compare nothing where an open document has no amount, which an aging counts as zero."""
    missing = without_amount(documents, tie.columns[0], owner_of)
    if not missing:
        return []
    whole = all(owner is None for owner, _ in missing) and not any(connections_of(documents))
    keys = [tuple(map(normalize_key, key)) for key in zip(tie[tie.columns[0]], tie["currency"], strict=True)]
    rows = [(None if whole else owner, currency) in missing for owner, currency in keys]
    tie.loc[rows, ["report", "difference"]] = None
    tie.loc[rows, "ok"] = pd.NA
    why = f"an amount is missing in the {control.documents}"
    return [f"{control.title}: not compared, {why}: {labels_of(missing)}."]


def _unread(resource: str, frame: pd.DataFrame, owner_of: Mapping[str, str]) -> dict[str | None, str]:
    """Return the connections or businesses that a frame lacks rows of, by its receipt, and the reason."""
    receipt = sound_receipt(frame) or {}
    missing = set(receipt.get("not_offered", ()))
    read = {
        business_of(owner_of, connection)
        for connection in receipt.get("connections", ())
        if connection not in missing
    }
    reasons: dict[str | None, str] = {}
    for connection in missing:
        if (owner := business_of(owner_of, connection)) not in read:
            reasons[owner] = f"its platform has no {resource}"
    for connection in receipt.get("errors", ()):
        reasons[business_of(owner_of, connection)] = f"not all of its {resource} could be read"
    return reasons
