"""The ledger of slots, against a server that keeps its own count.

The server here follows the contract's words and shares nothing with the ledger. A period is opened by the first request
that finds none open. Its 15 seconds begin somewhere between that arrival and the first reply that leaves afterwards:
nobody knows where, so it is drawn. Every request that arrives before their end is counted; the 21st and later are
refused. Every leg of every trip is drawn, too, and all happens in virtual time.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Protocol

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sonnys_data_client.engine.throttle import Grant, ThrottleLedger, ThrottleLimits
from sonnys_data_client.errors import ValidationError

LIMIT = 20
PERIOD_S = 15.0


class Slots(Protocol):
    """What the property needs of a ledger."""

    def reserve(self, now: float) -> Grant: ...

    def record_end(
        self, token: int, now: float, *, counted: bool, refused: bool, retry_after_s: float | None = None
    ) -> None: ...


@dataclass(frozen=True)
class Trip:
    """One request's trip: seconds out, at the server and back, and what becomes of it.

    `lost` is counted and its reply never comes; `unseen` never reaches the server. Both end in a fault when the
    reply would have come.
    """

    out_s: float
    hold_s: float
    back_s: float
    fate: str = "served"


@dataclass
class Server:
    """Counts arrivals in fixed periods. `begins` says where between arrival and reply a period begins: 0 to 1."""

    begins: Callable[[], float]
    ends_at: float = float("-inf")
    counted: int = 0
    most: int = 0
    _began_at: float = float("-inf")

    def arrive(self, now: float, replies_at: float) -> bool:
        """Count a request; returns whether it is served."""
        begins_at = now + (replies_at - now) * self.begins()
        if now >= self.ends_at:
            self._began_at, self.counted = begins_at, 0
        elif now < self._began_at:  # not begun yet, and an earlier reply begins it earlier
            self._began_at = min(self._began_at, begins_at)
        self.ends_at = self._began_at + PERIOD_S
        self.counted += 1
        self.most = max(self.most, self.counted)
        return self.counted <= LIMIT


@dataclass
class Run:
    """What happened in one run."""

    server: Server
    starts: list[float] = field(default_factory=list)
    refusals: list[float] = field(default_factory=list)

    def most_in_any_15_s(self) -> int:
        """The most starts in any stretch of 15 seconds."""
        most = first = 0
        for last, start in enumerate(self.starts):
            while self.starts[first] <= start - PERIOD_S:
                first += 1
            most = max(most, last - first + 1)
        return most

    def longest_wait_s(self, until: float) -> float:
        """The longest time in which twenty requests did not get through."""
        edges = [0.0] * LIMIT + self.starts + [until]
        return max(later - earlier for earlier, later in zip(edges, edges[LIMIT:], strict=False))


class Scene:
    """A clock, a ledger and a server, and the events between them. Scenes side by side share all but the demand."""

    def __init__(
        self, slots: Slots, trips: Callable[[], Trip], begins: Callable[[], float], beside: Scene | None = None
    ) -> None:
        self.run: Run = beside.run if beside else Run(Server(begins))
        self.starts: list[float] = []
        self.dead = False
        self._slots = slots
        self._trips = trips
        self._order: count[int] = beside._order if beside else count()
        self._events: list[tuple[float, int, Callable[[float], None]]] = beside._events if beside else []
        self._waiting = 0
        self._wakes_at = float("inf")

    def at(self, time: float, event: Callable[[float], None]) -> None:
        heapq.heappush(self._events, (time, next(self._order), event))

    def play(self, until: float) -> Run:
        while self._events and self._events[0][0] <= until:
            time, _, event = heapq.heappop(self._events)
            event(time)
        return self.run

    def expect(self, demand: Iterator[tuple[float, int]]) -> None:
        """Ask for so many more requests at each of these times."""

        def want(now: float, requests: int) -> None:
            self._waiting += requests
            self.expect(demand)
            self._reserve(now)

        if (wanted := next(demand, None)) is not None:
            self.at(wanted[0], lambda now: want(now, wanted[1]))

    def intrude(self, times: Iterator[float]) -> None:
        """Let a rival's requests arrive at these times."""

        def arrive(now: float) -> None:
            self.run.server.arrive(now, now)
            self.intrude(times)

        if (time := next(times, None)) is not None:
            self.at(time, arrive)

    def _reserve(self, now: float) -> None:
        if now >= self._wakes_at:
            self._wakes_at = float("inf")
        while self._waiting and not self.dead:
            grant = self._slots.reserve(now)
            if grant.token is None:
                assert grant.retry_at > now, "a refusal that says to ask again at once is a busy loop"
                if grant.retry_at < self._wakes_at:
                    self._wakes_at = grant.retry_at
                    self.at(self._wakes_at, self._reserve)
                return
            self._waiting -= 1
            self._send(now, grant.token)

    def _send(self, now: float, token: int) -> None:
        self.run.starts.append(now)
        self.starts.append(now)
        trip = self._trips()
        replies_at = now + trip.out_s + trip.hold_s

        def arrive(arrived: float) -> None:
            served = trip.fate == "unseen" or self.run.server.arrive(arrived, replies_at)
            self.at(replies_at + trip.back_s, lambda ended: end(ended, served))

        def end(ended: float, served: bool) -> None:
            if not served:
                self.run.refusals.append(ended)
            if self.dead:
                return
            answered = trip.fate == "served"
            self._slots.record_end(token, ended, counted=answered, refused=answered and not served)
            self._reserve(ended)

        self.at(now + trip.out_s, arrive)


