"""The controls of one connection, and the heading of a group: a checkbox, status, progress, a token field."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import ipywidgets as W  # noqa: N812 - as its own documentation does
from ipywidgets.widgets.widget_bool import CheckboxStyle
from pydantic import SecretStr

from rutterframe.notebook.escape import escape_html, printable
from rutterframe.widgets.token_field import TokenField


class Layouts:
    """The layouts that all rows of a picker share: a layout for each would be a third of what is sent."""

    def __init__(self) -> None:
        fixed = {"flex": "0 0 auto", "margin": "0 2px 0 0"}
        self.row = W.Layout(flex="0 0 auto", flex_flow="row wrap", margin="0 0 0 10px")
        self.name = W.Layout(width="250px", **fixed)
        self.texts = W.Layout(flex="1 1 420px", width="auto", margin="0")
        self.heading = W.Layout(width="auto", **fixed)
        self.style = CheckboxStyle(description_width="")


class ConnectionRow:
    """One connection in a picker.

    Parameters
    ----------
    connection_id : str
        Its id.
    layouts : Layouts
        The layouts of all rows.
    tick_changed : callable
        Receives its id, and whether it is selected, when that changes.
    token_entered : callable
        Receives its id and the token that was typed.

    Attributes
    ----------
    box : ipywidgets.Box
        The controls.
    tick : ipywidgets.Checkbox
        Whether it is selected.
    """

    def __init__(
        self,
        connection_id: str,
        layouts: Layouts,
        tick_changed: Callable[[str, bool], None],
        token_entered: Callable[[str, SecretStr], None],
    ) -> None:
        self._id = connection_id
        self._token_entered = token_entered
        self._status, self._outcome = "", ""
        self.tick = W.Checkbox(
            description=printable(connection_id), indent=False, tooltip=printable(connection_id),
            layout=layouts.name, style=layouts.style,
        )  # fmt: skip
        self.tick.observe(lambda change: tick_changed(connection_id, change["new"]), "value")
        self._texts = W.HTML(layout=layouts.texts)
        self.box = W.Box([self.tick, self._texts], layout=layouts.row)

    def show_status(self, text: str) -> None:
        """Show its status."""
        self._status = _cell(escape_html(text), "flex:0 0 170px")
        self._texts.value = _columns(self._status, self._outcome)

    def show(self, lines: Sequence[str]) -> None:
        """Show the progress or the result of its load."""
        self._outcome = _cell("<br>".join(map(escape_html, lines)), "flex:1 1 240px") if lines else ""
        self._texts.value = _columns(self._status, self._outcome)

    def ask_for_token(self, *, wanted: bool) -> None:
        """Show or remove the field for its token."""
        if wanted == (len(self.box.children) > 2):
            return
        field = TokenField(
            lambda token: self._token_entered(self._id, token),
            description=f"Access token of {printable(self._id)}",
            style={"description_width": "initial"},
            placeholder="type or paste it, then press Enter",
            layout=W.Layout(flex="1 1 100%", width="auto", margin="0 0 8px 22px"),
        )
        self.box.children = (*self.box.children[:2], *([field] if wanted else []))


class BusinessHeading:
    """The heading of a business: a checkbox for all of its connections that are listed.

    Parameters
    ----------
    name : str
        The name of the business.
    layouts : Layouts
        The layouts of all rows.
    tick_changed : callable
        Receives the name, and whether all are to be selected, when the checkbox changes.
    """

    def __init__(self, name: str, layouts: Layouts, tick_changed: Callable[[str, bool], None]) -> None:
        self._name = name
        self.tick = W.Checkbox(
            indent=False, description_allow_html=True, layout=layouts.heading, style=layouts.style
        )
        self.tick.observe(lambda change: tick_changed(name, change["new"]), "value")

    def show(self, number: int, matching: int) -> None:
        """Show how many of the connections that match the filter are selected."""
        self.tick.description = f"<b>{escape_html(self._name)}</b>: {number:,} of {matching:,} chosen"
        self.tick.value = 0 < matching == number


def heading(text: str, layouts: Layouts) -> W.HTML:
    """Draw the heading of a platform's connections, or of those without a business."""
    return W.HTML(_cell(escape_html(text), "font-weight:600;padding-bottom:0"), layout=layouts.heading)


def _columns(*cells: str) -> str:
    return f'<div style="display:flex;flex-wrap:wrap">{"".join(cells)}</div>'


def _cell(html: str, style: str) -> str:
    return f'<div style="line-height:1.45;padding:5px 0;{style}">{html}</div>'
