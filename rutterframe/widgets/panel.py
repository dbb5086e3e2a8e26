"""The controls of a picker and their layout; the picker connects them to what they do."""

from __future__ import annotations

import ipywidgets as W  # noqa: N812 - as its own documentation does

from rutterframe.notebook.escape import escape_html
from rutterframe.widgets import messages
from rutterframe.widgets.connection_list import MAX_SHOWN, ConnectionList
from rutterframe.widgets.loading import Loading
from rutterframe.widgets.selection import Choice, Selection

_WIDE = {"description_width": "initial"}


class Panel:
    """Every control of a picker but the rows of its connections.

    Parameters
    ----------
    selection : Selection
        The selection at first.
    rows : ConnectionList
        The list of its connections.
    """

    def __init__(self, selection: Selection, rows: ConnectionList) -> None:
        self._rows = rows
        self._title = _heading(f"Connections ({selection.environment})")
        self.filter = W.Text(
            description="Filter", placeholder="name, business, platform or status", style=_WIDE,
            layout=W.Layout(width="340px"), continuous_update=True,
        )  # fmt: skip
        self.all = W.Button(description="Choose all shown")
        self.active = W.Button(description="Choose all active")
        self.none = W.Button(description="Choose none")
        self._count, self._listed = W.HTML(), W.HTML()
        self._remembered = W.HTML(layout=W.Layout(flex="1 1 0"))
        self.update_list = W.Button(description="Update list")
        self.reset = W.Button(description="Reset")
        self._memory = W.HBox([self.reset, self._remembered], layout=W.Layout(align_items="center"))
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
        wrap = _wrap()
        return [
            self._title,
            W.HBox([self.update_list, self._listed], layout=wrap),
            self._memory,
            W.HBox([self.filter, self.active, self.all, self.none], layout=wrap),
            self._count,
            self._rows.box,
            _heading("Resources to load"),
            W.HBox(list(self.resources.values()), layout=wrap),
            W.HBox([self.since, W.HTML(messages.note(messages.DATES))], layout=wrap),
            W.HBox([self.load, self.cancel, self._state], layout=wrap),
            self._summary,
            W.HTML(messages.note(messages.IN_CODE)),
        ]

    def show_choice(self, choice: Choice) -> None:
        """Set the controls of resources and date."""
        for name, tick in self.resources.items():
            tick.value = name in choice.resources
        self.since.value = choice.since

    def show_memory(self, choice: Choice | None) -> None:
        """Show that a choice was remembered, with the button that resets it; None hides both."""
        self._remembered.value = messages.status_line(messages.remembered(choice)) if choice else ""
        self._memory.layout.display = "" if choice else "none"

    def show_list(self, text: str) -> None:
        """Show how old the list of connections is, or why it could not be read."""
        self._listed.value = messages.status_line(text)

    def update(self, selection: Selection, loading: Loading | None) -> None:
        """Show the selection, whether it can be loaded, the state of the load, and its result."""
        busy = loading is not None and not loading.ended
        missing = "" if busy else selection.missing()
        is_changed = loading is not None and loading.choice != selection.what_loads
        self.load.disabled = busy or bool(missing)
        self.update_list.disabled = busy
        self.cancel.disabled = not busy
        self._count.value = messages.lines([messages.count(selection, self._rows.matching, MAX_SHOWN)])
        self._state.value = messages.status_line(missing or messages.state(loading, is_changed=is_changed))
        self._summary.value = messages.summary(loading.frames) if loading else ""


def _wrap() -> W.Layout:
    return W.Layout(flex_flow="row wrap", align_items="center")


def _heading(text: str) -> W.HTML:
    return W.HTML(f'<div style="font-weight:600;font-size:110%;padding-top:4px">{escape_html(text)}</div>')
