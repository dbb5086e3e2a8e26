"""Generate docs/reference/checks.md from the table of checks: python docs/reference/checks.py."""

from pathlib import Path

from rutterframe.quality import checks_table

PAGE = f"""# The checks of rf.check

`rf.check(frames)` takes the frames of `rf.load_all`, or one frame, and returns one row for each finding. An
*error* means that a figure in a report is wrong or missing; a *warning* is probably a mistake; a *note* is
worth knowing. What could not be checked is in `attrs["notes"]`.

{checks_table()}

This page is generated from the table in `rutterframe/quality/specs.py` by `python docs/reference/checks.py`.
"""

if __name__ == "__main__":
    Path(__file__).with_suffix(".md").write_text(PAGE, encoding="utf-8")
