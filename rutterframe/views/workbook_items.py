"""Link each row of an aging to its open items on another sheet, and each of these back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

import pandas as pd

from rutterframe.reports.columns import Kind
from rutterframe.reports.describe import columns_of
from rutterframe.reports.labels import NAME_COLUMNS
from rutterframe.reports.specs import ORIGINAL, SPECS
from rutterframe.views.layout import Layout
from rutterframe.views.sheets import cell
from rutterframe.views.workbook_layout import lay_out_values
from rutterframe.views.workbook_report import first_rows

# A row's key: the values of the columns that the aging was made by, and the currency.
_Key = tuple[str | None, ...]


class Items(NamedTuple):
    """The open items of an aging.

    Attributes
    ----------
    layout : Layout
        Of the items: in the order of the aging, the largest of each customer or vendor first.
    from_aging : list of dict
        The first item of each row of the aging, by groups.
    to_aging : list of dict
        The row of the aging of each item, by groups.
    note : str
        Whether the items add up to the aging.
    """

    layout: Layout
    from_aging: list[dict[int, str]]
    to_aging: list[dict[int, str]]
    note: str


def link_items(name: str, aging: pd.DataFrame, layout: Layout, sheet: str, items: pd.DataFrame) -> Items:
    """Lay out the open items of an aging, and link both.

    Parameters
    ----------
    name : str
        The sheet of the aging.
    aging : DataFrame
        The aging.
    layout : Layout
        The same, laid out.
    sheet : str
        The sheet of the items.
    items : DataFrame
        A report of `rutterframe.reports.open_items`.
    """
    keys = [column.name for column in columns_of(aging) if column.kind is Kind.KEY]
    keys = [key for key in keys if key != "connection_id" or key in items]
    items = _with_names(items, aging)
    if not {*keys} <= {*items.columns}:
        return Items(lay_out_values(items), [], [], "")
    currency = ORIGINAL if ORIGINAL in aging and ORIGINAL not in items else "currency"
    owners = _keys(aging, [currency if key == "currency" else key for key in keys])
    owned = _keys(items, keys)
    order_of_aging = [position for group in layout.groups for position in group.positions]
    ranks = {owners[position]: rank for rank, position in reversed([*enumerate(order_of_aging)])}
    amounts = items["amount_due"].tolist()
    order = sorted(
        range(len(items)),
        key=lambda place: (ranks.get(owned[place], len(order_of_aging)), -_number(amounts[place])),
    )
    order.sort(key=_currency_order(items, order))
    laid_out = lay_out_values(items, order)
    targets = dict(reversed([*_cells(sheet, laid_out, owned)]))
    sources = dict(reversed([*_cells(name, layout, owners)]))
    return Items(
        laid_out, _links(layout, owners, targets), _links(laid_out, owned, sources),
        _agreement(name, aging, owners, owned, amounts) if currency == "currency" else "",
    )  # fmt: skip


def _with_names(items: pd.DataFrame, aging: pd.DataFrame) -> pd.DataFrame:
    """Return open items with the names of the aging's customers or vendors, where they have none."""
    for key, name in NAME_COLUMNS.items():
        if not {key, name} <= {*aging.columns} or key not in items:
            continue
        if name in items and items[name].notna().any():
            continue
        ids = [each for each in ("connection_id", key) if each in aging and each in items]
        known = dict(zip(_keys(aging, ids), aging[name].tolist(), strict=True))
        items = items.assign(**{name: pd.Series([known.get(id_) for id_ in _keys(items, ids)], items.index)})
    return items


def _keys(frame: pd.DataFrame, names: list[str]) -> list[_Key]:
    columns = [
        [None if pd.isna(value) or value == "" else str(value) for value in frame[name].array.tolist()]
        for name in names
    ]
    return [*zip(*columns, strict=True)]


def _number(amount: Any) -> float:
    return 0.0 if pd.isna(amount) else float(amount)


def _currency_order(items: pd.DataFrame, order: list[int]) -> Any:
    """Return the key that keeps the items of a currency together."""
    codes = ["" if pd.isna(code) else str(code) for code in items["currency"].tolist()]
    first = {code: rank for rank, code in enumerate(dict.fromkeys(codes[place] for place in order))}
    return lambda place: first[codes[place]]


def _cells(sheet: str, layout: Layout, keys: list[_Key]) -> list[tuple[_Key, str]]:
    """Pair the key of each row with the row's cell."""
    return [
        (keys[position], cell(sheet, row + place))
        for row, group in zip(first_rows(layout), layout.groups, strict=True)
        for place, position in enumerate(group.positions)
    ]


def _links(layout: Layout, keys: list[_Key], targets: dict[_Key, str]) -> list[dict[int, str]]:
    """Return the target of each row that has one, by groups."""
    return [
        {
            place: targets[keys[position]]
            for place, position in enumerate(group.positions)
            if keys[position] in targets
        }
        for group in layout.groups
    ]


def _agreement(
    name: str, aging: pd.DataFrame, owners: list[_Key], owned: list[_Key], amounts: list[Any]
) -> str:
    """Return whether the items add up to each total of the aging."""
    sums: dict[_Key, Decimal] = {}
    for keys, values, sign in ((owned, amounts, 1), (owners, aging["total"].tolist(), -1)):
        for key, value in zip(keys, values, strict=True):
            exact = Decimal(0) if pd.isna(value) else round(Decimal(str(value)), 8)
            sums[key] = sums.get(key, Decimal(0)) + sign * exact
    differ = sum(difference != 0 for difference in sums.values())
    word = SPECS["open_items"].title
    if differ:
        return f"{word} DIFFER from {differ:,} of {len(sums):,} totals of {name!r}."
    return f"{word} add up to each of the {len(sums):,} totals of {name!r}."