def drive(
    slots: Slots,
    trips: Callable[[], Trip],
    demand: Iterator[tuple[float, int]],
    *,
    until: float,
    begins: Callable[[], float] = lambda: 1.0,
    rival: Iterable[float] = (),
) -> Run:
    """Play requests, so many more at each time of `demand`, as soon as the ledger grants slots; and a rival's."""
    scene = Scene(slots, trips, begins)
    scene.expect(demand)
    scene.intrude(iter(rival))
    return scene.play(until)


def always() -> Iterator[tuple[float, int]]:
    """Demand without end, from the start."""
    return crowd(0.0, 10**9)


def crowd(at: float, requests: int) -> Iterator[tuple[float, int]]:
    """Demand for some requests, all at one moment."""
    return iter([(at, requests)])


def steady(latency_s: float, dice: Random, spread: float = 0.5) -> Callable[[], Trip]:
    """Trips that take one latency there and back, more or less by the spread."""

    def trip() -> Trip:
        out_s, back_s = (latency_s / 2 * dice.uniform(1 - spread, 1 + spread) for _ in range(2))
        return Trip(out_s, 0.0, back_s)

    return trip


def wild(dice: Random, longest_s: float, faults: float) -> Callable[[], Trip]:
    """Trips of any length, most of them short, and some that end in a fault."""

    def leg_s() -> float:
        return longest_s / 3 * dice.random() ** dice.choice((1, 3, 12))

    def trip() -> Trip:
        fate = dice.choice(("lost", "unseen")) if dice.random() < faults else "served"
        return Trip(leg_s(), leg_s(), leg_s(), fate)

    return trip


def bursts(dice: Random) -> Iterator[tuple[float, int]]:
    """Demand in bursts of 1 to 60 requests, with pauses of up to 40 s between them."""
    now = 0.0
    while True:
        yield now, dice.choice((1, 3, 20, 60))
        now += dice.choice((0.0, 0.3, 7.0, 14.9, 40.0)) * dice.random()


def worst_run(make: Callable[[], Slots], seed: int, longest_s: float, faults: float, begins: float | None) -> Run:
    """A run of 200 s with the given seed; `begins` None draws where each period begins."""
    dice = Random(seed)
    demand = always() if dice.random() < 0.5 else bursts(dice)
    return drive(
        make(),
        wild(dice, longest_s, faults),
        demand,
        until=200.0,
        begins=dice.random if begins is None else lambda: begins,
    )


def ledger() -> ThrottleLedger:
    return ThrottleLedger(ThrottleLimits())


@settings(max_examples=250)
@given(
    seed=st.integers(0, 2**32),
    longest_s=st.sampled_from((0.0, 0.05, 0.5, 2.0, 5.0)),
    faults=st.sampled_from((0.0, 0.0, 0.1, 0.6)),
    begins=st.sampled_from((None, 0.0, 1.0)),
)
def test_alone_it_is_never_refused(seed: int, longest_s: float, faults: float, begins: float | None) -> None:
    run = worst_run(ledger, seed, longest_s, faults, begins)
    assert run.server.most <= LIMIT
    assert run.most_in_any_15_s() <= LIMIT
    assert run.refusals == []


