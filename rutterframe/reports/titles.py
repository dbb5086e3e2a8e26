"""Titles of products and variants in revenue, and the titles of lines that have none."""

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

#: The title of the orders' totals minus their lines.
NOT_ALLOCATED = "Not allocated to a product"

#: The keys of revenue: columns of lines or products, and columns of orders.
LINE_KEYS = ("product_id", "variant_id", "title", "sku")
ORDER_KEYS = ("connection_id", "business")


class Grouping(NamedTuple):
    """The keys of a revenue report.

    Attributes
    ----------
    labels : list of str
        The columns that identify a row, with those that stand beside an id.
    order_keys, line_keys : list of str
        The keys that are columns of orders, and of lines or products.
    id_column : str
        The column of lines that titles are looked up by.
    """

    labels: list[str]
    order_keys: list[str]
    line_keys: list[str]
    id_column: str

    @property
    def line_columns(self) -> list[str]:
        """The columns that lines must have."""
        ids = [name for name in self.line_keys if name in _NO_PRODUCT]
        return list(dict.fromkeys([*ids, self.id_column] if self.line_keys else []))


def parse_grouping(by: str | Sequence[str], *, has_products: bool) -> Grouping:
    """Parse the keys of a revenue report.

    Raises
    ------
    ValueError
        If a key is not one of the choices, or is a title or article number and there are no products.
    """
    keys = key_columns(by)
    choices = (*LINE_KEYS, *ORDER_KEYS)
    for name in keys:
        if name not in choices:
            expected = ", ".join(map(repr, choices[:-1]))
            raise ValueError(f"by={name!r} is not a valid key (expected {expected} or {choices[-1]!r})")
        if name in ("title", "sku") and not has_products:
            raise ValueError(f"by={name!r} needs products=, as rf.load_products gives them")
    labels = list(keys)
    if "title" not in keys:
        last = max((index for index, name in enumerate(keys) if name in LINE_KEYS), default=len(keys) - 1)
        labels.insert(last + 1, "title")
    if "variant_id" in keys and "sku" not in keys:
        labels.insert(labels.index("title") + 1, "sku")
    return Grouping(
        labels,
        [name for name in keys if name in ORDER_KEYS],
        [name for name in keys if name in LINE_KEYS],
        "variant_id" if {"variant_id", "sku"} & set(keys) else "product_id",
    )


def read_products(products: Native | None, orders: Frame, group: Grouping) -> Frame | None:
    """Read the products, or their variants, that have the titles; None where no title is looked up."""
    if products is None or not group.line_keys:
        return None
    frame = read_related(products, orders, ("id",), "products")
    names = ["title"] if group.id_column == "product_id" else ["title", "sku"]
    if "sku" in names and "sku" not in frame.collect_schema().names():
        frame = _split_variants(frame)
    read_frame(frame.to_native(), names, kind="products")
    return frame


def _split_variants(products: Frame) -> Frame:
    """Return the variants, each with its product's title and its own: a size alone identifies nothing."""
    read_frame(products.to_native(), ("title",), kind="products")
    on = ["connection_id", "product_id"]
    split = split_variants(products)
    own = split.select(*text_columns(split, *on, "id", "title", "sku"))
    titles = to_pandas(products, ("connection_id", "id", "title"))
    product = titles.select(*text_columns(titles, *titles.columns)).rename({"id": on[1], "title": "_product"})
    joined = join_null_safe(own, product.filter(~nw.col("product_id").is_null()), on, how="left")
    both = nw.concat_str("_product", "title", separator=", ", ignore_nulls=True)
    return _without_shared_ids(joined.with_columns(both.alias("title")))


def _without_shared_ids(variants: Frame) -> Frame:
    """Leave out titles and article numbers of an id that variants of several products have.

    Ids of variants are not unique in the live service: which product a line is of is not known then.
    """
    on = ["connection_id", "id"]
    products = variants.group_by(*on).agg(
        nw.col("product_id").min().alias("_first"), nw.col("product_id").max().alias("_last")
    )
    joined = join_null_safe(variants, products, on, how="left")
    is_shared = (nw.col("_first") != nw.col("_last")).fill_null(value=False)
    return joined.with_columns(
        *(nw.when(~is_shared).then(nw.col(name)).alias(name) for name in ("title", "sku"))
    ).drop("_first", "_last")


