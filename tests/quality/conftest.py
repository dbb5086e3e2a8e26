"""Fixtures of the data checks: frames of a few rows, and one load of the whole demo."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

import rutterframe as rf
from rutterframe.demo.server import DemoServer
from rutterframe.frames import Decoder, Rows, to_frame
from rutterframe.frames.schema import TEXT
from rutterframe.models import RECORDS
from tests.conftest import HEALTHY, client_of

MakeFrame = Callable[..., pd.DataFrame]


@pytest.fixture(scope="session")
def make_frame() -> MakeFrame:
    """A function that returns the frame of records as the API sends them, of one connection or several."""

    def make(resource: str, *records: dict[str, Any], **connections: list[dict[str, Any]]) -> pd.DataFrame:
        model = RECORDS[resource]
        rows = [
            (connection, row)
            for connection, rows in {"c1": list(records), **connections}.items()
            for row in rows
        ]
        page = json.dumps({resource: [row for _, row in rows]}).encode()
        table = Decoder(model, resource, "next_cursor").decode([page]).table
        names = pa.array([connection for connection, _ in rows], TEXT)
        # Not with rows_of, which drops duplicates.
        return to_frame(model, [Rows(table.add_column(0, pa.field("connection_id", TEXT), names), 0)])

    return make


def load_demo(server: DemoServer) -> dict[str, pd.DataFrame]:
    """Load every list of every healthy connection of a demo."""
    with client_of(server) as client:
        return rf.load_all([client.connection(name) for name in HEALTHY], progress=False)


@pytest.fixture(scope="session")
def demo_findings(shared_server: DemoServer) -> pd.DataFrame:
    """The findings of the whole demo, loaded once."""
    shared_server.configure(page_size=500, faults=[])
    return rf.check(load_demo(shared_server))
