"""What products and variants are called, and what is sold under no such name."""

# pyarrow.compute makes its functions at run time, where pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rutterframe.reports.engine.factorize import concat_text, dense_ranks, factorize_columns, to_arrow
from rutterframe.reports.engine.frame import Frame, Native, key_columns, read_frame
from rutterframe.reports.order_lines import (
    join_null_safe,
    read_related,
    split_variants,
    text_columns,
    to_pandas,
)

_NO_PRODUCT = {"product_id": "Line without a product", "variant_id": "Line without a variant"}
_NOT_LISTED = "Not in products"

#: The title of what the orders cost beside their lines.
NOT_ALLOCATED = "Not allocated to a product"

#: What revenue can be added up by: columns of the lines or of products, and columns of the orders.
LINE_KEYS = ("product_id", "variant_id", "title", "sku")
ORDER_KEYS = ("connection_id", "business")


class Grouping(NamedTuple):
    """What gets a row each in revenue: the columns, those of lines, and what a title is looked up by."""

    labels: list[str]
    of_orders: list[str]
    of_lines: list[str]
    looked_up: str
    titled: bool

    @property
    def needed(self) -> list[str]:
        """The columns that lines have to have."""
        own = [name for name in self.of_lines if name in _NO_PRODUCT]
        return list(dict.fromkeys([*own, self.looked_up] if self.of_lines else []))


def parse_grouping(by: str | Sequence[str], *, titled: bool) -> Grouping:
    """Read what revenue is to be added up by.

    Raises
    ------
    ValueError
        If a column is none of the choices, or a title is asked for without products.
    """
    keys = key_columns(by)
    choices = (*LINE_KEYS, *ORDER_KEYS)
    for name in keys:
        if name not in choices:
            expected = ", ".join(map(repr, choices[:-1]))
            raise ValueError(f"by={name!r} is not a valid key (expected {expected} or {choices[-1]!r})")
        if name in ("title", "sku") and not titled:
            raise ValueError(f"by={name!r} needs products=, as rf.load_products gives them")
    labels = list(keys)
    if "title" not in keys:
        last = max((place for place, name in enumerate(keys) if name in LINE_KEYS), default=len(keys) - 1)
        labels.insert(last + 1, "title")
    if "variant_id" in keys and "sku" not in keys:
        labels.insert(labels.index("title") + 1, "sku")
    return Grouping(
        labels,
        [name for name in keys if name in ORDER_KEYS],
        [name for name in keys if name in LINE_KEYS],
        "variant_id" if {"variant_id", "sku"} & set(keys) else "product_id",
        titled,
    )


def read_products(products: Native | None, orders: Frame, group: Grouping) -> Frame | None:
    """Give the products or variants that titles are looked up in, by the column of lines that names them."""
    if products is None or not group.of_lines:
        return None
    frame = read_related(products, orders, ("id",), "products")
    names = ["title"] if group.looked_up == "product_id" else ["title", "sku"]
    if "sku" in names and "sku" not in frame.collect_schema().names():
        frame = _variants(frame)
    read_frame(frame.to_native(), names, kind="products")
    return frame


def _variants(products: Frame) -> Frame:
    """Give the variants, each by its product's title and its own: "L" alone says nothing."""
    read_frame(products.to_native(), ("title",), kind="products")
    on = ["connection_id", "product_id"]
    split = split_variants(products)
    own = split.select(*text_columns(split, *on, "id", "title", "sku"))
    there = to_pandas(products, ("connection_id", "id", "title"))
    product = there.select(*text_columns(there, *there.columns)).rename({"id": on[1], "title": "_product"})
    found = join_null_safe(own, product.filter(~nw.col("product_id").is_null()), on, how="left")
    both = nw.concat_str("_product", "title", separator=", ", ignore_nulls=True)
    return found.with_columns(both.alias("title"))


