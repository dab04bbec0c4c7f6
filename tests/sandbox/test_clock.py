"""The sandbox's clock: when it starts, how fast it runs, and when it gives a `Date`."""

from __future__ import annotations

import asyncio
import time
from email.utils import parsedate_to_datetime

import pytest

from sonnys_data_client.sandbox.clock import SandboxClock


def test_the_clock_starts_now_and_runs_at_its_speed() -> None:
    clock = SandboxClock(1000)
    assert abs(clock.now() - time.time()) < 30
    before = clock.now()
    asyncio.run(clock.sleep(20))
    assert 20 <= clock.now() - before < 20_000, "20 / 1000 seconds, and not 20"


@pytest.mark.parametrize("ahead", [float("inf"), float("nan")])
def test_a_start_that_cannot_be_is_refused(ahead: float) -> None:
    with pytest.raises(ValueError, match="ahead must be a number"):
        SandboxClock(ahead=ahead)


@pytest.mark.parametrize("speed", [0.0, -1.0, float("inf"), float("nan")])
def test_a_speed_that_cannot_be_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="speed must be a number above 0"):
        SandboxClock(speed)


@pytest.mark.parametrize("ahead", [-3600.0, 3600.0])
def test_it_can_be_wrong_and_says_so_in_the_words_of_http(ahead: float) -> None:
    clock = SandboxClock(ahead=ahead)
    assert abs(clock.now() - time.time() - ahead) < 30
    before = clock.now()
    told = parsedate_to_datetime(clock.date() or "").timestamp()
    assert int(before) <= told <= clock.now()


def test_a_clock_that_runs_away_is_no_time_of_day() -> None:
    assert SandboxClock(2).date() is None
