"""Findings: the sentences that follow from frames and reports, each with its exact numbers.

Pure functions from frames and reports to `Findings`. They take the tables that a reader sees beside them, so
that a sentence has the same rows, shares and totals as its table and its chart. `findings` computes those of
books, by topic.
"""

from rutterframe.findings.aging import largest_overdue, payables, receivables
from rutterframe.findings.cash import changes, lows, outflows, overdrawn
from rutterframe.findings.load import ledgers, loads
from rutterframe.findings.records import TOPICS, Finding, Findings
from rutterframe.findings.revenue import last_quarter, leaders
from rutterframe.findings.summaries import comparisons, largest_debtors, positions, summaries
from rutterframe.findings.topics import BooksLike, findings

__all__ = [
    "TOPICS",
    "BooksLike",
    "Finding",
    "Findings",
    "changes",
    "comparisons",
    "findings",
    "largest_debtors",
    "largest_overdue",
    "last_quarter",
    "leaders",
    "ledgers",
    "loads",
    "lows",
    "outflows",
    "overdrawn",
    "payables",
    "positions",
    "receivables",
    "summaries",
]