class SlidingWindow:
    """The ledger that one would write first: twenty starts in any 15 s, whatever the latencies."""

    def __init__(self) -> None:
        self.starts: list[float] = []

    def reserve(self, now: float) -> Grant:
        self.starts = [start for start in self.starts if start + PERIOD_S + 0.02 > now]
        if len(self.starts) == LIMIT:
            return Grant(None, self.starts[0] + PERIOD_S + 0.02)
        self.starts.append(now)
        return Grant(0, now)

    def record_end(
        self, token: int, now: float, *, counted: bool, refused: bool, retry_after_s: float | None = None
    ) -> None:
        """Learn nothing."""


class ForgetsStragglers(ThrottleLedger):
    """Forgets all requests at a round's end, though a slow one may have opened the next period."""

    def _turn_over(self, now: float) -> None:
        over = self._proved is not None and now >= self._proved + self._length_s
        super()._turn_over(now)
        if over:
            self._members.clear()


class TrustsFaults(ThrottleLedger):
    """Takes a fault for a reply, though the period may begin later."""

    def record_end(
        self, token: int, now: float, *, counted: bool, refused: bool, retry_after_s: float | None = None
    ) -> None:
        super().record_end(token, now, counted=True, refused=refused, retry_after_s=retry_after_s)


@pytest.mark.parametrize(
    "mutant",
    [SlidingWindow, lambda: ForgetsStragglers(ThrottleLimits()), lambda: TrustsFaults(ThrottleLimits())],
    ids=["sliding window", "forgets stragglers", "trusts faults"],
)
def test_the_property_catches_a_ledger_that_is_wrong(mutant: Callable[[], Slots]) -> None:
    runs = (
        worst_run(mutant, seed, longest_s, faults, begins)
        for seed in range(200)
        for longest_s in (0.5, 5.0)
        for faults in (0.0, 0.6)
        for begins in (None, 1.0)
    )
    assert any(run.server.most > LIMIT for run in runs)


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32), faults=st.sampled_from((0.0, 0.1, 1.0)), longest_s=st.sampled_from((0.5, 5.0)))
def test_twenty_requests_get_through_in_a_period_and_two_trips(seed: int, faults: float, longest_s: float) -> None:
    dice = Random(seed)
    run = drive(ledger(), wild(dice, longest_s, faults), always(), until=200.0, begins=dice.random)
    assert run.longest_wait_s(200.0) <= PERIOD_S + 0.02 + longest_s + 1e-6


@pytest.mark.parametrize(("latency_s", "least"), [(0.02, 0.995), (0.15, 0.99), (0.5, 0.97), (2.0, 0.90), (5.0, 0.78)])
def test_how_near_it_comes_to_the_ceiling(latency_s: float, least: float) -> None:
    periods = 100
    run = drive(ledger(), steady(latency_s, Random(7)), always(), until=periods * PERIOD_S - 1e-9)
    assert run.refusals == []
    assert len(run.starts) >= least * LIMIT * periods


def test_a_burst_of_twenty_starts_at_once_and_the_next_one_period_after_the_first_reply() -> None:
    run = drive(ledger(), lambda: Trip(0.05, 0.0, 0.05), crowd(3.0, 21), until=60.0)
    assert run.starts[:20] == [3.0] * 20
    assert run.starts[20] == pytest.approx(3.1 + 15.02)


def test_all_replies_lost_costs_one_period_and_no_more() -> None:
    trips = iter([Trip(0.1, 0.0, 4.9, "lost")] * 20 + [Trip(0.1, 0.0, 0.1)] * 40)
    run = drive(ledger(), lambda: next(trips), crowd(0.0, 40), until=60.0)
    assert run.starts[20] == pytest.approx(5.0 + 15.02)
    assert len(run.starts) == 40
    assert run.server.most <= LIMIT


def test_unreachable_requests_hold_their_slots_as_if_they_had_counted() -> None:
    run = drive(ledger(), lambda: Trip(0.1, 0.0, 0.0, "unseen"), crowd(0.0, 21), until=60.0)
    assert run.starts[20] == pytest.approx(0.1 + 15.02)


