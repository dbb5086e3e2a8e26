"""The picker without a browser: its controls, and its frames."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import httpx
import ipywidgets
import pytest
import traitlets

import rutterframe as rf
from rutterframe.demo.faults import Fault
from rutterframe.demo.server import DemoServer
from rutterframe.widgets import ConnectionPicker, TokenField, connection_list, panel
from rutterframe.widgets import picker as module

OLD = "roaster-netsuite-old"
SHOP = "roaster-shopify"
#: Seconds of a response that does not arrive within the test: only a Cancel can end before it.
NEVER = 100.0
PATIENCE = 30.0


def listed(picker: ConnectionPicker) -> list[str]:
    """Return the texts of the list of connections, from top to bottom, without the markup."""
    rows = {row.box: row.tick.description for row in picker._list.rows.values()}
    return [rows[control] if control in rows else plain(control) for control in picker._list.box.children]


def plain(control: ipywidgets.HTML | ipywidgets.Checkbox) -> str:
    """Return the text of an HTML control, or of a checkbox."""
    html = control.value if isinstance(control, ipywidgets.HTML) else control.description
    lines = html.replace("<br>", "\n<br>").replace("</div><div", "</div>|<div")
    return "".join(
        piece.partition(">")[2] if place else piece for place, piece in enumerate(lines.split("<"))
    )


def line(picker: ConnectionPicker, connection_id: str) -> str:
    """Return the text on a connection's load."""
    return texts(picker, connection_id)[1]


def status(picker: ConnectionPicker, connection_id: str) -> str:
    """Return the text of a connection's status."""
    return texts(picker, connection_id)[0]


def texts(picker: ConnectionPicker, connection_id: str) -> list[str]:
    """Return the texts beside the name of a connection: its status, and its load."""
    return [*plain(picker._list.rows[connection_id].box.children[1]).split("|"), ""][:2]


def state(picker: ConnectionPicker) -> str:
    return plain(picker._panel._state)


def ended(picker: ConnectionPicker) -> bool:
    """Wait for the end of the load."""
    return picker._loading is not None and picker._loading.wait(PATIENCE)


def press_load(picker: ConnectionPicker) -> None:
    """Press Load, and wait for the end of the load."""
    assert not picker._panel.load.disabled
    picker._panel.load.click()
    assert ended(picker)


def token_field(picker: ConnectionPicker, connection_id: str) -> TokenField | None:
    fields = picker._list.rows[connection_id].box.children[2:]
    return fields[0] if fields else None


def test_connections_by_platform(client: rf.Client) -> None:
    """The connections are listed under the names of their platforms, each with its status in words."""
    picker = ConnectionPicker(client)
    assert listed(picker) == [
        "amazon", "gear-amazon",
        "ebay", "gear-ebay-closed",
        "google_ads", "roaster-google-ads",
        "netsuite", OLD,
        "plaid", "roaster-bank", "gear-bank",
        "quickbooks", "roaster-quickbooks",
        "shopify", SHOP, "gear-shopify",
        "xero", "gear-xero",
    ]  # fmt: skip
    assert status(picker, OLD) == "error: needs attention"


def test_the_value(client: rf.Client) -> None:
    """The value has the selected ids in the list's order; it can be set, observed and ticked."""
    picker = ConnectionPicker(client, value=["gear-xero", "gear-bank"])
    assert picker.value == ("gear-bank", "gear-xero")
    assert [one.id for one in picker.connections] == ["gear-bank", "gear-xero"]
    changes: list[tuple[str, ...]] = []
    picker.observe(lambda change: changes.append(change["new"]), "value")
    picker._list.rows["gear-bank"].tick.value = False
    picker._list.rows[SHOP].tick.value = True
    picker.value = (OLD,)
    assert changes == [("gear-xero",), (SHOP, "gear-xero"), (OLD,)]
    assert [name for name, row in picker._list.rows.items() if row.tick.value] == [OLD]
    assert repr(picker) == (
        "<ConnectionPicker: 1 of 10 connections chosen. After a kernel restart, run this cell again.>"
    )


def test_an_unknown_value(client: rf.Client) -> None:
    """An id that is not listed is an error that lists the known ones, and changes nothing."""
    picker = ConnectionPicker(client, value=["gear-xero"])
    with pytest.raises(ValueError, match=r"There is no connection 'gear-zero'; there are gear-amazon, "):
        picker.value = ("gear-zero",)
    with pytest.raises(traitlets.TraitError):
        picker.value = "gear-xero"  # type: ignore[assignment] # the mistake is the point
    assert picker.value == ("gear-xero",)
    with pytest.raises(ValueError, match="There is no resource 'cats'"):
        ConnectionPicker(client, resources=["cats"])


