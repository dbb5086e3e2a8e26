"""Draw a trial balance by account, with debits and credits."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
from xlsxwriter.utility import xl_col_to_name

from rutterframe.notebook.escape import printable_names
from rutterframe.reports.account_types import kind_of, normalize_type, side_of
from rutterframe.reports.balances import trial_balance
from rutterframe.reports.caption import NO_CURRENCY, Caption
from rutterframe.reports.columns import CURRENCY, Column, Kind
from rutterframe.views.layout import Group, Layout, Total
from rutterframe.views.sheets import Sheet
from rutterframe.views.workbook_layout import printed_columns
from rutterframe.views.workbook_report import draw_tables

#: The columns of the sheet, for the definitions.
COLUMNS = (
    Column("name", Kind.TEXT, "Account", "The account of the ledger"),
    Column("type", Kind.TEXT, "Type", "The side of the accounting equation"),
    CURRENCY,
    Column(
        "debit", Kind.MONEY, "Debit", "The balance of an asset or expense; of another type, a negative one"
    ),
    Column(
        "credit",
        Kind.MONEY,
        "Credit",
        "The balance of a liability, of equity or revenue; of another type, a negative one",
    ),
    Column(
        "other",
        Kind.MONEY,
        "No side",
        "The balance of an account that belongs to no side",
        "as in the ledger",
    ),
    Column("id", Kind.TEXT, "Account id", "Identifies the account"),
    Column("connection_id", Kind.TEXT, "Connection id", "Where it was loaded from; ids are unique within it"),
)
_TYPES = ("asset", "liability", "equity", "revenue", "expense", "")
_NOTES = (
    "Balances are those of the day the data was fetched.",
    "Each currency of a connection is a ledger; its debits equal its credits: their difference is zero.",
)


def lay_out_accounts(accounts: pd.DataFrame) -> Layout:
    """Lay the accounts of ledgers out, each connection and currency by itself.

    Parameters
    ----------
    accounts : DataFrame
        As loaded: ``name``, ``type``, ``currency`` and ``balance``; also ``id`` and ``connection_id``.

    Raises
    ------
    TypeError
        If it is not a pandas DataFrame.
    ValueError
        If a column is missing; the message says which.
    """
    if not isinstance(accounts, pd.DataFrame):
        raise TypeError(f"accounts must be a pandas DataFrame, not {type(accounts).__name__}")
    missing = [name for name in ("name", "type", "currency", "balance") if name not in accounts]
    if missing:
        raise ValueError(
            f"accounts lacks the column {missing[0]!r}; it has {printable_names(accounts)}. "
            "Pass the frame of load_accounts"
        )
    caption = Caption.of(trial_balance(accounts))
    title = Caption(
        "Trial balance by account",
        caption.question,
        caption.is_demo,
        (*_NOTES, *caption.notes),
        caption.fetched,
    )
    ledgers: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in _rows(accounts):
        ledgers.setdefault((row["currency"], row["connection_id"]), []).append(row)
    has_other = any(row["other"] is not None for rows in ledgers.values() for row in rows)
    left_out = {*(["id"] if "id" not in accounts else []), *([] if has_other else ["other"])}
    left_out |= {"connection_id"} if "connection_id" not in accounts else set()
    columns = [column for column in COLUMNS if column.name not in left_out]
    groups, totals = [], {}
    for number, ((currency, connection), rows) in enumerate(sorted(ledgers.items())):
        rows.sort(
            key=lambda row: (_TYPES.index(kind_of(row["type"])), row["type"], -row["size"], row["name"])
        )
        cells = {
            column.name: [None if row[column.name] == "" else row[column.name] for row in rows]
            for column in columns
        }
        groups.append(Group([currency] * len(rows), cells, [], [*range(len(rows))]))
        sums: dict[str, Any] = {
            name: _total(cells[name]) for name in ("debit", "credit", "other") if name in cells
        }
        label = " ".join(word for word in ("Total", connection, currency or NO_CURRENCY) if word)
        totals[f"{number + 1} {currency} {connection}"] = Total(label, sums)
    return Layout(
        title,
        columns,
        groups or [Group([], {each.name: [] for each in columns}, [], [])],
        totals,
        is_grouped=True,
    )


def draw_accounts(sheet: Sheet, layout: Layout) -> None:
    """Draw the accounts: a table for each ledger and currency, its totals, and debits less credits."""
    sheet.head(layout.caption.title, layout.caption.question)
    names = [column.name for column in layout.columns]
    debit, credit = names.index("debit"), names.index("credit")

    def draw_difference(group: Group) -> None:
        sheet.text(0, "Debits less credits", indent=1)
        sums = [_total(group.cells[name]) for name in ("debit", "credit")]
        value = float(round(Decimal(str(sums[0])) - Decimal(str(sums[1])), 8))
        total = sheet.row  # in Excel's numbers, that of the row above
        formula = f"=ROUND({xl_col_to_name(debit)}{total}-{xl_col_to_name(credit)}{total},8)"
        alarm: dict[str, Any] = {"bold": True, "font_color": "red"} if value else {}
        code = group.currencies[0]
        sheet.formula(debit, formula, value, layout.columns[debit], code, **alarm)
        if value:
            sheet.text(credit, "DIFFERS", **alarm)
        sheet.row += 1

    draw_tables(sheet, layout, below=draw_difference)
    sheet.close([*layout.caption.notes, layout.caption.fetched], printed=printed_columns(layout.columns))


def _rows(accounts: pd.DataFrame) -> list[dict[str, Any]]:
    """Return an account's row of the sheet: its balance on its natural side, a negative one on the other."""
    names = ("name", "type", "currency", "balance", "id", "connection_id")
    columns = [accounts[name].tolist() if name in accounts else [None] * len(accounts) for name in names]
    rows = []
    for name, word, currency, balance, *ids in zip(*columns, strict=True):
        kind, code, identity, connection = (
            "" if pd.isna(value) else str(value) for value in (word, currency, *ids)
        )
        amount = None if pd.isna(balance) else float(balance)
        side = side_of(kind)
        amounts: dict[str, float | None] = dict.fromkeys(("debit", "credit", "other"))
        if not side:
            amounts["other"] = amount
        elif amount is not None:
            natural = "debit" if (side > 0) == (amount >= 0) else "credit"
            amounts[natural] = abs(amount)
        rows.append(
            {
                "name": identity or "No name" if pd.isna(name) or name == "" else str(name),
                "type": normalize_type(kind).replace("_", " ") if kind else "No type",
                "currency": code, "id": identity, "connection_id": connection, **amounts,
                "size": abs(amount or 0.0),
            }
        )  # fmt: skip
    return rows


def _total(amounts: list[float | None]) -> float:
    """Add up amounts exactly, each rounded to 8 decimals as in a report."""
    return float(sum((round(Decimal(str(each)), 8) for each in amounts if each is not None), Decimal(0)))
