"""Every ask has one type of answer, and the helpers return it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sonnys_data_client.engine import effects
from sonnys_data_client.engine.effects import (
    Ask,
    Collect,
    Deliver,
    Flow,
    Moment,
    Pause,
    Reserve,
    Send,
    Settle,
    Slot,
    Store,
    Strike,
    Woken,
)
from sonnys_data_client.engine.report import WindowReport
from sonnys_data_client.engine.windows import Window
from sonnys_data_client.engine.wire import Request

REQUEST = Request("GET", "/site/list")
WINDOW = Window(0, 86_400)
REPORT = WindowReport(WINDOW)
MOMENT = Moment(1.0, 1000.0, 0.5)
SLOT = Slot(1.0, 1000.0, 0.5, token=7, retry_at=1.0)
WOKEN = Woken(1.0, 1000.0, 0.5, replies=())

ASKS: list[tuple[Callable[[], Flow[Moment]], Ask, Moment]] = [
    (effects.reserve, Reserve(), SLOT),
    (lambda: effects.send(3, REQUEST, 7), Send(3, REQUEST, 7), MOMENT),
    (lambda: effects.pause(12.5), Pause(12.5), WOKEN),
    (lambda: effects.pause(None), Pause(None), WOKEN),
    (effects.look, Pause(float("-inf")), WOKEN),
    (lambda: effects.deliver([{"id": "1:1"}], WINDOW), Deliver([{"id": "1:1"}], WINDOW), MOMENT),
    (lambda: effects.settle([REPORT]), Settle([REPORT]), MOMENT),
    (lambda: effects.store({"hash": "h"}), Store({"hash": "h"}), MOMENT),
    (lambda: effects.collect({"hash": "h"}, {"rows": []}), Collect({"hash": "h"}, {"rows": []}), MOMENT),
    (lambda: effects.strike({"hash": "h"}), Strike({"hash": "h"}), MOMENT),
]


@pytest.mark.parametrize(("helper", "ask", "answer"), ASKS)
def test_a_helper_asks_once_and_returns_the_answer(
    helper: Callable[[], Flow[Moment]], ask: Ask, answer: Moment
) -> None:
    flow = helper()
    assert next(flow) == ask
    with pytest.raises(StopIteration) as end:
        flow.send(answer)
    assert end.value.value is answer


@pytest.mark.parametrize(("helper", "ask", "answer"), ASKS)
def test_a_wrong_answer_is_loud(helper: Callable[[], Flow[Moment]], ask: Ask, answer: Moment) -> None:
    flow = helper()
    next(flow)
    wrong = SLOT if type(answer) is Woken else WOKEN if type(answer) is Slot else None
    with pytest.raises(TypeError, match=f"^the driver answered {type(ask).__name__} with "):
        flow.send(wrong)  # type: ignore[arg-type]


def test_what_goes_wrong_in_the_driver_is_heard_where_it_was_asked() -> None:
    def flow() -> Flow[str]:
        try:
            yield from effects.store({"hash": "h"})
        except OSError as full:
            return f"heard: {full}"
        return "kept"

    running = flow()
    next(running)
    with pytest.raises(StopIteration) as end:
        running.throw(OSError("disk full"))
    assert end.value.value == "heard: disk full"


def test_a_settled_span_is_that_of_its_windows() -> None:
    assert Settle([WindowReport(Window(60, 120, "MAIN")), WindowReport(Window(60, 120, "WEST"))]).span == (60, 120)


def test_asks_are_altered_on_their_way_and_answers_and_errors_reach_the_flow() -> None:
    ends: list[str] = []

    def flow() -> Flow[str]:
        try:
            moment = yield from effects.deliver([{"id": 1}, {"id": 2}], WINDOW)
            assert moment is MOMENT
            try:
                yield from effects.store({"hash": "h"})
            except OSError:
                yield from effects.strike({"hash": "h"})
            return "done"
        finally:
            ends.append("closed")

    def alter(ask: Ask) -> Ask:
        return Deliver(ask.rows[:1], ask.window) if isinstance(ask, Deliver) else ask

    altered = effects.altered(flow(), alter)
    assert next(altered) == Deliver([{"id": 1}], WINDOW)
    assert altered.send(MOMENT) == Store({"hash": "h"})
    assert altered.throw(OSError("full")) == Strike({"hash": "h"})
    with pytest.raises(StopIteration) as end:
        altered.send(MOMENT)
    assert (end.value.value, ends) == ("done", ["closed"])
    stopped = effects.altered(flow(), alter)
    next(stopped)
    stopped.close()
    assert ends == ["closed", "closed"]