def with_titles(lines: Frame, listed: Frame | None, group: Grouping) -> Frame:
    """Name the product of each line of a lazy engine; what is not listed, and what is none, is named so."""
    if listed is None:
        unknown = (nw.lit(None, nw.String).alias(name) for name in ("title", "sku"))
        found = lines.with_columns(*unknown, nw.lit(1).alias("_listed"))
    else:
        on = ["connection_id", group.looked_up]
        names = [name for name in ("title", "sku") if name in listed.collect_schema().names()]
        known = listed.select(*text_columns(listed, "connection_id", "id", *names)).rename(
            {"id": group.looked_up}
        )
        known = known.filter(~nw.col(group.looked_up).is_null())
        titles = known.group_by(*on).agg(*(nw.col(name).max() for name in names))
        found = join_null_safe(lines, titles.with_columns(nw.lit(1).alias("_listed")), on, how="left")
        if "sku" not in names:
            found = found.with_columns(nw.lit(None, nw.String).alias("sku"))
    if not group.of_lines:
        return found
    known_ids = ~nw.col(group.looked_up).is_null()
    name = nw.when(nw.col("_listed").is_null()).then(nw.lit(_NOT_LISTED)).otherwise(nw.col("title"))
    name = nw.when(known_ids).then(name).otherwise(nw.lit(_NO_PRODUCT[group.looked_up]))
    unlisted = nw.when(nw.col("_listed").is_null()).then(nw.lit(1)).otherwise(nw.lit(0))
    kind = nw.when(known_ids).then(unlisted).otherwise(nw.lit(2))
    return found.with_columns(name.cast(nw.String).alias("title"), kind.cast(nw.Int64).alias("_kind"))


def title_kind(title: Any) -> int:
    """Tell what a title says: a product's name (0), not listed (1), or a line without a product (2)."""
    if title in _NO_PRODUCT.values():
        return 2
    return 1 if title == _NOT_LISTED else 0


def lookup_titles(
    listed: nw.DataFrame[Any] | None, connections: pa.Array, ids: pa.Array, group: Grouping
) -> tuple[dict[str, pa.Array], np.ndarray]:
    """Look up titles and article numbers, and tell what is listed (0), not (1), or has no id (2)."""
    kinds = np.where(ids.is_null().to_numpy(zero_copy_only=False), 2, 0)
    places = np.full(len(ids), -1)
    names = [name for name in ("title", "sku") if listed is not None and name in listed.columns]
    found = {name: pa.nulls(len(ids), pa.large_string()) for name in ("title", "sku")}
    if listed is not None:
        numbers, size = factorize_columns(
            [
                concat_text([to_arrow(listed[name]), own])
                for name, own in (("connection_id", connections), ("id", ids))
            ],
            len(listed) + len(ids),
        )
        known, asked = numbers[: len(listed)], numbers[len(listed) :]
        for name in names:
            column = concat_text([to_arrow(listed[name])])
            places = _largest(known, size, column)[asked]
            places[kinds == 2] = -1
            found[name] = column.take(pa.array(places, mask=places < 0)).combine_chunks()
        kinds[(kinds == 0) & (places < 0)] = 1
    title = found["title"]
    for kind, words in ((1, _NOT_LISTED), (2, _NO_PRODUCT[group.looked_up])):
        title = pc.if_else(pa.array(kinds == kind), pa.scalar(words, pa.large_string()), title)
    return {**found, "title": title}, kinds


def _largest(numbers: np.ndarray, size: int, column: pa.ChunkedArray) -> np.ndarray:
    """Give the row that holds the largest text of each number, -1 for numbers that do not occur."""
    rows = np.arange(len(numbers))
    found = np.full(size, -1)
    found[numbers] = rows
    if len(numbers) and (found[numbers] != rows).any():
        # What is listed twice has the last of its titles in order; one is better than none.
        order = np.where(column.is_null().to_numpy(), -1, dense_ranks(column))
        sorted_rows = np.lexsort((order, numbers))
        found[numbers[sorted_rows]] = sorted_rows
    return found
