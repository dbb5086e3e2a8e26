"""Checks of what records point to: customers, accounts, products and variants that are not there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from rutterframe.quality.fields import PARTIES
from rutterframe.quality.findings import Found
from rutterframe.quality.loaded import Loaded
from rutterframe.reports.engine.factorize import factorize

_ACCOUNTS = ("accounts", "bank_accounts")


def no_party(loaded: Loaded) -> Iterator[Found]:
    """Find invoices without a customer and bills without a vendor. An order without one is a guest's."""
    for resource, party, frame in loaded.each(PARTIES):
        rows = frame.loc[frame[party].isna(), ["connection_id", "id"]]
        yield Found(resource, rows, party, "The document does not say who owes it, or is owed.")


def unknown_customer(loaded: Loaded) -> Iterator[Found]:
    """Find invoices and orders whose customer is not among the customers of their connection."""
    for resource in ("invoices", "orders"):
        rows = _named(loaded, resource, "customer_id", ("customers",))
        said = "The customer {customer_id} is not among the customers of {connection_id}."
        yield Found(resource, rows, "customer_id", said, "customer_id")


def unknown_account(loaded: Loaded) -> Iterator[Found]:
    """Find transactions and expenses whose account is not among the accounts of their connection."""
    for resource, accounts in (("transactions", _ACCOUNTS), ("expenses", _ACCOUNTS[:1])):
        rows = _named(loaded, resource, "account_id", accounts)
        said = "The account {account_id} is not among the accounts of {connection_id}."
        yield Found(resource, rows, "account_id", said, "account_id")


def unknown_product(loaded: Loaded) -> Iterator[Found]:
    """Find order lines whose product, or whose variant of a known product, is not in the catalogue."""
    orders, lines = loaded.frame("orders"), loaded.lines("orders")
    if orders is None or lines is None:
        return
    connection = _of_document(orders, "connection_id", lines)
    sold = lines.assign(connection_id=connection, id=_of_document(orders, "id", lines))
    products = _missing(loaded, sold, "product_id", ("products",), "orders")
    lines_of_missing = products.index
    # An order may sell a product in several lines: one finding names the first.
    products = products.drop_duplicates(["connection_id", "id", "product_id", "row"])
    said = "Line {number} sells product {product_id}, which is not among the products of {connection_id}."
    yield Found("orders", products, "line_items[{line}].product_id", said, "product_id")
    variants, catalogue = loaded.lines("products", "variants"), loaded.frame("products")
    if variants is None or catalogue is None:
        return
    # Of a product that is not there, no variant can be there either: that is one mistake, not two.
    rest = sold.drop(index=lines_of_missing)
    rest = rest[rest["connection_id"].isin(loaded.whole(["products"])) & rest["variant_id"].notna()]
    listed = pd.DataFrame(
        {
            "connection_id": _of_document(catalogue, "connection_id", variants),
            "product_id": _of_document(catalogue, "id", variants),
            "variant_id": variants["line_id"],
        }
    )
    # Some platforms number the variants of each product from 1. A line may name its variant alone.
    of_product = _among(rest, ["connection_id", "product_id", "variant_id"], listed)
    alone = rest["product_id"].isna() & _among(rest, ["connection_id", "variant_id"], listed)
    rows = rest[~of_product & ~alone].drop_duplicates(["connection_id", "id", "variant_id", "row"])
    said = "Line {number} sells variant {variant_id}, which product {product_id} no longer has."
    yield Found("orders", rows, "line_items[{line}].variant_id", said, "variant_id")


def _named(loaded: Loaded, resource: str, field: str, among: Sequence[str]) -> pd.DataFrame:
    frame = loaded.frame(resource, field)
    if frame is None:
        return pd.DataFrame({"connection_id": [], "id": [], field: []}, dtype="str")
    return _missing(loaded, frame[["connection_id", "id", field]], field, among, resource)


def _missing(
    loaded: Loaded, rows: pd.DataFrame, field: str, among: Sequence[str], resource: str
) -> pd.DataFrame:
    """Give the rows that name something which is not there.

    A name is looked for in the record's own connection only: platforms number their records from 1, so the
    same id in another connection is another customer. Where a connection's list was not loaded as a whole, or
    is empty (not every platform has every resource), nothing can be missed in it: that is a note.
    """
    asked = rows[rows[field].notna()]
    absent = [name for name in among if not loaded.has(name)]
    if absent:
        loaded.note(f"{' and '.join(absent)} were not loaded: {resource}.{field} was not looked up.")
        return asked.iloc[:0]
    whole = loaded.whole(among)
    skipped = sorted(set(asked["connection_id"].dropna().unique()) - whole)
    if skipped:
        loaded.note(
            f"{' and '.join(among)} of {', '.join(skipped)} are empty or not all there: "
            f"{resource}.{field} was not looked up in them."
        )
        asked = asked[asked["connection_id"].isin(whole)]
    there = [loaded.frame(name) for name in among]
    listed = pd.concat([frame[["connection_id", "id"]] for frame in there if frame is not None])
    keys = ["connection_id", field]
    return asked[~_among(asked, keys, listed.set_axis(keys, axis=1))]


def _among(rows: pd.DataFrame, keys: list[str], listed: pd.DataFrame) -> np.ndarray:
    """Return which rows have keys that are listed."""
    both = pd.concat([rows[keys], listed[keys]], ignore_index=True)
    numbers, size = factorize(nw.from_native(both, eager_only=True), keys)
    there = np.zeros(size, bool)
    there[numbers[len(rows) :]] = True
    found: np.ndarray = there[numbers[: len(rows)]]
    return found


def _of_document(frame: pd.DataFrame, field: str, lines: pd.DataFrame) -> pd.Series:
    """Give a field of the document of each line."""
    return frame[field].take(lines["row"].to_numpy()).reset_index(drop=True)
