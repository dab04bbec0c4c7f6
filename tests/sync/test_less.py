"""A server answers with less than it has: rows stay, a person is asked, and nothing is called complete that is not.

The servers are drawn from a seed: what they leave out, from which night on and for how many nights. Now and then a row
is really withdrawn, and a sync is killed. The oracle knows what each server had and what it said.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from unittest import mock

import pytest

from sonnys_data_client import sync
from sonnys_data_client.archive import Archive
from sonnys_data_client.archive.evidence import day_of, day_start
from sonnys_data_client.archive.files import LocalFiles
from sonnys_data_client.engine.windows import DAY_S
from sonnys_data_client.engine.wire import Request, Response
from sonnys_data_client.sandbox import Sandbox, SandboxConfig
from sonnys_data_client.sandbox.world import BelievableWorld, WorldConfig
from sonnys_data_client.sandbox.world.facts import Site, Transaction
from sonnys_data_client.sandbox.world.listed import ListWorld
from sonnys_data_client.sync import SyncReport
from tests.client.rig import Tampered
from tests.cost import seeds
from tests.sync.rig import HOUR, NOON, SETTINGS, SITES, archive_in, client_of, held, sales, sold

DAYS = 3
A_DAY = 60
START = date(2026, 3, 29)
NIGHTS = 4
LESS = replace(SETTINGS, start=START)
ALLOWED = 10


def night_of(moment: float) -> int:
    """Return the number of the night that a moment belongs to."""
    return round((moment - NOON) // DAY_S)


class Server(ListWorld):
    """A world that leaves rows out of its answers, as a seed decides."""

    def __init__(self, seed: int) -> None:
        dice = random.Random(f"less {seed}")
        first = day_start(START)
        rows = [
            sold(1 + day * A_DAY + number, first + day * DAY_S + 600 + number * 1300)
            for day in range(DAYS)
            for number in range(A_DAY)
        ]
        super().__init__(SITES, rows)
        self.kind = dice.choice(("a site", "a site of the list", "a day", "everything", "a page in ten", "a lot"))
        self.nights = range(first_night := dice.choice((1, 2)), first_night + dice.choice((1, 2, 99)))
        self.site, self.day, self.part = dice.choice(SITES[:2]), START + timedelta(days=dice.randrange(DAYS)), seed % 10
        self.gone: dict[str, int] = {}
        for row in dice.sample(self.rows, 5):  # what is really withdrawn, and from which night on
            self.gone[row.id] = dice.randrange(1, NIGHTS)
        self.dice = dice

    @property
    def sites(self) -> tuple[Site, ...]:
        """The site list."""
        return tuple(site for site in SITES if self.kind != "a site of the list" or site is not self.site or self.well)

    well = True
    """Whether the site list is whole; a list has no moment."""

    def true_at(self, night: int) -> list[Transaction]:
        """Return the rows that the server has in a night."""
        return [row for row in self.rows if self.gone.get(row.id, NIGHTS + 1) > night]

    def said_at(self, night: int) -> list[Transaction]:
        """Return the rows that it gives in a night."""
        rows = self.true_at(night)
        return [row for row in rows if not self._hidden(row)] if night in self.nights else rows

    def _hidden(self, row: Transaction) -> bool:
        match self.kind:
            case "a day":
                return day_of(row.completed_ms / 1000) == self.day
            case "everything":
                return True
            case "a page in ten":
                return row.number // 6 % 10 == self.part
            case "a lot":
                return row.number % 5 == self.part % 5
            case _:
                return row.site_code == self.site.code

    def transactions(self, start: int, stop: int, *, site: str | None = None, as_of: float) -> Sequence[Transaction]:
        found = [
            row
            for row in self.said_at(night_of(as_of))
            if start * 1000 <= row.completed_ms < stop * 1000 and site in {None, row.site_code}
        ]
        return sorted(found, key=lambda row: (row.completed_ms, row.id))


class Killed(BaseException):
    """Ends the run here."""


class DyingFiles(LocalFiles):
    """Files of which a run dies when it has written or removed so many."""

    steps = -1

    def publish(self, made: Path, name: str) -> None:
        self._step()
        super().publish(made, name)
        self._step()

    def remove(self, name: str) -> None:
        self._step()
        super().remove(name)

    def _step(self) -> None:
        self.steps -= 1
        if self.steps == 0:
            raise Killed


def by_day(rows: Sequence[Transaction]) -> dict[date, dict[str, str]]:
    """Return the site of each row, by its id and its day."""
    found: dict[date, dict[str, str]] = defaultdict(dict)
    for row in rows:
        found[day_of(row.completed_ms / 1000)][row.id] = row.site_code
    return found


def held_by_day(archive: Archive) -> dict[date, dict[str, str]]:
    """Return the same of an archive."""
    found: dict[date, dict[str, str]] = defaultdict(dict)
    for day, id, site in archive.sql(
        "SELECT date, id, coalesce(raw->>'$.locationCode', '') FROM transactions"
    ).fetchall():
        found[day][id] = site
    return found


def logged(archive: Archive) -> set[tuple[date, str]]:
    """Return the days and ids of the rows that left with an entry."""
    query = """SELECT date, id FROM changes WHERE "after" IS NULL AND "before" IS NOT NULL AND field LIKE '(row%'"""
    return set(archive.sql(query).fetchall())


def must_be_disputed(before: dict[str, str], said: dict[str, str]) -> bool:
    """Whether a reading of a day takes more than a late edit does. Written as a person would say it."""
    lost = before.keys() - said.keys()
    whole_sites = {site for site in before.values() if site not in said.values()}
    of_whole_sites = [id for id in lost if before[id] in whole_sites]
    return len(lost) > ALLOWED or len(of_whole_sites) >= 3 or (not said and len(before) >= 3)


def judge(
    archive: Archive, before: dict[date, dict[str, str]], server: Server, night: int, report: SyncReport
) -> Iterator[str]:
    """Yield what is wrong after a sync."""
    after, log, said = held_by_day(archive), logged(archive), by_day(server.said_at(night))
    disputed = {each.partition.day for each in archive.disputes()}
    for day, ids in before.items():
        left = ids.keys() - after[day].keys()
        yield from (f"{id} of {day} left without an entry" for id in left if (day, id) not in log)
        if len(left) > ALLOWED:
            yield f"{len(left)} rows left {day}"
        was_read = day in {landed.partition.day for landed in report.days}
        if was_read and must_be_disputed(ids, said[day]) and day not in disputed:
            yield f"{day} is not disputed"
        if was_read and day in disputed and not ids.keys() <= after[day].keys():
            yield f"rows left {day}, which is disputed"
    for day, ids in said.items():
        if day in {landed.partition.day for landed in report.days} and not ids.keys() <= after[day].keys():
            yield f"rows that came for {day} are not there"
    for each in archive.coverage(start=START, end=START + timedelta(days=DAYS - 1), now=NOON + night * DAY_S):
        if each.state == "complete" and each.day in disputed:
            yield f"{each.day} is disputed, and called complete"
    if report.complete and disputed:
        yield "the report is called complete"


def live(server: Server, archive: Archive, box: Sandbox, night: int, *, later: float = 0.0) -> SyncReport:
    """Sync in a night."""
    server.well = night not in server.nights
    with mock.patch.object(Archive, "write_views"):  # nobody reads them here
        return sync.run(client_of(box, at=NOON + night * DAY_S + later), archive, LESS)


def trial(seed: int, folder: Path) -> list[str]:
    """Return what is wrong in the nights of a seed."""
    server = Server(seed)
    box, files = Sandbox(SandboxConfig(job_s=2.0), server), DyingFiles(folder / f"archive {seed}")
    archive, wrong = Archive(files), list[str]()
    for night in range(NIGHTS):
        before = held_by_day(archive) if night else {}
        if night and server.dice.random() < 0.5:
            files.steps = server.dice.randint(1, 40)
            with suppress(Killed):
                live(server, archive, box, night)
            files.steps = -1
            after, log = held_by_day(archive), logged(archive)
            wrong += [
                f"a kill lost {id} of {day}"
                for day, ids in before.items()
                for id in ids.keys() - after[day].keys()
                if (day, id) not in log
            ]
        report = live(server, archive, box, night, later=60.0)
        wrong += [f"seed {seed}, night {night}: {line}" for line in judge(archive, before, server, night, report)]
    return wrong + [f"seed {seed}, {server.kind}: {line}" for line in ending(server, archive, box)]


def ending(server: Server, archive: Archive, box: Sandbox) -> Iterator[str]:
    """Yield what is wrong at the end, once the server is well again, or a person has decided."""
    yield from (str(problem) for problem in archive.check() if not problem.disputed)
    yield from (decided if NIGHTS - 1 in server.nights else healed)(server, archive, box)


def healed(server: Server, archive: Archive, box: Sandbox) -> Iterator[str]:
    """Yield what is wrong after a server has told everything again."""
    for later in (7 * HOUR, 8 * HOUR):
        report = live(server, archive, box, NIGHTS - 1, later=later)
    if held_by_day(archive) != by_day(server.true_at(NIGHTS - 1)):
        yield "the server is well again, and the archive is not"
    if not report.complete or archive.disputes():
        yield "a dispute did not end"


def decided(server: Server, archive: Archive, box: Sandbox) -> Iterator[str]:
    """Yield what is wrong after a person has decided about a server that stays as it is."""
    disputes, before, accept = archive.disputes(), held_by_day(archive), server.dice.random() < 0.5
    if not disputes and server.kind != "a page in ten":
        yield "nobody is asked"
    (archive.accept if accept else archive.keep)(START, START + timedelta(days=NIGHTS + DAYS))
    for later in (HOUR, 7 * HOUR):
        report = live(server, archive, box, NIGHTS - 1, later=later)
    days = {each.partition.day for each in disputes}
    if days & {each.partition.day for each in archive.disputes()}:
        yield "a day is disputed again after a person decided"
    after, said, log = held_by_day(archive), by_day(server.said_at(NIGHTS - 1)), logged(archive)
    for day in days:
        if accept and after[day] != said[day]:
            yield f"{day} is not what the server says, though that was accepted"
        if not accept and not before[day].keys() <= after[day].keys():
            yield f"{day} lost rows that were kept"
        if not {(day, id) for id in before[day].keys() - after[day].keys()} <= log:
            yield f"rows left {day} without an entry"
    if not accept and any(mismatch.day in days for mismatch in report.count_mismatches):
        yield "a kept day is read again every night"


@pytest.mark.parametrize("seed", seeds(12, exploring=120))
def test_no_row_leaves_without_a_word_and_no_dispute_is_missed(seed: int, tmp_path: Path) -> None:
    assert trial(seed, tmp_path) == []


# -- one by one -------------------------------------------------------------------------------------------------

EIGHT = replace(SETTINGS, end=date(2026, 3, 31))
ODD = date(2026, 3, 26)


class Blind(ListWorld):
    """A world that does not show a day, or a site, between two moments."""

    def __init__(self, *, day: date | None = None, site: str | None = None, until: float, since: float = 0.0) -> None:
        super().__init__(SITES, sales())
        self.day, self.site, self.since, self.until = day, site, since, until

    def transactions(self, start: int, stop: int, *, site: str | None = None, as_of: float) -> Sequence[Transaction]:
        found = super().transactions(start, stop, site=site, as_of=as_of)
        if not self.since <= as_of < self.until:
            return found
        return [row for row in found if self.site != row.site_code and self.day != day_of(row.completed_ms / 1000)]


def state_of(archive: Archive, day: date, at: float) -> str:
    (found,) = archive.coverage(start=day, end=day, now=at)
    return found.state


def test_an_empty_answer_between_busy_days_needs_a_second_proof(tmp_path: Path) -> None:
    box, archive = Sandbox(SandboxConfig(job_s=2.0), Blind(day=ODD, until=NOON + 99 * DAY_S)), archive_in(tmp_path)
    states: list[tuple[str, int]] = []
    for at in (NOON, NOON + HOUR, NOON + 7 * HOUR, NOON + 8 * HOUR):
        report = sync.run(client_of(box, at=at), archive, EIGHT)
        states.append((state_of(archive, ODD, at), sum(landed.partition.day == ODD for landed in report.days)))
        assert report.complete
    assert states == [("disputed", 1), ("disputed", 1), ("complete", 1), ("complete", 0)]
    assert archive.disputes() == []


def test_a_person_may_say_that_a_day_is_empty(tmp_path: Path) -> None:
    box, archive = Sandbox(SandboxConfig(job_s=2.0), Blind(day=ODD, until=NOON + 99 * DAY_S)), archive_in(tmp_path)
    assert [each.partition.day for each in sync.run(client_of(box), archive, EIGHT).disputes] == [ODD]
    assert len(archive.accept(ODD)) == 1
    assert (archive.disputes(), state_of(archive, ODD, NOON)) == ([], "complete")


def test_rows_that_come_after_an_empty_answer_end_the_dispute(tmp_path: Path) -> None:
    box, archive = Sandbox(SandboxConfig(job_s=2.0), Blind(day=ODD, until=NOON + HOUR)), archive_in(tmp_path)
    sync.run(client_of(box), archive, EIGHT)
    sync.run(client_of(box, at=NOON + 2 * HOUR), archive, EIGHT)
    assert (len(held(archive)), archive.disputes()) == (8 * 120, [])


def test_a_site_that_is_not_seen_for_a_night_costs_no_row_and_each_day_is_read_once_a_sync(tmp_path: Path) -> None:
    world, archive = Blind(site="WEST", since=NOON + HOUR, until=NOON + 20 * HOUR), archive_in(tmp_path)
    box = Sandbox(SandboxConfig(job_s=2.0), world)
    sync.run(client_of(box), archive, EIGHT)
    whole = held(archive)
    for at in (NOON + 2 * HOUR, NOON + 4 * HOUR):
        report = sync.run(client_of(box, at=at), archive, EIGHT)
        days = [landed.partition.day for landed in report.days]
        assert len(days) == len(set(days)), "a disputed day is read once a sync"
        disputed = [each.partition.day for each in report.disputes]
        assert len(disputed) == 8, "the recount finds the closed days, too"
        assert not report.complete
        assert held(archive) == whole
        assert {state_of(archive, day, at) for day in disputed} == {"disputed"}
    assert "the site WEST came: 80 rows came, and the archive has 120" in str(report.disputes[0])
    assert sync.run(client_of(box, at=NOON + DAY_S), archive, EIGHT).complete
    assert (held(archive), archive.disputes()) == (whole, [])


def test_what_was_kept_is_neither_disputed_nor_read_again(tmp_path: Path) -> None:
    world, archive = Blind(site="WEST", since=NOON + HOUR, until=NOON + 99 * DAY_S), archive_in(tmp_path)
    box, settled = Sandbox(SandboxConfig(job_s=2.0), world), replace(SETTINGS, end=ODD)
    sync.run(client_of(box), archive, settled)
    assert len(sync.run(client_of(box, at=NOON + 2 * HOUR), archive, settled).disputes) == 3
    assert len(archive.keep(SETTINGS.start or ODD, ODD)) == 3
    for night in (1, 2):
        report = sync.run(client_of(box, at=NOON + night * DAY_S), archive, settled)
        assert (report.complete, report.days, report.days_recounted, report.count_mismatches) == (True, [], 3, [])
    assert len(held(archive)) == 3 * 120


def test_lists_that_come_back_empty_take_no_row(tmp_path: Path) -> None:
    world = BelievableWorld(WorldConfig(seed=5, sites=3, cars_per_day=12))
    box, archive = Tampered(SandboxConfig(job_s=2.0), world), archive_in(tmp_path)
    tables = ("employees", "customers", "clock_entries")
    settings = replace(SETTINGS, start=date(2026, 3, 31), members_since=date(2026, 1, 1), tables=tables)
    sync.run(client_of(box), archive, settings)
    query = "SELECT employee_id, clock_in FROM clock_entries WHERE date = '2026-03-31'"
    before = sorted(archive.sql(query).fetchall())
    assert len(before) >= 3

    def empty(request: Request, response: Response) -> Response:
        if request.path not in {"/customer", "/employee"}:
            return response
        data = json.loads(response.body)["data"]
        emptied = {name: [] if isinstance(value, list) else value for name, value in data.items()} | {"total": 0}
        return Response(200, json.dumps({"data": emptied}).encode())

    box.tamper = empty
    report = sync.run(client_of(box, at=NOON + 7 * DAY_S - 6 * HOUR), archive, settings)
    assert {each.partition.table for each in report.disputes} == {"employees", "customers", "clock_entries"}
    box.tamper = lambda _, response: response
    report = sync.run(client_of(box, at=NOON + 7 * DAY_S), archive, settings)
    assert report.disputes == []
    each_night = "SELECT count(*) FROM customers_history GROUP BY date ORDER BY date"
    counts = [count for (count,) in archive.sql(each_night).fetchall()]
    assert len(counts) == 2
    assert counts[1] >= counts[0] > 0
    assert sorted(archive.sql(query).fetchall()) == before


def test_a_site_that_left_the_site_list_is_disputed_and_takes_not_one_row_along(tmp_path: Path) -> None:
    rows = [row for row in sales() if row.site_code != "WEST"]
    rows.append(next(row for row in sales() if row.site_code == "WEST" and row.completed_ms > day_start(ODD) * 1000))
    archive, settings = archive_in(tmp_path), replace(EIGHT, tables=("sites",))
    sync.run(client_of(Sandbox(SandboxConfig(job_s=2.0), ListWorld(SITES, rows))), archive, settings)
    few = Sandbox(SandboxConfig(job_s=2.0), ListWorld((SITES[0], SITES[2]), rows[:-1]))
    report = sync.run(client_of(few, at=NOON + DAY_S), archive, settings)
    assert [(each.partition.table, each.dispute.held, each.dispute.came) for each in report.disputes] == [
        ("transactions", 81, 80),
        ("sites", 3, 2),
    ]
    assert rows[-1].id in dict(held(archive))
