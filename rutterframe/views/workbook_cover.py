"""Draw the cover of a workbook: the business, as of when, the verdict, the contents, and who signs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from rutterframe.views.sheets import Sheet, cell
from rutterframe.views.workbook_print import ROW

#: The name of the cover's sheet.
COVER = "Cover"

_MOST_NAMES = 12
_WIDTHS = (26, 62, 20)
_COMPLETE = {
    True: "yes: every list was read to its end",
    False: "NO: see the receipts",
    None: "not recorded",
}


class Entry(NamedTuple):
    """A sheet in the contents: its name, its question, and how many rows it has, where that matters."""

    sheet: str
    question: str
    rows: int | None = None


class Cover(NamedTuple):
    """What a cover states.

    Attributes
    ----------
    title : str
        The title of the workbook.
    business : tuple of str
        The names of the businesses.
    connections : list of str
        The connections that the data is from.
    as_of : str
        The day of the reports.
    fetched : str
        When the data was fetched.
    complete : bool
        Whether all of it is there; None if that is not recorded.
    verdict : str
        How many totals agree with their sources.
    """

    title: str
    business: tuple[str, ...]
    connections: Sequence[str]
    as_of: str
    fetched: str
    complete: bool | None
    verdict: str

    @property
    def top(self) -> str:
        """The business, or else the title: what stands at the top of each page."""
        return _listed(self.business) if self.business else self.title


def draw_cover(sheet: Sheet, cover: Cover, entries: Iterable[Entry]) -> None:
    """Draw the cover: what the books are, the verdict, links to all sheets, and lines to sign on."""
    sheet.head(cover.title, "What is in this workbook, and does it agree with the books?")
    facts = {
        "Business": _listed(cover.business) or "not stated",
        "Connections": _listed(cover.connections) or "not recorded",
        "As of": cover.as_of or "each report as it says",
        "Data fetched": cover.fetched.removeprefix("Data fetched "),
        "Data complete": _COMPLETE[cover.complete],
        "Verdict": cover.verdict,
    }
    for label, text in facts.items():
        is_alarm = "DIFFER" in text or text.startswith("NO:")
        style: dict[str, Any] = {"bold": True, "font_color": "red"} if is_alarm else {}
        sheet.text(0, label, bold=True, valign="top")
        sheet.text(1, text, text_wrap=True, valign="top", align="left", indent=0, **style)
        sheet.height(ROW * max(1, -(-len(text) // _WIDTHS[1])))
        sheet.row += 1
    sheet.row += 1
    _draw_row(sheet, ("Contents", "Question", "Rows"), bold=True, bottom=1)
    for entry in entries:
        sheet.text(0, entry.sheet, link=cell(entry.sheet, 0))
        sheet.text(1, entry.question, indent=0)
        if entry.rows is not None:
            style = sheet.style(num_format="#,##0", align="right")
            sheet.sheet.write_number(sheet.row, 2, entry.rows, style)
        sheet.row += 1
    sheet.row += 1
    _draw_row(sheet, ("", "Name and signature", "Date"), bold=True)
    for label in ("Prepared by", "Reviewed by"):
        sheet.height(30)
        sheet.text(0, label, bold=True, valign="bottom")
        for place in (1, 2):
            sheet.sheet.write_blank(sheet.row, place, None, sheet.style(bottom=1))
        sheet.row += 1
    sheet.widths = dict(enumerate(_WIDTHS))
    sheet.close()


def is_complete(receipts: Sequence[Mapping[str, Any]]) -> bool | None:
    """Return whether all loads are complete; None if that is not recorded of all that are not incomplete."""
    flags = [receipt.get("complete") for receipt in receipts]
    if False in flags:
        return False
    return None if not flags or None in flags else True


def _draw_row(sheet: Sheet, texts: Sequence[str], **style: Any) -> None:
    for place, text in enumerate(texts):
        side: dict[str, Any] = {"align": "right"} if text == "Rows" else {}
        sheet.text(place, text, **style, **side)
    sheet.row += 1


def _listed(names: Sequence[str]) -> str:
    """List names, as many as a reader reads."""
    more = len(names) - _MOST_NAMES
    return ", ".join([*names[:_MOST_NAMES], *([f"and {more:,} more"] if more > 0 else [])])
