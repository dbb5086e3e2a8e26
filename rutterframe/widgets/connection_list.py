"""The list of connections in a picker: rows under their businesses or platforms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import ipywidgets as W  # noqa: N812 - as its own documentation does
from pydantic import SecretStr

from rutterframe.widgets import messages
from rutterframe.widgets.connection_row import BusinessHeading, ConnectionRow, Layouts, heading
from rutterframe.widgets.loading import Loading
from rutterframe.widgets.selection import ListedConnection, Selection

#: Connections that are shown at once: a browser grows slow with thousands of controls.
MAX_SHOWN = 60
_LINE = "1px solid rgba(128,128,128,.45)"


class ConnectionList:
    """The rows of a picker and their headings; each row is created when it is first shown.

    Parameters
    ----------
    selection : Selection
        The connections, and which of them are selected.
    choose : callable
        Receives ids, and whether they are to be selected, when a user ticks them or not.
    token_entered : callable
        Receives an id and the token that was typed for it.

    Attributes
    ----------
    box : ipywidgets.VBox
        The controls.
    matching : list of ListedConnection
        The connections that match the filter; the first `MAX_SHOWN` of them are shown.
    rows : dict of str to ConnectionRow
        The rows that were shown so far, by id.
    """

    def __init__(
        self,
        selection: Selection,
        choose: Callable[[Iterable[str], bool], None],
        token_entered: Callable[[str, SecretStr], None],
    ) -> None:
        self._selection = selection
        self._choose = choose
        self._token_entered = token_entered
        self._layouts = Layouts()
        self._headings: dict[str, BusinessHeading] = {}
        self._loading: Loading | None = None
        self._has_businesses = False
        self.matching: list[ListedConnection] = []
        self.rows: dict[str, ConnectionRow] = {}
        self.box = W.VBox(
            layout=W.Layout(max_height="720px", overflow="hidden auto", border=_LINE, padding="2px 10px 6px")
        )

    @property
    def visible(self) -> Sequence[ListedConnection]:
        """The connections that are shown."""
        return self.matching[:MAX_SHOWN]

    def show(self, matching: list[ListedConnection]) -> None:
        """Show the first of these connections, under the names of their businesses or platforms."""
        self.matching = matching
        self._has_businesses = any(one.business for one in self._selection.listed.values())
        controls: list[W.Widget] = []
        previous = None
        for connection in self.visible:
            group = connection.business if self._has_businesses else connection.platform
            if group != previous:
                controls.append(self._heading(group))
            previous = group
            controls.append(self._row(connection.id).box)
        self.show_statuses()
        self.show_loading(self._loading)
        self.show_selected()
        self.box.children = controls

    def show_selected(self) -> None:
        """Tick what is selected, and ask for the tokens of selected connections that have none."""
        selected = set(self._selection.ids)
        for connection in self.visible:
            is_selected = connection.id in selected
            row = self.rows[connection.id]
            row.tick.value = is_selected
            row.ask_for_token(wanted=is_selected and self._selection.needs_token(connection.id))
        counts: dict[str, list[int]] = {}
        for connection in self.matching:
            count = counts.setdefault(connection.business, [0, 0])
            count[0] += connection.id in selected
            count[1] += 1
        for business, control in self._headings.items():
            control.show(*counts.get(business, (0, 0)))

    def show_statuses(self) -> None:
        """Show the status of each connection, with its platform where the heading does not say it."""
        for connection in self.visible:
            text = messages.status(connection, self._selection.problems.get(connection.id))
            if self._has_businesses:
                text = f"{connection.platform or messages.NO_PLATFORM} · {text}"
            self.rows[connection.id].show_status(text)

    def show_loading(self, loading: Loading | None) -> None:
        """Show the progress or the result of a load; called from its thread."""
        self._loading = loading
        by_connection = loading.progress() if loading is not None else {}
        for connection in self.visible:
            row = self.rows.get(connection.id)  # none yet, if the filter changes in another thread
            if row is not None and loading is not None:
                lists = by_connection.get(connection.id, [])
                row.show(messages.outcome(lists, loading) if lists else [])

    def _heading(self, group: str) -> W.Widget:
        if not (self._has_businesses and group):
            missing = messages.NO_BUSINESS if self._has_businesses else messages.NO_PLATFORM
            return heading(group or missing, self._layouts)
        if group not in self._headings:
            self._headings[group] = BusinessHeading(group, self._layouts, self._business_ticked)
        return self._headings[group].tick

    def _row(self, connection_id: str) -> ConnectionRow:
        if connection_id not in self.rows:
            row = ConnectionRow(connection_id, self._layouts, self._ticked, self._token_entered)
            self.rows[connection_id] = row
        return self.rows[connection_id]

    def _ticked(self, connection_id: str, is_ticked: bool) -> None:
        # What was ticked in code is selected already.
        if is_ticked != (connection_id in self._selection.ids):
            self._choose([connection_id], is_ticked)

    def _business_ticked(self, business: str, is_ticked: bool) -> None:
        """Select or leave out what the filter leaves of a business."""
        ids = [one.id for one in self.matching if one.business == business]
        if ids and is_ticked != set(ids).issubset(self._selection.ids):
            self._choose(ids, is_ticked)
