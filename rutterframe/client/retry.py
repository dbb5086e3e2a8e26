"""Rate limit and retries.

Both wait on an event instead of sleeping, so that Ctrl-C ends a wait at once.
"""

from __future__ import annotations

import logging
import math
import numbers
import random
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from rutterframe.error_context import ErrorContext
from rutterframe.errors import (
    APIError,
    InvalidResponse,
    PlatformRateLimitExceeded,
    ProductNotReady,
    RateLimitExceeded,
    ServerError,
    TransportError,
)

if TYPE_CHECKING:
    import tenacity

_log = logging.getLogger("rutterframe")
# Seconds between two requests: after the first 429, the largest, and the smallest before there is none.
_FIRST_GAP, _MAX_GAP, _MIN_GAP = 0.1, 5.0, 0.01
# The factor by which a successful request shortens the gap.
_GAP_DECAY = 0.9
# A 429 counts as repeated within so many times the wait of the one before.
_REPEATED_WITHIN = 10
_MAX_WAIT = 1e9
# The most doublings of a wait: beyond them, the float would overflow.
_MAX_DOUBLINGS = 40
# Errors of a rate limit: retried as long as other requests succeed.
_RATE_LIMITS = (RateLimitExceeded, PlatformRateLimitExceeded)
# Request Timeout and Too Early: transient, though 4xx.
_TRANSIENT_4XX = frozenset({408, 425})
T = TypeVar("T")


