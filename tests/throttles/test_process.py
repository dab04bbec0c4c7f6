"""The throttle of a process: one for each API ID, shared by all clients and threads."""

from __future__ import annotations

import signal
import threading
import time
from functools import partial

import pytest

from sonnys_data_client.engine.throttle import ThrottleLimits
from sonnys_data_client.engine.wire import Fault, FaultKind, Outcome, Response
from sonnys_data_client.errors import ValidationError
from sonnys_data_client.throttles.keepers import PROCESS, throttle_at
from sonnys_data_client.throttles.process import ProcessThrottle
from tests.forks import in_child, needs_fork
from tests.waiting import PATIENCE_S

LIMITS = ThrottleLimits(limit=3, period_s=10.0, guard_s=0.0)
WALL = 1_795_435_200.0  # Mon, 23 Nov 2026 12:00:00 GMT
SERVED = Response(200, b"{}")


def spend(throttle: ProcessThrottle, now: float, *outcomes: Outcome) -> None:
    for outcome in outcomes:
        token = throttle.reserve(now).token
        assert token is not None
        throttle.record_end(token, outcome, now, WALL)


def test_all_clients_of_a_credential_share_one() -> None:
    shared = partial(throttle_at, PROCESS)
    one = shared("http://localhost/v1", "test-shared", LIMITS)
    assert shared("http://localhost/v1", "test-shared", ThrottleLimits(3, 10.0, 0.0)) is one
    assert shared("http://localhost/v1", "test-shared") is one
    assert shared("http://localhost/v1", "another id", LIMITS) is not one
    assert shared("http://127.0.0.1/v1", "test-shared", LIMITS) is not one
    assert one.limits == LIMITS
    assert shared("http://localhost/v1", "test-shared-without-limits").limits == ThrottleLimits()


def test_a_credential_has_one_set_of_limits() -> None:
    throttle_at(PROCESS, "http://localhost/v1", "test-limits", LIMITS)
    with pytest.raises(ValidationError, match="another client of API ID test-limits set in this process"):
        throttle_at(PROCESS, "http://localhost/v1", "test-limits", ThrottleLimits(5))


def test_a_reply_opens_the_period_and_a_fault_holds_its_own_slot() -> None:
    throttle = ProcessThrottle(LIMITS)
    spend(throttle, 0.0, Fault(FaultKind.BROKEN), SERVED, SERVED)
    assert throttle.reserve(9.9).token is None
    assert throttle.reserve(10.0).token is not None


@pytest.mark.parametrize(
    ("header", "waited_s"),
    [(None, 10.0), ("4", 4.0), ("Mon, 23 Nov 2026 12:00:06 GMT", 6.0), ("nonsense", 10.0), ("99999", 60.0)],
)
def test_a_refusal_is_waited_out_as_its_header_says(header: str | None, waited_s: float) -> None:
    throttle = ProcessThrottle(LIMITS)
    spend(throttle, 0.0, SERVED, Response(429, b"", {} if header is None else {"retry-after": header}))
    grant = throttle.reserve(waited_s - 0.1)
    assert (grant.token, grant.retry_at) == (None, waited_s)
    assert throttle.reserve(waited_s).token is not None


def test_other_errors_are_requests_like_any_other() -> None:
    throttle = ProcessThrottle(LIMITS)
    spend(throttle, 0.0, Response(503, b"", {"retry-after": "60"}), Response(422, b""), Response(200, b""))
    assert throttle.reserve(0.1).retry_at == 10.0


def test_many_threads_never_get_one_slot_twice_nor_one_too_many() -> None:
    throttle = ProcessThrottle(ThrottleLimits(limit=200, period_s=60.0))
    tokens: list[int] = []
    together = threading.Barrier(16)

    def grab() -> None:
        together.wait(PATIENCE_S)
        while (token := throttle.reserve(time.monotonic()).token) is not None:
            tokens.append(token)
            throttle.record_end(token, SERVED, time.monotonic(), WALL)

    threads = [threading.Thread(target=grab) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert sorted(tokens) == list(range(200))


@needs_fork
def test_after_a_fork_each_process_counts_alone_and_no_lock_is_inherited() -> None:
    throttle = ProcessThrottle(LIMITS)
    spend(throttle, 0.0, SERVED, SERVED, SERVED)
    lock, _ = throttle._ledger.get()

    def work() -> list[bool]:
        signal.alarm(30)  # a lock that is never let go of would hold the test up for ever
        return [throttle.reserve(1.0).token is not None for _ in range(4)]

    with lock:  # as another thread may, at the moment of the fork
        wait = in_child(work)
    assert wait() == [True, True, True, False]
    assert throttle.reserve(1.0).token is None
