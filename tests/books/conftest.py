"""The books of the demo, loaded once."""

from __future__ import annotations

import pytest

import rutterframe as rf


@pytest.fixture(scope="session")
def books() -> rf.Books:
    """The books of everything active in the demo; books do not change."""
    with rf.demo() as client:
        return rf.load_books(client, progress=False)
