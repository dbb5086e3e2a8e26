"""What a data check of your own is made of.

See docs/howto/extend-check.md for an example, which is an installable package.
"""

from rutterframe.quality.findings import Check, Matches, Severity
from rutterframe.quality.frames import FrameSet

__all__ = ["Check", "FrameSet", "Matches", "Severity"]
