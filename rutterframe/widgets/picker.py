"""The connection picker: controls for a `Selection` of connections, and for the `Loading` of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import ipywidgets as W  # noqa: N812 - as its own documentation does
import traitlets
from IPython.display import HTML, display
from pydantic import SecretStr

from rutterframe.client import Client, Connection
from rutterframe.errors import AuthenticationError, ConnectionMismatch
from rutterframe.loaders import load_connections
from rutterframe.widgets import messages
from rutterframe.widgets.connection_row import ConnectionRow, heading
from rutterframe.widgets.loading import Frames, Loading
from rutterframe.widgets.panel import Panel
from rutterframe.widgets.selection import Code, ListedConnection, Selection

#: Connections that are shown at once: a browser grows slow with thousands of controls.
MAX_SHOWN = 60
_TOKEN_ERRORS = (AuthenticationError, ConnectionMismatch)


class ConnectionPicker(W.VBox):  # type: ignore[misc] # ipywidgets has no type information
    """Choose connections and resources, and load them, by clicks or from code.

    Parameters
    ----------
    client : Client
        The client that lists and opens the connections.
    value : iterable of str
        Ids of the connections that are selected at first.
    resources : iterable of str
        The resources that are selected at first.
    updated_at_min : datetime.date, optional
        From when on transactions and orders are loaded; the API filters nothing else by time.

    Attributes
    ----------
    value : tuple of str
        The ids of the selected connections; can be set, and observed: ``picker.observe(handler, "value")``.

    Raises
    ------
    ValueError
        If a connection or a resource does not exist.
    RutterframeError
        If the connections cannot be listed.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     picker = rf.widgets.ConnectionPicker(client, value=["gear-xero"])
    ...     frames = picker.load()
    >>> frames["invoices"].attrs["receipt"]["complete"]
    True
    >>> picker
    <ConnectionPicker: 1 of 10 connections chosen. After a kernel restart, run this cell again.>
    """

    value = traitlets.Tuple()

    def __init__(
        self,
        client: Client,
        *,
        value: Iterable[str] = (),
        resources: Iterable[str] = ("invoices",),
        updated_at_min: date | None = None,
    ) -> None:
        if isinstance(value, str):
            raise TypeError(f"value takes several connection ids: write [{value!r}]")
        self._selection = Selection(client, load_connections(client, progress=False))
        self._selection.select_resources(resources)
        self._selection.since = updated_at_min
        self._loading: Loading | None = None
        self._rows: dict[str, ConnectionRow] = {}
        self._panel = Panel(self._selection)
        super().__init__(self._panel.controls(), layout=W.Layout(width="100%", max_width="900px"))
        self._connect_events()
        self.value = tuple(value)
        self._show_matching()

    @property
    def connections(self) -> list[Connection]:
        """The selected connections, for any loader."""
        return [self._selection.connection(connection_id) for connection_id in self.value]

    @property
    def frames(self) -> Frames:
        """The frames of the last load, by resource; empty before it, while it runs and after a Cancel."""
        return self._loading.frames if self._loading else Frames()

    @property
    def error(self) -> BaseException | None:
        """Why the last load has no frames; after a Cancel ``rf.resume(picker.error)`` continues it."""
        return self._loading.error if self._loading else None

    def load(self) -> Frames:
        """Load the selection, as the button does, and wait for the end; for notebooks that run unattended.

        Returns
        -------
        Frames
            The frames by resource. A connection that failed is left out; its line and the receipts say so.

        Raises
        ------
        ValueError
            If nothing is selected.
        MissingToken
            If a selected connection has no token.
        RuntimeError
            If a load is under way.
        LoadInterrupted
            On Ctrl-C.
        """
        loading = self._new_load()
        loading.run()
        if loading.error is not None:
            raise loading.error
        return loading.frames

    def cancel(self) -> None:
        """End the load that is under way."""
        if self._loading is not None:
            self._loading.cancel()
            self._update_panel()

    def code(self) -> Code:
        """Return the lines of Python that load the same without clicks."""
        return self._selection.code()

    def __repr__(self) -> str:
        """Show how much is selected: a saved notebook has this where there is no kernel."""
        count = f"{len(self.value)} of {len(self._selection.listed)} connections chosen"
        return f"<ConnectionPicker: {count}. After a kernel restart, run this cell again.>"

    def _ipython_display_(self) -> None:
        """Show the controls, and below a line that stays in the saved notebook."""
        display(self._repr_mimebundle_(), raw=True)
        display(HTML(messages.note(messages.AFTER_RESTART)))

    @traitlets.validate("value")
    def _validate_value(self, proposal: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
        """Refuse ids that are not listed, and put the others in the list's order."""
        self._selection.select(proposal["value"])
        return self._selection.ids

    @traitlets.observe("value")
    def _value_changed(self, _: object) -> None:
        for connection_id, row in list(self._rows.items()):
            self._show_selected(row, connection_id)
        self._update_panel()

    def _show_selected(self, row: ConnectionRow, connection_id: str) -> None:
        """Tick the row of a selected connection, and ask for its token if none is known."""
        is_selected = connection_id in self.value
        row.tick.value = is_selected
        row.ask_for_token(wanted=is_selected and self._selection.lacks_token(connection_id))

    def _connect_events(self) -> None:
        panel = self._panel
        panel.filter.observe(lambda _: self._show_matching(), "value")
        panel.all.on_click(lambda _: self._select_matching())
        panel.none.on_click(lambda _: setattr(self, "value", ()))
        for control in (*panel.resources.values(), panel.since):
            control.observe(lambda _: self._options_changed(), "value")
        panel.load.on_click(lambda _: self._new_load().start())
        panel.cancel.on_click(lambda _: self.cancel())

    def _matching(self) -> list[ListedConnection]:
        return self._selection.matching(self._panel.filter.value)

    def _select_matching(self) -> None:
        self.value = (*self.value, *(connection.id for connection in self._matching()[:MAX_SHOWN]))

    def _show_matching(self) -> None:
        """Show the connections that match the filter, under the names of their platforms."""
        controls: list[W.Widget] = []
        platform = None
        for connection in self._matching()[:MAX_SHOWN]:
            if connection.platform != platform:
                controls.append(heading(connection.platform))
            platform = connection.platform
            controls.append(self._row(connection).box)
        self._panel.list.children = controls
        self._update_panel()

    def _row(self, connection: ListedConnection) -> ConnectionRow:
        """Return the controls of a connection; they are created when they are first shown."""
        if connection.id not in self._rows:
            row = ConnectionRow(connection, self._tick_changed, self._token_entered)
            self._rows[connection.id] = row
            self._show_selected(row, connection.id)
            if self._loading is not None:
                self._update_row(row, self._loading, connection.id)
        return self._rows[connection.id]

    def _tick_changed(self, connection_id: str, is_ticked: bool) -> None:
        ids = tuple(selected for selected in self.value if selected != connection_id)
        self.value = (*ids, connection_id) if is_ticked else ids

    def _token_entered(self, connection_id: str, token: SecretStr) -> None:
        self._selection.set_token(connection_id, token)
        row = self._rows[connection_id]
        row.ask_for_token(wanted=False)
        row.show(["Token entered: it stays in memory until the kernel ends, and is saved nowhere."])
        self._update_panel()

    def _options_changed(self) -> None:
        panel = self._panel
        self._selection.select_resources(name for name, tick in panel.resources.items() if tick.value)
        self._selection.since = panel.since.value
        self._update_panel()

    def _new_load(self) -> Loading:
        """Return the load of the selection, before its start."""
        if self._loading is not None and not self._loading.ended:
            raise RuntimeError("A load is under way: wait for its end, or press Cancel")
        self._loading = Loading(self._selection.new_job(), self._load_updated)
        self._load_updated()
        return self._loading

    def _load_updated(self) -> None:
        """Show the state of the load; called from its thread."""
        if self._loading is not None:
            for connection_id, row in list(self._rows.items()):
                self._update_row(row, self._loading, connection_id)
        self._update_panel()

    def _update_row(self, row: ConnectionRow, loading: Loading, connection_id: str) -> None:
        lists = loading.progress().get(connection_id, [])
        row.show(messages.outcome(lists, loading) if lists else [])
        if loading.ended and any(isinstance(progress.error, _TOKEN_ERRORS) for progress in lists):
            row.ask_for_token(wanted=True)

    def _update_panel(self) -> None:
        """Show the selection, and the state of the whole load."""
        self._panel.update(self._selection, self._matching(), MAX_SHOWN, self._loading)
