"""Readings drawn from a seed, of a server that answers with less: no row leaves a day without a word.

All of it happens in memory, so hundreds of seeds take a moment. `tests/sync/test_less.py` does the same with whole
syncs, files and kills. The rule is also broken on purpose, one mistake at a time. The oracle must notice each.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest import mock

import pytest

from sonnys_data_client.archive import decision, dispute, evidence, losses, merge
from sonnys_data_client.archive.dispute import Dispute, Loss, LossLimits, digest
from sonnys_data_client.archive.evidence import Evidence, Rule
from sonnys_data_client.archive.losses import KnownPartition, StoredRows
from sonnys_data_client.archive.merge import MergedPartition
from tests.archive.rig import CALENDARS, DAY, NOON, PARTITION, reading, rows

SOON = NOON - 18 * 86_400
LATE = NOON + 86_400
ALLOWED = 6
LIMITS = LossLimits(rows=ALLOWED, share=0.0)
ROWS = {f"{number}:1001": row for number, row in enumerate(rows(36), 1)}
SITES = ("WEST", "EAST", "MAIN")
SEEDS = 40


def site_of(id: str) -> str:
    return SITES[min(int(id.partition(":")[0]) % 7, 2)]


class Day:
    """A day at the server and in the archive, and what the oracle remembers of it.

    Args:
        seed: Decides everything.
    """

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(f"drawn {seed}")
        self.true = set(ROWS)
        self.known = KnownPartition(None, {}, [], [])
        self.left = set[str]()
        self.kept = set[str]()
        self.at = SOON

    def said(self) -> set[str]:
        """Draw what the server says this time. Now and then a row is really withdrawn."""
        if len(ROWS) - len(self.true) < ALLOWED and self.dice.random() < 0.3:
            self.true.discard(self.dice.choice(sorted(self.true)))
        hidden: Callable[[int, str], bool] = self.dice.choice(
            [
                lambda number, site: True,
                lambda number, site: site == "MAIN",
                lambda number, site: site == "WEST",
                lambda number, site: number % 4 == 0,
                lambda number, site: number // 7 == self.dice.randrange(5),
                *[lambda number, site: False] * 4,
            ]
        )
        return {id for id in sorted(self.true) if not hidden(int(id.partition(":")[0]), site_of(id))}

    def read(self) -> Iterator[str]:
        """Read the day once, and yield what is wrong."""
        said, proved = self.said(), self.dice.random() < 0.85
        self.at += 3600
        raw = [{**ROWS[id], "locationCode": site_of(id)} for id in sorted(said)]
        new, before = reading(raw, at=self.at, proved=proved), set(self.known.raws)
        if self.known.evidence is not None and merge.is_worse(new, self.known.evidence):
            return
        merged = merge.merge(PARTITION, self.known, new, CALENDARS, LIMITS)
        lost = before - said - self.kept
        must = proved and self._takes_too_much(before - self.kept, said, lost)
        yield from self._take(merged, before)
        now = set(self.known.raws)
        if not said <= now:
            yield "a row that came is not there"
        if must != (merged.evidence.dispute is not None):
            yield "it is disputed" if not must else "it is not disputed"
        if before - now != (lost if proved and not must else set()):
            yield "other rows left than those that may"
        if must and evidence.closed(merged.evidence, DAY, Rule(), LATE):
            yield "a disputed day is closed"
        if proved and merged.evidence.rows + merged.evidence.surplus != len(said):
            yield "a recount would find another number than the server says"
        self.left = (self.left | (before - now)) - now
        self.kept -= said

    def decide(self) -> Iterator[str]:
        """Let a person decide, and yield what is wrong."""
        known, before = self.known.evidence, set(self.known.raws)
        if known is None or known.dispute is None:
            return
        held, accept = {id for id in before if digest(id) in known.dispute.lacking}, self.dice.random() < 0.5
        decided = decision.decide(PARTITION, self.known, CALENDARS, accept=accept, at=self.at)
        if decided is None:
            yield "there was nothing to decide"
            return
        yield from self._take(decided, before)
        if set(self.known.raws) != (before - held if accept else before):
            yield "other rows are there than were decided about"
        self.kept |= set() if accept else held

    def _takes_too_much(self, before: set[str], said: set[str], lost: set[str]) -> bool:
        sites = {site for site in SITES if not any(site_of(id) == site for id in said)}
        whole = [sum(site_of(id) == site for id in lost) for site in sites]
        return bool(lost) and (
            len(lost | self.left - before) > ALLOWED or max(whole, default=0) >= 3 or (not said and len(before) >= 3)
        )

    def _take(self, merged: MergedPartition, before: set[str]) -> Iterator[str]:
        raws = {row.key: row.raw for row in merged.rows.rows}
        entries = {change.id for change in merged.log if change.after is None and change.before}
        yield from (f"{id} left without an entry" for id in before - raws.keys() - entries)
        if merged.evidence.rows != len(raws):
            yield "the evidence counts other rows"
        self.known = KnownPartition(merged.evidence, raws, merged.rows.unparsed, merged.log)


def trial(seed: int) -> list[str]:
    """Return what is wrong in the readings of a seed."""
    day, wrong = Day(seed), list[str]()
    for step in range(8):
        wrong += [f"seed {seed}, reading {step}: {line}" for line in day.read()]
        if day.dice.random() < 0.3:
            wrong += [f"seed {seed}, decision {step}: {line}" for line in day.decide()]
    return wrong


@pytest.mark.parametrize("seeds", [range(first, first + SEEDS) for first in range(0, 10 * SEEDS, SEEDS)])
def test_no_row_leaves_without_a_word_and_no_dispute_is_missed(seeds: range) -> None:
    assert [line for seed in seeds for line in trial(seed)] == []


# -- the rule, broken on purpose --------------------------------------------------------------------------------


def rule(change: Callable[[Any, Loss, LossLimits], str]) -> Callable[[], Any]:
    return lambda: mock.patch.object(losses, "why_disputed", change)


def no_sites(table: Any, loss: Loss, limits: LossLimits) -> str:
    return dispute.why_disputed(table, replace(loss, lost_of={}), limits)


def no_numbers(table: Any, loss: Loss, limits: LossLimits) -> str:
    return dispute.why_disputed(table, loss, replace(limits, rows=10**9))


def forgetful(table: Any, loss: Loss, limits: LossLimits) -> str:
    return dispute.why_disputed(table, replace(loss, withdrawn=0), limits)


def one_more(table: Any, loss: Loss, limits: LossLimits) -> str:
    return dispute.why_disputed(table, loss, replace(limits, rows=limits.rows + 1))


def always(table: Any, loss: Loss, limits: LossLimits) -> str:
    return dispute.why_disputed(table, loss, limits) or "a row is gone"


@contextmanager
def ended_by_a_second_reading() -> Generator[None]:
    real = losses.dispute_about

    def once(table: Any, known: KnownPartition, *about: Any, **more: Any) -> Dispute | None:
        return None if known.dispute_before else real(table, known, *about, **more)

    with mock.patch.object(merge, "dispute_about", once):
        yield


@contextmanager
def new_rows_dropped() -> Generator[None]:
    """A disputed reading is thrown away with what it brought."""
    real = merge.merge

    def refused(partition: Any, known: KnownPartition, *about: Any) -> MergedPartition:
        merged = real(partition, known, *about)
        kept = [row for row in merged.rows.rows if not merged.evidence.dispute or row.key in known.raws]
        told = replace(merged.evidence, rows=len(kept))
        return merged._replace(rows=replace(merged.rows, rows=kept), evidence=told)

    with mock.patch.object(merge, "merge", refused):
        yield


@contextmanager
def silent_acceptance() -> Generator[None]:
    real = decision.decide

    def silent(*about: Any, **more: Any) -> MergedPartition | None:
        decided = real(*about, **more)
        return None if decided is None else decided._replace(log=[])

    with mock.patch.object(decision, "decide", silent):
        yield


@contextmanager
def closed_all_the_same() -> Generator[None]:
    real = evidence.closed

    def blind(known: Evidence, *about: Any) -> bool:
        return real(replace(known, dispute=None), *about)

    with mock.patch.object(evidence, "closed", blind):
        yield


MUTATIONS: dict[str, Callable[[], Any]] = {
    "nothing is disputed": rule(lambda *_: ""),
    "a row that was withdrawn is disputed": rule(always),
    "a whole site may leave": rule(no_sites),
    "any number of rows may leave": rule(no_numbers),
    "one row more may leave than is allowed": rule(one_more),
    "what left in earlier readings is not counted": rule(forgetful),
    "a second reading of the same rows ends a dispute": ended_by_a_second_reading,
    "what a person keeps is forgotten": lambda: mock.patch.object(KnownPartition, "kept", frozenset[str]()),
    "digests name no row": lambda: mock.patch.object(
        StoredRows,
        "parted",
        lambda self, _: (self, StoredRows()),
    ),
    "rows that a disputed reading brought are thrown away": new_rows_dropped,
    "accepted rows leave without an entry": silent_acceptance,
    "a disputed day counts as closed": closed_all_the_same,
}


@pytest.mark.parametrize("wrong", MUTATIONS)
def test_a_broken_rule_is_noticed(wrong: str) -> None:
    with MUTATIONS[wrong]():
        assert any(trial(seed) for seed in range(SEEDS)), f"nobody noticed in {SEEDS} seeds that {wrong}"
    assert trial(0) == [], "the mutation outlived its test"
