"""The rate limit, on a clock that only waiting moves, and waits that can be ended."""

from __future__ import annotations

import math
import threading
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rutterframe as rf
from rutterframe.client import Stopped
from rutterframe.client.retry import Limiter, RateLimit, is_transient, pause
from rutterframe.demo.server import DemoServer
from rutterframe.errors import RutterframeError
from tests.conftest import client_of

GO = threading.Event()


def sent_at(limiter: Limiter, clock: Any, count: int) -> list[float]:
    """Send requests one after the other; return the moments, counted from the start of the clock."""
    moments = []
    for _ in range(count):
        limiter.acquire(GO)
        moments.append(clock.now - 1000.0)
    return moments


def test_the_default_is_the_limit_of_the_api() -> None:
    """A client sends at most 500 requests in 10 seconds by default."""
    assert RateLimit() == RateLimit(requests=500, seconds=10.0)


def test_a_full_period_sends_at_once_and_the_rest_waits(clock: Any) -> None:
    """Exactly so many requests leave at once, and every later one a period after the one it replaces."""
    limiter = Limiter(RateLimit(3, 10.0))
    assert sent_at(limiter, clock, 8) == [0.0, 0.0, 0.0, 10.0, 10.0, 10.0, 20.0, 20.0]
    assert clock.pauses == [10.0, 10.0]


def test_the_window_slides(clock: Any) -> None:
    """The period is counted from each request, not from the full minute."""
    limiter = Limiter(RateLimit(2, 10.0))
    assert sent_at(limiter, clock, 1) == [0.0]
    clock.now += 7.0
    assert sent_at(limiter, clock, 1) == [7.0]
    assert sent_at(limiter, clock, 3) == [10.0, 17.0, 20.0]


def test_later_requests_come_later(clock: Any) -> None:
    """Threads that wait at the same time each have a moment of their own."""
    limiter = Limiter(RateLimit(2, 10.0))
    assert [limiter._reserve() - 1000.0 for _ in range(5)] == [0.0, 0.0, 10.0, 10.0, 20.0]
    assert clock.pauses == []


def test_without_a_limit_nothing_waits(clock: Any) -> None:
    """rate_limit=None sends whatever is asked for at once."""
    assert sent_at(Limiter(None), clock, 1000) == [0.0] * 1000


@pytest.mark.parametrize("limit", [None, RateLimit(100, 10.0)])
def test_holding_back_holds_every_request(clock: Any, limit: RateLimit | None) -> None:
    """After the API asked to wait nothing is sent for so long; the longest wish counts."""
    limiter = Limiter(limit)
    limiter.hold_back(30.0)
    limiter.hold_back(5.0)
    assert sent_at(limiter, clock, 2) == [30.0, 30.0]
    assert clock.pauses == [30.0]


def test_a_429_leaves_gaps_between_requests(clock: Any) -> None:
    """Refused again soon, requests follow with a gap, which doubles each time and closes again."""
    limiter = Limiter(None)
    limiter.slow_down(1.0)
    limiter.slow_down(1.0)  # refused together with the first
    assert sent_at(limiter, clock, 3) == [1.0, 1.0, 1.0]
    limiter.slow_down(1.0)
    assert sent_at(limiter, clock, 3) == pytest.approx([2.0, 2.1, 2.2])
    limiter.slow_down(1.0)
    assert sent_at(limiter, clock, 3) == pytest.approx([3.2, 3.4, 3.6])
    limiter.speed_up()
    assert sent_at(limiter, clock, 2) == pytest.approx([3.78, 3.96])
    for _ in range(40):
        limiter.speed_up()
    assert sent_at(limiter, clock, 2) == pytest.approx([3.96, 3.96])


def test_a_429_much_later_leaves_no_gap(clock: Any) -> None:
    """A refusal long after the last leaves no gap."""
    limiter = Limiter(None)
    limiter.slow_down(1.0)
    clock.now += 11.0
    limiter.slow_down(1.0)
    assert sent_at(limiter, clock, 2) == [12.0, 12.0]


def test_a_429_without_a_wait_leaves_no_gap(clock: Any) -> None:
    """Without a Retry-After, or with one of zero, requests are sent as before."""
    limiter = Limiter(None)
    limiter.slow_down(0.0)
    assert sent_at(limiter, clock, 3) == [0.0, 0.0, 0.0]


def test_the_gap_has_a_maximum(clock: Any) -> None:
    """However often the API refuses, requests follow at the latest every five seconds."""
    limiter = Limiter(None)
    for _ in range(20):
        limiter.slow_down(1.0)
        limiter.acquire(GO)
    first, second = sent_at(limiter, clock, 2)
    assert second - first == pytest.approx(5.0)


@given(
    st.integers(1, 5),
    st.lists(st.tuples(st.floats(0, 20), st.sampled_from([0.0, 0.0, 4.0])), min_size=1, max_size=40),
)
def test_no_period_ever_has_more_requests(requests: int, arrivals: list[tuple[float, float]]) -> None:
    """Whatever the API asks for, no ten seconds have more requests than the limit."""
    now = 0.0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rutterframe.client.retry.time", SimpleNamespace(monotonic=lambda: now))
        limiter = Limiter(RateLimit(requests, 10.0))
        moments = []
        for gap, wait in arrivals:
            now += gap
            limiter.hold_back(wait)
            moments.append(limiter._reserve())
            assert moments[-1] >= now + wait
    assert moments == sorted(moments)
    for first, later in zip(moments, moments[requests:], strict=False):
        assert later >= first + 10.0


