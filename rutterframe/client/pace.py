"""How fast to ask and how long to try again: the rate limit and the retries.

Both wait on an event instead of sleeping, so that Ctrl-C ends a wait at once.
"""

from __future__ import annotations

import logging
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
    PlatformRateLimited,
    RateLimited,
    ServerError,
    TransportError,
)

if TYPE_CHECKING:
    import tenacity


_log = logging.getLogger("rutterframe")
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
        At most so many tries of one request, the first included.
    wait_initial : float
        Seconds before the second try; doubled before each further one, with jitter.
    wait_max : float
        Seconds between two tries at the most, where the API does not ask for more.
    retry_after_max : float
        Seconds up to which a ``Retry-After`` of the API is obeyed; beyond, the load gives up and says so.
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
        self._not_before = 0.0

    def acquire(self, stop: threading.Event) -> None:
        """Wait until one more request may be sent."""
        pause(max(0.0, self._reserve() - time.monotonic()), stop)

    def hold_back(self, seconds: float) -> None:
        """Send nothing for a while: the API has asked the whole client to wait."""
        with self._lock:
            self._not_before = max(self._not_before, time.monotonic() + seconds)

    def _reserve(self) -> float:
        """Book the next free moment."""
        with self._lock:
            moment = max(time.monotonic(), self._not_before)
            if self._limit is None:
                return moment
            if len(self._sent) >= self._limit.requests:
                moment = max(moment, self._sent.popleft() + self._limit.seconds)
            self._sent.append(moment)
            return moment


def is_worth_retrying(error: BaseException, policy: RetryPolicy) -> bool:
    """Tell weather (worth another try) from a refusal, and from a quota that resets much later."""
    if isinstance(error, RateLimited | PlatformRateLimited | ServerError):
        return (error.retry_after or 0.0) <= policy.retry_after_max
    # A body that is no JSON is a broken connection or a proxy's page: weather as well.
    return isinstance(error, TransportError) or type(error) is InvalidResponse


def never_left(error: BaseException, _: RetryPolicy) -> bool:
    """Tell a request that did not reach the API at all: any write may then be tried again."""
    return isinstance(error, TransportError) and not error.sent


def retrying(
    policy: RetryPolicy,
    stop: threading.Event,
    *,
    worth: Callable[[BaseException, RetryPolicy], bool] = is_worth_retrying,
) -> tenacity.Retrying:
    """Give the retry loop of one request.

    tenacity rather than stamina on top of it: only here can the waiting be ended from outside.
    """
    # Where tornado is there, as beside Jupyter, it comes with it: a seventh of all that is imported.
    import tenacity  # noqa: PLC0415

    def wait(state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        step: float = min(policy.wait_initial * 2 ** (state.attempt_number - 1), policy.wait_max)
        jittered = step * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards nothing
        asked = error.retry_after if isinstance(error, APIError) else None
        return max(jittered, asked or 0.0)

    def say(state: tenacity.RetryCallState) -> None:
        # Not the error's message: what a server repeats is masked later, where the secrets are known.
        error = state.outcome.exception() if state.outcome else None
        what = f"HTTP {error.status}" if isinstance(error, APIError) else type(error).__name__
        seconds = state.next_action.sleep if state.next_action else 0.0
        _log.info("try %d of %d: %s; again in %.1f s", state.attempt_number, policy.attempts, what, seconds)

    return tenacity.Retrying(
        retry=tenacity.retry_if_exception(lambda error: worth(error, policy)),
        stop=tenacity.stop_after_attempt(policy.attempts),
        wait=wait,
        sleep=lambda seconds: pause(seconds, stop),
        before_sleep=say,
        reraise=True,
    )


def attempt(weather: tenacity.Retrying, call: Callable[[], T]) -> T:
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

    answer: T = weather(again)
    return answer
