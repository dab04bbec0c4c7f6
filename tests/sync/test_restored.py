"""Backups of different days are mixed: the files are believed, no row leaves unsaid, and the next sync mends all."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from sonnys_data_client import sync
from sonnys_data_client.archive import Archive
from sonnys_data_client.archive.evidence import closed, day_end, day_start
from sonnys_data_client.archive.files import files_at
from sonnys_data_client.archive.index import LEDGER, ledger_name
from sonnys_data_client.archive.store import Partition, PartitionStore
from sonnys_data_client.archive.writer import Writer
from sonnys_data_client.engine.windows import DAY_S
from sonnys_data_client.sandbox import Sandbox, SandboxConfig
from sonnys_data_client.sandbox.world.facts import Transaction
from sonnys_data_client.sync import SyncSettings
from tests.cost import seeds
from tests.sync.rig import FIRST, HOUR, NOON, SETTINGS, Withdrawing, archive_in, client_of, sold

DAYS = 3
START = day_start(FIRST)
TIMES = [START + DAY_S + HOUR, START + 2 * DAY_S + HOUR, START + 3 * DAY_S + HOUR, START + 5 * DAY_S]
LATER = START + 8 * DAY_S
"""A sync at each of these times, and a backup after it. The budget stops one of them, so its ledger has kept pages."""


def world() -> Withdrawing:
    """Three days of sales, some of which come late, are withdrawn later, or both."""
    rows: list[Transaction] = []
    gone: dict[str, float] = {}
    for day in range(DAYS):
        for number in range(12):
            second = START + day * DAY_S + 600 + number * 7000
            late = number in {3, 7, 8}
            row = sold(1 + day * 100 + number, second, known_from=TIMES[number % 3 + 1] - HOUR if late else None)
            rows.append(row)
            if number in {5, 7}:
                gone[row.id] = TIMES[min(day + 2, 3)] - HOUR / 2
    return Withdrawing(rows, gone)


@pytest.fixture(scope="module")
def backups(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Copies of one archive, after each of its syncs."""
    folder = tmp_path_factory.mktemp("backups")
    sandbox, archive = Sandbox(SandboxConfig(job_s=3.0), world()), archive_in(folder)
    made: list[Path] = []
    for number, at in enumerate(TIMES):
        budget = 9 if number == 2 else None
        sync.run(client_of(sandbox, at=at), archive, replace(SETTINGS, max_requests=budget))
        made.append(folder / str(number))
        shutil.copytree(archive.address, made[-1])
    return made


def mixed(backups: list[Path], target: Path, dice: random.Random) -> Archive:
    """Put together an archive of which each part has an age of its own, or is missing."""
    for name in sorted({path.relative_to(of).as_posix() for of in backups for path in of.rglob("*") if path.is_file()}):
        if name.startswith(".work") and not name.endswith(LEDGER):
            continue
        there = [of / name for of in backups if (of / name).exists()]
        if name != "archive.json" and dice.random() < 0.1:
            continue
        made = target / name
        made.parent.mkdir(parents=True, exist_ok=True)
        dice.choice([shutil.copy, shutil.copy2])(dice.choice(there), made)
    return Archive(target)


def rows_of(archive: Archive) -> dict[date, set[str]]:
    found: dict[date, set[str]] = {}
    for day, id in archive.sql("SELECT date, id FROM transactions").fetchall():
        found.setdefault(day, set()).add(id)
    return found


def withdrawn(archive: Archive) -> set[tuple[date, str]]:
    query = """SELECT date, id FROM changes WHERE field = '(row)' AND "after" IS NULL"""
    return set(archive.sql(query).fetchall())


def check_nothing_is_claimed(archive: Archive, truth: Withdrawing, settings: SyncSettings, now: float) -> None:
    """Check that the archive says of each day what its file says, and that a complete day is true."""
    known, held = archive.evidence(), rows_of(archive)
    with closing(PartitionStore(files_at(archive.address))) as store:
        in_files = {partition: store.evidence(partition) for partition in store.partitions("transactions")}
    assert known == in_files
    for partition, evidence in known.items():
        assert evidence.rows == len(held.get(partition.day, ()))
        if closed(evidence, partition.day, settings.rule, now):
            proved = evidence.proved_last
            assert proved is not None
            assert held.get(partition.day, set()) == true(truth, partition.day, proved)


