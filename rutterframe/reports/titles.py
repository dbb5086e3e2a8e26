"""What products and variants are called."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from rutterframe.reports.frame import Frame, Native, read_frame
from rutterframe.reports.sold import on_one_engine, on_pandas, present, text, variants_of

_NO_PRODUCT = {"product_id": "Line without a product", "variant_id": "Line without a variant"}
_NOT_LISTED = "Not in products"

#: What revenue can be added up by.
CHOICES = tuple(_NO_PRODUCT)


def titles_of(products: Native | None, orders: Frame, by: str) -> Frame | None:
    """Give the title (and sku) of each product or variant, once."""
    if products is None:
        return None
    frame = on_one_engine(read_frame(products, ("connection_id", "id"), kind="products"), orders, "products")
    names = ["title"] if by == "product_id" else ["title", "sku"]
    if by == "variant_id" and "sku" not in frame.collect_schema().names():
        frame = _variants(frame)
    read_frame(frame.to_native(), names, kind="products")
    frame = on_pandas(frame, ("connection_id", "id", *names))
    listed = frame.select(*text("connection_id", "id", *names)).rename({"id": by})
    once = present(listed, "connection_id", by).group_by("connection_id", by)
    titles: Frame = once.agg(*(nw.col(name).max() for name in names))
    return titles.with_columns(nw.lit(1).alias("_listed"))


def _variants(products: Frame) -> Frame:
    """Give the variants, each by its product's title and its own: "L" alone says nothing."""
    read_frame(products.to_native(), ("title",), kind="products")
    on = ["connection_id", "product_id"]
    own = variants_of(products).select(*text(*on, "id", "title", "sku"))
    listed = on_pandas(products, ("connection_id", "id", "title"))
    product = listed.select(*text(*listed.columns)).rename({"id": on[1], "title": "_product"})
    joined = own.join(present(product, *on), on=on, how="left")
    both = nw.concat_str("_product", "title", separator=", ", ignore_nulls=True)
    return joined.with_columns(both.alias("title"))


def with_titles(per_shop: Frame, titles: Frame | None, by: str) -> Frame:
    """Name each row; what is not listed, and what has no product, is named as such."""
    if titles is None:
        unknown = (nw.lit(None, nw.String).alias(name) for name in ("title", "sku"))
        found = per_shop.with_columns(*unknown, nw.lit(1).alias("_listed"))
    else:
        found = per_shop.join(titles, on=["connection_id", by], how="left")
    name = nw.when(nw.col("_listed").is_null()).then(nw.lit(_NOT_LISTED)).otherwise(nw.col("title"))
    name = nw.when(nw.col(by).is_null()).then(nw.lit(_NO_PRODUCT[by])).otherwise(name)
    return found.with_columns(name.cast(nw.String).alias("title"))
