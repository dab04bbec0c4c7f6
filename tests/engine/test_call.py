"""One call: after which outcomes it is tried again, when, how often and for how long."""

from __future__ import annotations

import gc
import weakref
from itertools import repeat
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonnys_data_client import errors
from sonnys_data_client.engine.call import Attempt, CallPolicy, call
from sonnys_data_client.engine.effects import Reply
from sonnys_data_client.engine.rows import decode
from sonnys_data_client.engine.verdicts import unexpected
from sonnys_data_client.engine.wire import Fault, Outcome, Request, Response
from tests.engine.flows import BROKEN, HTML, NOON, TIMED_OUT, UNREACHABLE, play, refused, served, too_many

SITES = Request("GET", "/site/list")
FINE = served({"sites": []})
PATIENT = CallPolicy(max_retries=100, call_timeout_s=10_000.0)


def test_what_is_served_is_returned_for_one_request_and_one_slot() -> None:
    run = play(call(SITES, CallPolicy()), [FINE])
    assert run.got() == {"data": {"sites": []}}
    assert (run.requests, run.slots) == ([SITES], [0])


def test_it_waits_for_a_slot() -> None:
    run = play(call(SITES, CallPolicy()), [FINE], closed_until=12.5)
    assert run.sent == [(12.5, SITES)]


@pytest.mark.parametrize("trouble", [UNREACHABLE, BROKEN, TIMED_OUT, HTML, Response(200, b'{"da'), Response(408, b"")])
def test_trouble_is_tried_again_with_a_slot_of_its_own(trouble: Outcome) -> None:
    run = play(call(SITES, CallPolicy()), [trouble, trouble, FINE])
    assert run.got() == {"data": {"sites": []}}
    assert run.requests == [SITES] * 3
    assert run.slots == [0, 1, 2]


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 405, 422])
def test_a_denial_is_raised_at_once(status: int) -> None:
    run = play(call(SITES, CallPolicy()), [refused(status, "No", "no")])
    assert isinstance(run.error, errors.APIStatusError)
    assert run.error.status == status
    assert len(run.sent) == 1


CHECK = "Check the connection, the proxy, the firewall and the address."


@pytest.mark.parametrize("retries", [0, 1, 4])
def test_trouble_is_tried_so_often_and_no_more(retries: int) -> None:
    run = play(call(SITES, CallPolicy(max_retries=retries)), repeat(UNREACHABLE))
    assert isinstance(run.error, errors.APIConnectionError)
    assert len(run.sent) == 1 + retries
    told = f" Tried {1 + retries} times." if retries else ""
    assert str(run.error) == f"GET /site/list: the server could not be reached (connection refused).{told} {CHECK}"


@given(draw=st.floats(0, 1, exclude_max=True), tries=st.integers(1, 12))
def test_backoff_doubles_from_half_a_second_to_thirty_and_jitters_above_half(draw: float, tries: int) -> None:
    run = play(call(SITES, PATIENT), [*[BROKEN] * tries, FINE], draw=draw)
    for number, gap_s in enumerate(run.gaps_s()):
        step_s = min(30.0, 0.5 * 2**number)
        assert step_s / 2 - 1e-6 <= gap_s <= step_s + 1e-6
    assert run.gaps_s()[0] == pytest.approx(0.25 + 0.25 * draw)


@pytest.mark.parametrize(("named", "waited_s"), [("20", 20.0), ("0", 0.375), ("3600", 60.0)])
def test_a_503_may_name_a_longer_wait_up_to_a_minute(named: str, waited_s: float) -> None:
    run = play(call(SITES, PATIENT), [Response(503, b"", {"retry-after": named}), FINE])
    assert run.gaps_s() == [pytest.approx(waited_s)]


def test_a_refusal_is_nobodys_failure_and_uses_up_no_retry() -> None:
    run = play(call(SITES, CallPolicy(max_retries=1)), [*[too_many()] * 9, HTML, *[too_many()] * 9, FINE])
    assert run.got() == {"data": {"sites": []}}


def test_a_refusal_leaves_the_waiting_to_the_throttle() -> None:
    run = play(call(SITES, CallPolicy()), [too_many(), FINE])
    assert run.gaps_s() == [pytest.approx(0.0)]


