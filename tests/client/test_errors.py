"""Errors: one tree, one form of message, context and hint, and unchanged by pickle."""

from __future__ import annotations

import copy
import inspect
import pickle
import re
from typing import Any

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe import errors
from rutterframe.errors import ErrorContext, Refusal
from rutterframe.loaders import LoadJob, Options

CLASSES = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, BaseException) and kind.__module__ == "rutterframe.errors"
]
OURS = [kind for kind in CLASSES if issubclass(kind, rf.RutterframeError)]


def create_error(kind: type[rf.RutterframeError]) -> rf.RutterframeError:
    """Create an error of any class."""
    if issubclass(kind, rf.APIError):
        error: rf.RutterframeError = kind(
            "what",
            status=400,
            error_type="T",
            error_code="C",
            hint="do",
            context=ErrorContext("books", "bills", 1, 2),
        )
    else:
        error = kind("what", hint="do")
    return error.with_context(ErrorContext("books", "bills", 1, 2, "r-1"))


@pytest.mark.parametrize(
    ("context", "text"),
    [
        (ErrorContext(), ""),
        (ErrorContext("books"), "connection 'books'"),
        (ErrorContext(resource="bills"), "resource 'bills'"),
        (ErrorContext(pages=1234, rows=61700), "after 1,234 pages and 61,700 rows"),
        (ErrorContext(pages=0), "after 0 pages and 0 rows"),
        (ErrorContext(rows=3), ""),
        (
            ErrorContext("books", "bills", 2, 100, "req-7"),
            "connection 'books', resource 'bills', after 2 pages and 100 rows, request id req-7",
        ),
    ],
)
def test_context_in_words(context: ErrorContext, text: str) -> None:
    """The context is written in one order, leaving out what is not known."""
    assert str(context) == text


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (rf.RutterframeError("It broke"), "It broke"),
        (rf.RutterframeError("It broke", hint="repair it."), "It broke\nNext: repair it."),
        (
            rf.RutterframeError("It broke", context=ErrorContext("books")),
            "It broke\nWhere: connection 'books'.",
        ),
        (
            rf.NotFound("Gone", status=404, hint="look elsewhere.", context=ErrorContext("books", "bills")),
            "Gone\nWhere: connection 'books', resource 'bills'.\nNext: look elsewhere.",
        ),
        (rf.RutterframeError(""), ""),
    ],
)
def test_the_text_of_an_error(error: rf.RutterframeError, text: str) -> None:
    """An error's text is one line each for message, context and hint; empty ones are left out."""
    assert str(error) == text


def test_with_context_fills_in_and_does_not_overwrite() -> None:
    """Known parts of the context stay; only what is missing is filled in, on the same error."""
    error = rf.InvalidResponse("what", context=ErrorContext(connection_id="inner", pages=3))
    assert error.with_context(ErrorContext("outer", "bills", 9, 120)) is error
    assert error.context == ErrorContext("inner", "bills", 3, 120)


def test_with_context_keeps_a_zero() -> None:
    """Zero pages are known pages."""
    error = rf.InvalidResponse("what", context=ErrorContext(pages=0))
    assert error.with_context(ErrorContext(pages=7)).context == ErrorContext(pages=0)


@pytest.mark.parametrize("kind", OURS)
def test_errors_survive_pickle_and_copy(kind: type[rf.RutterframeError]) -> None:
    """Every error comes out of a pickle or a copy with its class, text and every attribute."""
    error = create_error(kind)
    error.__notes__ = ["a note"]
    for back in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):  # noqa: S301
        assert type(back) is kind
        assert vars(back) == vars(error)
        assert back.args == ("what",)
        assert str(back) == (
            "what\nWhere: connection 'books', resource 'bills', after 1 page and 2 rows, request id r-1."
            "\nNext: do"
        )


def test_refusals_and_inner_errors_survive_pickle() -> None:
    """The refused rows of InvalidRows and the errors of a LoadError are pickled as well."""
    refused = (Refusal("i1", "amount_due", "True", "not a number"),)
    inner = rf.InvalidRows("rows", refused=refused)
    back = pickle.loads(pickle.dumps(rf.LoadError("load", errors=(inner,))))  # noqa: S301
    assert back.errors[0].refused == refused


def test_the_partial_result_is_not_pickled() -> None:
    """What had been loaded is not pickled with the error: it may be large, and holds the client."""
    error = rf.LoadError("load")
    error.partial = object()
    assert pickle.loads(pickle.dumps(error)).partial is None  # noqa: S301
    assert error.partial is not None


