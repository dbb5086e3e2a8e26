"""Shares of a total: of amounts of one sign, on every engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd
import pytest

from rutterframe.reports.shares import with_shares

Rows = Callable[[Any], list[dict[str, Any]]]
Engine = Callable[[pd.DataFrame], Any]


@pytest.mark.parametrize(
    ("currency", "ticks", "shares"),
    [
        ("USD", [10_000, 30_000], [0.25, 0.75]),
        ("USD", [-10_000, -30_000], [0.25, 0.75]),
        ("USD", [-30_000, 0], [1.0, 0.0]),
        ("USD", [30_000, -10_000], [None, None]),
        ("USD", [0, 0], [None, None]),
        ("USD", [49, 0], [None, None]),
        ("USD", [50, 0], [1.0, 0.0]),
        ("USD", [-49, 0], [None, None]),
        ("USD", [-50, 0], [1.0, 0.0]),
        ("JPY", [4_999, 0], [None, None]),
        ("jpy", [5_000, 0], [1.0, 0.0]),
        ("KWD", [4, 0], [None, None]),
        ("KWD", [-5, 0], [1.0, 0.0]),
        (None, [-50, 0], [1.0, 0.0]),
    ],
)
def test_a_share_is_of_amounts_of_one_sign(
    engine: Engine, rows: Rows, currency: str | None, ticks: list[int], shares: list[float | None]
) -> None:
    """Parts of one sign have shares of a total of half a smallest unit or more, also below zero."""
    frame = pd.DataFrame(
        {"currency": pd.Series([currency] * 2, dtype="str"), "what": ["a", "b"], "ticks": ticks}
    )
    shared = with_shares(nw.from_native(engine(frame)), ["currency"], "ticks", 10_000)
    shares_of = {row["what"]: row["share"] for row in rows(nw.to_native(shared))}
    assert {what: None if pd.isna(share) else share for what, share in shares_of.items()} == dict(
        zip("ab", shares, strict=True)
    )
