"""What became of killed syncs, and where their archives differ from the true rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from sonnys_data_client.archive import Archive
from sonnys_data_client.archive.evidence import day_start
from sonnys_data_client.sandbox import Faults
from sonnys_data_client.sandbox.world.protocol import World

RATIO_MAX = 1.2
"""Most requests of a killed sync, as a multiple of those of an undisturbed one."""
FAULTS = Faults(reset_after=0.01, unavailable_503=0.01, stall=0.002, stall_s=5.0, job_fail=0.004)
"""Faults of the server while syncs are killed."""


@dataclass
class Tally:
    """What became of one or more killed syncs.

    Attributes:
        syncs: Syncs.
        kills: Processes that were killed.
        requests: Requests that the server saw.
        undisturbed: Requests of as many undisturbed syncs.
        lost: Requests whose process died before their reply; counted in simulated syncs only.
        wrong: What was wrong, a line each.
    """

    syncs: int = 0
    kills: int = 0
    requests: int = 0
    undisturbed: int = 0
    lost: int = 0
    wrong: list[str] = field(default_factory=list[str])

    @property
    def ratio(self) -> float:
        """Requests as a multiple of those of undisturbed syncs."""
        return self.requests / self.undisturbed

    @property
    def ratio_but_lost(self) -> float:
        """The same, without requests on the wire at a kill, and the site list that each process reads."""
        return (self.requests - self.lost - self.kills) / self.undisturbed

    def __str__(self) -> str:
        lost = f" ({self.ratio_but_lost:.3f} but for {self.lost} lost on the wire)" if self.lost else ""
        return (
            f"{self.syncs} syncs, {self.kills} kills: {self.requests} requests, undisturbed {self.undisturbed}, "
            f"ratio {self.ratio:.3f}{lost}; {len(self.wrong)} wrong"
        )


def judge(archive: Archive, world: World, first: date, last: date, as_of: float) -> list[str]:
    """Name where an archive differs from the true rows, or is damaged."""
    query = "SELECT id, (total * 100)::BIGINT FROM transactions WHERE date BETWEEN ? AND ? ORDER BY id"
    held = archive.sql(query, [first, last]).fetchall()
    rows = world.transactions(day_start(first), day_start(last + timedelta(days=1)), as_of=as_of)
    truth = sorted((row.id, row.total_cents) for row in rows)
    wrong = [str(finding) for finding in archive.check()]
    if held != truth:
        wrong.append(f"{len(set(truth) - set(held))} rows are missing, {len(set(held) - set(truth))} are wrong")
    if len(held) != len(set(held)):
        wrong.append("rows are there twice")
    wrong += _wrong_statuses(archive, {row.id: row.status for row in rows})
    left = [path.name for path in Path(archive.address).rglob("*.parquet") if path.name != "data.parquet"]
    return wrong + [f"{name} was left behind" for name in left]


def _wrong_statuses(archive: Archive, truth: Mapping[str, str]) -> list[str]:
    """Name rows whose status is wrong, and days that lack one although they say that they were given them."""
    joined = {partition.day for partition, known in archive.evidence().items() if known.joined_at is not None}
    found = archive.sql("SELECT date, id, transaction_status FROM transactions").fetchall()
    told = [status for day, id, status in found if status != truth.get(id, status) and (status or day in joined)]
    return [f"{len(told)} rows have a wrong status, or none"] if told else []


def add(tallies: list[Tally]) -> Tally:
    """Sum tallies up."""
    whole = Tally()
    for tally in tallies:
        whole.syncs += tally.syncs
        whole.kills += tally.kills
        whole.requests += tally.requests
        whole.undisturbed += tally.undisturbed
        whole.lost += tally.lost
        whole.wrong += tally.wrong
    return whole