def true(truth: Withdrawing, day: date, at: float) -> set[str]:
    return {row.id for row in truth.transactions(day_start(day), day_end(day), as_of=at)}


def lost(before: Mapping[date, set[str]], after: Mapping[date, set[str]]) -> Iterator[tuple[date, str]]:
    for day, ids in before.items():
        yield from ((day, id) for id in ids - after.get(day, set()))


@pytest.mark.parametrize("seed", seeds(25, exploring=100))
def test_any_mix_of_ages_says_what_it_holds_and_is_mended(seed: int, backups: list[Path], tmp_path: Path) -> None:
    archive, truth = mixed(backups, tmp_path / "mixed", random.Random(seed)), world()
    sandbox = Sandbox(SandboxConfig(job_s=3.0), truth)
    check_nothing_is_claimed(archive, truth, SETTINGS, LATER)
    before, logged = rows_of(archive), withdrawn(archive)
    for at in (LATER, LATER + HOUR):
        assert sync.run(client_of(sandbox, at=at), archive, SETTINGS).complete
        after = rows_of(archive)
        assert set(lost(before, after)) <= withdrawn(archive)
        assert logged <= withdrawn(archive) | {(day, id) for day, ids in after.items() for id in ids}
        check_nothing_is_claimed(archive, truth, SETTINGS, at)
        before, logged = after, withdrawn(archive)
    for number in range(DAYS):
        day = date.fromordinal(FIRST.toordinal() + number)
        assert after.get(day, set()) == true(truth, day, LATER)
    assert [problem for problem in archive.check() if not problem.too_open] == []  # a copy has modes of its own


def test_files_of_yesterday_under_a_newer_ledger_are_read_again(backups: list[Path], tmp_path: Path) -> None:
    shutil.copytree(backups[3], tmp_path / "archive")
    archive = Archive(tmp_path / "archive")
    whole = sum(evidence.rows for evidence in archive.evidence().values())
    name = Partition("transactions", "main", FIRST).name
    shutil.copy2(backups[0] / name, tmp_path / "archive" / name)
    held = sum(map(len, rows_of(archive).values()))
    assert sum(evidence.rows for evidence in archive.evidence().values()) == held != whole
    (day,) = archive.coverage("main", start=FIRST, end=FIRST, now=LATER)
    assert day.state == "partial"


def test_pages_that_an_older_ledger_kept_are_older_than_the_file_and_are_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They would bring back a row that was withdrawn since, and take away one that came."""
    rows = [sold(1 + number, START + 100 + number * 60) for number in range(30)]
    late = sold(9000, START + 9070, known_from=NOON + DAY_S)
    truth = Withdrawing([*rows, late], {rows[5].id: NOON + DAY_S})
    sandbox, archive = Sandbox(SandboxConfig(job_s=3.0), truth), archive_in(tmp_path)
    settings = replace(SETTINGS, end=FIRST, reread_days=20.0)
    with monkeypatch.context() as dying:
        dying.setattr(Writer, "put", die)
        with pytest.raises(KeyboardInterrupt):
            sync.run(client_of(sandbox), archive, settings)
    kept = tmp_path / LEDGER
    shutil.copy2(tmp_path / "archive" / ledger_name("main"), kept)
    assert sync.run(client_of(sandbox, at=NOON + 2 * DAY_S), archive, settings).complete
    assert rows_of(archive)[FIRST] == true(truth, FIRST, NOON), "the kept page is used as long as no file is newer"
    assert sync.run(client_of(sandbox, at=NOON + 3 * DAY_S), archive, settings).complete
    shutil.copy2(kept, tmp_path / "archive" / ledger_name("main"))
    report = sync.run(client_of(sandbox, at=NOON + 4 * DAY_S), archive, settings)
    assert report.complete
    assert report.changes == []
    assert rows_of(archive)[FIRST] == true(truth, FIRST, NOON + 3 * DAY_S)


def die(*_: object) -> None:
    raise KeyboardInterrupt
