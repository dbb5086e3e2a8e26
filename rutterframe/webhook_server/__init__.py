"""A server of webhooks that keeps a dataset up to date: each message refreshes what it names."""

from rutterframe.webhook_server.server import ServerOptions, WebhookServer

__all__ = ["ServerOptions", "WebhookServer"]