def test_a_wait_ends_when_stopped() -> None:
    """Ctrl-C does not wait for the rate limit: a wait of an hour ends as soon as the event is set."""
    stop = threading.Event()
    limiter = Limiter(RateLimit(1, 3600.0))
    limiter.acquire(stop)
    ended = []

    def wait() -> None:
        try:
            limiter.acquire(stop)
        except Stopped:
            ended.append("stopped")

    waiting = threading.Thread(target=wait)
    waiting.start()
    stop.set()
    waiting.join(timeout=60)
    assert ended == ["stopped"]


def test_a_stopped_thread_sends_nothing_more() -> None:
    """A request that need not wait is not sent either once the event is set."""
    stop = threading.Event()
    stop.set()
    with pytest.raises(Stopped):
        Limiter(None).acquire(stop)


def an_error(kind: type[rf.APIError], status: int, retry_after: float | None = None) -> rf.APIError:
    error = kind("what", status=status)
    error.retry_after = retry_after
    return error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (an_error(rf.RateLimitExceeded, 429), True),
        (an_error(rf.RateLimitExceeded, 429, 120.0), True),
        (an_error(rf.RateLimitExceeded, 429, 120.1), False),
        (an_error(rf.PlatformRateLimitExceeded, 452), True),
        (an_error(rf.PlatformRateLimitExceeded, 452, 3600.0), False),
        (an_error(rf.ServerError, 500), True),
        (an_error(rf.ServerError, 503, 3600.0), False),
        (an_error(rf.PlatformError, 450), False),
        (an_error(rf.BadRequest, 400), False),
        (an_error(rf.AuthenticationError, 401), False),
        (an_error(rf.PermissionDenied, 403), False),
        (an_error(rf.NotFound, 404), False),
        (an_error(rf.APIError, 302), False),
        (rf.APIError("too late", status=408), True),
        (rf.APIError("too early", status=425), True),
        (rf.TransportError("no response"), True),
        (rf.TransportError("no trust", transient=False), False),
        (rf.InvalidResponse("no JSON"), True),
        (rf.InvalidResponse("no page", transient=False), False),
        (rf.InvalidRows("rows"), False),
        (rf.PaginationError("again"), False),
        (rf.ConnectionMismatch("other"), False),
        (rf.ConfigurationError("nothing"), False),
        (rf.OutcomeUnknown("written?"), False),
        (RutterframeError("any"), False),
        (Stopped(), False),
        (ValueError("ours"), False),
    ],
)
def test_transient_errors_are_retried(error: BaseException, expected: bool) -> None:
    """Limits, failures and lost responses are transient; refusals, and waits beyond the maximum, are not."""
    assert is_transient(error, rf.RetryPolicy()) is expected


def test_a_rate_limit_of_nothing_is_refused() -> None:
    """A limit of zero requests is a mistake that is named as such."""
    with pytest.raises(ValueError, match="requests"):
        Limiter(RateLimit(0, 10.0))


@pytest.mark.parametrize("policy", [{"attempts": 0}, {"wait_initial": -1.0}, {"timeout": 0.0}])
def test_a_policy_that_is_not_valid_is_refused(policy: dict[str, float]) -> None:
    """A policy that would never try, or wait for less than nothing, is refused."""
    with pytest.raises(ValueError, match="attempts must be 1 or more, waits 0 or more, timeout above 0"):
        rf.RetryPolicy(**policy)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("setting", "value", "expected"),
    [
        ("attempts", 1.5, "a whole number"),
        ("attempts", "3", "a whole number"),
        ("attempts", True, "a whole number"),
        ("timeout", math.nan, "a number"),
        ("time_limit", None, "a number"),
        ("retry_after_max", "120", "a number"),
    ],
)
def test_a_policy_has_numbers(setting: str, value: Any, expected: str) -> None:
    """What is not a number is refused when the policy is made, not by a socket in the middle of a load."""
    with pytest.raises(
        ValueError, match=f"^RetryPolicy: {setting}={value!r} is not valid .expected {expected}.$"
    ):
        rf.RetryPolicy(**{setting: value})


@pytest.mark.parametrize(
    ("requests", "seconds"), [(1.5, 1.0), ("5", 1.0), (True, 1.0), (1, math.nan), (1, "1")]
)
def test_a_rate_limit_has_numbers(requests: Any, seconds: Any) -> None:
    """A limit with something else than numbers is refused."""
    with pytest.raises(ValueError, match=r"^RateLimit: .* is not valid"):
        RateLimit(requests, seconds)


def test_without_limits_of_time_a_page_is_read(server: DemoServer) -> None:
    """Infinite timeouts and limits mean none."""
    policy = rf.RetryPolicy(timeout=math.inf, time_limit=math.inf, retry_after_max=math.inf)
    with client_of(server, retry=policy, rate_limit=RateLimit(1000, math.inf)) as client:
        assert list(client.connections.list())


def test_the_longest_wait_can_be_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wait that Python's clocks cannot hold is one of some 31 years."""
    waits: list[float] = []
    stop = threading.Event()

    def wait(seconds: float) -> bool:
        waits.append(seconds)
        return True

    monkeypatch.setattr(stop, "wait", wait)
    with pytest.raises(Stopped):
        pause(math.inf, stop)
    assert waits == [1e9]
