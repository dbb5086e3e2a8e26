"""A field for a secret that stores nothing: what is typed goes straight to a callback."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as W  # noqa: N812 - as its own documentation does
import traitlets
from pydantic import SecretStr


class TokenField(W.Password):  # type: ignore[misc] # ipywidgets has no type information
    """A password field with a value that stays empty, in the kernel and, once it was read, in the browser.

    So nothing that was typed can reach a saved notebook: not through the widget state, which notebooks may
    save, and not through the echo of it that other viewers of the same notebook receive.

    Parameters
    ----------
    on_enter : callable
        Receives what was typed, as a ``SecretStr``.
    description : str
        The field's label.
    **look
        What `ipywidgets.Password` takes besides, such as ``layout``.

    Examples
    --------
    >>> from rutterframe.widgets import TokenField
    >>> field = TokenField(print, description="Access token")
    >>> field.set_state({"value": "typed by a user"})  # as the browser sends it
    **********
    >>> field.value
    ''
    """

    value = traitlets.Unicode("").tag(
        sync=True,
        echo_update=False,
        to_json=lambda _value, _field: "",
        from_json=lambda value, field: field.receive(value),
    )

    def __init__(self, on_enter: Callable[[SecretStr], None], *, description: str, **look: Any) -> None:
        self._on_enter = on_enter
        # Not key by key: the field is emptied each time that it is read.
        super().__init__(description=description, continuous_update=False, **look)

    def receive(self, typed: str) -> str:
        """Pass on what was typed, and empty the field in the browser.

        Parameters
        ----------
        typed : str
            What was typed.

        Returns
        -------
        str
            Empty text, which becomes the field's value.

        Examples
        --------
        >>> from rutterframe.widgets import TokenField
        >>> field = TokenField(print, description="Access token")
        >>> field.receive("typed by a user")
        **********
        ''
        """
        self.send_state("value")
        if typed.strip():
            self._on_enter(SecretStr(typed.strip()))
        return ""
