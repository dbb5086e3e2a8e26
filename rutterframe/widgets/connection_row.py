"""The controls of one connection: a checkbox, its status, the progress of its load, a field for its token."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import ipywidgets as W  # noqa: N812 - as its own documentation does
from pydantic import SecretStr

from rutterframe.notebook.escape import escape_html, printable
from rutterframe.widgets import messages
from rutterframe.widgets.selection import ListedConnection
from rutterframe.widgets.token_field import TokenField

_NAME, _STATUS = "250px", "170px"


class ConnectionRow:
    """One connection in a picker.

    Parameters
    ----------
    listed : ListedConnection
        The connection.
    tick_changed : callable
        Receives its id, and whether it is selected, when that changes.
    token_entered : callable
        Receives its id and the token that was typed.

    Attributes
    ----------
    box : ipywidgets.VBox
        The controls.
    """

    def __init__(
        self,
        listed: ListedConnection,
        tick_changed: Callable[[str, bool], None],
        token_entered: Callable[[str, SecretStr], None],
    ) -> None:
        self._id = listed.id
        self._token_entered = token_entered
        self.tick = W.Checkbox(
            description=printable(listed.id), indent=False, tooltip=printable(listed.id), layout=_fixed(_NAME)
        )
        self.tick.observe(lambda change: tick_changed(listed.id, change["new"]), "value")
        status = W.HTML(_cell(messages.status(listed)), layout=_fixed(_STATUS))
        self._outcome = W.HTML(layout=W.Layout(flex="1 1 240px", width="auto", margin="0"))
        line = W.HBox([self.tick, status, self._outcome], layout=W.Layout(flex_flow="row wrap"))
        self.box = W.VBox([line], layout=W.Layout(flex="0 0 auto", margin="0 0 0 10px"))

    def show(self, lines: Sequence[str]) -> None:
        """Show the progress or the result of its load."""
        self._outcome.value = messages.lines(lines) if lines else ""

    def ask_for_token(self, *, wanted: bool) -> None:
        """Show or remove the field for its token."""
        if wanted == (len(self.box.children) > 1):
            return
        field = TokenField(
            lambda token: self._token_entered(self._id, token),
            description=f"Access token of {printable(self._id)}",
            style={"description_width": "initial"},
            placeholder="type or paste it, then press Enter",
            layout=W.Layout(width="auto", margin="0 0 8px 22px"),
        )
        self.box.children = (*self.box.children[:1], *([field] if wanted else []))


def heading(platform: str) -> W.HTML:
    """Draw the heading of a platform's connections."""
    return W.HTML(
        _cell(platform or "platform not given", "font-weight:600;padding-bottom:0"), layout=_fixed("auto")
    )


def _fixed(width: str) -> W.Layout:
    return W.Layout(width=width, flex="0 0 auto", margin="0 2px 0 0")


def _cell(text: str, style: str = "") -> str:
    return f'<div style="line-height:1.45;padding:5px 0;{style}">{escape_html(text)}</div>'
