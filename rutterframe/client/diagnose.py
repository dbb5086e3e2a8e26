"""Check settings, server, dialect, connections, tokens and clock, and say what to set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from rutterframe.client.client import Client
from rutterframe.client.connection_status import ConnectionStatus
from rutterframe.client.diagnosis import Diagnosis, Finding, Status, counted
from rutterframe.client.dialect_probe import Probe, probe
from rutterframe.client.retry import RetryPolicy
from rutterframe.dialects import BASES
from rutterframe.dialects.own import OWN_DIALECTS
from rutterframe.entry_points import advice, every_extension
from rutterframe.errors import AuthenticationError, ConfigurationError, MissingToken, RutterframeError
from rutterframe.models import Connection as ConnectionRecord

if TYPE_CHECKING:
    from rutterframe.client.config import Server

#: How far the clocks may be apart, in seconds: the server's date has no fractions, and takes time to arrive.
_CLOCK_TOLERANCE = 60.0
#: A server that does not answer is a finding: it is not waited for.
_RETRY = RetryPolicy(attempts=2, wait_initial=0.5, wait_max=5.0)
#: How many connections get a line of their own.
_MAX_CONNECTIONS = 100
#: How many connections of the live service are asked for their state, with a request for each.
_MAX_STATES = 25
#: What to do for a connection with this status; other words than "active" have no advice of their own.
_ADVICE = {
    "unhealthy": "load it all the same; if rows are missing, ask the API's support.",
    "not_ready": "the first synchronisation is not finished: try again in some minutes.",
    "needs_reauth": "let the business sign in to its platform again.",
    "disabled": "enable it in the dashboard, or leave it out.",
    "inactive": "let the business connect its platform again, or leave it out.",
    "error": "let the business connect its platform again, or leave it out.",
}


def diagnose(client: Client | None = None, *, dialect: str | None = None) -> Diagnosis:
    """Check what a load needs: settings, server, dialect, version, connections, access tokens and clock.

    The connections are listed, and the webhooks asked for on the path of either dialect; nothing is changed.
    No secret is in the result: of a setting it names where it comes from, never its value.

    Parameters
    ----------
    client : Client, optional
        The client to check; one from the environment and ``.env`` when left out, so that missing or invalid
        settings are findings, too.
    dialect : str, optional
        The dialect of that client; that of the settings when left out.

    Returns
    -------
    Diagnosis
        The findings, in the order in which one would correct them. It shows itself; ``ok`` is whether nothing
        failed, ``to_frame()`` a DataFrame.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     result = rf.diagnose(client)
    >>> result.ok, result.summary
    (True, '...')
    """
    if client is not None:
        return Diagnosis((*_findings(client), *_extensions()))
    try:
        client = Client(dialect=dialect, retry=_RETRY)
    except ConfigurationError as error:
        return Diagnosis((Finding("settings", "failed", error.message, error.hint), *_extensions()))
    with client:
        return Diagnosis((*_findings(client), *_extensions()))


def _extensions() -> Iterator[Finding]:
    """Yield a finding for each report, check, dialect or field of another package."""
    for each in every_extension():
        text = f"The {each.kind} {each.name!r} of {each.source}"
        if each.problem:
            yield Finding("extension", "warning", f"{text} cannot be used: {each.problem}", advice(each))
        else:
            yield Finding("extension", "ok", f"{text}.")


def _findings(client: Client) -> Iterator[Finding]:
    """Yield the findings; what depends on a check that failed is left out."""
    session = client._session  # noqa: SLF001 - of the same package
    server, sources = session.server, client._sources  # noqa: SLF001
    answers = probe(session)
    yield _credentials(sources, answers)
    name = "" if server.environment == server.base_url else f"{server.environment!r} at "
    place = sources.get("environment", "the default")
    yield Finding("environment", "ok", f"{name}{server.base_url} ({place}).")
    if answers.error is not None and not isinstance(answers.error, AuthenticationError):
        yield Finding("server", "failed", answers.error.message, answers.error.hint)
    elif answers.connections is not None and answers.connections.rows is None:
        text = "Its response is not a list of connections: it is another service, or a proxy's page."
        yield Finding("server", "failed", text, "check RUTTER_ENVIRONMENT, and its path.")
    yield _dialect(server, answers)
    yield Finding(
        "version", "ok", f"{server.version} is requested ({sources.get('version', 'the default')})."
    )
    yield _clock(answers)
    is_own = server.dialect.name not in BASES
    if answers.has_list and (is_own or answers.dialect in {None, server.dialect.name}):
        yield from _connections(client)


def _credentials(sources: dict[str, str], answers: Probe) -> Finding:
    """Return whether the credentials are accepted, and where they come from."""
    places = dict.fromkeys(sources.get(name, "passed") for name in ("client_id", "client_secret"))
    text = f"Client id and secret are set ({' and '.join(places)})"
    if isinstance(answers.error, AuthenticationError):
        return Finding(
            "credentials", "failed", f"{text}, and refused: {answers.error.message}", answers.error.hint
        )
    if not answers.has_list:
        return Finding("credentials", "unknown", f"{text}; whether they are accepted is not known.")
    return Finding("credentials", "ok", f"{text}, and accepted.")


def _dialect(server: Server, answers: Probe) -> Finding:
    """Return whether the server speaks the dialect of the client."""
    ours = server.dialect.name
    if ours not in BASES:
        text = f"The client speaks {ours!r}, of {OWN_DIALECTS.source(ours)}; the server's is not compared."
        return Finding("dialect", "ok", text)
    if answers.dialect == ours:
        return Finding("dialect", "ok", f"The server speaks {ours!r}, as the client does.")
    if answers.dialect is not None:
        return Finding(
            "dialect",
            "failed",
            f"The server speaks {answers.dialect!r}, but the client {ours!r}.",
            f'pass dialect="{answers.dialect}" to rf.Client(), or set RUTTER_DIALECT={answers.dialect}.',
        )
    statuses = ", ".join(f"HTTP {status} on {name}'s" for name, status in answers.statuses.items())
    details = f" ({statuses} path of webhooks)" if statuses else ""
    return Finding(
        "dialect", "unknown", f"The client speaks {ours!r}; the answers do not show the server's{details}."
    )


def _clock(answers: Probe) -> Finding:
    """Return whether the clock of this machine agrees with the server's."""
    ahead = answers.clock_difference
    if ahead is None:
        return Finding("clock", "unknown", "The server sent no date to compare the clock with.")
    if abs(ahead) <= _CLOCK_TOLERANCE:
        return Finding("clock", "ok", f"It agrees with the server's, within {_CLOCK_TOLERANCE:.0f} seconds.")
    direction = "ahead of" if ahead > 0 else "behind"
    return Finding(
        "clock",
        "warning",
        f"It is {abs(ahead):,.0f} seconds {direction} the server's.",
        "set the clock of this machine: filters such as updated_at_min are counted from it.",
    )


