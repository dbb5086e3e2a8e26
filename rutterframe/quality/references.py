"""Checks of references: customers, vendors, accounts, products and variants that are not listed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from rutterframe.frames.text_dtype import TEXT_DTYPE
from rutterframe.quality.fields import COUNTERPARTIES
from rutterframe.quality.findings import Matches
from rutterframe.quality.frames import FrameSet
from rutterframe.reports.engine.factorize import factorize

_ACCOUNTS = ("accounts", "bank_accounts")


def no_party(frames: FrameSet) -> Iterator[Matches]:
    """Find invoices without a customer and bills without a vendor. An order without one is a guest's."""
    for resource, counterparty, frame in frames.each(COUNTERPARTIES):
        rows = frame.loc[frame[counterparty].isna(), ["connection_id", "id"]]
        yield Matches(resource, rows, counterparty, "The document does not say who owes it, or is owed.")


def unknown_customer(frames: FrameSet) -> Iterator[Matches]:
    """Find invoices and orders with a customer that their connection does not list."""
    for resource in ("invoices", "orders"):
        rows = _unlisted(frames, resource, "customer_id", ("customers",))
        text = "The customer {customer_id} is not among the customers of {connection_id}."
        yield Matches(resource, rows, "customer_id", text, "customer_id")


def unknown_vendor(frames: FrameSet) -> Iterator[Matches]:
    """Find bills with a vendor that their connection does not list; only the live dialect lists vendors."""
    if frames.has("vendors"):
        rows = _unlisted(frames, "bills", "vendor_id", ("vendors",))
        text = "The vendor {vendor_id} is not among the vendors of {connection_id}."
        yield Matches("bills", rows, "vendor_id", text, "vendor_id")


def unknown_account(frames: FrameSet) -> Iterator[Matches]:
    """Find transactions and expenses with an account that their connection does not list."""
    for resource, accounts in (("transactions", _ACCOUNTS), ("expenses", _ACCOUNTS[:1])):
        rows = _unlisted(frames, resource, "account_id", accounts)
        text = "The account {account_id} is not among the accounts of {connection_id}."
        yield Matches(resource, rows, "account_id", text, "account_id")


def unknown_product(frames: FrameSet) -> Iterator[Matches]:
    """Find order lines with a product, or a variant of a listed product, that is not in the catalogue."""
    orders, lines = frames.frame("orders"), frames.lines("orders")
    if orders is None or lines is None:
        return
    connection = _of_document(orders, "connection_id", lines)
    order_lines = lines.assign(connection_id=connection, id=_of_document(orders, "id", lines))
    products = _missing(frames, order_lines, "product_id", ("products",), "orders")
    lines_of_missing = products.index
    # An order may sell a product in several lines: one finding names the first.
    products = products.drop_duplicates(["connection_id", "id", "product_id", "row"])
    text = "Line {number} sells product {product_id}, which is not among the products of {connection_id}."
    yield Matches("orders", products, "line_items[{line}].product_id", text, "product_id")
    variants, catalogue = frames.lines("products", "variants"), frames.frame("products")
    if variants is None or catalogue is None:
        return
    # A product that is not listed has no listed variants either: that is one mistake, not two.
    rest = order_lines.drop(index=lines_of_missing)
    rest = rest[
        rest["connection_id"].isin(frames.complete_connections(["products"])) & rest["variant_id"].notna()
    ]
    listed = pd.DataFrame(
        {
            "connection_id": _of_document(catalogue, "connection_id", variants),
            "product_id": _of_document(catalogue, "id", variants),
            "variant_id": variants["line_id"],
        }
    )
    # Some platforms number the variants of each product from 1. A line may have a variant without a product.
    of_product = _among(rest, ["connection_id", "product_id", "variant_id"], listed)
    alone = rest["product_id"].isna() & _among(rest, ["connection_id", "variant_id"], listed)
    rows = rest[~of_product & ~alone].drop_duplicates(["connection_id", "id", "variant_id", "row"])
    text = "Line {number} sells variant {variant_id}, which product {product_id} no longer has."
    yield Matches("orders", rows, "line_items[{line}].variant_id", text, "variant_id")


def _unlisted(frames: FrameSet, resource: str, field: str, among: Sequence[str]) -> pd.DataFrame:
    frame = frames.frame(resource, field)
    if frame is None:
        return pd.DataFrame({"connection_id": [], "id": [], field: []}, dtype=TEXT_DTYPE)
    return _missing(frames, frame[["connection_id", "id", field]], field, among, resource)


def _missing(
    frames: FrameSet, rows: pd.DataFrame, field: str, among: Sequence[str], resource: str
) -> pd.DataFrame:
    """Return the rows with a reference that is not listed.

    An id is looked up in the record's own connection only: platforms number their records from 1, so that the
    same id in another connection is another customer. If a connection's list is incomplete or empty (not
    every platform has every resource), a note says so, and nothing is missing in it.
    """
    references = rows[rows[field].notna()]
    absent = [name for name in among if not frames.has(name)]
    if absent:
        frames.note(f"{' and '.join(absent)} were not loaded: {resource}.{field} was not looked up.")
        return references.iloc[:0]
    complete = frames.complete_connections(among)
    skipped = sorted(set(references["connection_id"].dropna().unique()) - complete)
    if skipped:
        frames.note(
            f"{' and '.join(among)} of {', '.join(skipped)} are empty or incomplete: "
            f"{resource}.{field} was not looked up in them."
        )
        references = references[references["connection_id"].isin(complete)]
    lists = [frames.frame(name) for name in among]
    listed = pd.concat([frame[["connection_id", "id"]] for frame in lists if frame is not None])
    keys = ["connection_id", field]
    return references[~_among(references, keys, listed.set_axis(keys, axis=1))]


def _among(rows: pd.DataFrame, keys: list[str], listed: pd.DataFrame) -> np.ndarray:
    """Return which rows have keys that are listed."""
    both = pd.concat([rows[keys], listed[keys]], ignore_index=True)
    numbers, size = factorize(nw.from_native(both, eager_only=True), keys)
    is_listed = np.zeros(size, bool)
    is_listed[numbers[len(rows) :]] = True
    result: np.ndarray = is_listed[numbers[: len(rows)]]
    return result


def _of_document(frame: pd.DataFrame, field: str, lines: pd.DataFrame) -> pd.Series:
    """Return a field of the document of each line."""
    return frame[field].take(lines["row"].to_numpy()).reset_index(drop=True)
