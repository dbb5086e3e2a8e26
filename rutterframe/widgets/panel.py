"""The controls of a picker and their layout; the picker connects them to what they do."""

from __future__ import annotations

from collections.abc import Sequence

import ipywidgets as W  # noqa: N812 - as its own documentation does

from rutterframe.notebook.escape import escape_html
from rutterframe.widgets import messages
from rutterframe.widgets.loading import Loading
from rutterframe.widgets.selection import ListedConnection, Selection

_WIDE = {"description_width": "initial"}
_LINE = "1px solid rgba(128,128,128,.45)"


class Panel:
    """Every control of a picker but the rows of its connections.

    Parameters
    ----------
    choice : Selection
        The selection at first.
    """

    def __init__(self, selection: Selection) -> None:
        self._title = _heading(f"Connections ({selection.environment})")
        self.filter = W.Text(
            description="Filter", placeholder="name, platform or status", style=_WIDE,
            layout=W.Layout(width="340px"),
        )  # fmt: skip
        self.all = W.Button(description="Choose all shown")
        self.none = W.Button(description="Choose none")
        self._count = W.HTML()
        self.list = W.VBox(
            layout=W.Layout(max_height="720px", overflow="hidden auto", border=_LINE, padding="2px 10px 6px")
        )
        self.resources = {
            name: W.Checkbox(
                name in selection.resources, description=messages.resource_label(name), indent=False,
                layout=W.Layout(width="150px"),
            )
            for name in selection.offered
        }  # fmt: skip
        self.since = W.DatePicker(value=selection.since, description="Changed since", style=_WIDE)
        self.load = W.Button(description="Load", button_style="primary")
        self.cancel = W.Button(description="Cancel", disabled=True)
        self._state, self._summary = W.HTML(), W.HTML()

    def controls(self) -> list[W.Widget]:
        """Return the controls from top to bottom; Tab goes through them in this order."""
        wrap = W.Layout(flex_flow="row wrap", align_items="center")
        return [
            self._title,
            W.HBox([self.filter, self.all, self.none], layout=wrap),
            self._count,
            self.list,
            _heading("Resources to load"),
            W.HBox(list(self.resources.values()), layout=wrap),
            W.HBox([self.since, W.HTML(messages.note(messages.DATES))], layout=wrap),
            W.HBox([self.load, self.cancel, self._state], layout=wrap),
            self._summary,
            W.HTML(messages.note(messages.IN_CODE)),
        ]

    def update(
        self, selection: Selection, matching: Sequence[ListedConnection], most: int, loading: Loading | None
    ) -> None:
        """Show the selection, whether it can be loaded, the state of the load, and its result."""
        busy = loading is not None and not loading.ended
        missing = "" if busy else selection.missing()
        self.load.disabled = busy or bool(missing)
        self.cancel.disabled = not busy
        self._count.value = messages.lines([messages.count(selection, matching, most)])
        self._state.value = messages.status_line(missing or messages.state(loading))
        self._summary.value = messages.summary(loading.frames) if loading else ""


def _heading(text: str) -> W.HTML:
    return W.HTML(f'<div style="font-weight:600;font-size:110%;padding-top:4px">{escape_html(text)}</div>')
