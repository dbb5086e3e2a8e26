"""What was loaded, whether it is complete, and whether the ledgers balance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from rutterframe.findings.amounts import ZERO, amount_of, exact
from rutterframe.findings.records import Finding, Findings
from rutterframe.frames.receipt import gap, receipt
from rutterframe.reports.balances import trial_balance
from rutterframe.reports.engine.frame import normalize_key
from rutterframe.views.format import count, listed

_TOPIC = "load"


def loads(frames: Mapping[str, pd.DataFrame], missing: Sequence[str] = ()) -> Findings:
    """Return how much was loaded, and whether every list was read to its end.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        The frames by resource, with their receipts.
    missing : sequence of str
        Sentences on what is not in the frames though it should be, such as a connection without a token.

    Returns
    -------
    Findings
        The numbers of rows, pages and connections; then whether all of it is complete. A frame without a
        receipt, such as one that was merged, is not known to be complete; ``vendors`` without one are names
        from elsewhere, and a list that none of the connections offers has nothing that could be missing.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     banks = rf.load_bank_accounts(client.connection("roaster-bank"), progress=False)
    >>> loads({"bank_accounts": banks})
    Finding: 3 rows were loaded from 1 page, from 1 connection. Every page of every resource was read.
    """
    receipts = {name: _receipt_of(frame) for name, frame in frames.items()}
    rows = sum(map(len, frames.values()))
    pages = sum(record["pages"] for record in receipts.values() if record)
    connections = {name for record in receipts.values() if record for name in record["connections"]}
    short = [name for name, record in receipts.items() if record and gap(record, len(frames[name]))]
    unknown = [name for name, record in receipts.items() if not record and name != "vendors"]
    size = f"{count(rows, 'row')} {'was' if rows == 1 else 'were'} loaded from {count(pages, 'page')}"
    sentences = [f"Not complete: {listed(short)}."] if short else []
    if unknown:
        sentences.append(f"Without a receipt, so not known to be complete: {listed(unknown)}.")
    sentences += missing
    if not receipts:
        sentences.append("No resource was loaded.")
    findings = [
        Finding(
            _TOPIC,
            None,
            {"rows": rows, "pages": pages, "connections": len(connections)},
            f"{size[0].upper()}{size[1:]}, from {count(len(connections), 'connection')}.",
        ),
        Finding(
            _TOPIC,
            None,
            {
                "resources": len(frames),
                "not_complete": len(short),
                "without_receipt": len(unknown),
                "missing": len(missing),
            },
            " ".join(sentences) or "Every page of every resource was read.",
        ),
    ]
    return Findings(findings)


def ledgers(accounts: pd.DataFrame) -> Findings:
    """Return whether each ledger balances in every currency; each is added up by itself.

    Parameters
    ----------
    accounts : DataFrame
        The accounts of the ledgers, as loaded; without ``connection_id`` they are of one ledger.

    Returns
    -------
    Findings
        One for each total that is not zero, with what is left over; or one that lists the ledgers and
        currencies that balance.

    Examples
    --------
    >>> accounts = pd.DataFrame({"connection_id": "books", "id": ["1", "2"], "type": ["asset", "liability"],
    ...                          "currency": "EUR", "balance": [10.0, 7.5]})
    >>> ledgers(accounts)
    Finding: books does not balance: 2.50 EUR is left over.
    """
    totals = [
        (ledger, normalize_key(currency), exact(left))
        for ledger, part in _by_ledger(accounts)
        for kind, currency, left in trial_balance(part)[["type", "currency", "balance"]].itertuples(
            index=False
        )
        if kind == "difference"
    ]
    off = [(ledger, currency, left) for ledger, currency, left in totals if left != ZERO]
    if off:
        return Findings(
            Finding(
                _TOPIC,
                currency,
                {"ledger": ledger, "difference": left},
                f"{ledger} does not balance: {amount_of(left, currency)} is left over.",
            )
            for ledger, currency, left in off
        )
    currencies: dict[str, list[str]] = {}
    for ledger, currency, _ in totals:
        currencies.setdefault(ledger, []).append(currency or "no currency")
    balanced = listed(f"{ledger} ({listed(names)})" for ledger, names in currencies.items())
    zeros = f"All {len(totals):,} trial balances come to zero"
    if len(totals) == 1:
        zeros = "The only trial balance comes to zero"
    sentence = f"{zeros}: {balanced}." if totals else "No account was loaded, so nothing was added up."
    return Findings([Finding(_TOPIC, None, {"totals": len(totals), "differences": 0}, sentence)])


def _receipt_of(frame: pd.DataFrame) -> Mapping[str, Any] | None:
    try:
        return receipt(frame)
    except ValueError:  # without a receipt, or with a damaged one
        return None


def _by_ledger(accounts: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    if "connection_id" not in accounts:
        return [("The ledger", accounts)] if len(accounts) else []
    connections = accounts["connection_id"].map(normalize_key)
    known = [(str(name), accounts[connections == name]) for name in dict.fromkeys(connections.dropna())]
    rest = accounts[connections.isna()]
    return [*known, ("The ledger without a connection", rest)] if len(rest) else known