def test_only_a_client(client: rf.Client) -> None:
    """A connection in place of a client is an error that says what to pass."""
    with pytest.raises(
        TypeError, match=r"takes a Client, not Connection: pass rf\.connect\(\), rf\.Client\(\)"
    ):
        ConnectionPicker(client.connection("gear-xero"))  # type: ignore[arg-type] # the mistake is the point


def test_filter_and_select(client: rf.Client) -> None:
    """The filter narrows the list, not the selection; the buttons leave alone what it hides."""
    picker = ConnectionPicker(client, value=["gear-xero"])
    picker._panel.filter.value = "shopify"
    assert listed(picker) == ["shopify", SHOP, "gear-shopify"]
    assert plain(picker._panel._count) == (
        "1 of 10 connections chosen, 1 of them hidden by the filter: the buttons leave these as they are."
    )
    picker._panel.all.click()
    assert picker.value == (SHOP, "gear-shopify", "gear-xero")
    picker._panel.none.click()
    assert list(picker.value) == ["gear-xero"]
    picker._panel.filter.value = ""
    assert plain(picker._panel._count) == "1 of 10 connections chosen."
    picker._panel.none.click()
    assert list(picker.value) == []


def test_more_than_can_be_shown(client: rf.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of very many connections the first are listed, and the filter finds the others."""
    monkeypatch.setattr(connection_list, "MAX_SHOWN", 2)
    monkeypatch.setattr(panel, "MAX_SHOWN", 2)
    picker = ConnectionPicker(client, value=["gear-xero"])
    assert listed(picker) == ["amazon", "gear-amazon", "ebay", "gear-ebay-closed"]
    assert "The first 2 of 10 are shown" in plain(picker._panel._count)
    picker._panel.all.click()
    assert picker.value == ("gear-amazon", "gear-ebay-closed", "gear-xero")
    picker._panel.filter.value = "xero"
    assert picker._list.rows["gear-xero"].tick.value is True


def test_why_load_is_not_possible(client: rf.Client) -> None:
    """As long as something is missing Load is disabled, and the reason is shown beside it."""
    picker = ConnectionPicker(client, resources=())
    assert (picker._panel.load.disabled, state(picker)) == (True, "Choose at least one connection.")
    picker.value = ("gear-xero",)
    assert (picker._panel.load.disabled, state(picker)) == (True, "Choose at least one resource.")
    with pytest.raises(ValueError, match="Choose at least one resource"):
        picker.load()
    picker._panel.resources["invoices"].value = True
    assert (picker._panel.load.disabled, state(picker)) == (False, "Ready to load.")
    with pytest.raises(KeyError, match=r"'invoices' was not loaded \(loaded: nothing\)"):
        picker.frames["invoices"]


def test_load_with_a_connection_that_fails(server: DemoServer, client: rf.Client) -> None:
    """A failure is described beside its connection; the others' frames are loaded."""
    picker = ConnectionPicker(client, value=["gear-xero", OLD])
    press_load(picker)
    rows = len(server.books.rows("gear-xero", "invoices"))
    assert len(picker.frames["invoices"]) == rows
    assert line(picker, "gear-xero") == f"{rows} rows of invoices"
    assert line(picker, OLD) == (
        "Failed (invoices): The API answered HTTP 403: NEEDS_UPDATE: The connection roaster-netsuite-old "
        "lost its authorisation: its owner must connect the platform again.\n"
        "Next: ask the business to sign in to the platform again, or leave this connection out."
    )
    assert state(picker) == f"Loaded, but not everything: {OLD} failed; see its line."
    assert f"no: without {OLD}" in picker._panel._summary.value
    assert picker.error is None
    assert (picker._panel.load.disabled, picker._panel.cancel.disabled) == (False, True)


def test_duplicates_are_not_counted(server: DemoServer, client: rf.Client) -> None:
    """The number of rows in the text is that of the frame."""
    server.configure(page_size=50, faults=[Fault("moved_row", resource="invoices", page=0, times=0)])
    picker = ConnectionPicker(client, value=["gear-xero"])
    press_load(picker)
    assert picker.frames["invoices"].attrs["receipt"]["duplicates_dropped"] > 0
    assert line(picker, "gear-xero") == f"{len(picker.frames['invoices'])} rows of invoices"


def test_a_second_load(server: DemoServer, client: rf.Client) -> None:
    """A second load replaces the first; the date applies to transactions and orders only."""
    picker = ConnectionPicker(client, value=["gear-xero"])
    press_load(picker)
    picker.value = (SHOP,)
    picker._panel.resources["invoices"].value = False
    picker._panel.resources["orders"].value = True
    picker._panel.resources["products"].value = True
    picker._panel.since.value = date(2026, 6, 1)
    press_load(picker)
    assert list(picker.frames) == ["orders", "products"]
    filters = {name: frame.attrs["receipt"]["filters"] for name, frame in picker.frames.items()}
    assert filters == {"orders": {"updated_at_min": "2026-06-01T00:00:00Z"}, "products": {}}
    assert 0 < len(picker.frames["orders"]) < len(server.books.rows(SHOP, "orders"))
    assert line(picker, "gear-xero") == ""
    assert state(picker) == "Loaded: everything that was chosen."


def cancel_when_read(picker: ConnectionPicker, connection_id: str, pages: int) -> None:
    """Press Cancel as soon as so many pages of a connection were read, and wait for the end."""
    tick = threading.Event()
    assert picker._loading is not None
    while picker._loading.progress()[connection_id][0].pages < pages:
        tick.wait(0.01)
    assert not picker._panel.cancel.disabled
    picker._panel.cancel.click()
    assert ended(picker)


def test_cancel(own_server: DemoServer, client_on: Callable[..., rf.Client]) -> None:
    """Cancel ends a load at once and leaves no frames; the load can be resumed or started anew."""
    picker = ConnectionPicker(client_on(own_server), value=[SHOP, "gear-xero"], resources=["customers"])
    press_load(picker)
    own_server.configure(faults=[Fault("slow", resource="customers", page=3, connection=SHOP, seconds=NEVER)])
    picker._panel.load.click()
    picker.value = (SHOP,)
    with pytest.raises(
        RuntimeError, match="A load of another choice is under way: wait for its end, or press"
    ):
        picker.load()
    picker.value = (SHOP, "gear-xero")
    cancel_when_read(picker, SHOP, 2)
    assert line(picker, SHOP) == "Cancelled after 200 rows"
    assert state(picker).startswith("Cancelled; there are no frames.")
    assert list(picker.frames) == []
    assert isinstance(picker.error, rf.LoadInterrupted)
    frames = rf.resume(picker.error, progress=False)
    assert isinstance(frames, dict)
    press_load(picker)
    assert picker.error is None
    assert len(picker.frames["customers"]) == len(frames["customers"]) > 200
    picker.cancel()
    assert state(picker) == "Loaded: everything that was chosen."


def test_the_line_of_a_connection_that_was_filtered_out(client: rf.Client) -> None:
    """The result of a load is also shown beside a connection that the filter lists only later."""
    picker = ConnectionPicker(client)
    picker._list.rows.clear()
    picker._panel.filter.value = "quickbooks"
    picker.value = (OLD,)
    press_load(picker)
    picker._panel.filter.value = "netsuite"
    assert line(picker, OLD).startswith("Failed (invoices)")


def test_the_line_that_stays_after_the_kernel(client: rf.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below the controls a line of its own says what to do where they are dead or gone."""
    outputs: list[object] = []
    monkeypatch.setattr(module, "display", lambda output, **_: outputs.append(output))
    picker = ConnectionPicker(client)
    picker.cancel()
    picker._ipython_display_()
    controls, below = outputs
    assert isinstance(controls, dict)
    assert controls["text/plain"] == repr(picker)
    assert "after a kernel restart, or where none are shown, run this cell again" in getattr(
        below, "data", ""
    )


def test_load_unattended(server: DemoServer, client: rf.Client) -> None:
    """load() does what the button does, waits, and returns the frames as books."""
    picker = ConnectionPicker(client, value=[SHOP], resources=["orders"], updated_at_min=date(2026, 6, 1))
    books = picker.load()
    frames = picker.frames
    assert books is picker.books
    assert books.frames["orders"] is frames["orders"]
    assert frames["orders"].attrs["receipt"]["filters"] == {"updated_at_min": "2026-06-01T00:00:00Z"}
    assert line(picker, SHOP) == f"{len(frames['orders'])} rows of orders"
    assert 'rf.load_orders(connections, updated_at_min="2026-06-01T00:00:00Z"' in picker.code()
    assert server.requests


def test_ctrl_c_unattended(client: rf.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C during load() interrupts the load and is raised, with the rows so far."""
    picker = ConnectionPicker(client, value=["gear-xero"])

    def press(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("rutterframe.loaders.job.run_in_thread", press)
    with pytest.raises(rf.LoadInterrupted):
        picker.load()
    assert state(picker).startswith("Cancelled")


def test_a_client_that_was_closed(client: rf.Client) -> None:
    """An unforeseen error of a load is shown and raised by load(), and the picker goes on working."""
    picker = ConnectionPicker(client, value=["gear-xero"])
    client.close()
    with pytest.raises(RuntimeError, match="This client was closed"):
        picker.load()
    assert line(picker, "gear-xero") == "Not loaded"
    assert state(picker).startswith("Failed: This client was closed; open a new one")
    assert not picker._panel.load.disabled


def test_a_missing_token_can_be_entered_and_is_not_stored(
    own_server: DemoServer, client_on: Callable[..., rf.Client]
) -> None:
    """A selected connection without a token has a field for it; what is typed there is in no widget."""
    token = own_server.access_tokens["gear-xero"]
    picker = ConnectionPicker(client_on(own_server, access_tokens={}))
    assert token_field(picker, "gear-xero") is None
    picker.value = ("gear-xero",)
    field = token_field(picker, "gear-xero")
    assert field is not None
    assert field.description == "Access token of gear-xero"
    assert state(picker) == "Type the access token of gear-xero, or do not choose it."
    field.set_state({"value": "a wrong token"})
    assert token_field(picker, "gear-xero") is None
    assert line(picker, "gear-xero").startswith("Token entered")
    press_load(picker)
    assert line(picker, "gear-xero").startswith("Failed (invoices): The API answered HTTP 401")
    again = token_field(picker, "gear-xero")
    assert again is not None
    again.set_state({"value": f" {token}\n"})
    assert token_field(picker, "gear-xero") is None
    assert line(picker, "gear-xero").startswith("Token entered")
    press_load(picker)
    assert len(picker.frames["invoices"]) == len(own_server.books.rows("gear-xero", "invoices"))
    saved: dict[str, Any] = ipywidgets.Widget.get_manager_state()
    for text in (json.dumps(saved), repr(picker), picker.code(), str(vars(field)), str(vars(again))):
        assert token not in text
        assert own_server.client_secret not in text
        assert "wrong token" not in text
    assert "# gear-xero: its token was typed" in picker.code()


def test_a_field_that_is_left_empty() -> None:
    """White space is not taken for a token."""
    tokens: list[object] = []
    field = TokenField(tokens.append, description="Access token")
    field.set_state({"value": "  "})
    assert (tokens, field.value) == ([], "")


def test_what_the_api_sent_is_not_markup(client_on: Callable[..., rf.Client], server: DemoServer) -> None:
    """A platform or a status that looks like HTML is shown as it is written."""
    records = [{"id": "<i>", "platform": "<b>", "status": "<u>"}]
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"connections": records}))
    picker = ConnectionPicker(client_on(server, transport=transport), value=["<i>"])
    saved = json.dumps(ipywidgets.Widget.get_manager_state())
    assert "<b>" not in saved
    assert "<u>" not in saved
    assert picker.value == ("<i>",)
    assert picker._list.rows["<i>"].tick.description_allow_html is False


