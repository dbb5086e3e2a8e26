"""The connections of the two companies, the broken and the closed one included."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rutterframe.demo.books.calendar import CLOSING, OPENING, moment, moment_text

if TYPE_CHECKING:
    from rutterframe.demo.books.dirt import Record


class Connection(NamedTuple):
    """A platform that a company has connected."""

    id: str
    platform: str
    status: str
    created: int  # day
    updated: int  # day

    def record(self) -> Record:
        """Return the connection as the API shows it."""
        return {
            "id": self.id,
            "platform": self.platform,
            "status": self.status,
            "created_at": moment_text(moment(self.created, 34_200)),
            "updated_at": moment_text(moment(self.updated, 21_600)),
        }


CONNECTIONS = (
    Connection("roaster-quickbooks", "quickbooks", "active", OPENING, CLOSING),
    Connection("roaster-shopify", "shopify", "active", OPENING, CLOSING),
    Connection("roaster-bank", "plaid", "active", OPENING + 1, CLOSING),
    Connection("roaster-google-ads", "google_ads", "active", OPENING + 44, CLOSING),
    Connection("roaster-netsuite-old", "netsuite", "error", OPENING - 240, CLOSING - 97),
    Connection("gear-xero", "xero", "active", OPENING + 2, CLOSING),
    Connection("gear-shopify", "shopify", "active", OPENING + 2, CLOSING),
    Connection("gear-amazon", "amazon", "active", OPENING + 2, CLOSING),
    Connection("gear-bank", "plaid", "active", OPENING + 3, CLOSING),
    Connection("gear-ebay-closed", "ebay", "inactive", OPENING - 300, CLOSING - 260),
)

AD_ACCOUNTS = (
    ("Harbour Light, search", "ENABLED"),
    ("Harbour Light, shopping", "ENABLED"),
    ("Harbour Light, holiday 2024", "SUSPENDED"),
)
