"""Bank accounts, ledgers and documents of a few rows, and how a month end compares them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from rutterframe.reports.month_end import MonthEnd

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