def _connections(client: Client) -> Iterator[Finding]:
    """Yield a finding for each connection, and one for all of them."""
    try:
        records = list(client.connections.list())
    except RutterframeError as error:
        yield Finding("connections", "failed", error.message, error.hint)
        return
    listed = [record for record in records if record.id]
    checked = [
        _connection(client, record, with_state=number < _MAX_STATES) for number, record in enumerate(listed)
    ]
    yield _all_connections(
        records, [finding for finding, _ in checked], [hint for _, hint in checked if hint]
    )
    yield from islice((finding for finding, _ in checked), _MAX_CONNECTIONS)
    if len(checked) > _MAX_CONNECTIONS:
        yield Finding("connections", "warning", f"{len(checked) - _MAX_CONNECTIONS:,} more are not listed.")


def _all_connections(
    records: Sequence[ConnectionRecord], findings: Sequence[Finding], without_token: Sequence[str]
) -> Finding:
    """Return whether there are connections that can be loaded; the advice about tokens is given once."""
    if not findings:
        return Finding("connections", "failed", "There is none.", "let a business connect its platform.")
    usable = sum(finding.status == "ok" for finding in findings)
    counts = Counter(record.status or "of no status" for record in records)
    text = f"{usable or 'None'} of {len(findings):,} can be loaded ({counted(counts)})"
    if without_token:
        text += f"; {len(without_token):,} have no access token"
    status: Status = "failed" if not usable else "warning" if without_token else "ok"
    return Finding("connections", status, f"{text}.", next(iter(without_token), ""))


def _connection(client: Client, record: ConnectionRecord, *, with_state: bool) -> tuple[Finding, str]:
    """Return whether one connection can be loaded, and what to set if its access token is not known."""
    word = record.status or "of no status"
    token, hint, failure, state = "access token known", "", None, None
    try:
        connection = client.connection(f"{record.id}")
        state = connection.status() if with_state else None
    except MissingToken as error:
        token, hint = "no access token known", error.hint
    except RutterframeError as error:
        token, failure = error.message, error
    if state is not None and state.status is not None and word.casefold() == "active":
        word = state.status  # read after the list
    is_ready = word.casefold() == "active"
    advice = "" if is_ready else _ADVICE.get(word.casefold(), "ask the API's support what that status means.")
    if failure is not None:
        advice = failure.hint
    text = (
        f"{record.platform or 'unknown platform'}, {word}, {token.removesuffix('.')}{_state_in_words(state)}."
    )
    status: Status = "ok" if is_ready and not hint and failure is None else "warning"
    return Finding("connection", status, text, advice, record.id), hint


def _state_in_words(state: ConnectionStatus | None) -> str:
    """Return how old the rows of a connection may be, and what it lacks, as the end of a sentence."""
    if state is None:
        return ""
    at = state.last_sync_completed_at
    age = "" if at is None else f", synchronised at {at:%Y-%m-%d %H:%M} UTC"
    missing = ", ".join(sorted(state.unavailable_resources))
    return age + (f", without {missing}" if missing else "")
