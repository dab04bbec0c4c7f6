"""Several requests at once: each has its result, in order, whether it succeeds or fails."""

from __future__ import annotations

from sonnys_data_client import errors
from sonnys_data_client.engine.call import CallPolicy
from sonnys_data_client.engine.gather import gather
from sonnys_data_client.engine.wire import Outcome, Request
from tests.engine.flows import HTML, LATENCY_S, play, refused, served, too_many

REQUESTS = [Request("GET", f"/thing/{number}") for number in range(30)]


def serve(request: Request, _now: float) -> Outcome:
    return served({"path": request.path})


def test_all_are_on_the_wire_together_and_answered_in_order() -> None:
    run = play(gather(REQUESTS, CallPolicy()), serve)
    assert run.got() == [{"data": {"path": request.path}} for request in REQUESTS]
    assert {at for at, _ in run.sent} == {0.0}


def test_nothing_to_ask_costs_nothing() -> None:
    run = play(gather([], CallPolicy()), serve)
    assert run.got() == []
    assert run.sent == []


def test_a_refusal_waits_for_a_slot_and_trouble_is_tried_again_beside_the_others() -> None:
    troubles = {"/thing/1": [too_many(), HTML], "/thing/2": [HTML]}

    def server(request: Request, now: float) -> Outcome:
        waiting = troubles.get(request.path)
        return waiting.pop() if waiting else serve(request, now)

    run = play(gather(REQUESTS[:4], CallPolicy()), server, closed_until=2.0)
    assert run.got() == [{"data": {"path": request.path}} for request in REQUESTS[:4]]
    assert [request.path for _, request in run.sent].count("/thing/1") == 3
    assert min(at for at, _ in run.sent) == 2.0


def test_one_that_ends_in_an_error_costs_nobody_else() -> None:
    def server(request: Request, now: float) -> Outcome:
        if request.path == "/thing/1":
            return refused(404, "EntityNotFoundError", "No.")
        return HTML if request.path == "/thing/2" else serve(request, now)

    run = play(gather(REQUESTS[:4], CallPolicy(max_retries=1)), server)
    first, missing, broken, last = run.got()
    assert isinstance(first, dict)
    assert isinstance(last, dict)
    assert isinstance(missing, errors.NotFoundError)
    assert isinstance(broken, errors.ServerError)
    assert run.now > LATENCY_S