@pytest.mark.parametrize(("named", "waited_s"), [("4", 4.0), ("3600", 60.0)])
def test_a_refusals_own_wait_is_honoured_up_to_a_minute(named: str, waited_s: float) -> None:
    run = play(call(SITES, PATIENT), [too_many(retry_after=named), FINE])
    assert run.gaps_s() == [pytest.approx(waited_s)]


def test_refusals_are_borne_until_the_call_timeout() -> None:
    def rude(request: Request, now: float) -> Outcome:
        return too_many(retry_after="15")

    run = play(call(SITES, CallPolicy(call_timeout_s=60.0)), rude)
    assert isinstance(run.error, errors.RateLimitError)
    assert [at for at, _ in run.sent] == pytest.approx([0.0, 15.1, 30.2, 45.3])
    assert str(run.error) == (
        "GET /site/list answered 429 RequestRateExceedError: Slow down. Waited 60 s through 4 such replies: "
        "something else is spending this API ID's requests. Stop it, or give a larger call_timeout."
    )


def test_the_call_timeout_counts_from_the_first_trouble_not_from_the_call() -> None:
    run = play(call(SITES, CallPolicy(max_retries=50, call_timeout_s=5.0)), repeat(HTML), closed_until=100.0, draw=0.0)
    assert isinstance(run.error, errors.ServerError)
    assert [at - 100.0 for at, _ in run.sent] == pytest.approx([0.0, 0.35, 0.95, 2.05, 4.15])
    assert str(run.error).endswith(" Tried 5 times. Try again later.")


@given(
    outcomes=st.lists(st.sampled_from([BROKEN, TIMED_OUT, HTML, too_many(), too_many(retry_after="7")]), max_size=40),
    retries=st.integers(0, 8),
    draw=st.floats(0, 1, exclude_max=True),
)
def test_no_try_begins_after_the_call_timeout(outcomes: list[Outcome], retries: int, draw: float) -> None:
    policy = CallPolicy(max_retries=retries, call_timeout_s=20.0)
    run = play(call(SITES, policy), [*outcomes, *repeat(FINE, 41)], draw=draw)
    assert run.sent[-1][0] <= 0.1 + 20.0 + 1e-6
    troubles = sum(outcome is FINE or isinstance(outcome, Fault) or outcome is HTML for outcome in outcomes)
    assert isinstance(run.error, errors.APIError) or troubles <= retries
    assert len(run.sent) <= len(outcomes) + 1


def due(body: dict[str, Any]) -> None:
    """Expect the reply of a request for sites."""
    if "sites" not in body["data"]:
        raise unexpected(SITES, "a list `sites` was due", None)


@pytest.mark.parametrize("misfit", [served({}), Response(200, b"[]"), Response(200, b"null")])
def test_a_reply_that_cannot_be_the_answer_is_asked_for_again_twice(misfit: Response) -> None:
    run = play(call(SITES, CallPolicy(), due), [misfit, misfit, FINE])
    assert run.got() == {"data": {"sites": []}}
    run = play(call(SITES, CallPolicy(max_retries=9), due), repeat(misfit))
    assert type(run.error) is errors.UnexpectedResponseError
    assert len(run.sent) == 3
    assert run.error.body == decode(misfit.body)
    assert str(run.error).endswith(" was due. Tried 3 times.")


def test_a_reply_that_cannot_be_the_answer_is_not_asked_for_again_without_retries() -> None:
    run = play(call(SITES, CallPolicy(max_retries=0), due), [served({})])
    assert isinstance(run.error, errors.UnexpectedResponseError)


def test_a_date_in_retry_after_is_read_by_the_wall_clock() -> None:
    assert NOON == 1_795_435_200.0
    late = Response(503, b"", {"retry-after": "Mon, 23 Nov 2026 12:00:09 GMT"})
    run = play(call(SITES, PATIENT), [late, FINE])
    assert run.gaps_s() == [pytest.approx(8.9)]


@pytest.mark.parametrize("outcome", [Response(404, b"{}"), Response(500, b""), Response(429, b"{}"), BROKEN])
def test_an_error_that_nobody_holds_any_more_is_gone_at_once_and_the_reply_with_it(outcome: Outcome) -> None:
    def ask() -> weakref.ref[errors.APIError]:
        try:
            Attempt(SITES, CallPolicy(0, -1.0)).read(Reply(0, outcome, 0.0, 1.0), NOON, 0.5)
        except errors.APIError as error:
            return weakref.ref(error)
        raise AssertionError("it was to raise")

    gc.disable()
    try:
        assert ask()() is None
    finally:
        gc.enable()