def test_the_connections_cannot_be_listed(server: DemoServer, client_on: Callable[..., rf.Client]) -> None:
    """Where the connections cannot be listed, the picker raises an error that says what to do."""
    with pytest.raises(rf.AuthenticationError, match="check RUTTER_CLIENT_ID and RUTTER_CLIENT_SECRET"):
        ConnectionPicker(client_on(server, client_secret="another"))


def test_only_public_names_on_tab() -> None:
    """rf.widgets lists its controls on Tab, not its modules."""
    assert dir(rf.widgets) == rf.widgets.__all__ == sorted(rf.widgets.__all__)


# load() and the Load button


def test_load_after_the_button(server: DemoServer, client: rf.Client) -> None:
    """load() returns what the button loaded, without a request, until the choice changes."""
    picker = ConnectionPicker(client, value=["gear-xero"])
    with pytest.raises(RuntimeError, match="Nothing is loaded: choose connections, then press Load"):
        _ = picker.books
    press_load(picker)
    requests = len(server.requests)
    invoices = picker.frames["invoices"]
    books = picker.load()
    assert len(server.requests) == requests
    assert books is picker.books is picker.load()
    assert books.frames["invoices"] is invoices
    picker.value = ("gear-xero", "roaster-quickbooks")
    assert state(picker) == "Changed: load again. The frames are those of the choice before."
    assert picker.books is books
    picker.value = ("gear-xero",)
    assert state(picker) == "Loaded: everything that was chosen."
    picker.value = ("roaster-quickbooks",)
    other = picker.load()
    assert other.connections == ("roaster-quickbooks",)
    assert state(picker) == "Loaded: everything that was chosen."
    picker._panel.since.value = date(2026, 6, 1)  # filters no invoices
    assert state(picker) == "Loaded: everything that was chosen."
    picker._panel.resources["bills"].value = True
    assert state(picker).startswith("Changed: load again.")
    assert sorted(picker.load().frames) == ["bills", "invoices"]


