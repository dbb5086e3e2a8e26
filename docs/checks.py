"""Write docs/checks.md anew from the table of checks: python docs/checks.py."""

from pathlib import Path

from rutterframe.quality import checks_in_words

PAGE = f"""# What rf.check looks for

`rf.check(frames)` takes what `rf.load_all` or a single loader gives, and returns one row for each finding. An
*error* means that a figure in a report is wrong or missing; a *warning* is probably a mistake; a *note* is
worth knowing. What could not be looked at stands in `attrs["notes"]`.

{checks_in_words()}

This page is made from the table in `rutterframe/quality/specs.py` by `python docs/checks.py`.
"""

if __name__ == "__main__":
    Path(__file__).with_suffix(".md").write_text(PAGE, encoding="utf-8")
