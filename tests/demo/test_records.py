"""Webhooks and tokens, which belong to the client and not to a connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.demo.conftest import Api


def test_webhooks_are_created_and_deleted(fresh: Api) -> None:
    """A webhook is created, listed and deleted; deleting it again is 404."""
    body = {"url": "https://example.com/hook", "events": ["order.created", "product.updated"]}
    created = fresh.send("POST", "/config-webhooks", body=body)
    webhook = created.json()
    second = fresh.send("POST", "/config-webhooks", body={**body, "events": []}).json()

    assert created.status_code == 200
    assert webhook == {**body, "id": webhook["id"], "status": "active", "created_at": "2026-06-30T12:00:01Z"}
    assert fresh.get("/config-webhooks").json() == {"webhooks": [webhook, second]}
    deleted = fresh.send("DELETE", f"/config-webhooks/{webhook['id']}")
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert fresh.get("/config-webhooks").json() == {"webhooks": [second]}
    assert fresh.send("DELETE", f"/config-webhooks/{webhook['id']}").status_code == 404


def test_public_tokens_are_exchanged(fresh: Api) -> None:
    """A public token gives the connection's access token, with or without a version; another one is 400."""
    for headers in ({}, {"X-Rutter-Version": "2024-08-31"}):
        body = {"public_token": "public-gear-bank"}
        answer = fresh.send("POST", "/connections/token_exchange", body=body, headers=headers)
        assert answer.json() == {"access_token": fresh.server.access_tokens["gear-bank"]}
    for token in ("public-unknown", "gear-bank", "", "x-public-gear-bank"):
        answer = fresh.send("POST", "/connections/token_exchange", body={"public_token": token})
        assert (answer.status_code, answer.json()["error_code"]) == (400, "INVALID_PUBLIC_TOKEN")
    old = fresh.send(
        "POST", "/connections/token_exchange", body={}, headers={"X-Rutter-Version": "2020-01-01"}
    )
    assert old.status_code == 400
