"""A field for a secret that holds nothing: what is typed goes straight to who asked for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as W  # noqa: N812 - as its own documentation does
import traitlets
from pydantic import SecretStr


class TokenField(W.Password):  # type: ignore[misc] # ipywidgets has no type information
    """A password field whose value stays empty, in the kernel and, once it was read, in the browser.

    So nothing that was typed can reach a saved notebook: not through the widget state, which notebooks may
    save, and not through the echo of it that other viewers of the same notebook receive.

    Parameters
    ----------
    taken : callable
        Is given what was typed, as a ``SecretStr``.
    description : str
        The field's label.

    Examples
    --------
    >>> from rutterframe.widgets import TokenField
    >>> field = TokenField(print, description="Access token")
    >>> field.set_state({"value": "typed by somebody"})  # as the browser sends it
    **********
    >>> field.value
    ''
    """

    value = traitlets.Unicode("").tag(
        sync=True,
        echo_update=False,
        to_json=lambda _value, _field: "",
        from_json=lambda value, field: field.take(value),
    )

    def __init__(self, taken: Callable[[SecretStr], None], *, description: str, **look: Any) -> None:
        self._taken = taken
        # Not key by key: the field is emptied each time that it is read.
        super().__init__(description=description, continuous_update=False, **look)

    def take(self, typed: str) -> str:
        """Hand on what was typed, and empty the field in the browser."""
        self.send_state("value")
        if typed.strip():
            self._taken(SecretStr(typed.strip()))
        return ""
