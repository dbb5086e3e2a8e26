"""How do the bytes get here? Settings, signing, pace, errors, and every page of a list."""

from rutterframe.client import tokens
from rutterframe.client.client import Client, Connections
from rutterframe.client.connection import Connection
from rutterframe.client.filters import AssumedUTC, Moment
from rutterframe.client.listing import Listing, PageWalk
from rutterframe.client.pace import RateLimit, RetryPolicy, Stopped
from rutterframe.client.resources import Resource

__all__ = [
    "AssumedUTC",
    "Client",
    "Connection",
    "Connections",
    "Listing",
    "Moment",
    "PageWalk",
    "RateLimit",
    "Resource",
    "RetryPolicy",
    "Stopped",
    "tokens",
]