def test_while_nothing_is_answered_it_looks_again_four_times_a_second() -> None:
    slots = ledger()
    assert [slots.reserve(0.0).token for _ in range(20)] == list(range(20))
    assert slots.reserve(16.0) == Grant(None, 16.25, 20.0)


def test_a_slot_whose_request_never_ends_comes_back_after_ten_minutes() -> None:
    slots = ledger()
    tokens = [slots.reserve(0.0).token for _ in range(20)]
    assert slots.reserve(600.0).token is None
    assert slots.reserve(615.02).token not in tokens


def test_with_a_rival_it_still_gets_its_share_and_wins_the_rest_back() -> None:
    dice = Random(3)
    trips = steady(0.15, dice)
    half = drive(ledger(), trips, always(), until=900.0, rival=count(0.01, 1.5))
    assert len(half.starts) - len(half.refusals) >= 0.75 * 10 * 60
    assert len(half.refusals) <= 0.2 * len(half.starts)
    later = drive(ledger(), trips, always(), until=900.0, rival=map(float, range(300)))
    assert [at for at in later.refusals if at > 320.0] == []
    assert len([start for start in later.starts if 620.0 <= start < 620.0 + 10 * PERIOD_S]) >= 10 * LIMIT - 5


def spend(slots: ThrottleLedger, now: float, served: int, refused: int = 0, retry_after_s: float | None = None) -> None:
    """Start requests at `now`, all answered a tenth of a second later."""
    tokens = [slots.reserve(now).token for _ in range(served + refused)]
    assert None not in tokens
    for number, token in enumerate(tokens):
        assert token is not None
        is_refused = number >= served
        wait_s = retry_after_s if is_refused else None
        slots.record_end(token, now + 0.1, counted=True, refused=is_refused, retry_after_s=wait_s)


def slots_at(slots: ThrottleLedger, now: float) -> int:
    """Take all slots that there are at `now`, and have each answered; returns how many."""
    taken = 0
    while (token := slots.reserve(now).token) is not None:
        slots.record_end(token, now + 0.1, counted=True, refused=False)
        taken += 1
    return taken


def test_a_refusal_stops_everything_until_the_period_must_be_over() -> None:
    slots = ledger()
    spend(slots, 0.0, served=12, refused=1)
    grant = slots.reserve(0.2)
    assert grant.token is None
    assert grant.retry_at == pytest.approx(15.12)
    assert slots.reserve(15.1).token is None


def test_headroom_is_given_up_after_a_refusal_and_won_back_faster_and_faster() -> None:
    slots = ledger()
    spend(slots, 0.0, served=12, refused=1)
    assert [slots_at(slots, 16.0 * number) for number in range(1, 5)] == [12, 13, 20, 20]


def test_a_period_that_served_nothing_leaves_one_slot() -> None:
    slots = ledger()
    spend(slots, 0.0, served=0, refused=3)
    assert [slots_at(slots, 16.0 * number) for number in range(1, 7)] == [1, 2, 4, 8, 16, 20]


@pytest.mark.parametrize(("named_s", "waited_s"), [(4.0, 4.0), (0.0, 0.0), (45.0, 45.0)])
def test_retry_after_is_honoured(named_s: float, waited_s: float) -> None:
    slots = ledger()
    spend(slots, 0.0, served=2, refused=1, retry_after_s=named_s)
    assert slots.reserve(0.1 + waited_s - 0.01).token is None or waited_s == 0.0
    assert slots.reserve(0.1 + waited_s).token is not None


def test_the_end_of_an_unknown_request_is_no_news() -> None:
    slots = ledger()
    slots.record_end(99, 1.0, counted=True, refused=False)
    assert slots_at(slots, 2.0) == LIMIT


def test_other_limits_hold_too() -> None:
    slots = ThrottleLedger(ThrottleLimits(limit=3, period_s=1.5, guard_s=0.0))
    assert slots_at(slots, 0.0) == 3
    assert slots.reserve(0.2).retry_at == pytest.approx(1.6)
    assert slots_at(slots, 1.6) == 3


@pytest.mark.parametrize("wrong", [{"limit": 0}, {"period_s": 0.0}, {"guard_s": -0.1}])
def test_limits_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError, match=r"^ThrottleLimits: limit must be at least 1, period_s above 0"):
        ThrottleLimits(**wrong)  # type: ignore[arg-type]
