"""How fast to ask and how long to try again: the rate limit and the retries.

Both wait on an event instead of sleeping, so that Ctrl-C ends a wait at once.
"""

from __future__ import annotations

import logging
import math
import random
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from rutterframe.errors import (
    APIError,
    InvalidResponse,
    PlatformRateLimitExceeded,
    RateLimitExceeded,
    ServerError,
    TransportError,
)

if TYPE_CHECKING:
    import tenacity


_log = logging.getLogger("rutterframe")
# Seconds between two requests: after the first refusal, at the most, and below which there need be none.
_FIRST_GAP, _WIDEST_GAP, _SMALLEST_GAP = 0.1, 5.0, 0.01
# What a request that got through makes of it.
_CLOSING = 0.9
# Refused again within so many times the wait that was asked for is refused for the number of requests.
_SOON = 10
# Waits are doubled so often at the most: beyond, the number would be too large to be one.
_MOST_DOUBLINGS = 40
# Requests that are refused for their number: they are waited for as long as others get through.
_TOO_MANY = (RateLimitExceeded, PlatformRateLimitExceeded)
# An answer that came too late or too early: the next may be in time.
_UNTIMELY = frozenset({408, 425})
T = TypeVar("T")


class Stopped(Exception):
    """The load was told to stop: an order from our own side, never shown to a user."""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """How many requests a client may send.

    Attributes
    ----------
    requests : int
        At most so many requests …
    seconds : float
        … in any period of so many seconds.
    """

    requests: int = 500
    seconds: float = 10.0

    def __post_init__(self) -> None:
        """Refuse a limit that would let nothing through."""
        if self.requests < 1 or self.seconds <= 0:
            raise ValueError(f"{self} lets nothing through: requests must be 1 or more, seconds above 0")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How a read, and a write with an Idempotency-Key, is tried again.

    Attributes
    ----------
    attempts : int
        At most so many tries of one request, the first included. A wait for a rate limit (429, 452) counts
        only if no other request of the client was answered since the last one.
    wait_initial : float
        Seconds before the second try; doubled before each further one, with jitter.
    wait_max : float
        Seconds between two tries at the most, where the API does not ask for more.
    retry_after_max : float
        Seconds up to which a ``Retry-After`` of the API is obeyed, with jitter above it; beyond, the load
        gives up and says so.
    timeout : float
        Seconds of silence after which a request is given up.
    time_limit : float
        Seconds after which an answer is given up that is not silent, but does not end.
    """

    attempts: int = 6
    wait_initial: float = 0.5
    wait_max: float = 30.0
    retry_after_max: float = 120.0
    timeout: float = 60.0
    time_limit: float = 600.0

    def __post_init__(self) -> None:
        """Refuse a policy that would never try, or wait for less than nothing."""
        waits = (self.wait_initial, self.wait_max, self.retry_after_max)
        if self.attempts < 1 or min(waits) < 0 or min(self.timeout, self.time_limit) <= 0:
            raise ValueError(f"{self}: attempts must be 1 or more, waits 0 or more, timeout above 0")


def pause(seconds: float, stop: threading.Event) -> None:
    """Wait, unless told to stop.

    Raises
    ------
    Stopped
        As soon as the event is set.
    """
    if stop.wait(seconds) if seconds > 0 else stop.is_set():
        raise Stopped


class Limiter:
    """Keeps the requests of all threads of one client under the rate limit, first come, first served."""

    def __init__(self, limit: RateLimit | None) -> None:
        self._limit = limit
        self._sent: deque[float] = deque()
        self._lock = threading.Lock()
        self._not_before = -math.inf
        #: Seconds between two requests: more than none only after the API has asked to wait.
        self._gap = 0.0
        self._last = 0.0

    def acquire(self, stop: threading.Event) -> None:
        """Wait until one more request may be sent."""
        pause(max(0.0, self._reserve() - time.monotonic()), stop)

    def hold_back(self, seconds: float) -> None:
        """Send nothing for a while: the API has asked the whole client to wait."""
        with self._lock:
            self._not_before = max(self._not_before, time.monotonic() + seconds)

    def slow_down(self, seconds: float) -> None:
        """Hold back for so many seconds; if the API refuses again soon, send with a gap that doubles.

        All that wait would otherwise be sent in the same moment, and be refused again and again.
        """
        with self._lock:
            now = time.monotonic()
            again = self._not_before <= now < self._not_before + _SOON * seconds
            if again:  # once for all that were refused together
                self._gap = min(max(self._gap * 2, min(seconds / 10, _FIRST_GAP)), _WIDEST_GAP)
        self.hold_back(seconds)

    def speed_up(self) -> None:
        """Close the gap a little: a request got through."""
        if self._gap:
            with self._lock:
                self._gap = self._gap * _CLOSING if self._gap > _SMALLEST_GAP else 0.0

    def _reserve(self) -> float:
        """Book the next free moment."""
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
    """Tell a transient error from a refusal, and from a quota that resets much later."""
    if isinstance(error, APIError):
        transient = isinstance(error, (*_TOO_MANY, ServerError)) or error.status in _UNTIMELY
        return transient and (error.retry_after or 0.0) <= policy.retry_after_max
    if isinstance(error, TransportError):
        return error.transient
    # A body that is no JSON is a broken connection or a proxy's page. Well-formed, it stays as it is.
    return type(error) is InvalidResponse and error.transient


def was_not_sent(error: BaseException, _: RetryPolicy) -> bool:
    """Tell a request that did not reach the API at all: any write may then be tried again."""
    return isinstance(error, TransportError) and error.transient and not error.sent


class _Tries:
    """Counts the tries of one request, and says how long to wait before the next.

    A wait for a rate limit is no try as long as other requests of the client are answered in between.

    Parameters
    ----------
    policy : RetryPolicy
        How often to try, and how long to wait.
    answered : callable
        Counts the answers that the client has had so far.
    """

    def __init__(self, policy: RetryPolicy, answered: Callable[[], int]) -> None:
        self._policy = policy
        self._answered = answered
        self._seen = answered()
        self._failed = 0
        self._limited = 0

    @property
    def are_over(self) -> bool:
        """Whether there were enough of them."""
        return self._failed + self._limited >= self._policy.attempts

    def wait(self, error: BaseException | None) -> float:
        """Count a try that failed, and return the seconds to wait."""
        answered = self._answered()
        if not isinstance(error, _TOO_MANY):
            self._failed += 1
        elif answered > self._seen and self._policy.attempts > 1:
            self._limited = 0
        else:
            self._limited += 1
        self._seen = answered
        doubled = 2 ** min(max(self._failed + self._limited - 1, 0), _MOST_DOUBLINGS)
        step: float = min(self._policy.wait_initial * doubled, self._policy.wait_max)
        asked = error.retry_after if isinstance(error, APIError) else None
        jittered: float = step * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards nothing
        if not asked:
            return jittered
        # Above what the API asks for as well: all that were refused together would come back together.
        return max(jittered, asked + step * random.uniform(0.0, 1.0))  # noqa: S311 - the same


def retrying(
    policy: RetryPolicy,
    stop: threading.Event,
    *,
    is_retried: Callable[[BaseException, RetryPolicy], bool] = is_transient,
    answered: Callable[[], int] = lambda: 0,
) -> tenacity.Retrying:
    """Give the retry loop of one request.

    tenacity rather than stamina on top of it: only here can the waiting be ended from outside.

    Parameters
    ----------
    policy : RetryPolicy
        How often to try, and how long to wait.
    stop : threading.Event
        Ends every wait once it is set.
    is_retried : callable
        Whether the request is retried after an error.
    answered : callable
        Counts the answers that the whole client has had: while there are more, a rate limit is waited for.
    """
    # Where tornado is there, as beside Jupyter, it comes with it: a seventh of all that is imported.
    import tenacity  # noqa: PLC0415

    tries = _Tries(policy, answered)

    def say(state: tenacity.RetryCallState) -> None:
        # Not the error's message: what a server repeats is masked later, where the secrets are known.
        error = state.outcome.exception() if state.outcome else None
        what = f"HTTP {error.status}" if isinstance(error, APIError) else type(error).__name__
        seconds = state.next_action.sleep if state.next_action else 0.0
        _log.info("try %d of %d: %s; again in %.1f s", state.attempt_number, policy.attempts, what, seconds)

    return tenacity.Retrying(
        retry=tenacity.retry_if_exception(lambda error: is_retried(error, policy)),
        # tenacity asks how long to wait first, and only then whether to stop.
        stop=lambda _: tries.are_over,
        wait=lambda state: tries.wait(state.outcome.exception() if state.outcome else None),
        sleep=lambda seconds: pause(seconds, stop),
        before_sleep=say,
        reraise=True,
    )


def call_with_retries(retries: tenacity.Retrying, call: Callable[[], T]) -> T:
    """Call, and try again as the retry loop says.

    The first try goes without the loop, which would take a tenth of the time of a page, and counts as its
    first: if it fails, the loop begins with its failure.
    """
    failed: Exception | None = None
    try:
        return call()
    except Exception as error:  # noqa: BLE001 - the loop raises it again, or calls again
        failed = error

    def again() -> T:
        nonlocal failed
        if failed is not None:
            error, failed = failed, None
            raise error
        return call()

    answer: T = retries(again)
    return answer
