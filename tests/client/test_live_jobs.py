"""Jobs of the live service: followed to their end, with a time limit; their errors are ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

import rutterframe as rf
from rutterframe.client.jobs import Job
from tests.client.conftest import Clock
from tests.client.live_api import ENVELOPE, LEDGER, LiveAPI, page, refusal

Answering = Callable[..., rf.Client]
STARTED = {"async_response": {"id": "j/1", "response_url": "/jobs/j/1", "status": "pending"}}
REQUEST = {
    "method": "POST",
    "url": "/accounting/invoices?access_token=hidden",
    "body": {},
    "idempotency_key": "k",
}
INVOICE: dict[str, Any] = {
    "customer_id": "c1",
    "issue_date": "2026-07-01",
    "currency": "EUR",
    "line_items": [{"total_amount": 12.34}],
    "idempotency_key": "k",
}


@pytest.fixture
def waits(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits between two questions about a job; nothing sleeps."""
    monkeypatch.setattr("rutterframe.client.jobs.time", SimpleNamespace(monotonic=lambda: clock.now))
    monkeypatch.setattr("rutterframe.client.jobs.pause", clock.pause)
    return clock.pauses


@pytest.fixture
def live(answering: Answering, live_api: LiveAPI) -> rf.Client:
    """A client that waits a second at first, and 30 seconds for a job."""
    retry = rf.RetryPolicy(attempts=2, wait_initial=1.0, wait_max=1.0, job_limit=30.0)
    return answering(live_api, dialect="live", retry=retry)


def job(status: str, http_status: int | None = None, body: Any = None) -> dict[str, Any]:
    response = {} if http_status is None else {"response": {"http_status": http_status, "body": body}}
    return {"id": "j/1", "status": status, "request": REQUEST, **response}


def set_job(live_api: LiveAPI, *states: Any) -> None:
    """Set the answers about the job, one after the other; the last one stays."""
    answers: Iterator[Any] = iter(states)
    last: list[Any] = []

    def answer(request: httpx.Request) -> httpx.Response:
        state = next(answers, None) or last[-1]
        last.append(state)
        if callable(state):
            return cast("httpx.Response", state(request))
        return httpx.Response(200, json=state)

    live_api.answers["GET", "/jobs/j/1"] = answer
    live_api.answers["POST", "/accounting/invoices"] = STARTED


def create(client: rf.Client) -> Any:
    return client.connection(LEDGER).invoices.create(**INVOICE)


def test_a_job_is_followed_to_its_end(live: rf.Client, live_api: LiveAPI, waits: list[float]) -> None:
    """The record is that of the job's response; the questions take longer and longer, without a token."""
    pending = [job("prequeued"), job("pending"), job("PENDING"), job("pending"), job("pending")]
    set_job(live_api, *pending, job("success", 200, {"invoice": {"id": "i1", "amount_due": 12.34}}))
    assert create(live).amount_due == 12.34
    assert waits == [1.0, 2.0, 4.0, 8.0, 10.0]
    assert live_api.sent[1:] == ["POST /accounting/invoices", *["GET /jobs/j/1"] * 6]
    assert live_api.tokens[2:] == [None] * 6


def test_the_response_of_a_job_may_be_text(live: rf.Client, live_api: LiveAPI, waits: list[float]) -> None:
    """A response that is held as text is read as well."""
    set_job(live_api, job("success", 200, '{"invoice": {"id": "i1"}}'))
    assert create(live).id == "i1"
    assert waits == []


@pytest.mark.parametrize(
    ("state", "kind", "message"),
    [
        (
            job("failure", 400, {"error_code": "MISSING_FIELDS", "error_message": "In words."}),
            rf.BadRequest,
            "The API answered HTTP 400: MISSING_FIELDS: In words.",
        ),
        (job("success", 450, {"error_message": "No."}), rf.PlatformError, "The API answered HTTP 450: No."),
        (job("failure", 409), rf.BadRequest, "The API answered HTTP 409: null"),
        (
            job("failure", 401, {"error_code": "NEEDS_UPDATE"}),
            rf.NeedsReauthentication,
            "The API answered HTTP 401: NEEDS_UPDATE",
        ),
        (
            job("failure", 500, {"error_message": "Broken."}),
            rf.OutcomeUnknown,
            "It is not known whether this was written: The API answered HTTP 500: Broken.",
        ),
        (
            job("failure"),
            rf.OutcomeUnknown,
            "It is not known whether this was written: The API answered HTTP 500",
        ),
        (
            job("success", 200, {"bill": {}}),
            rf.OutcomeUnknown,
            "It is not known whether this was written: The response has no 'invoice' (keys: ['bill'])",
        ),
    ],
)
def test_an_error_in_a_job_is_ours(
    live: rf.Client,
    live_api: LiveAPI,
    waits: list[float],
    state: Any,
    kind: type[rf.RutterframeError],
    message: str,
) -> None:
    """A refusal that the job reports is the error of that status; what may have happened is unknown."""
    set_job(live_api, job("pending"), state)
    with pytest.raises(kind) as error:
        create(live)
    assert type(error.value) is kind
    assert error.value.message.startswith(message)
    assert error.value.context.connection_id == LEDGER
    assert "hidden" not in str(error.value)
    assert waits == [1.0]


