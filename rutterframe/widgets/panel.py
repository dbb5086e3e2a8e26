"""The controls of a picker and where they stand; what they do is the picker's business."""

from __future__ import annotations

import html
from collections.abc import Sequence

import ipywidgets as W  # noqa: N812 - as its own documentation does

from rutterframe.models import RESOURCES
from rutterframe.widgets import messages
from rutterframe.widgets.loading import Loading
from rutterframe.widgets.selection import Choice, Known

_WIDE = {"description_width": "initial"}
_LINE = "1px solid rgba(128,128,128,.45)"


class Panel:
    """Every control of a picker but the rows of its connections.

    Parameters
    ----------
    choice : Choice
        What is chosen at first.
    """

    def __init__(self, choice: Choice) -> None:
        self._title = _heading(f"Connections ({choice.environment})")
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
                name in choice.resources, description=messages.resource_label(name), indent=False,
                layout=W.Layout(width="150px"),
            )
            for name in RESOURCES
        }  # fmt: skip
        self.since = W.DatePicker(value=choice.since, description="Changed since", style=_WIDE)
        self.load = W.Button(description="Load", button_style="primary")
        self.cancel = W.Button(description="Cancel", disabled=True)
        self._state, self._summary = W.HTML(), W.HTML()

    def parts(self) -> list[W.Widget]:
        """Give the controls from top to bottom; Tab goes through them in this order."""
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

    def tell(self, choice: Choice, shown: Sequence[Known], most: int, loading: Loading | None) -> None:
        """Say what is chosen, whether it can be loaded, how the load stands, and what it gave."""
        busy = loading is not None and not loading.ended
        obstacle = "" if busy else choice.obstacle()
        self.load.disabled = busy or bool(obstacle)
        self.cancel.disabled = not busy
        self._count.value = messages.lines([messages.count(choice, shown, most)])
        self._state.value = messages.status_line(obstacle or messages.state(loading))
        self._summary.value = messages.summary(loading.frames) if loading else ""


def _heading(text: str) -> W.HTML:
    return W.HTML(f'<div style="font-weight:600;font-size:110%;padding-top:4px">{html.escape(text)}</div>')
