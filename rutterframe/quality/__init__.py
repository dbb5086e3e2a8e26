"""What is wrong with the data itself? A frame of findings, each with its record and why it matters."""

from rutterframe.quality.check import check
from rutterframe.quality.findings import FINDINGS, Check, Severity
from rutterframe.quality.specs import CHECKS, checks_in_words

__all__ = ["CHECKS", "FINDINGS", "Check", "Severity", "check", "checks_in_words"]
