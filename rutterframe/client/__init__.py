"""The HTTP client: settings, signing, retries, errors, and the pages of a list."""

from rutterframe.client import tokens
from rutterframe.client.client import Client
from rutterframe.client.connection import Connection
from rutterframe.client.connection_status import ConnectionStatus, read_status
from rutterframe.client.connections import Connections
from rutterframe.client.filters import Moment, NaiveDatetimeWarning
from rutterframe.client.pagination import Paginator
from rutterframe.client.request import RequestSpec
from rutterframe.client.resources import Resource
from rutterframe.client.retry import RateLimit, RetryPolicy, Stopped

__all__ = [
    "Client",
    "Connection",
    "ConnectionStatus",
    "Connections",
    "Moment",
    "NaiveDatetimeWarning",
    "Paginator",
    "RateLimit",
    "RequestSpec",
    "Resource",
    "RetryPolicy",
    "Stopped",
    "read_status",
    "tokens",
]
