"""Ledgers, shops, banks and ad platforms as typed pandas DataFrames.

>>> import rutterframe as rf
>>> with rf.demo() as client:
...     invoices = rf.load_invoices(client.connection("roaster-quickbooks"), progress=False)
>>> invoices["amount_due"].dtype
dtype('float64')
"""

import importlib
import typing

# The room `rutterframe.demo` is bound to this name first, so that the function `demo` below replaces it for
# good: a room that is imported later would replace the function. The room itself is an empty doorway.
import rutterframe.demo
from rutterframe.client import Client, Connection, NaiveDatetimeWarning, RateLimit, RetryPolicy, tokens
from rutterframe.client.webhooks import verify_webhook
from rutterframe.connect import active_connections, connect, demo, report_basis
from rutterframe.errors import (
    APIError,
    AuthenticationError,
    BadRequest,
    ConfigurationError,
    ConnectionMismatch,
    InvalidDraft,
    InvalidFilter,
    InvalidResponse,
    InvalidRows,
    InvalidSignature,
    LoadError,
    LoadInterrupted,
    MissingCredentials,
    MissingToken,
    NotFound,
    OutcomeUnknown,
    PaginationError,
    PermissionDenied,
    PlatformError,
    PlatformRateLimitExceeded,
    RateLimitExceeded,
    ResponseTooLarge,
    RutterframeError,
    ServerError,
    TransportError,
    WriteInterrupted,
)
from rutterframe.frames import line_items, variants, write_frame
from rutterframe.loaders import (
    NotOfferedWarning,
    iter_frames,
    load_accounts,
    load_ad_accounts,
    load_all,
    load_bank_accounts,
    load_bills,
    load_connections,
    load_customers,
    load_expenses,
    load_invoices,
    load_orders,
    load_products,
    load_transactions,
    receipt,
    resume,
)

__all__ = [
    "APIError",
    "AuthenticationError",
    "BadRequest",
    "Client",
    "ConfigurationError",
    "Connection",
    "ConnectionMismatch",
    "Dataset",
    "InvalidDraft",
    "InvalidFilter",
    "InvalidResponse",
    "InvalidRows",
    "InvalidSignature",
    "LoadError",
    "LoadInterrupted",
    "MissingCredentials",
    "MissingToken",
    "NaiveDatetimeWarning",
    "NotFound",
    "NotOfferedWarning",
    "OutcomeUnknown",
    "PaginationError",
    "PermissionDenied",
    "PlatformError",
    "PlatformRateLimitExceeded",
    "RateLimit",
    "RateLimitExceeded",
    "ResponseTooLarge",
    "RetryPolicy",
    "RutterframeError",
    "ServerError",
    "TransportError",
    "WriteInterrupted",
    "__version__",
    "active_connections",
    "check",
    "connect",
    "demo",
    "iter_frames",
    "line_items",
    "load_accounts",
    "load_ad_accounts",
    "load_all",
    "load_bank_accounts",
    "load_bills",
    "load_connections",
    "load_customers",
    "load_expenses",
    "load_invoices",
    "load_orders",
    "load_products",
    "load_transactions",
    "receipt",
    "refresh",
    "report_basis",
    "reports",
    "resume",
    "tokens",
    "variants",
    "verify_webhook",
    "write_frame",
]

__version__ = "0.1.0"

#: Rooms that are opened when they are first asked for, since they import what many scripts do without.
_ROOMS = ("reports", "widgets")
#: Functions that are fetched from such a room.
_FROM = {"Dataset": "dataset", "check": "quality", "refresh": "dataset"}

if typing.TYPE_CHECKING:  # for type checkers and editors
    import rutterframe.widgets  # noqa: F401
    from rutterframe import reports
    from rutterframe.dataset import Dataset, refresh
    from rutterframe.quality import check
else:  # hidden from type checkers, which would take any name for a room

    def __getattr__(name: str) -> object:
        """Open a room."""
        if name in _ROOMS:
            return importlib.import_module(f"rutterframe.{name}")
        if name in _FROM:
            return getattr(importlib.import_module(f"rutterframe.{_FROM[name]}"), name)
        raise AttributeError(f"module 'rutterframe' has no attribute {name!r}")

    def __dir__() -> list[str]:
        """Show what is meant for users, the rooms included."""
        return sorted({*__all__, *_ROOMS})
