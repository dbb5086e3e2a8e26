"""One call, every page, one typed DataFrame, with a receipt that proves it."""

from rutterframe.frames.receipt import receipt
from rutterframe.loaders.accounting import (
    load_accounts,
    load_bills,
    load_expenses,
    load_invoices,
    load_transactions,
)
from rutterframe.loaders.ads import load_ad_accounts
from rutterframe.loaders.banking import load_bank_accounts
from rutterframe.loaders.commerce import load_customers, load_orders, load_products
from rutterframe.loaders.iter_frames import iter_frames
from rutterframe.loaders.job import LoadJob, load, resume
from rutterframe.loaders.not_offered import NotOfferedWarning
from rutterframe.loaders.options import Options
from rutterframe.loaders.portfolio import load_all, load_connections
from rutterframe.loaders.progress import ListProgress

__all__ = [
    "ListProgress",
    "LoadJob",
    "NotOfferedWarning",
    "Options",
    "iter_frames",
    "load",
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
    "resume",
]