def test_load_again(server: DemoServer, client: rf.Client) -> None:
    """load(again=True) loads what is loaded already; without it a load that failed is tried again as well."""
    picker = ConnectionPicker(client, value=["gear-xero"])
    books = picker.load()
    requests = len(server.requests)
    assert picker.load(again=True) is not books
    assert len(server.requests) > requests


def test_load_while_the_button_loads(own_server: DemoServer, client_on: Callable[..., rf.Client]) -> None:
    """load() waits for a load of the same choice that is under way, and does not start another one."""
    picker = ConnectionPicker(client_on(own_server), value=["gear-xero"])
    own_server.configure(faults=[Fault("slow", resource="invoices", connection="gear-xero", seconds=0.2)])
    picker._panel.load.click()
    books = picker.load()
    assert len(books.frames["invoices"]) == len(own_server.books.rows("gear-xero", "invoices"))
    pages = {request.page for request in own_server.requests if request.path == "/invoices"}
    assert len(own_server.requests) == len(pages)


def test_ctrl_c_while_waiting(
    own_server: DemoServer, client_on: Callable[..., rf.Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C while load() waits for the button's load ends that load."""
    picker = ConnectionPicker(client_on(own_server), value=[SHOP], resources=["customers"])
    own_server.configure(faults=[Fault("slow", resource="customers", page=2, connection=SHOP, seconds=NEVER)])
    picker._panel.load.click()
    loading = picker._loading
    assert loading is not None

    def press(_: float) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(loading, "wait", press)
    with pytest.raises(rf.LoadInterrupted):
        picker.load()


def test_books_of_a_load_with_a_failure(client: rf.Client) -> None:
    """A connection that failed is named in the notes of the books, which are not complete."""
    books = ConnectionPicker(client, value=["gear-xero", OLD]).load()
    assert not books.is_complete
    assert any(note.startswith(f"Not all lists of {OLD} could be read. ") for note in books.notes)


def test_books_with_businesses(client: rf.Client) -> None:
    """Businesses of the picker are those of the books, as far as their connections were loaded."""
    businesses = {"Gear": ["gear-xero", "gear-bank"], "Roaster": ["roaster-quickbooks"]}
    picker = ConnectionPicker(client, value=["gear-xero"], businesses=businesses)
    assert picker.load().businesses == {"Gear": ["gear-xero"]}


# The list, its statuses and groups


def test_businesses(client: rf.Client) -> None:
    """With businesses the list is grouped by them, and each heading selects what is listed of one."""
    businesses = {"Gear": ["gear-bank", "gear-xero", "gear-ebay-closed"], "<i>": [SHOP]}
    picker = ConnectionPicker(client, businesses=businesses)
    assert listed(picker) == [
        "Gear: 0 of 3 chosen", "gear-ebay-closed", "gear-bank", "gear-xero",
        "&lt;i&gt;: 0 of 1 chosen", SHOP,
        "Without a business", "gear-amazon", "roaster-google-ads", OLD, "roaster-bank", "roaster-quickbooks",
        "gear-shopify",
    ]  # fmt: skip
    assert status(picker, "gear-xero") == "xero · active"
    gear = picker._list.box.children[0]
    gear.value = True
    assert picker.value == ("gear-ebay-closed", "gear-bank", "gear-xero")
    assert plain(gear) == "Gear: 3 of 3 chosen"
    picker._list.rows["gear-bank"].tick.value = False
    assert (gear.value, plain(gear)) == (False, "Gear: 2 of 3 chosen")
    picker._panel.filter.value = "gear xero"
    assert plain(gear) == "Gear: 1 of 1 chosen"
    gear.value = False
    assert list(picker.value) == ["gear-ebay-closed"]
    picker._panel.filter.value = ""
    assert (gear.value, plain(gear)) == (False, "Gear: 1 of 3 chosen")


def test_businesses_of_the_demo_and_the_environment(
    client: rf.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The demo has two businesses, and RUTTER_BUSINESSES any; what it names and is not listed is noted."""
    with rf.demo() as demo:
        headings = [text for text in listed(ConnectionPicker(demo)) if "chosen" in text]
    assert headings == ["Roaster: 0 of 5 chosen", "Gear: 0 of 5 chosen"]
    monkeypatch.setenv("RUTTER_BUSINESSES", '{"Ours": ["gear-xero", "zzz"]}')
    picker = ConnectionPicker(client)
    assert listed(picker)[:2] == ["Ours: 0 of 1 chosen", "gear-xero"]
    assert "The businesses name connections that are not listed: zzz." in plain(picker._panel._listed)
    with pytest.raises(ValueError, match="businesses is empty"):
        ConnectionPicker(client, businesses={})


def test_choose_all_active(client: rf.Client) -> None:
    """Only active connections that match the filter are chosen, and what was chosen before stays."""
    picker = ConnectionPicker(client, value=[OLD])
    picker._panel.filter.value = "gear"
    picker._panel.active.click()
    assert picker.value == ("gear-amazon", OLD, "gear-bank", "gear-shopify", "gear-xero")
    picker._panel.filter.value = ""
    picker._panel.active.click()
    assert set(picker._selection.listed) - set(picker.value) == {"gear-ebay-closed"}


def test_the_status_after_a_failed_load(own_server: DemoServer, client_on: Callable[..., rf.Client]) -> None:
    """A failure that says something about the connection replaces its status, until it loads or is listed."""
    tokens = {**own_server.access_tokens, "gear-xero": "wrong"}
    picker = ConnectionPicker(client_on(own_server, access_tokens=tokens), value=["gear-xero", OLD])
    press_load(picker)
    assert status(picker, OLD) == "needs a new sign-in (listed as error)"
    assert status(picker, "gear-xero") == "access token refused (listed as active)"
    picker._panel.active.click()
    assert "gear-bank" in picker.value
    picker.value = ("gear-bank",)
    picker._panel.active.click()
    assert "gear-xero" not in picker.value
    picker._panel.update_list.click()
    assert (status(picker, OLD), status(picker, "gear-xero")) == ("error: needs attention", "active")


def test_update_list(own_server: DemoServer, client_on: Callable[..., rf.Client]) -> None:
    """Update list reads connections and statuses again; what is gone is not chosen any more, and named."""
    records = [{"id": name, "platform": "xero", "status": "active"} for name in ("a", "b", "c")]
    answers = [records, [{**records[2], "status": "error"}, {"id": "d", "platform": "plaid"}]]

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"connections": answers.pop(0)}) if answers else httpx.Response(400)

    picker = ConnectionPicker(client_on(own_server, transport=httpx.MockTransport(answer)), value=["b", "c"])
    assert plain(picker._panel._listed).startswith("List and statuses read at 20")
    picker._panel.update_list.click()
    assert listed(picker) == ["plaid", "d", "xero", "c"]
    assert status(picker, "c") == "error: needs attention"
    assert picker.value == ("c",)
    assert plain(picker._panel._listed).endswith("UTC. Not listed any more, and not chosen: b.")
    picker._panel.update_list.click()
    assert plain(picker._panel._listed).startswith("The list could not be read: The API answered HTTP 400")
    assert picker.value == ("c",)


def test_thousands_of_connections(client_on: Callable[..., rf.Client], server: DemoServer) -> None:
    """All of 2,000 connections can be chosen; the error for tokens names the first, and counts the rest."""
    names = [f"business-{number:04}" for number in range(2_000)]
    records = [{"id": name, "platform": "xero", "status": "active"} for name in names]
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"connections": records}))
    picker = ConnectionPicker(
        client_on(server, transport=transport, access_tokens={}), businesses={"All": names}
    )
    picker._list.box.children[0].value = True
    assert picker.value == tuple(names)
    assert len(picker._list.rows) == connection_list.MAX_SHOWN
    assert plain(picker._panel._count).startswith(
        "2,000 of 2,000 connections chosen, 1,940 of them below the first 60."
    )
    assert state(picker) == (
        "Type the access token of business-0000, business-0001, business-0002, business-0003, business-0004 "
        "and 1,995 more, or do not choose it."
    )
