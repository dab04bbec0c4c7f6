"""The archive as its user sees it: coverage, maintenance, and folders that are not an archive."""

from __future__ import annotations

import json
import re
import shutil
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from sonnys_data_client.archive import Archive, index
from sonnys_data_client.archive.files import files_at
from sonnys_data_client.archive.ledger import Ledger
from sonnys_data_client.archive.lock import lock_object
from sonnys_data_client.archive.remote_files import RemoteFiles
from sonnys_data_client.archive.rows import Calendars, encode_rows
from sonnys_data_client.engine.rows import encode
from sonnys_data_client.errors import ArchiveError, ArchiveHeldError, UnparsedRow, ValidationError
from tests.archive.rig import (
    CALENDARS,
    DAY,
    NOON,
    PARTITION,
    TRANSACTIONS,
    archive_at,
    file_of,
    ids,
    put,
    reading,
    rows,
)
from tests.waiting import wait_until

OTHER = replace(PARTITION, day=date(2026, 3, 10))


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    archive = archive_at(tmp_path)
    put(archive, rows(3))
    put(archive, rows(2, first=4), OTHER)
    return archive


def test_an_archive_shows_its_address_without_opening_a_file(tmp_path: Path) -> None:
    assert repr(Archive(tmp_path / "none")) == f"Archive({str(tmp_path / 'none')!r})"
    assert repr(Archive("memory://id:secret@bucket/folder")) == "Archive('memory://bucket/folder')"
    assert list(tmp_path.iterdir()) == []


def test_a_notebook_shows_an_archives_coverage(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: NOON)
    html = archive._repr_html_()
    heads = ("account", "first", "last", "missing", "partial", "disputed", "complete")
    assert f"<tr>{''.join(f'<th>{head}</th>' for head in heads)}" in html
    assert re.search(
        r"<tr><td>main</td><td>[-0-9]+</td><td>2026-04-01</td><td>\d+</td><td>0</td><td>0</td><td>2</td>", html
    )
    assert "<td>" not in Archive(tmp_path / "none")._repr_html_()
    ledger_of(archive).write_bytes(b"rubbish" * 1000)
    assert "<th>coverage</th>" in archive._repr_html_()


def ledger_of(archive: Archive) -> Path:
    return Path(archive.address, ".work", "accounts", "main", "ledger.sqlite")


def test_opening_makes_nothing_and_writing_does(tmp_path: Path) -> None:
    archive = archive_at(tmp_path)
    assert not archive.exists()
    assert list(tmp_path.iterdir()) == []
    for ask in (archive.check, archive.repair, archive.transactions):
        with pytest.raises(ArchiveError, match=r"There is no archive at .*\. Run sonnys sync to make one"):
            ask()
    with archive.writing():
        pass
    assert archive.exists()
    assert json.loads((tmp_path / "archive" / "archive.json").read_text()) == {
        "format": 3,
        "oldest_layout": 3,
    }


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("not ours")
    with pytest.raises(ArchiveError, match="is not an archive, and not empty"), Archive(tmp_path).writing():
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["letters.txt"]


def test_an_archive_of_a_later_format_is_left_alone(archive: Archive) -> None:
    Path(archive.address, "archive.json").write_text('{"format": 5}')
    with pytest.raises(ArchiveError, match="later version"), archive.writing():
        pass


def test_coverage_says_what_is_there_of_each_day(archive: Archive) -> None:
    put(archive, rows(1), replace(PARTITION, day=date(2026, 3, 12)), proved=False, gaps=["its job failed"])
    days = archive.coverage(start=date(2026, 3, 8), end=date(2026, 3, 12), now=NOON)
    assert [(day.day.day, day.state, day.rows) for day in days] == [
        (8, "missing", 0),
        (9, "complete", 3),
        (10, "complete", 2),
        (11, "missing", 0),
        (12, "partial", 1),
    ]
    assert archive.accounts() == ["main"]


def test_coverage_begins_with_what_the_server_has_or_the_archive(archive: Archive) -> None:
    days = archive.coverage(now=NOON)
    assert (days[0].day, days[-1].day) == (date(2025, 10, 2), date(2026, 4, 1))
    put(archive, rows(1), replace(PARTITION, day=date(2024, 1, 1)))
    days = archive.coverage(now=NOON)
    assert (days[0].day, days[1].state) == (date(2024, 1, 1), "aged out")
    assert archive.coverage("nobody", start=DAY, end=DAY, now=NOON)[0].state == "missing"


def test_repair_has_a_damaged_day_read_again_and_harms_no_other(archive: Archive) -> None:
    file_of(archive).write_bytes(b"rubbish")
    assert any("damaged" in str(problem) for problem in archive.check())
    repair = archive.repair()
    assert list(repair.reread) == [PARTITION]
    assert archive.check() == []
    assert [day.state for day in archive.coverage(start=DAY, end=OTHER.day, now=NOON)] == ["missing", "complete"]
    assert ids(archive) == ["4:1001", "5:1001"]


def test_a_ledger_that_is_lost_is_made_again_from_the_partitions(archive: Archive) -> None:
    known = archive.evidence()
    shutil.rmtree(Path(archive.address, ".work"))
    assert archive.evidence() == known
    with archive.writing():
        pass
    assert ledger_of(archive).exists()
    assert archive.evidence() == known
    assert archive.check() == []


