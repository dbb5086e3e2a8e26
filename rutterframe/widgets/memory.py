"""The choice that was made by hand in a picker: remembered in the kernel, for when its cell runs again."""

from __future__ import annotations

from collections.abc import MutableMapping
from weakref import WeakKeyDictionary

from IPython.core.getipython import get_ipython

from rutterframe.client import Client
from rutterframe.widgets.selection import Choice

#: By kernel (by client where there is none): the choice, by environment, dialect and the cell's own choice.
_REMEMBERED: MutableMapping[object, dict[tuple[str, str, Choice], Choice]] = WeakKeyDictionary()


class Memory:
    """Remembers the choice that replaces the arguments of a picker; ids, names and a date, nothing secret.

    Parameters
    ----------
    client : Client
        The client of the picker: a choice counts for its environment and dialect.
    arguments : Choice
        What the cell passed: a cell that passes something else has a memory of its own.

    Examples
    --------
    >>> import rutterframe as rf
    >>> from rutterframe.widgets.selection import Choice
    >>> with rf.demo() as client:
    ...     Memory(client, Choice((), ("invoices",), None)).choice is None
    True
    """

    def __init__(self, client: Client, arguments: Choice) -> None:
        self.arguments = arguments
        environment = client.connections.listing().session.server.environment
        self._key = (environment, client.dialect, arguments)
        self._choices = _REMEMBERED.setdefault(get_ipython() or client, {})

    @property
    def choice(self) -> Choice | None:
        """What was chosen by hand; None if nothing was, or it was reset."""
        return self._choices.get(self._key)

    def remember(self, choice: Choice) -> None:
        """Remember a choice; that of the arguments need not be."""
        if choice == self.arguments:
            self.forget()
        else:
            self._choices[self._key] = choice

    def forget(self) -> None:
        """Forget the choice."""
        self._choices.pop(self._key, None)
