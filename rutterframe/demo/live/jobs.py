"""Asynchronous answers: a job that is pending when it is first asked for, and then has the answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from rutterframe.demo.api.responses import ApiError
from rutterframe.demo.api.service import Call
from rutterframe.demo.books.collection import Record
from rutterframe.demo.books.tables import Ids


@dataclass(slots=True)
class Job:
    """A request that is answered later.

    Attributes
    ----------
    method, path : str
        The request.
    body : bytes
        Its body.
    key : str or None
        Its Idempotency-Key.
    status : int
        The HTTP status of the answer.
    answer : object
        The answer.
    pending : int
        How many more times the job is pending.
    """

    method: str
    path: str
    body: bytes
    key: str | None
    status: int
    answer: Any
    pending: int = 1


class Jobs:
    """The jobs of one server.

    Parameters
    ----------
    seed : int
        As for `Books`.
    """

    def __init__(self, seed: int) -> None:
        self._ids = Ids(seed, "jobs")
        self._accepted = Ids(seed, "accepted writes")
        self._jobs: dict[str, Job] = {}
        self._count = 0

    def next_id(self) -> str:
        """Return an id for a write that was answered at once."""
        self._count += 1
        return self._accepted.of(self._count)

    def add(self, job: Job) -> Record:
        """Store a job, and return what the service answers in its place."""
        job_id = self._ids.of(len(self._jobs))
        self._jobs[job_id] = job
        return {"async_response": {"id": job_id, "response_url": f"/jobs/{job_id}", "status": "pending"}}

    def read(self, job_id: str) -> Record:
        """Return the state of a job.

        Raises
        ------
        ApiError
            410, if there is no such job.
        """
        job = self._jobs.get(job_id)
        if job is None:
            raise ApiError(410, "OBJECT_NOT_FOUND", f"job: no {job_id[:60]!r} here")
        key = {} if job.key is None else {"idempotency_key": job.key}
        request = {
            "method": job.method,
            "url": job.path,
            "body": json.loads(job.body) if job.body else None,
            **key,
        }
        if job.pending:
            job.pending -= 1
            return {"id": job_id, "status": "pending", "request": request}
        status = "success" if job.status < 400 else "failure"
        return {
            "id": job_id,
            "status": status,
            "request": request,
            "response": {"http_status": job.status, "body": job.answer},
        }


def job_of(call: Call, answer: Any, status: int = 200) -> Job:
    """Return the job of a request with its answer."""
    return Job(call.method, call.url, call.body, call.idempotency_key, status, answer)
