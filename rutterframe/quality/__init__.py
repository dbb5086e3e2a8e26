"""Data checks: a frame of findings, each with its record, severity and explanation."""

from rutterframe.quality.check import check
from rutterframe.quality.findings import FINDINGS, Check, Severity
from rutterframe.quality.specs import CHECKS, all_checks, checks_table

__all__ = ["CHECKS", "FINDINGS", "Check", "Severity", "all_checks", "check", "checks_table"]
