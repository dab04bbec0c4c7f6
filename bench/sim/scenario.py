"""Scenarios: what a simulated export goes through, drawn from a seed.

A seed decides everything, so no scenario has to be stored: its seed makes it again. About four in ten are *calm*:
nothing breaks, nobody else uses the credential, no process dies, and every row is known beforehand. For those the
promises are the strictest. The others mix faults, a rival, rows that come or change while they are read, and processes
that are killed between any two steps.

Pages are small, 5 to 20 rows, so that trouble with a page costs little time.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from sonnys_data_client.engine.export.pages import SchedulePolicy
from sonnys_data_client.engine.local_days import LocalDays
from sonnys_data_client.engine.windows import DAY_S, SKEW_S, Span, Window
from sonnys_data_client.sandbox import Faults, JobQuirks, Quirks, SandboxConfig
from sonnys_data_client.sandbox.config import ApiAccount
from sonnys_data_client.sandbox.faults import AT_THE_SERVER, IN_A_JOB, ON_THE_WAY_IN
from sonnys_data_client.sandbox.world.facts import Site, Transaction
from sonnys_data_client.sandbox.world.listed import ListWorld, make_row, make_site
from sonnys_data_client.testing.simulation import Network

START = 1_775_044_800
"""Epoch second at which every scenario begins: 2026-04-01 12:00 UTC."""
_CODES = ("MAIN", "WEST", "EAST")
_QUIRKS = [(name, value) for name, value in JobQuirks.variants() if (name, value) != ("job_limit", "hundred")]
_MINUTE_S = 60
_SPANS_S = (3, 10 * _MINUTE_S, 3 * 3600, DAY_S, DAY_S + 1, 2 * DAY_S, 3 * DAY_S + 3600)
_STEPS_A_LIFE = (1, 12, 40, 120, 400)
_TRANSPORT_FAULTS = (*ON_THE_WAY_IN, *AT_THE_SERVER)


@dataclass(frozen=True, slots=True)
class Export:
    """What one account exports.

    Attributes:
        account: The account.
        span: The range.
        sites: Codes asked for; None for all.
        begins_s: Seconds after the start at which its first process begins.
    """

    account: ApiAccount
    span: Span
    sites: tuple[str, ...] | None
    begins_s: float

    def windows(self) -> Sequence[Window]:
        """The plan."""
        return LocalDays.everywhere(self.span, UTC).windows(self.sites)


@dataclass(frozen=True, slots=True)
class Kill:
    """When a process is killed.

    Attributes:
        steps: Asks that are answered before.
        rest_s: Seconds until the next one begins.
    """

    steps: int
    rest_s: float


@dataclass(frozen=True, slots=True)
class Scenario:
    """Everything that decides a run.

    Attributes:
        seed: What it was drawn from.
        world: The true rows.
        config: The sandbox's settings.
        network: The network to it.
        policy: The exports' settings.
        exports: One for each account.
        kills: How the first processes of every account end.
        ledger_survives: Whether a process knows the slots that the killed one before it has spent.
    """

    seed: int
    world: ListWorld
    config: SandboxConfig
    network: Network
    policy: SchedulePolicy
    exports: tuple[Export, ...]
    kills: tuple[Kill, ...] = ()
    ledger_survives: bool = False

    @property
    def calm(self) -> bool:
        """Whether nothing goes wrong and nothing moves."""
        return not (self.breaks or self.jobs_break or self.rival or self.kills or self.moves)

    @property
    def breaks(self) -> bool:
        """Whether requests or replies are lost, late or spoilt."""
        return any(getattr(self.config.faults, name) for name in _TRANSPORT_FAULTS)

    @property
    def jobs_break(self) -> bool:
        """Whether jobs fail, or their results are lost early."""
        return bool(self.config.faults.job_fail or self.config.faults.early_expiry)

    @property
    def rival(self) -> bool:
        """Whether somebody else spends the same accounts' requests."""
        return self.config.faults.rival > 0

    @property
    def moves(self) -> bool:
        """Whether rows come or change while they are read."""
        return any(row.visible_from > START for row in self.world.rows)

    @property
    def slow(self) -> bool:
        """Whether some job may run over the job timeout: by its drawn duration, or in the server's queue."""
        config = self.config
        pages = sum(self.pages(export) for export in self.exports)
        queue_s = pages * config.job_s / (config.workers or math.inf)
        return config.job_s * math.exp(3.5 * config.jitter) + 3 * queue_s > self.policy.job_timeout_s

    def rows_of(self, export: Export) -> Iterator[Transaction]:
        """All versions of the rows in an export's range, without those of edge seconds."""
        sites = export.sites or export.account.sites
        span = export.span
        for row in self.world.rows:
            if span.start <= row.completed_ms // 1000 < span.stop and (sites is None or row.site_code in sites):
                yield row

    def count(self, export: Export, window: Window) -> int:
        """Rows that the server counts in a window, once it knows all of them; the edge second as the quirk has it."""
        stop = window.stop + (self.config.quirks.end == "inclusive")
        sites = (window.site,) if window.site is not None else export.account.sites
        seconds = ((row.completed_ms // 1000, row) for row in self.world.rows)
        return len(
            {
                row.id
                for second, row in seconds
                if window.start <= second < stop and (sites is None or row.site_code in sites)
            }
        )

    def pages(self, export: Export) -> int:
        """Pages that an export has to read."""
        windows = export.windows()
        if self.config.quirks.site_required:
            codes = export.account.sites or tuple(site.code for site in self.world.sites)
            named = [window for window in windows if window.site is not None]
            windows = named + [Window(w.start, w.stop, code) for w in windows if w.site is None for code in codes]
        return sum(max(1, -(-self.count(export, window) // self.policy.rows_a_page)) for window in windows)

    def requests_max(self, export: Export) -> float:
        """Requests that an export's last process may spend.

        In a calm scenario: two a page, a quarter more, and some to learn the pace. Where pages have to come one after
        the other, an early poll costs a slot that nothing else needs: up to two more a page. Where things go wrong,
        requests are lost and pages are read again by halves: six times as many, and what a window may cost until it is
        given up.
        """
        in_turn = self.config.quirks.totals == "null" or self.policy.max_in_flight is not None
        a_page = 4.25 if in_turn else 2.25
        calm = a_page * self.pages(export) + 12 + 6 * math.log2(1 + self._job_s_max())
        return calm if self.calm and not self.slow else 6 * calm + 100 * len(export.windows())

    def time_s_max(self, export: Export) -> float:
        """Seconds that an export's last process may take, from its begin or the end of all faults, the later.

        The sum of: all its requests at the throttle's pace; its jobs, one after the other as far as the settings demand
        it; and the server's queue. Where things go wrong, twice that, and two job timeouts.
        """
        pages, job_s = self.pages(export), self._job_s_max()
        one_s = 1.4 * job_s + 4 * self.network.latency_s + self.policy.poll_interval_s
        # Without totals only a full page tells that there is another.
        at_once = 1 if self.config.quirks.totals == "null" else self.policy.max_in_flight or pages
        throttle_s = 15.0 * math.ceil(self.requests_max(export) / 20)
        calm = throttle_s + math.ceil(pages / at_once) * one_s + 30.0
        return calm if self.calm and not self.slow else 2 * calm + 2 * self.policy.job_timeout_s

    def _job_s_max(self) -> float:
        """About how long the longest job takes, the server's queue included."""
        config = self.config
        queue_s = sum(self.pages(export) for export in self.exports) * config.job_s / (config.workers or math.inf)
        return config.job_s * math.exp(2.5 * config.jitter) + 1.5 * queue_s


def draw(seed: int) -> Scenario:
    """Draw the scenario of a seed."""
    dice = random.Random(f"scenario {seed}")
    calm = dice.random() < 0.4
    sites = [make_site(i, code) for i, code in enumerate(_CODES[: dice.randint(1, 3)], 1)]
    if dice.random() < 0.3:
        sites.append(make_site(9, ""))
    span = _draw_span(dice)
    limit = dice.choice((5, 7, 10, 20))
    world = ListWorld(sites, _draw_rows(dice, sites, span, limit, moves=not calm and dice.random() < 0.35))
    exports = _draw_exports(dice, sites, span)
    job_s = dice.choice((0.0, 0.3, 2.0, 5.0, 20.0, 60.0))
    config = SandboxConfig(
        seed=seed,
        accounts=tuple(export.account for export in exports),
        job_s=job_s,
        jitter=dice.choice((0.0, 0.0, 0.5)),
        # Fewer workers could not do the work of three accounts before its results are lost.
        workers=dice.choice((None, None, None, 1 if job_s <= 5.0 else 3)) if job_s <= 20.0 else None,
        quirks=_draw_quirks(dice),
        faults=Faults() if calm else _draw_faults(dice),
    )
    kills = () if calm or dice.random() < 0.5 else _draw_kills(dice)
    return Scenario(
        seed=seed,
        world=world,
        config=config,
        network=Network(dice.choice((0.05, 0.15, 0.15, 0.6, 2.0)), dice.choice((0.0, 0.5, 0.9))),
        policy=SchedulePolicy(rows_a_page=limit, max_in_flight=dice.choice((None, None, None, None, 1, 4))),
        exports=exports,
        kills=kills,
        ledger_survives=dice.random() < 0.3,
    )


def _draw_span(dice: random.Random) -> Span:
    length_s = dice.choice(_SPANS_S)
    stop = START - SKEW_S - dice.choice((0, 0, 3600, 40 * DAY_S)) - dice.randint(0, 1) * dice.randint(0, 5000)
    return Span(stop - length_s, stop, one_day=False)


def _draw_exports(dice: random.Random, sites: Sequence[Site], span: Span) -> tuple[Export, ...]:
    codes = [site.code for site in sites if site.code]
    exports: list[Export] = []
    for number in range(dice.choice((1, 1, 1, 2, 3))):
        may_see = tuple(dice.sample(codes, dice.randint(1, len(codes)))) if dice.random() < 0.15 else None
        named = list(may_see or codes)
        asked = tuple(dice.sample(named, dice.randint(1, len(named)))) if dice.random() < 0.3 else None
        begins_s = 0.0 if number == 0 else round(dice.uniform(0.0, 20.0), 1)
        exports.append(Export(ApiAccount(f"account-{number}", "key", sites=may_see), span, asked, begins_s))
    return tuple(exports)


def _draw_rows(dice: random.Random, sites: Sequence[Site], span: Span, limit: int, *, moves: bool) -> list[Transaction]:
    """Draw rows in and around the range: spread evenly, many in one second, and at the edges of windows."""
    full_pages = dice.randint(1, 4) * limit
    many = dice.choice((0, 1, limit, full_pages, full_pages + 1, dice.randint(2, 60), dice.randint(2, 250)))
    first, last = span.start - 2, span.stop + 2
    heaps = [dice.randint(first, last) for _ in range(3)]
    edges = [edge for window in span.windows() for edge in (window.start, window.stop, window.halves()[0].stop)]
    rows: list[Transaction] = []
    for number in range(1, many + 1):
        kind = dice.random()
        second = dice.choice(heaps) if kind < 0.2 else dice.choice(edges) if kind < 0.35 else dice.randint(first, last)
        completed_ms = second * 1000 + dice.choice((0, 500, 999))
        site, cents = dice.choice(sites), dice.randint(-500, 3000)
        late = moves and dice.random() < 0.1
        visible_from = START + dice.uniform(0.0, 90.0) if late else completed_ms / 1000
        rows.append(make_row(number, site, completed_ms, cents, visible_from))
        if moves and dice.random() < 0.1:
            edited = max(visible_from, float(START)) + dice.uniform(0.0, 90.0)
            rows.append(make_row(number, site, completed_ms, cents + 100, edited))
    return rows


def _draw_quirks(dice: random.Random) -> Quirks:
    """Draw any mix of quirks; those that change an export most are drawn more often."""
    mix = dict(dice.sample(_QUIRKS, dice.choice((0, 0, 1, 2, 5))))
    weighty = {"submit_method": "get", "site_required": True, "totals": "null"}
    mix |= {name: value for name, value in weighty.items() if dice.random() < 0.12}
    return Quirks(**mix)


def _draw_faults(dice: random.Random) -> Faults:
    share = dice.choice((0.0, 0.01, 0.03, 0.1))
    rates: dict[str, Any] = {name: dice.choice((0.0, 0.0, share, share / 4)) for name in _TRANSPORT_FAULTS}
    in_a_job = dice.choice((0.0, 0.0, 0.03, 0.2, 0.6))
    rates |= {name: dice.choice((0.0, 0.0, in_a_job)) for name in IN_A_JOB}
    return Faults(
        **rates,
        stall_s=dice.choice((3.0, 40.0)),
        rival=dice.choice((0.0, 0.0, 0.0, 3.0, 10.0)),
        until=START + dice.choice((20.0, 120.0, 600.0)),
    )


def _draw_kills(dice: random.Random) -> tuple[Kill, ...]:
    return tuple(
        Kill(dice.randint(1, dice.choice(_STEPS_A_LIFE)), dice.choice((0.1, 5.0, 60.0, 700.0, 1300.0)))
        for _ in range(dice.randint(1, 4))
    )
