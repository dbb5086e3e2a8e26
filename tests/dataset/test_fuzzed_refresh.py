"""Refreshes of responses as no server should send them: only our errors, and a dataset that stays whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

import rutterframe as rf
from tests.client.fuzzed_responses import STATUSES, Fuzzer

CLEAN = [{"id": f"i{number}", "amount_due": number + 0.25, "status": "open"} for number in range(3)]
AT_ONCE = rf.RetryPolicy(attempts=1, retry_after_max=0.0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("seed", "refreshes"),
    [(1, 40), pytest.param(2, 300, marks=[pytest.mark.long, pytest.mark.timeout(600)])],
)
def test_a_refresh_of_any_response_leaves_a_whole_dataset(tmp_path: Path, seed: int, refreshes: int) -> None:
    """After any response the dataset is read; after a clean one it has its rows, and no others."""
    fuzzer, folder = Fuzzer(seed), tmp_path / "dataset"
    bodies: list[tuple[int, bytes]] = []
    kinds: set[str] = set()

    def respond(_: httpx.Request) -> httpx.Response:
        status, body = bodies[0] if len(bodies) == 1 else bodies.pop(0)
        return httpx.Response(status, content=body)

    def refresh() -> None:
        on_invalid: Any = fuzzer.random.choice(["raise", "quarantine"])
        try:
            rf.refresh(books, folder, resources=["invoices"], on_invalid=on_invalid, progress=False)
        except rf.LoadError as error:
            kinds.update(type(one).__name__ for one in error.errors)
        else:
            kinds.add("refreshed")

    with rf.Client(
        client_id="an-id", client_secret="a-secret", environment="https://api.example.com", retry=AT_ONCE,
        access_tokens={"books": "a-token"}, transport=httpx.MockTransport(respond), rate_limit=None,
    ) as client:  # fmt: skip
        books = client.connection("books")
        for _ in range(refreshes):
            pages = [fuzzer.page("invoices") for _ in range(3)]
            bodies[:] = [(fuzzer.random.choice(STATUSES), page) for page in pages]
            refresh()
            bodies[:] = [(200, json.dumps({"invoices": CLEAN, "next_cursor": None}).encode())]
            refresh()
            loaded = rf.Dataset(folder).load("invoices")
            rows = loaded[["id", "amount_due", "status"]].sort_values("id").to_dict("records")
            assert rows == CLEAN
            assert loaded.attrs["receipt"]["complete"]
    assert {"refreshed", "InvalidResponse", "ServerError"} <= kinds
