"""How do the bytes get here? Settings, signing, pace, errors, and every page of a list."""

from rutterframe.client import tokens
from rutterframe.client.client import Client, Connections
from rutterframe.client.connection import Connection
from rutterframe.client.filters import Moment, NaiveDatetimeWarning
from rutterframe.client.pagination import Listing, Paginator
from rutterframe.client.resources import Resource
from rutterframe.client.retry import RateLimit, RetryPolicy, Stopped

__all__ = [
    "Client",
    "Connection",
    "Connections",
    "Listing",
    "Moment",
    "NaiveDatetimeWarning",
    "Paginator",
    "RateLimit",
    "Resource",
    "RetryPolicy",
    "Stopped",
    "tokens",
]
