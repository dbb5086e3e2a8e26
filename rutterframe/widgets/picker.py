"""The connection picker: what is chosen is a `Choice`, what is loaded a `Loading`; this draws the two."""

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
from rutterframe.widgets.selection import Choice, Code, Known

#: Connections that are shown at once: a browser grows slow with thousands of controls.
MOST = 60
_TOKEN_ERRORS = (AuthenticationError, ConnectionMismatch)


class ConnectionPicker(W.VBox):  # type: ignore[misc] # ipywidgets has no type information
    """Choose connections and resources, and load them, by clicks or from code.

    Parameters
    ----------
    client : Client
        Whose connections.
    value : iterable of str
        Ids of the connections that are chosen at first.
    resources : iterable of str
        The resources that are chosen at first.
    updated_at_min : datetime.date, optional
        From when on transactions and orders are loaded; the API filters nothing else by time.

    Attributes
    ----------
    value : tuple of str
        The ids of the chosen connections; can be set, and observed: ``picker.observe(told, "value")``.

    Raises
    ------
    ValueError
        If a connection or a resource is not there.
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
        self._choice = Choice(client, load_connections(client, progress=False))
        self._choice.choose_resources(resources)
        self._choice.since = updated_at_min
        self._loading: Loading | None = None
        self._rows: dict[str, ConnectionRow] = {}
        self._panel = Panel(self._choice)
        super().__init__(self._panel.parts(), layout=W.Layout(width="100%", max_width="900px"))
        self._wire()
        self.value = tuple(value)
        self._show_matching()

    @property
    def connections(self) -> list[Connection]:
        """The chosen connections, opened, for any loader."""
        return [self._choice.connection(one) for one in self.value]

    @property
    def frames(self) -> Frames:
        """What the last load gave, by resource; empty before it, while it runs and after a Cancel."""
        return self._loading.frames if self._loading else Frames()

    @property
    def error(self) -> BaseException | None:
        """Why the last load gave nothing; after a Cancel ``rf.resume(picker.error)`` goes on from there."""
        return self._loading.error if self._loading else None

    def load(self) -> Frames:
        """Load what is chosen, as the button does, but wait for it; for notebooks that run without hands.

        Returns
        -------
        Frames
            The frames by resource. A connection that failed is left out; its line and the receipts say so.

        Raises
        ------
        ValueError
            If nothing is chosen.
        MissingToken
            If a chosen connection has no token.
        RuntimeError
            If a load is under way.
        LoadInterrupted
            On Ctrl-C.
        """
        loading = self._begin()
        loading.run()
        if loading.error is not None:
            raise loading.error
        return loading.frames

    def cancel(self) -> None:
        """End the load that is under way."""
        if self._loading is not None:
            self._loading.cancel()
            self._redraw()

    def code(self) -> Code:
        """Give the lines of Python that load the same without clicks."""
        return self._choice.code()

    def __repr__(self) -> str:
        """Say what is chosen: a saved notebook shows this where there is no kernel."""
        chosen = f"{len(self.value)} of {len(self._choice.known)} connections chosen"
        return f"<ConnectionPicker: {chosen}. After a kernel restart, run this cell again.>"

    def _ipython_display_(self) -> None:
        """Show the controls, and below a line that outlives them: it stays in the saved notebook."""
        display(self._repr_mimebundle_(), raw=True)
        display(HTML(messages.note(messages.AFTER_RESTART)))

    @traitlets.validate("value")
    def _listed(self, proposal: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
        """Refuse ids that are not listed, and put the others in the list's order."""
        self._choice.choose(proposal["value"])
        return self._choice.ids

    @traitlets.observe("value")
    def _value_changed(self, _: object) -> None:
        for known, row in list(self._rows.items()):
            row.tick.value = known in self.value
            row.ask_for_token(wanted=known in self.value and self._choice.lacks_token(known))
        self._redraw()

    def _wire(self) -> None:
        panel = self._panel
        panel.filter.observe(lambda _: self._show_matching(), "value")
        panel.all.on_click(lambda _: self._choose_matching())
        panel.none.on_click(lambda _: setattr(self, "value", ()))
        for control in (*panel.resources.values(), panel.since):
            control.observe(lambda _: self._rest_changed(), "value")
        panel.load.on_click(lambda _: self._begin().start())
        panel.cancel.on_click(lambda _: self.cancel())

    def _matching(self) -> list[Known]:
        return self._choice.matching(self._panel.filter.value)

    def _choose_matching(self) -> None:
        self.value = (*self.value, *(one.id for one in self._matching()[:MOST]))

    def _show_matching(self) -> None:
        """Show the connections that the filter leaves, under the names of their platforms."""
        shown: list[W.Widget] = []
        platform = None
        for one in self._matching()[:MOST]:
            if one.platform != platform:
                shown.append(heading(one.platform))
            platform = one.platform
            shown.append(self._row(one).box)
        self._panel.list.children = shown
        self._redraw()

    def _row(self, one: Known) -> ConnectionRow:
        """Give the controls of a connection, made when they are first shown."""
        if one.id not in self._rows:
            row = self._rows[one.id] = ConnectionRow(one, self._ticked, self._typed)
            row.tick.value = one.id in self.value
            row.ask_for_token(wanted=one.id in self.value and self._choice.lacks_token(one.id))
            if self._loading is not None:
                self._tell_row(row, self._loading, one.id)
        return self._rows[one.id]

    def _ticked(self, connection_id: str, chosen: bool) -> None:
        others = [one for one in self.value if one != connection_id]
        self.value = (*others, connection_id) if chosen else tuple(others)

    def _typed(self, connection_id: str, token: SecretStr) -> None:
        self._choice.take_token(connection_id, token)
        row = self._rows[connection_id]
        row.ask_for_token(wanted=False)
        row.tell(["Token taken: kept in memory until the kernel ends, saved nowhere."])
        self._redraw()

    def _rest_changed(self) -> None:
        panel = self._panel
        self._choice.choose_resources(name for name, tick in panel.resources.items() if tick.value)
        self._choice.since = panel.since.value
        self._redraw()

    def _begin(self) -> Loading:
        """Turn what is chosen into a load."""
        if self._loading is not None and not self._loading.ended:
            raise RuntimeError("A load is under way: wait for its end, or press Cancel")
        self._loading = Loading(self._choice.load(), self._load_moved)
        self._load_moved()
        return self._loading

    def _load_moved(self) -> None:
        """Say how the load stands; called from the thread of the load."""
        if self._loading is not None:
            for known, row in list(self._rows.items()):
                self._tell_row(row, self._loading, known)
        self._redraw()

    def _tell_row(self, row: ConnectionRow, loading: Loading, known: str) -> None:
        lists = loading.progress().get(known, [])
        row.tell(messages.outcome(lists, loading) if lists else [])
        if loading.ended and any(isinstance(one.error, _TOKEN_ERRORS) for one in lists):
            row.ask_for_token(wanted=True)

    def _redraw(self) -> None:
        """Say what is chosen, and how the whole load stands."""
        self._panel.tell(self._choice, self._matching(), MOST, self._loading)
