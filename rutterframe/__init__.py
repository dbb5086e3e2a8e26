"""Ledgers, shops, banks and ad platforms as typed pandas DataFrames.

>>> import rutterframe as rf
>>> with rf.demo() as client:
...     invoices = rf.load_invoices(client.connection("roaster-quickbooks"), progress=False)
>>> invoices["amount_due"].dtype
dtype('float64')
"""

import importlib
import importlib.metadata
import typing

# The subpackage `rutterframe.demo` is bound to its name first, so that the function `demo` below replaces it
# for good: a subpackage that is imported later would replace the function. It is empty: this costs nothing.
import rutterframe.accessor  # registers `frame.rf`
import rutterframe.demo
from rutterframe.client import Client, Connection, NaiveDatetimeWarning, RateLimit, RetryPolicy, tokens
from rutterframe.client.webhooks import verify_webhook
from rutterframe.connect import active_connections, connect, demo, report_basis
from rutterframe.entry_points import ExtensionWarning
from rutterframe.errors import (
    APIError,
    AuthenticationError,
    BadRequest,
    ConfigurationError,
    ConnectionMismatch,
    ExtensionError,
    InvalidDraft,
    InvalidFilter,
    InvalidResponse,
    InvalidRows,
    InvalidSignature,
    LoadError,
    LoadInterrupted,
    MissingCredentials,
    MissingToken,
    NeedsReauthentication,
    NotFound,
    OutcomeUnknown,
    PaginationError,
    PermissionDenied,
    PlatformError,
    PlatformRateLimitExceeded,
    ProductNotReady,
    RateLimitExceeded,
    ResponseTooLarge,
    RutterframeError,
    ServerError,
    TransportError,
    WriteInterrupted,
    WrongDialect,
)
from rutterframe.frames import flat, line_items, variants, write_frame
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
    "Books",
    "Client",
    "ConfigurationError",
    "Connection",
    "ConnectionMismatch",
    "Dataset",
    "ExtensionError",
    "ExtensionWarning",
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
    "NeedsReauthentication",
    "NotFound",
    "NotOfferedWarning",
    "OutcomeUnknown",
    "PaginationError",
    "PermissionDenied",
    "PlatformError",
    "PlatformRateLimitExceeded",
    "ProductNotReady",
    "RateLimit",
    "RateLimitExceeded",
    "ResponseTooLarge",
    "RetryPolicy",
    "RutterframeError",
    "ServerError",
    "TransportError",
    "WriteInterrupted",
    "WrongDialect",
    "__version__",
    "active_connections",
    "check",
    "connect",
    "demo",
    "diagnose",
    "extensions",
    "flat",
    "iter_frames",
    "line_items",
    "load_accounts",
    "load_ad_accounts",
    "load_all",
    "load_balance_sheets",
    "load_bank_accounts",
    "load_bank_transactions",
    "load_bill_credit_memos",
    "load_bill_payments",
    "load_bills",
    "load_books",
    "load_cash_flow_statements",
    "load_company_info",
    "load_connections",
    "load_customers",
    "load_events",
    "load_expenses",
    "load_income_statements",
    "load_invoice_credit_memos",
    "load_invoice_payments",
    "load_invoices",
    "load_orders",
    "load_payment_terms",
    "load_payouts",
    "load_products",
    "load_shop_payments",
    "load_stores",
    "load_transactions",
    "load_vendors",
    "open_books",
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

#: Subpackages that are imported on first use, since they import what many scripts do without.
_SUBPACKAGES = ("extensions", "reports", "views", "widgets")
#: Functions and classes of subpackages that are imported on first use.
_LAZY = {
    "Books": "books",
    "Dataset": "dataset",
    "check": "quality",
    "diagnose": "client.diagnose",
    "load_books": "books",
    "open_books": "books",
    "refresh": "dataset",
}
#: Loaders of what only the live dialect has, by their modules.
_LIVE_LOADERS = {
    "live_accounting": (
        "load_bill_credit_memos",
        "load_bill_payments",
        "load_company_info",
        "load_events",
        "load_invoice_credit_memos",
        "load_invoice_payments",
        "load_payment_terms",
        "load_vendors",
    ),
    "live_payments": ("load_bank_transactions", "load_payouts", "load_shop_payments", "load_stores"),
    "live_statements": ("load_balance_sheets", "load_cash_flow_statements", "load_income_statements"),
}
_LAZY |= {name: f"loaders.{module}" for module, names in _LIVE_LOADERS.items() for name in names}

if typing.TYPE_CHECKING:  # for type checkers and editors
    import rutterframe.views
    import rutterframe.widgets  # noqa: F401
    from rutterframe import extensions, reports
    from rutterframe.books import Books, load_books, open_books
    from rutterframe.client.diagnose import diagnose
    from rutterframe.dataset import Dataset, refresh
    from rutterframe.loaders.live_accounting import (
        load_bill_credit_memos,
        load_bill_payments,
        load_company_info,
        load_events,
        load_invoice_credit_memos,
        load_invoice_payments,
        load_payment_terms,
        load_vendors,
    )
    from rutterframe.loaders.live_payments import (
        load_bank_transactions,
        load_payouts,
        load_shop_payments,
        load_stores,
    )
    from rutterframe.loaders.live_statements import (
        load_balance_sheets,
        load_cash_flow_statements,
        load_income_statements,
    )
    from rutterframe.quality import check

    __version__: str
else:  # hidden from type checkers, which would accept any name

    def __getattr__(name: str) -> object:
        """Import a subpackage, or a name from one, on first use."""
        if name == "__version__":
            # pyproject.toml is the one place that has it. Reading the metadata takes some milliseconds.
            return importlib.metadata.version("rutterframe")
        if name in _SUBPACKAGES:
            return importlib.import_module(f"rutterframe.{name}")
        if name in _LAZY:
            try:
                return getattr(importlib.import_module(f"rutterframe.{_LAZY[name]}"), name)
            except ImportError as error:
                return _refuse_use(name, str(error))
        raise AttributeError(f"module 'rutterframe' has no attribute {name!r}")

    def _refuse_use(name: str, reason: str) -> object:
        """Return what raises an error once it is used: help() and ``import *`` work without an extra."""

        def refuse(*_: object, **__: object) -> typing.NoReturn:
            raise ImportError(reason)

        refuse.__name__ = refuse.__qualname__ = name
        refuse.__doc__ = reason
        return refuse

    def __dir__() -> list[str]:
        """List the public names, with the subpackages that users need."""
        return sorted({*__all__, *_SUBPACKAGES})