def test_a_job_that_does_not_finish(live: rf.Client, live_api: LiveAPI, waits: list[float]) -> None:
    """After the time limit the outcome is unknown: the error has the job's id, and how to find out."""
    set_job(live_api, job("pending"))
    with pytest.raises(rf.OutcomeUnknown) as error:
        create(live)
    assert error.value.message == (
        "It is not known whether this was written: the service has not finished job 'j/1' after 30 seconds"
    )
    assert error.value.hint == (
        "client.job('j/1') shows the state of the job; or send it again with idempotency_key='k' and the "
        "same fields: it is written once at most, and the response is the record."
    )
    assert error.value.idempotency_key == "k"
    assert sum(waits) <= 30.0


@pytest.mark.parametrize("answer", [refusal(404, "X"), refusal(410, "X"), refusal(401, "X"), {"id": "j/1"}])
def test_a_job_that_cannot_be_read(
    live: rf.Client, live_api: LiveAPI, waits: list[float], answer: Any
) -> None:
    """A refusal to show the job says nothing about the write."""
    set_job(live_api, answer)
    with pytest.raises(rf.OutcomeUnknown, match="It is not known whether this was written: The "):
        create(live)
    assert waits == []


def test_a_job_without_an_id(live: rf.Client, live_api: LiveAPI) -> None:
    """An answer that names no job leaves the outcome unknown."""
    live_api.answers["POST", "/accounting/invoices"] = {"async_response": {"status": "pending"}}
    with pytest.raises(rf.OutcomeUnknown, match="names a job without an id"):
        create(live)


def test_ctrl_c_while_a_job_is_followed(
    live: rf.Client, live_api: LiveAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C stays what it is, with a note about the job."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("rutterframe.client.jobs.pause", interrupt)
    set_job(live_api, job("pending"))
    with pytest.raises(KeyboardInterrupt) as error:
        create(live)
    assert error.value.__notes__[0].startswith(
        "It is not known whether this was written: interrupted in job 'j/1'\nNext: client.job('j/1')"
    )


def test_a_statement_may_be_a_job(live: rf.Client, live_api: LiveAPI, waits: list[float]) -> None:
    """A list that is answered later is read from the job, as a page."""
    sheet = {"id": "s1", "total_assets": "100.10", "currency_code": "USD"}
    set_job(live_api, job("pending"), job("success", 200, page("balance_sheets", [sheet])))
    live_api.answers["GET", "/accounting/balance_sheets"] = STARTED
    (row,) = live.connection(LEDGER).balance_sheets.list(start_date="2026-01-01")
    assert (row.id, row.total_assets) == ("s1", 100.1)
    assert waits == [1.0]


@pytest.mark.usefixtures("waits")
def test_a_statement_that_is_not_finished(live: rf.Client, live_api: LiveAPI) -> None:
    """A list with a job that does not finish is an error, never an empty list, and is not requested again."""
    set_job(live_api, job("pending"))
    live_api.answers["GET", "/accounting/balance_sheets"] = STARTED
    with pytest.raises(rf.TransportError) as error:
        list(live.connection(LEDGER).balance_sheets.list())
    assert error.value.message == "The service has not finished job 'j/1' after 30 seconds"
    assert live_api.sent.count("GET /accounting/balance_sheets") == 1


@pytest.mark.usefixtures("waits")
def test_a_statement_whose_job_fails(live: rf.Client, live_api: LiveAPI) -> None:
    """The error of a job that reads is that of its status."""
    set_job(live_api, job("failure", 409, {"error_code": "PRODUCT_NOT_READY"}))
    live_api.answers["GET", "/accounting/balance_sheets"] = STARTED
    with pytest.raises(rf.ProductNotReady):
        list(live.connection(LEDGER).balance_sheets.list())


def test_the_word_in_a_record_is_not_a_job(live: rf.Client, live_api: LiveAPI) -> None:
    """Only the response itself names a job, not a record in it."""
    row = {"id": "i1", "memo": '{"async_response":', "x": STARTED}
    live_api.answers["GET", "/accounting/invoices"] = page("invoices", [row])
    assert [one.id for one in live.connection(LEDGER).invoices.list()] == ["i1"]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (job("pending"), Job("j/1", "pending")),
        (job("success", 200, {"invoice": {"id": "i1"}}), Job("j/1", "success", 200, record_id="i1")),
        (
            job("failure", 400, {"error_code": "X", "error_message": "with ?access_token=hidden in it"}),
            Job("j/1", "failure", 400, "X", "with ?access_token=********** in it"),
        ),
        (job("failure", 500, "not JSON"), Job("j/1", "failure", 500)),
    ],
)
def test_a_job_can_be_looked_up(live: rf.Client, live_api: LiveAPI, state: Any, expected: Job) -> None:
    """client.job shows the outcome of a write, without what the job repeats of the request."""
    set_job(live_api, state)
    assert live.job("j/1") == expected


def test_the_contract_has_no_jobs(answering: Answering) -> None:
    """In the contract there are no jobs."""
    with pytest.raises(rf.ConfigurationError, match="Jobs are only in the live dialect"):
        answering(lambda _: httpx.Response(500)).job("j1")
    assert ENVELOPE["id"] == LEDGER
