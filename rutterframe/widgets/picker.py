"""The connection picker: controls for a `Selection` of connections, and for the `Loading` of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import ipywidgets as W  # noqa: N812 - as its own documentation does
import traitlets
from IPython.display import HTML, display
from pydantic import SecretStr

from rutterframe.books import Books
from rutterframe.books.load import books_of
from rutterframe.client import Client, Connection
from rutterframe.client.demo_defaults import demo_defaults
from rutterframe.connect import read_businesses
from rutterframe.errors import AuthenticationError, ConnectionMismatch, RutterframeError
from rutterframe.loaders import load_connections
from rutterframe.reports.businesses import Businesses, owners
from rutterframe.widgets import messages
from rutterframe.widgets.connection_list import ConnectionList
from rutterframe.widgets.loading import Frames, Loading
from rutterframe.widgets.memory import Memory
from rutterframe.widgets.panel import Panel
from rutterframe.widgets.selection import Choice, Code, Selection

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
    businesses : mapping of str to sequence of str, optional
        The connections of each business, which are listed together under its name, with a checkbox for all
        of them; ``RUTTER_BUSINESSES``, or the demo's two, when left out.

    Attributes
    ----------
    value : tuple of str
        The ids of the selected connections; can be set, and observed: ``picker.observe(handler, "value")``.

    Raises
    ------
    ValueError
        If a connection or a resource does not exist, or a business lists a connection twice.
    RutterframeError
        If the connections cannot be listed.
    ConfigurationError
        If ``RUTTER_BUSINESSES`` is not valid.

    Notes
    -----
    A choice made by hand is remembered in the kernel: a cell that runs again with the same arguments shows
    that choice, with a line that says so and a button that returns to the arguments. What is set in code
    (``picker.value = …``) is not remembered, and tokens never are.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     picker = rf.widgets.ConnectionPicker(client, value=["gear-xero"])
    ...     books = picker.load()
    >>> books
    <Books as of 2026-06-30: gear-xero, 437 rows, complete; DEMO DATA>
    >>> books.frames["invoices"] is picker.frames["invoices"]
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
        businesses: Businesses | None = None,
    ) -> None:
        if isinstance(value, str):
            raise TypeError(f"value takes several connection ids: write [{value!r}]")
        if not isinstance(client, Client):
            raise TypeError(
                f"ConnectionPicker takes a Client, not {type(client).__name__}: "
                "pass rf.connect(), rf.Client() or rf.demo()"
            )
        self._client = client
        self._businesses = businesses
        owners(businesses)
        known = _businesses_of(client) if businesses is None else businesses
        self._selection = Selection(client, load_connections(client, progress=False), known)
        self._selection.select(value)
        self._selection.select_resources(resources)
        self._selection.since = updated_at_min
        self._loading: Loading | None = None
        self._books: Books | None = None
        self._list = ConnectionList(self._selection, self._choose, self._token_entered)
        self._panel = Panel(self._selection, self._list)
        super().__init__(self._panel.controls(), layout=W.Layout(width="100%", max_width="900px"))
        self._memory = Memory(client, self._selection.choice)
        self.value = self._selection.ids
        self._restore()
        self._show_matching()
        self._panel.show_list(messages.listed(self._selection))
        self._connect_events()

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

    @property
    def books(self) -> Books:
        """The frames of the last load as books, with every report as a method.

        Raises
        ------
        RuntimeError
            If there are no frames.
        """
        if self._loading is None or not self._loading.frames:
            raise RuntimeError("Nothing is loaded: choose connections, then press Load or call load()")
        if self._books is None:
            frames = self._loading.frames
            ids = next(iter(frames.values())).attrs["receipt"]["connections"]
            opened = [self._selection.connection(connection_id) for connection_id in ids]
            listed = self._businesses and {
                name: [one for one in group if one in ids] for name, group in self._businesses.items()
            }
            businesses = {name: group for name, group in (listed or {}).items() if group}
            self._books = books_of(frames, opened, businesses=businesses or None)
        return self._books

    def load(self, *, again: bool = False) -> Books:
        """Return the selection as books: what the Load button loaded, or a load of its own.

        Parameters
        ----------
        again : bool
            Whether to load also what was loaded already.

        Returns
        -------
        Books
            With the very frames of ``picker.frames``. What was loaded, by the button or by an earlier call,
            is not loaded a second time as long as the choice is the same; a load that is under way is waited
            for. A connection that failed is left out; its line, the receipts and the books' notes say so.

        Raises
        ------
        ValueError
            If nothing is selected.
        MissingToken
            If a selected connection has no token.
        RuntimeError
            If a load of another choice is under way.
        LoadInterrupted
            On Ctrl-C.

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     rf.widgets.ConnectionPicker(client, value=["gear-bank"]).load()
        <Books as of 2026-06-30: gear-bank, ... rows, complete; DEMO DATA>
        """
        loading = self._loading
        is_same = loading is not None and not again and loading.choice == self._selection.what_loads
        if loading is None or not is_same or (loading.ended and loading.error is not None):
            loading = self._new_load()
            loading.run()
        else:
            loading.join()
        if loading.error is not None:
            raise loading.error
        return self.books

    def cancel(self) -> None:
        """End the load that is under way.

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     picker = rf.widgets.ConnectionPicker(client, value=["gear-bank"])
        ...     picker.cancel()  # nothing is loading
        """
        if self._loading is not None:
            self._loading.cancel()
            self._update_panel()

    def code(self) -> Code:
        """Return the lines of Python that load the same without clicks.

        Returns
        -------
        str
            The lines.

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     print(rf.widgets.ConnectionPicker(client, value=["gear-bank"]).code().splitlines()[0])
        import rutterframe as rf
        """
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
        self._list.show_selected()
        self._update_panel()

    def _connect_events(self) -> None:
        panel = self._panel
        panel.filter.observe(lambda _: self._show_matching(), "value")
        panel.all.on_click(lambda _: self._choose((one.id for one in self._list.visible), wanted=True))
        panel.active.on_click(lambda _: self._choose_active())
        panel.none.on_click(lambda _: self._choose((one.id for one in self._list.matching), wanted=False))
        for control in (*panel.resources.values(), panel.since):
            control.observe(lambda _: self._options_changed(), "value")
        panel.load.on_click(lambda _: self._new_load().start())
        panel.cancel.on_click(lambda _: self.cancel())
        panel.update_list.on_click(lambda _: self._update_list())
        panel.reset.on_click(lambda _: self._reset())

    def _show_matching(self) -> None:
        """Show the connections that match the filter."""
        self._list.show(self._selection.matching(self._panel.filter.value))
        self._update_panel()

    def _choose(self, ids: Iterable[str], wanted: bool) -> None:
        """Select connections, or leave them out, and leave all others as they are: a user did it."""
        changed = dict.fromkeys(ids)
        rest = [connection_id for connection_id in self.value if connection_id not in changed]
        self.value = (*rest, *changed) if wanted else tuple(rest)
        self._memory.remember(self._selection.choice)

    def _choose_active(self) -> None:
        """Select the active ones of the connections that match the filter."""
        is_active = self._selection.is_active
        self._choose([one.id for one in self._list.matching if is_active(one)], wanted=True)

    def _options_changed(self) -> None:
        panel = self._panel
        self._selection.select_resources(name for name, tick in panel.resources.items() if tick.value)
        self._selection.since = panel.since.value
        self._memory.remember(self._selection.choice)
        self._update_panel()

    def _restore(self) -> None:
        """Show the choice that was made by hand before the cell ran again."""
        choice = self._memory.choice
        if choice is not None:
            ids = tuple(name for name in choice.ids if name in self._selection.listed)
            self._set_choice(Choice(ids, choice.resources, choice.since))
        self._panel.show_memory(None if choice is None else self._selection.choice)

    def _reset(self) -> None:
        """Return to what the cell passes."""
        self._set_choice(self._memory.arguments)
        self._memory.forget()
        self._panel.show_memory(None)

    def _set_choice(self, choice: Choice) -> None:
        self._selection.select_resources(choice.resources)
        self._selection.since = choice.since
        self._panel.show_choice(choice)
        self.value = tuple(name for name in choice.ids if name in self._selection.listed)
        self._update_panel()

    def _update_list(self) -> None:
        """Read the list of connections again, with their statuses."""
        panel = self._panel
        panel.show_list("Reading the list of connections …")
        try:
            missing = self._selection.update(load_connections(self._client, progress=False))
        except (RutterframeError, RuntimeError) as error:
            reason = str(error).partition("\n")[0]
            panel.show_list(f"The list could not be read: {reason} {messages.listed(self._selection)}")
            return
        self.value = self._selection.ids
        self._show_matching()
        panel.show_list(f"{messages.listed(self._selection)} {messages.dropped_ids(missing)}".strip())

    def _token_entered(self, connection_id: str, token: SecretStr) -> None:
        self._selection.set_token(connection_id, token)
        if self._loading is not None:
            self._loading.choice = None
        row = self._list.rows[connection_id]
        row.ask_for_token(wanted=False)
        row.show(["Token entered: it stays in memory until the kernel ends, and is saved nowhere."])
        self._list.show_statuses()
        self._update_panel()

    def _new_load(self) -> Loading:
        """Return the load of the selection, before its start."""
        if self._loading is not None and not self._loading.ended:
            raise RuntimeError("A load of another choice is under way: wait for its end, or press Cancel")
        loading = Loading(self._selection.new_job(), self._selection.what_loads, self._load_updated)
        self._loading, self._books = loading, None
        self._load_updated()
        return loading

    def _load_updated(self) -> None:
        """Show the state of the load; called from its thread."""
        if self._loading is not None:
            if self._loading.ended:
                self._note_problems(self._loading)
            self._list.show_loading(self._loading)
        self._update_panel()

    def _note_problems(self, loading: Loading) -> None:
        """Note what a load found out about connections, which the list of them did not say."""
        for connection_id, lists in loading.progress().items():
            errors = [progress.error for progress in lists]
            problems = [text for text in map(messages.problem, errors) if text is not None]
            if problems:
                self._selection.problems[connection_id] = problems[0]
            elif loading.error is None:
                self._selection.problems.pop(connection_id, None)
            if any(isinstance(error, _TOKEN_ERRORS) for error in errors):
                self._selection.refused_tokens.add(connection_id)
        self._list.show_statuses()
        self._list.show_selected()

    def _update_panel(self) -> None:
        """Show the selection, and the state of the whole load."""
        self._panel.update(self._selection, self._loading)


def _businesses_of(client: Client) -> Businesses | None:
    """Return the businesses of the environment, or of the demo."""
    businesses = read_businesses()
    of_demo = demo_defaults(client)
    if businesses is None and of_demo is not None:
        return of_demo.businesses
    return businesses
