"""The controls of one connection: a box to tick, status, what came of it, and a field for its token."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence

import ipywidgets as W  # noqa: N812 - as its own documentation does
from pydantic import SecretStr

from rutterframe.widgets import messages
from rutterframe.widgets.selection import Known
from rutterframe.widgets.token_field import TokenField

_NAME, _STATUS = "250px", "170px"


class ConnectionRow:
    """One connection in a picker.

    Parameters
    ----------
    known : Known
        Which.
    ticked : callable
        Is given its id, and whether it is chosen, when that changes.
    typed : callable
        Is given its id and the token that somebody typed.

    Attributes
    ----------
    box : ipywidgets.VBox
        What is shown.
    """

    def __init__(
        self, known: Known, ticked: Callable[[str, bool], None], typed: Callable[[str, SecretStr], None]
    ) -> None:
        self._id = known.id
        self._typed = typed
        self.tick = W.Checkbox(description=known.id, indent=False, tooltip=known.id, layout=_fixed(_NAME))
        self.tick.observe(lambda change: ticked(known.id, change["new"]), "value")
        status = W.HTML(_cell(messages.status(known)), layout=_fixed(_STATUS))
        self._outcome = W.HTML(layout=W.Layout(flex="1 1 240px", width="auto", margin="0"))
        line = W.HBox([self.tick, status, self._outcome], layout=W.Layout(flex_flow="row wrap"))
        self.box = W.VBox([line], layout=W.Layout(flex="0 0 auto", margin="0 0 0 10px"))

    def tell(self, said: Sequence[str]) -> None:
        """Say how far it is, or what came of it."""
        self._outcome.value = messages.lines(said) if said else ""

    def ask_for_token(self, *, wanted: bool) -> None:
        """Show or take away the field for its token."""
        if wanted == (len(self.box.children) > 1):
            return
        field = TokenField(
            lambda token: self._typed(self._id, token),
            description=f"Access token of {self._id}",
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
    return f'<div style="line-height:1.45;padding:5px 0;{style}">{html.escape(text)}</div>'