def with_titles(lines: Frame, products: Frame | None, group: Grouping) -> Frame:
    """Add the title of each line to a lazy frame; other titles stand for lines without a known product."""
    if products is None:
        unknown = (nw.lit(None, nw.String).alias(name) for name in ("title", "sku"))
        result = lines.with_columns(*unknown, nw.lit(1).alias("_listed"))
    else:
        on = ["connection_id", group.id_column]
        names = [name for name in ("title", "sku") if name in products.collect_schema().names()]
        known = products.select(*text_columns(products, "connection_id", "id", *names)).rename(
            {"id": group.id_column}
        )
        known = known.filter(~nw.col(group.id_column).is_null())
        titles = known.group_by(*on).agg(*(nw.col(name).max() for name in names))
        result = join_null_safe(lines, titles.with_columns(nw.lit(1).alias("_listed")), on, how="left")
        if "sku" not in names:
            result = result.with_columns(nw.lit(None, nw.String).alias("sku"))
    if not group.line_keys:
        return result
    has_id = ~nw.col(group.id_column).is_null()
    name = nw.when(nw.col("_listed").is_null()).then(nw.lit(_NOT_LISTED)).otherwise(nw.col("title"))
    name = nw.when(has_id).then(name).otherwise(nw.lit(_NO_PRODUCT[group.id_column]))
    unlisted = nw.when(nw.col("_listed").is_null()).then(nw.lit(1)).otherwise(nw.lit(0))
    kind = nw.when(has_id).then(unlisted).otherwise(nw.lit(2))
    return result.with_columns(name.cast(nw.String).alias("title"), kind.cast(nw.Int64).alias("_kind"))


def title_kind(title: Any) -> int:
    """Return the kind of a title: of a product (0), of one not listed (1), of a line without one (2)."""
    if title in _NO_PRODUCT.values():
        return 2
    return 1 if title == _NOT_LISTED else 0


def lookup_titles(
    products: nw.DataFrame[Any] | None, connections: pa.Array, ids: pa.Array, group: Grouping
) -> tuple[dict[str, pa.Array], np.ndarray]:
    """Return the titles and article numbers of ids, and the kind of each title as `title_kind` does."""
    kinds = np.where(ids.is_null().to_numpy(zero_copy_only=False), 2, 0)
    rows = np.full(len(ids), -1)
    names = [name for name in ("title", "sku") if products is not None and name in products.columns]
    columns = {name: pa.nulls(len(ids), pa.large_string()) for name in ("title", "sku")}
    if products is not None:
        keys = (("connection_id", connections), ("id", ids))
        both = [concat_text([to_arrow(products[name]), own]) for name, own in keys]
        codes, size = factorize_columns(both, len(products) + len(ids))
        known, requested = codes[: len(products)], codes[len(products) :]
        for name in names:
            column = concat_text([to_arrow(products[name])])
            rows = _rows_of_largest(known, size, column)[requested]
            rows[kinds == 2] = -1
            columns[name] = column.take(pa.array(rows, mask=rows < 0)).combine_chunks()
        kinds[(kinds == 0) & (rows < 0)] = 1
    title = columns["title"]
    for kind, text in ((1, _NOT_LISTED), (2, _NO_PRODUCT[group.id_column])):
        title = pc.if_else(pa.array(kinds == kind), pa.scalar(text, pa.large_string()), title)
    return {**columns, "title": title}, kinds


def _rows_of_largest(codes: np.ndarray, size: int, column: pa.ChunkedArray) -> np.ndarray:
    """Return the row with the largest text of each code, -1 for codes that do not occur."""
    rows = np.arange(len(codes))
    largest = np.full(size, -1)
    largest[codes] = rows
    if len(codes) and (largest[codes] != rows).any():
        # A product that is listed twice has the last of its titles in order; any is better than none.
        order = np.where(column.is_null().to_numpy(), -1, dense_ranks(column))
        ascending = np.lexsort((order, codes))
        largest[codes[ascending]] = ascending
    return largest
