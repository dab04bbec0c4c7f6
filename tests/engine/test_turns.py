"""One ledger for many: turns, accounts, a person who does not queue, and the dead.

The server, its trips and the events are those of `test_throttle`. Each holder here has a demand of its own, and the
ledger goes through JSON between any two steps, as it does between processes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from sonnys_data_client.engine.throttle import Grant, ThrottleLedger, ThrottleLimits
from sonnys_data_client.engine.turns import Asker, Turns
from tests.cost import seeds
from tests.engine.test_throttle import LIMIT, PERIOD_S, Scene, Trip, always, bursts, steady, wild

LIMITS = ThrottleLimits()
UNTIL = 600.0


class Store:
    """A ledger as processes share it: read, changed and written back. `make` makes it, and may make a wrong one."""

    def __init__(self, make: type[ThrottleLedger] = ThrottleLedger) -> None:
        self.make = make
        self.text = json.dumps(make(LIMITS).dump())

    def step(self, change: Callable[[ThrottleLedger], Any]) -> Any:
        ledger = self.make.load(LIMITS, json.loads(self.text))
        found = change(ledger)
        self.text = json.dumps(ledger.dump())
        return found


class Seat:
    """The slots as one holder sees them."""

    def __init__(self, store: Store, asker: Asker) -> None:
        self.store = store
        self.asker = asker

    def reserve(self, now: float) -> Grant:
        found: Grant = self.store.step(lambda ledger: ledger.reserve(now, self.asker))
        return found

    def record_end(
        self, token: int, now: float, *, counted: bool, refused: bool, retry_after_s: float | None = None
    ) -> None:
        self.store.step(
            lambda ledger: ledger.record_end(token, now, counted=counted, refused=refused, retry_after_s=retry_after_s)
        )


class Crowd:
    """Several holders at one server."""

    def __init__(
        self,
        demands: list[Iterator[tuple[float, int]]],
        trips: Callable[[], Trip],
        *,
        make: type[ThrottleLedger] = ThrottleLedger,
        begins: Callable[[], float] = lambda: 1.0,
        persons: tuple[int, ...] = (),
    ) -> None:
        self.store = Store(make)
        self.scenes: list[Scene] = []
        for number, demand in enumerate(demands):
            seat = Seat(self.store, Asker(f"holder {number}", interactive=number in persons))
            scene = Scene(seat, trips, begins, self.scenes[0] if self.scenes else None)
            scene.expect(demand)
            self.scenes.append(scene)
        self.run = self.scenes[0].run

    def kill(self, number: int, at: float, noticed_after_s: float) -> None:
        """Kill a holder, and have that noticed a little later."""

        def die(_now: float) -> None:
            self.scenes[number].dead = True

        self.scenes[0].at(at, die)
        self.scenes[0].at(
            at + noticed_after_s, lambda now: self.store.step(lambda ledger: ledger.bury([f"holder {number}"], now))
        )

    def play(self, until: float = UNTIL) -> list[int]:
        """Returns how many requests each holder has sent."""
        self.scenes[0].play(until)
        return [len(scene.starts) for scene in self.scenes]


def full_windows(starts: list[float], until: float) -> float:
    """The part of the ceiling that was used."""
    return len(starts) / (LIMIT * until / PERIOD_S)


@pytest.mark.parametrize("holders", [2, 3, 7, 8, 16])
def test_all_who_always_want_get_the_same(holders: int) -> None:
    crowd = Crowd([always() for _ in range(holders)], steady(0.15, Random(1)))
    crowd.play(900.0)
    assert crowd.run.refusals == []
    assert full_windows(crowd.run.starts, 900.0) >= 0.985
    sent = [sum(at > PERIOD_S for at in scene.starts) for scene in crowd.scenes]  # the first to come takes all at first
    mean = sum(sent) / holders
    assert max(abs(one - mean) for one in sent) <= 4


def test_who_comes_late_gets_a_full_part_from_the_next_period_on() -> None:
    crowd = Crowd([always(), iter([(40.0, 10**9)])], steady(0.15, Random(2)))
    crowd.play()
    first, late = (scene.starts for scene in crowd.scenes)
    assert abs(sum(at > 50 for at in first) - sum(at > 50 for at in late)) <= 4


def test_slots_that_nobody_else_wants_are_for_who_wants_them() -> None:
    """One wants three slots of each period, and the other all there are."""
    modest = iter([(16.0 * number, 3) for number in range(int(UNTIL / 16))])
    crowd = Crowd([always(), modest], steady(0.15, Random(3)))
    sent = crowd.play()
    assert crowd.run.refusals == []
    assert full_windows(crowd.run.starts, UNTIL) >= 0.98
    assert sent[1] >= 3 * (UNTIL / 16) - 6


def test_a_person_waits_for_no_window_while_the_spare_slot_is_free() -> None:
    asks = [(20.0 + 47.0 * number, 1) for number in range(12)]
    crowd = Crowd([always(), always(), iter(asks)], steady(0.15, Random(4)), persons=(2,))
    crowd.play()
    waits = [start - asked for start, (asked, _) in zip(crowd.scenes[2].starts, asks, strict=True)]
    assert waits[0] <= PERIOD_S + 0.2
    assert max(waits[1:]) <= 0.5, "cold once, warm for two minutes after each"
    assert crowd.run.refusals == []


def test_a_person_who_reads_thousands_of_pages_is_a_holder_like_others() -> None:
    crowd = Crowd([always(), always()], steady(0.15, Random(5)), persons=(1,))
    sent = crowd.play()
    assert abs(sent[0] - sent[1]) <= 0.12 * sent[0]


def test_a_holder_that_dies_with_requests_on_the_wire_leaves_no_window_short() -> None:
    slow = iter([Trip(0.1, 0.0, 0.1)] * 20 + [Trip(0.1, 0.0, 25.0)] * 20 + [Trip(0.1, 0.0, 0.1)] * 10**6)
    crowd = Crowd([always(), always()], lambda: next(slow))
    crowd.kill(1, 15.6, noticed_after_s=1.0)
    crowd.play(120.0)
    assert crowd.run.refusals == []
    gaps = [later - earlier for earlier, later in pairwise(crowd.run.starts)]
    assert max(gaps) <= PERIOD_S + 5.0


def troubled(seed: int, make: type[ThrottleLedger] = ThrottleLedger) -> Crowd:
    """Draw sixteen holders with late replies, stalls and kills."""
    dice = Random(seed)
    holders = dice.choice((2, 5, 16))
    demands = [always() if dice.random() < 0.6 else bursts(dice) for _ in range(holders)]
    crowd = Crowd(
        demands, wild(dice, dice.choice((0.3, 2.0, 6.0)), dice.choice((0.0, 0.05))), make=make, begins=dice.random
    )
    for number in dice.sample(range(1, holders), k=holders // 3):
        crowd.kill(number, 15.2 * dice.randint(0, 6) + dice.uniform(0.01, 2.0), dice.uniform(0.0, 2.0))
    return crowd


@pytest.mark.parametrize("seed", seeds(60, exploring=2_000))
def test_nothing_is_refused_whatever_happens(seed: int) -> None:
    crowd = troubled(seed)
    crowd.play(120.0)
    assert crowd.run.refusals == []
    assert crowd.run.server.most <= LIMIT


class ForgetsTheDead(ThrottleLedger):
    """Takes it that what the dead have sent is not counted."""

    def bury(self, holders: Any, now: float) -> None:
        for token, member in list(self._members.items()):
            if member.ended_at is None and member.holder in holders:
                del self._members[token]
        super().bury(holders, now)


class BelievesThatTheDeadAreQuick(ThrottleLedger):
    """Takes it that a request of the dead has ended by the time that it is noticed."""

    def bury(self, holders: Any, now: float) -> None:
        super().bury(holders, now - 2.0 - 10.0)


class LosesAMember(ThrottleLedger):
    """Forgets between two processes which slots are on the wire."""

    def dump(self) -> list[Any]:
        dumped = super().dump()
        dumped[1] = [member for member in dumped[1] if member[4] is not None]
        return dumped


class LosesTheProof(ThrottleLedger):
    """Begins the next round at its first start instead of its first reply."""

    def dump(self) -> list[Any]:
        dumped = super().dump()
        dumped[3] = None if dumped[3] is None else min(dumped[3], dumped[2])
        return dumped


@pytest.mark.parametrize("wrong", [ForgetsTheDead, BelievesThatTheDeadAreQuick, LosesAMember, LosesTheProof])
def test_a_ledger_that_is_wrong_about_others_is_refused(wrong: type[ThrottleLedger]) -> None:
    for seed in range(30, 300):  # 30 is the first that tells
        crowd = troubled(seed, wrong)
        crowd.play(120.0)
        if crowd.run.refusals:
            return
    pytest.fail("nothing was refused in 270 runs")


class NoTurns(Turns):
    """First come, first served."""

    def must_wait(self, asker: Asker, now: float, slots: int) -> bool:
        return False


class NoSpare(Turns):
    """Leaves nothing for a person."""

    def spare(self, now: float) -> int:
        return 0


class NoAccounts(Turns):
    """Forgets who had more."""

    def begin_round(self, now: float) -> None:
        super().begin_round(now)
        for holder in self.holders.values():
            holder.lead = 0.0


def with_turns(turns: type[Turns]) -> type[ThrottleLedger]:
    class Wrong(ThrottleLedger):
        def reserve(self, now: float, asker: Asker = Asker()) -> Grant:  # noqa: B008 - frozen
            self._turns = turns(self._turns.holders, self._turns.began_at)
            return super().reserve(now, asker)

    return Wrong


def test_without_turns_one_takes_all() -> None:
    crowd = Crowd([always(), always(), always()], steady(0.15, Random(1)), make=with_turns(NoTurns))
    sent = crowd.play()
    assert max(sent) > 1.5 * min(sent)


def test_without_accounts_the_odd_slots_go_to_the_same_holders() -> None:
    crowd = Crowd([always() for _ in range(16)], steady(0.15, Random(1)), make=with_turns(NoAccounts))
    sent = crowd.play(900.0)
    assert max(sent) - min(sent) > 0.05 * max(sent)


def test_without_a_spare_slot_a_person_waits() -> None:
    asks = iter([(20.0 + 47.0 * number, 1) for number in range(12)])
    crowd = Crowd([always(), always(), asks], steady(0.15, Random(4)), make=with_turns(NoSpare), persons=(2,))
    crowd.play()
    assert max(crowd.scenes[2].starts[number] - (20.0 + 47.0 * number) for number in range(1, 12)) > 1.0