class Stopped(Exception):
    """The load was stopped from this side; never shown to a user."""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """How many requests a client may send.

    Attributes
    ----------
    requests : int
        The most requests in a period.
    seconds : float
        The length of the period, in seconds; any period of that length counts.

    Examples
    --------
    >>> import rutterframe as rf
    >>> limit = rf.RateLimit(requests=100, seconds=10.0)  # rf.Client(rate_limit=limit)
    >>> limit.requests
    100
    """

    requests: int = 500
    seconds: float = 10.0

    def __post_init__(self) -> None:
        """Raise ValueError for a limit that allows no request."""
        _check_numbers(self, requests=self.requests, seconds=self.seconds)
        if self.requests < 1 or self.seconds <= 0:
            raise ValueError(f"{self} allows no request: requests must be 1 or more, seconds above 0")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how long reads, and writes with an Idempotency-Key, are retried.

    Attributes
    ----------
    attempts : int
        The most attempts of one request, the first included. A wait for a rate limit (429, 452) counts
        only if no other request of the client had a response since the last one.
    wait_initial : float
        Seconds before the second attempt; doubled before each further one, with jitter.
    wait_max : float
        The most seconds between two attempts, unless the API asks for more.
    retry_after_max : float
        The longest ``Retry-After`` of the API that is obeyed, in seconds, with jitter above it; a longer one
        ends the load with an error.
    timeout : float
        Seconds without a byte after which a request is given up.
    time_limit : float
        Seconds from the first byte that is sent after which a request is given up, if its response is not
        complete: however slowly headers, interim responses, body or trailers come.
    job_limit : float
        Seconds for which a job of the live service, which answers a request later, is followed.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo(retry=rf.RetryPolicy(attempts=2, wait_initial=0.1)) as client:
    ...     len(rf.load_bank_accounts(client.connection("gear-bank"), progress=False))
    5
    """

    attempts: int = 6
    wait_initial: float = 0.5
    wait_max: float = 30.0
    retry_after_max: float = 120.0
    timeout: float = 60.0
    time_limit: float = 600.0
    job_limit: float = 300.0

    def __post_init__(self) -> None:
        """Raise ValueError for a policy without attempts, or with negative waits."""
        _check_numbers(
            self,
            attempts=self.attempts,
            wait_initial=self.wait_initial,
            wait_max=self.wait_max,
            retry_after_max=self.retry_after_max,
            timeout=self.timeout,
            time_limit=self.time_limit,
            job_limit=self.job_limit,
        )
        waits = (self.wait_initial, self.wait_max, self.retry_after_max, self.job_limit)
        if self.attempts < 1 or min(waits) < 0 or min(self.timeout, self.time_limit) <= 0:
            raise ValueError(f"{self}: attempts must be 1 or more, waits 0 or more, timeout above 0")


#: Whether a request is retried after an error.
IsRetried = Callable[[BaseException, RetryPolicy], bool]


def _check_numbers(settings: object, **values: object) -> None:
    """Raise ValueError for a setting that is not a number, or not a whole number where it counts."""
    for name, value in values.items():
        counted = name in {"attempts", "requests"}
        is_number = isinstance(value, numbers.Integral if counted else numbers.Real)
        if not is_number or isinstance(value, bool) or value != value:  # noqa: PLR0124 - NaN
            expected = "a whole number" if counted else "a number"
            raise ValueError(
                f"{type(settings).__name__}: {name}={value!r} is not valid (expected {expected})"
            )


def pause(seconds: float, stop: threading.Event) -> None:
    """Wait, or raise as soon as the event is set.

    Raises
    ------
    Stopped
        If the event is set before the seconds are over.
    """
    # At most some 31 years: Python's clocks cannot wait for longer.
    if stop.wait(min(seconds, _MAX_WAIT)) if seconds > 0 else stop.is_set():
        raise Stopped


class Limiter:
    """Holds the requests of all threads of one client below the rate limit, in the order of their arrival."""

    def __init__(self, limit: RateLimit | None) -> None:
        self._limit = limit
        self._sent: deque[float] = deque()
        self._lock = threading.Lock()
        self._not_before = -math.inf
        #: Seconds between two requests: above 0 only after the API has asked to wait.
        self._gap = 0.0
        self._last = 0.0

    def acquire(self, stop: threading.Event) -> None:
        """Wait until one more request may be sent."""
        pause(max(0.0, self._reserve() - time.monotonic()), stop)

    def hold_back(self, seconds: float) -> None:
        """Send nothing for so many seconds: the API has asked the whole client to wait."""
        with self._lock:
            self._not_before = max(self._not_before, time.monotonic() + seconds)

    def slow_down(self, seconds: float) -> None:
        """Hold back for so many seconds; after a repeated 429, also leave a gap that doubles.

        All waiting requests would otherwise be sent in the same moment, and fail again and again.
        """
        with self._lock:
            now = time.monotonic()
            repeated = self._not_before <= now < self._not_before + _REPEATED_WITHIN * seconds
            if repeated:  # once for all requests that failed together
                self._gap = min(max(self._gap * 2, min(seconds / 10, _FIRST_GAP)), _MAX_GAP)
        self.hold_back(seconds)

    def speed_up(self) -> None:
        """Shorten the gap: a request succeeded."""
        if self._gap:
            with self._lock:
                self._gap = self._gap * _GAP_DECAY if self._gap > _MIN_GAP else 0.0

    def _reserve(self) -> float:
        """Return the next moment at which a request may be sent, and reserve it."""
        with self._lock:
            moment = max(time.monotonic(), self._not_before)
            if self._gap:
                moment = max(moment, self._last + self._gap)
            if self._limit is not None:
                if len(self._sent) >= self._limit.requests:
                    moment = max(moment, self._sent.popleft() + self._limit.seconds)
                self._sent.append(moment)
            self._last = moment
            return moment


def is_transient(error: BaseException, policy: RetryPolicy) -> bool:
    """Return whether a retry may help: not after a refusal, or if a quota resets much later."""
    if isinstance(error, ProductNotReady):
        return False  # a first synchronisation takes minutes to hours, whatever the status says
    if isinstance(error, APIError):
        transient = isinstance(error, (*_RATE_LIMITS, ServerError)) or error.status in _TRANSIENT_4XX
        return transient and (error.retry_after or 0.0) <= policy.retry_after_max
    if isinstance(error, TransportError):
        return error.transient
    # A body that is not JSON is a broken connection or a proxy's page. Well-formed JSON will not change.
    return type(error) is InvalidResponse and error.transient


def was_not_sent(error: BaseException, _: RetryPolicy) -> bool:
    """Return whether a request did not reach the API at all: any write may then be retried."""
    return isinstance(error, TransportError) and error.transient and not error.sent


class _Attempts:
    """Counts the attempts of one request, and returns how long to wait before the next.

    A wait for a rate limit does not count as long as other requests of the client get responses in between.

    Parameters
    ----------
    policy : RetryPolicy
        How often to retry, and how long to wait.
    count_responses : callable
        Returns how many responses the client has had so far.
    """

    def __init__(self, policy: RetryPolicy, count_responses: Callable[[], int]) -> None:
        self._policy = policy
        self._count_responses = count_responses
        self._responses = count_responses()
        self._failures = 0
        self._rate_limits = 0

    @property
    def are_over(self) -> bool:
        """Whether the policy allows no further attempt."""
        return self._failures + self._rate_limits >= self._policy.attempts

    def wait(self, error: BaseException | None) -> float:
        """Count a failed attempt, and return the seconds to wait."""
        responses = self._count_responses()
        if not isinstance(error, _RATE_LIMITS):
            self._failures += 1
        elif responses > self._responses and self._policy.attempts > 1:
            self._rate_limits = 0
        else:
            self._rate_limits += 1
        self._responses = responses
        doubled = 2 ** min(max(self._failures + self._rate_limits - 1, 0), _MAX_DOUBLINGS)
        step: float = min(self._policy.wait_initial * doubled, self._policy.wait_max)
        retry_after = error.retry_after if isinstance(error, APIError) else None
        jittered: float = step * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards nothing
        if not retry_after:
            return jittered
        # Jitter above Retry-After as well: all requests that failed together would be retried together.
        return max(jittered, retry_after + step * random.uniform(0.0, 1.0))  # noqa: S311 - the same


def retrying(
    policy: RetryPolicy,
    stop: threading.Event,
    context: ErrorContext,
    is_retried: IsRetried,
    count_responses: Callable[[], int],
) -> tenacity.Retrying:
    """Return the retry loop of one request.

    tenacity rather than stamina on top of it: only so can a wait be ended from outside.

    Parameters
    ----------
    policy : RetryPolicy
        How often to retry, and how long to wait.
    stop : threading.Event
        Ends every wait once it is set.
    context : ErrorContext
        The connection and resource of the request, for the log.
    is_retried : callable
        Whether the request is retried after an error.
    count_responses : callable
        Returns how many responses the whole client has had: while it grows, a rate limit is waited for.
    """
    # On first use: tenacity imports tornado where it is installed, as beside Jupyter.
    import tenacity  # noqa: PLC0415

    attempts = _Attempts(policy, count_responses)

    def log_attempt(state: tenacity.RetryCallState) -> None:
        # Not the error's message: what a server repeats is masked later, where the secrets are known.
        error = state.outcome.exception() if state.outcome else None
        name = f"HTTP {error.status}" if isinstance(error, APIError) else type(error).__name__
        seconds = state.next_action.sleep if state.next_action else 0.0
        tries = (state.attempt_number, policy.attempts)
        _log.info("try %d of %d: %s; again in %.1f s", *tries, name, seconds, extra=context.ids)

    return tenacity.Retrying(
        retry=tenacity.retry_if_exception(lambda error: is_retried(error, policy)),
        # tenacity calls wait first, and only then stop.
        stop=lambda _: attempts.are_over,
        wait=lambda state: attempts.wait(state.outcome.exception() if state.outcome else None),
        sleep=lambda seconds: pause(seconds, stop),
        before_sleep=log_attempt,
        reraise=True,
    )


def call_with_retries(retries: tenacity.Retrying, call: Callable[[], T]) -> T:
    """Call, and retry as the loop decides.

    The first attempt is made without the loop, which would take a tenth of the time of a page, and counts as
    its first: if it fails, the loop begins with that error.
    """
    first_error: Exception | None = None
    try:
        return call()
    except Exception as error:  # noqa: BLE001 - the loop raises it again, or calls again
        first_error = error

    def attempt() -> T:
        nonlocal first_error
        if first_error is not None:
            error, first_error = first_error, None
            raise error
        return call()

    result: T = retries(attempt)
    return result