def test_load_interrupted_is_a_keyboard_interrupt() -> None:
    """`except Exception` does not swallow Ctrl-C, and the partial result is at hand."""
    error = rf.LoadInterrupted("stopped", {"pages": 3})
    assert not isinstance(error, Exception)
    assert isinstance(error, KeyboardInterrupt)
    assert (str(error), error.partial) == ("stopped", {"pages": 3})


@pytest.mark.parametrize("kind", [rf.LoadInterrupted, rf.LoadError])
def test_an_error_of_a_load_is_pickled_without_the_load(kind: type[Any]) -> None:
    """A process of Dask or multiprocessing can send it back; the pickle has no credentials."""
    with client_of_token("canary-token") as client:
        request = client.connection("books").listing("invoices")
        error = kind("stopped")
        error.partial = LoadJob([request], Options(progress=False), ("invoices",))
        error.__notes__ = ["a note"]
        for back in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):  # noqa: S301
            assert (type(back), str(back), back.partial) == (kind, "stopped", None)
            assert back.__notes__ == ["a note"]
        assert b"canary" not in pickle.dumps(error)
        assert isinstance(error.partial, LoadJob)


@pytest.mark.parametrize("kind", [rf.WriteInterrupted, rf.TransportError])
def test_the_result_of_create_many_is_pickled(kind: type[Any]) -> None:
    """Which records were created is known in every process."""
    error = kind("stopped")
    error.partial = pd.DataFrame({"key": ["a"], "status": ["created"]})
    for back in (pickle.loads(pickle.dumps(error)), copy.deepcopy(error)):  # noqa: S301
        assert (type(back), str(back)) == (kind, "stopped")
        assert back.partial.equals(error.partial)


def client_of_token(token: str) -> rf.Client:
    """Return a client with one connection, which sends nothing."""
    return rf.Client(client_id="an-id", client_secret="canary-secret", access_tokens={"books": token})


def test_what_holds_credentials_is_not_pickled() -> None:
    """A client, and everything of it, is refused in words: nothing secret gets into a pickle."""
    with client_of_token("canary-token") as client:
        connection = client.connection("books")
        job = LoadJob([connection.listing("invoices")], Options(progress=False), ("invoices",))
        parts = [client, connection, connection.invoices, client.webhooks, client.connections, job]
        for part in (*parts, job.requests, {"a": [connection]}):
            for copier in (pickle.dumps, copy.deepcopy):
                with pytest.raises(TypeError, match="holds credentials: it cannot be pickled") as error:
                    copier(part)
                assert "canary" not in repr(error.value)


def read_tree(docstring: str) -> set[tuple[str, str]]:
    """Read the tree of a docstring: pairs of class and base."""
    pairs, bases = set(), {}
    for line in docstring.splitlines():
        match = re.match(r"([ │├└─]*)([A-Z]\w*)", line.removeprefix("    "))
        if not line.startswith("    ") or match is None:
            continue
        depth = len(match[1]) // 4
        bases[depth] = match[2]
        if depth:
            pairs.add((match[2], bases[depth - 1]))
    return pairs


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    """The docstring draws every class below the class it is derived from, and nothing else."""
    assert read_tree(errors.__doc__ or "") == {
        (kind.__name__, kind.__bases__[0].__name__) for kind in CLASSES if kind is not rf.RutterframeError
    }


def test_the_tree_is_read() -> None:
    """The reader of the tree sees three levels."""
    assert read_tree("::\n\n    A\n    ├── B    words\n    │   └── C\n    └── D\n    E\n    └── F\n") == {
        ("B", "A"),
        ("C", "B"),
        ("D", "A"),
        ("F", "E"),
    }


@pytest.mark.parametrize("kind", CLASSES)
def test_every_error_is_public(kind: type[BaseException]) -> None:
    """Every error can be caught as rf.<its name>, and is listed in rf.__all__."""
    assert getattr(rf, kind.__name__) is kind
    assert kind.__name__ in rf.__all__


@pytest.mark.parametrize("kind", CLASSES)
def test_every_error_says_what_it_is(kind: type[BaseException]) -> None:
    """Every error has a docstring of its own."""
    assert (vars(kind)["__doc__"] or "").partition("\n")[0].endswith(".")


def test_an_invalid_filter_is_also_a_value_error() -> None:
    """Who expects Python's own ValueError for a bad argument catches it."""
    assert issubclass(rf.InvalidFilter, ValueError)
