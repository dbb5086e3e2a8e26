"""Three unusual secrets (canaries), and a search for them in every text that may be shown."""

from __future__ import annotations

import base64
import io
import pickle
import re
import traceback
import types
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from pydantic import Secret, SecretBytes, SecretStr
from rich.console import Console
from rich.traceback import Traceback

import rutterframe as rf

ID = "canaryID~7é/+&=%41"
SECRET = "canarySECRET 'x\"<ö>?#;:@"
TOKEN = "canaryTOKEN/+ü&=%20~$"
BOOKS = "roaster-quickbooks"
AT_ONCE = rf.RetryPolicy(attempts=3, wait_initial=0.0, wait_max=0.0)


def encodings(secret: str) -> set[str]:
    """Return a secret as it is, as Python and JSON write it, URL-encoded, and in base64."""
    # Of base64 only the part that does not depend on what follows.
    whole = secret.encode()[: len(secret.encode()) // 3 * 3]
    encoded = base64.b64encode(whole).decode()
    return {
        secret,
        repr(secret)[1:-1],
        secret.encode().decode("latin-1"),
        ascii(secret)[1:-1],
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
        encoded,
        base64.urlsafe_b64encode(whole).decode(),
        secret[:10],  # the plain beginning, which every unencoded form has
    }


PAIR = base64.b64encode(f"{ID}:{SECRET}".encode()).decode().rstrip("=")
#: Of the pair's base64 also the half that only the client secret goes into.
CANARIES = encodings(ID) | encodings(SECRET) | encodings(TOKEN) | {PAIR, PAIR[-24:]}


def secrets_in(text: str) -> list[str]:
    """Return the canaries in a text, also where a frame or a line break divides one."""
    joined = re.sub(r"[\s│╭╮╰╯─]+", "", text)
    return [canary for canary in CANARIES if canary in text or re.sub(r"\s", "", canary) in joined]


def draw_traceback(error: BaseException) -> str:
    """Draw a traceback with the local variables of every frame, as rich and IPython's verbose mode do."""
    out = io.StringIO()
    rendered = Traceback.from_exception(
        type(error),
        error,
        error.__traceback__,
        show_locals=True,
        locals_max_length=None,  # type: ignore[arg-type]
        locals_max_string=None,  # type: ignore[arg-type]
        locals_hide_dunder=False,
        locals_hide_sunder=False,
        max_frames=0,
        width=4000,
    )
    Console(file=out, width=4000).print(rendered)
    return out.getvalue()


def texts_of(thing: object) -> Iterator[str]:
    """Yield every text that can be reached from an object without opening a secret of pydantic."""
    visited: set[int] = set()
    waiting: deque[object] = deque([thing])
    closed = (
        Secret,
        SecretStr,
        SecretBytes,
        type,
        types.ModuleType,
        types.FunctionType,
        types.BuiltinFunctionType,
    )
    while waiting:
        value = waiting.popleft()
        if id(value) in visited or isinstance(value, closed):
            continue
        visited.add(id(value))
        if isinstance(value, str):
            yield value
        elif isinstance(value, bytes | bytearray):
            yield bytes(value).decode("latin-1")
        elif isinstance(value, Mapping):
            waiting.extend([*value.keys(), *value.values()])
        elif isinstance(value, list | tuple | set | frozenset | deque):
            waiting.extend(value)
        else:
            waiting.extend(vars(value).values() if hasattr(value, "__dict__") else ())
            slots = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
            waiting.extend(getattr(value, name) for name in slots if hasattr(value, name))


def linked_errors(error: BaseException) -> Iterator[BaseException]:
    """Yield an error, its causes and contexts, and the errors that it lists."""
    waiting, visited = [error], set[int]()
    while waiting:
        linked = waiting.pop()
        if id(linked) not in visited:
            visited.add(id(linked))
            yield linked
            listed = [value for value in getattr(linked, "errors", ()) if isinstance(value, BaseException)]
            waiting += [
                value for value in (linked.__cause__, linked.__context__, *listed) if value is not None
            ]


def frame_texts(error: BaseException) -> Iterator[str]:
    """Yield what can be reached from the local variables of this package's frames, in every traceback."""
    for linked in linked_errors(error):
        yield "".join(traceback.TracebackException.from_exception(linked, capture_locals=True).format())
        for frame, _ in traceback.walk_tb(linked.__traceback__):
            module = str(frame.f_globals.get("__name__", ""))
            if module.startswith("rutterframe") and not module.startswith("rutterframe.demo"):
                yield repr(frame.f_locals)
                yield from texts_of(dict(frame.f_locals))


def error_texts(error: BaseException) -> Iterator[str]:
    """Yield every text of an error that may be shown."""
    yield from frame_texts(error)
    yield str(error)
    yield repr(error)
    yield repr(vars(error))
    yield "".join(traceback.format_exception(error))
    yield draw_traceback(error)
    yield from texts_of(error)
    # Some pickle these as well, as Dask does: inner exceptions must be removed, not only hidden.
    for linked in (error.__cause__, error.__context__):
        if linked is not None:
            yield f"{linked} {linked!r} {vars(linked)}"
            yield from texts_of(linked)
    if not isinstance(error, rf.RutterframeError):
        return
    back = pickle.loads(pickle.dumps(error))  # noqa: S301
    yield pickle.dumps(error).decode("latin-1")
    yield f"{back} {back!r} {vars(back)}"


class Recorder:
    """Runs actions of a user, and records every text of their results and errors."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.errors: list[BaseException] = []

    def run(self, action: Callable[[], object]) -> None:
        try:
            self.texts.append(repr(action()))
        except BaseException as error:  # noqa: BLE001 - every error is inspected, and Ctrl-C
            self.errors.append(error)
            self.texts.extend(error_texts(error))

    def inspect(self, thing: object) -> None:
        self.texts += [str(thing), repr(thing), repr(getattr(thing, "__dict__", {})), *texts_of(thing)]

    @property
    def kinds(self) -> list[str]:
        return [type(error).__name__ for error in self.errors]


def log_texts(caplog: pytest.LogCaptureFixture) -> Iterator[str]:
    yield caplog.text
    for record in caplog.records:
        yield record.getMessage()
        yield repr(record.args)
        yield from texts_of(record)


def client_of(url: str, **options: Any) -> rf.Client:
    defaults = {"client_id": ID, "client_secret": SECRET, "access_tokens": {BOOKS: TOKEN}, "environment": url}
    return rf.Client(**{**defaults, "retry": AT_ONCE, "rate_limit": None, **options})
