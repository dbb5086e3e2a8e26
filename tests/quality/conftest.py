"""Frames as a loader gives them, made from a few rows."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from rutterframe.frames import Decoder, rows_of, to_frame
from rutterframe.models import RECORDS

Made = Callable[..., pd.DataFrame]


@pytest.fixture(scope="session")
def made() -> Made:
    """Make the frame of a resource from records as the API sends them, of one connection or several."""

    def make(resource: str, *records: dict[str, Any], **others: list[dict[str, Any]]) -> pd.DataFrame:
        model = RECORDS[resource]
        decoder = Decoder(model, resource, "next_cursor")
        # A record each, since the rows of one connection are put together without its duplicates.
        parts = [
            rows_of(model, [decoder.decode([json.dumps({resource: [row]}).encode()]).table], connection)
            for connection, rows in {"c1": list(records), **others}.items()
            for row in rows
        ]
        return to_frame(model, parts)

    return make