def test_a_ledger_that_is_damaged_stops_a_sync_and_is_repaired(archive: Archive) -> None:
    known = archive.evidence()
    ledger_of(archive).write_bytes(b"rubbish" * 1000)
    with pytest.raises(ArchiveError, match="archive repair"), archive.writing():
        pass
    assert str(archive.check()[0]).endswith("Run sonnys archive repair.")
    archive.repair()
    assert archive.evidence() == known
    assert archive.check() == []


def test_repair_waits_for_no_sync(archive: Archive) -> None:
    with archive.writing(), pytest.raises(ArchiveHeldError):
        archive.repair()


def test_questions_are_answered_while_somebody_writes(archive: Archive) -> None:
    with archive.writing():
        assert len(ids(archive)) == 5
        assert len(archive.evidence()) == 2


class TestElsewhere:
    """An archive at an address that fsspec knows."""

    @pytest.fixture
    def archive(self) -> Archive:
        return Archive(f"memory://{uuid.uuid4().hex}/archive")

    def test_it_is_written_read_checked_and_repaired_like_a_local_one(self, archive: Archive) -> None:
        put(archive, rows(3))
        again = Archive(archive.address)
        put(again, rows(3, transactionStatus="Voided"))
        assert ids(archive) == ["1:1001", "2:1001", "3:1001"]
        assert len(archive.table("changes").fetchall()) == 3
        assert archive.check() == []
        assert archive.repair().problems == []
        assert [day.state for day in archive.coverage(start=DAY, end=DAY, now=NOON)] == ["complete"]

    def test_a_run_that_was_taken_for_dead_writes_nothing_more(self, archive: Archive, tmp_path: Path) -> None:
        put(archive, rows(1))
        files = files_at(archive.address)
        assert isinstance(files, RemoteFiles)
        other = {"run": "other", "host": "elsewhere", "pid": 7, "since": 0.0, "renewed": time.time(), "ended": False}

        def overtaken() -> None:
            with archive.writing("main") as writer:
                writer.shelf("main").store({"hash": "h", "start": 0, "stop": 1, "submitted_at": 1.0, "owner": "main"})
                assert files.create(lock_object(3, "main"), json.dumps(other))
                writer.put(PARTITION, reading(rows(2)), CALENDARS)

        with pytest.raises(ArchiveHeldError, match="process 7 on elsewhere"):
            overtaken()
        assert ids(archive) == ["1:1001"]
        files.fetch(index.ledger_name("main"), tmp_path / "copy")
        with closing(Ledger(tmp_path / "copy", writing=False)) as ledger:
            assert ledger.shelf("main").live() == [], "the ledger is the other's by now"

    def test_the_next_run_has_the_ledger_of_the_last_one(self, archive: Archive) -> None:
        with archive.writing("main") as writer:
            writer.shelf("main").store({"hash": "h", "start": 0, "stop": 1, "submitted_at": 1.0, "owner": "main"})
        put(archive, rows(1))
        with Archive(archive.address).writing("main") as writer:
            assert [kept["hash"] for kept in writer.shelf("main").live()] == ["h"]


def test_compacting_writes_older_layouts_again_and_nothing_else(archive: Archive) -> None:
    chicago = Calendars({}, ZoneInfo("America/Chicago"))
    other = file_of(archive, OTHER).read_bytes()
    with archive.writing() as writer:
        older = replace(archive.evidence()[PARTITION], written_by=0)
        writer._write(PARTITION, TRANSACTIONS, encode_rows(TRANSACTIONS, rows(2), chicago), older, [])
        writer._store.write_quarantine(PARTITION, [UnparsedRow(encode(rows(1, first=3)[0]), "as it was then")])
    compacted = archive.compact()
    assert list(compacted.rewritten) == [PARTITION]
    assert ids(archive) == [f"{n}:1001" for n in range(1, 6)], "what the models have learnt to read left quarantine"
    dates = archive.sql("SELECT DISTINCT business_date FROM transactions WHERE date = ?", [DAY]).fetchall()
    assert dates == [(date(2026, 3, 8),)], "in the site's calendar, as before"
    assert file_of(archive, OTHER).read_bytes() == other
    assert archive.check() == []
    assert list(archive.compact().rewritten) == []


def test_an_answer_with_more_rows_than_one_fetch_brings_them_all(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sonnys_data_client.archive.queries._ROWS_AT_A_TIME", 2)
    assert len(list(archive.sql("FROM transactions"))) == 5


@pytest.mark.parametrize("mark", [None, "{"])
def test_an_archive_that_has_lost_its_mark_is_one_again_with_the_next_write(mark: str | None, archive: Archive) -> None:
    path = Path(archive.address, "archive.json")
    if mark is not None:
        path.write_text(mark)
        with pytest.raises(ArchiveError, match=r"remove that file and run sonnys sync"):
            archive.check()
    path.unlink()
    with archive.writing():
        pass
    assert archive.check() == []
    assert len(ids(archive)) == 5


def test_a_file_is_no_archive(tmp_path: Path) -> None:
    place = tmp_path / "x.csv"
    place.touch()
    with pytest.raises(ArchiveError, match="is a file, and an archive is a folder"), Archive(place).writing():
        pass


def test_a_query_can_be_interrupted_while_a_thread_waits_for_its_rows(archive: Archive) -> None:
    question = "SELECT count(*) FROM range(10000000) AS a, range(1000000) AS b WHERE hash(a.range, b.range) = 7"
    with archive.sql(question) as answer, ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(lambda: list(answer))

        def is_over() -> bool:
            answer.interrupt()
            return waiting.done()

        wait_until(is_over)
        with pytest.raises(ValidationError, match="INTERRUPT"):
            waiting.result()
