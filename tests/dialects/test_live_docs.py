"""The site's page on the live dialect has its tables."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

from rutterframe.dialects import LIVE
from rutterframe.models import RECORDS

TABLES = runpy.run_path(str(Path(__file__).parents[2] / "docs/_ext/live_tables.py"))


def test_every_column_of_every_route_is_in_the_page() -> None:
    """Each route has a table with a line for each column."""
    sections = ("\n" + TABLES["columns_of_routes"]()).split("\n### ")[1:]
    routes = [route for routes in LIVE.resources.values() for route in routes]
    assert len(sections) == len(routes) == 29
    for section, route in zip(sections, routes, strict=True):
        assert route.mapping is not None
        listed = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
        assert sorted(listed) == sorted(route.mapping.model.model_fields)


def test_every_column_without_a_source_is_listed() -> None:
    """Each column of the contract that is null in the live dialect is listed with the reason."""
    part = TABLES["nulls"]()
    nulls = [
        (resource, route.name, column)
        for resource, model in RECORDS.items()
        for route in LIVE.resources[resource]
        for column in (route.mapping.nulls if route.mapping else ())
        if column in model.model_fields
    ]
    assert len(nulls) == 7
    for resource, name, column in nulls:
        assert f"| {resource}{f' ({name})' if name else ''} `{column}` | " in part
