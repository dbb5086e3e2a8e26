"""Half of the smallest unit of currencies: what is below it is settled."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import numpy as np

from rutterframe.currency import UNUSUAL_UNITS, minor_units

#: Half of the smallest unit of currencies without decimals, which is the largest of all.
LARGEST_HALF = 0.5


def half_unit(currency: object) -> float:
    """Return half of the smallest unit of a currency, in major units.

    Examples
    --------
    >>> half_unit("USD"), half_unit("JPY"), half_unit(None)
    (0.005, 0.5, 0.005)
    """
    return float(0.5 / 10 ** minor_units(currency if isinstance(currency, str) else ""))


def half_unit_expr() -> nw.Expr:
    """Return half of the smallest unit of each row's currency."""
    half: nw.Expr = nw.lit(half_unit(""))
    for decimals, codes_of in UNUSUAL_UNITS.items():
        half = nw.when(nw.col("currency").cast(nw.String).str.to_uppercase().is_in(codes_of)).then(
            nw.lit(0.5 / 10**decimals)
        ).otherwise(half)  # fmt: skip
    return half


def half_units(documents: nw.DataFrame[Any], sizes: np.ndarray, scale: int) -> np.ndarray:
    """Return half of the smallest unit of each document's currency, in ticks; 1 where it does not matter.

    Parameters
    ----------
    documents : narwhals DataFrame
        With the currencies, which are read only where they matter.
    sizes : array of int
        What is compared with the halves, in ticks and not negative.
    scale : int
        Ticks of one major unit.
    """
    half = np.ones(len(sizes), np.float64)
    small = np.flatnonzero((sizes > 0) & (sizes < scale))
    if len(small):
        currencies = documents["currency"][small].to_list()
        half[small] = np.round([half_unit(currency) * scale for currency in currencies], 6)
    return half


def below_half_unit(documents: nw.DataFrame[Any], rows: np.ndarray, amounts: np.ndarray) -> np.ndarray:
    """Return which amounts of some rows are below half of their currency's smallest unit."""
    currencies = documents["currency"][rows].to_list() if len(rows) else []
    below: np.ndarray = np.abs(amounts) < np.array([half_unit(currency) for currency in currencies])
    return below
