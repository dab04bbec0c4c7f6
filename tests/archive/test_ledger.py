"""The ledger keeps evidence and jobs, and raises a clear error when it cannot."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sonnys_data_client.archive.evidence import Evidence
from sonnys_data_client.archive.ledger import Ledger
from sonnys_data_client.archive.store import Partition
from sonnys_data_client.errors import ArchiveError, ArchiveHeldError

EVIDENCE = Evidence(3, 1, 4, 100.0, 200.0, 50.0, 60.0, ("a gap",))
DAY = Partition("transactions", "main", date(2026, 3, 9))
LATER = Partition("transactions", "other", date(2026, 3, 10))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


def handle(number: int, *, start: int = 0, stop: int = 10, at: float = 5.0) -> dict[str, Any]:
    return {"hash": f"h{number}", "start": start, "stop": stop, "submitted_at": at, "page": number, "owner": "main"}


def test_the_next_process_finds_what_was_recorded(path: Path) -> None:
    ledger = Ledger(path, writing=True)
    ledger.record(DAY, EVIDENCE, "stamp")
    ledger.record(LATER, EVIDENCE, "stamp")
    ledger.close()
    reader = Ledger(path, writing=False)
    assert reader.evidence("transactions") == {DAY: EVIDENCE, LATER: EVIDENCE}
    assert reader.evidence("transactions", "main") == {DAY: EVIDENCE}
    assert reader.evidence("sites") == {}
    reader.close()


def test_a_partition_is_recorded_once_and_can_be_forgotten(path: Path) -> None:
    ledger = Ledger(path, writing=True)
    newer = Evidence(9, 0, 9, 300.0, 400.0)
    ledger.record(DAY, EVIDENCE, "stamp")
    ledger.record(DAY, newer, "stamp")
    assert ledger.evidence("transactions") == {DAY: newer}
    ledger.forget(DAY)
    assert ledger.evidence("transactions") == {}
    ledger.close()


def test_a_shelf_keeps_handles_and_answers_until_their_day_is_stored(path: Path) -> None:
    ledger = Ledger(path, writing=True)
    shelf = ledger.shelf("main")
    shelf.store(handle(2, at=6.0))
    shelf.store(handle(1))
    shelf.store(handle(3, start=10, stop=20))
    shelf.answered(handle(1), {"rows": [{"total": Decimal("1.50")}], "total": 1})
    ledger.close()

    ledger = Ledger(path, writing=True)
    shelf = ledger.shelf("main")
    answered, *others = sorted(shelf.live(), key=lambda kept: kept["hash"])
    assert answered == {**handle(1), "answer": {"rows": [{"total": Decimal("1.50")}], "total": 1}}
    assert others == [handle(2, at=6.0), handle(3, start=10, stop=20)]
    assert shelf.oldest(0, 10) == 5.0
    assert shelf.last_heard_at() == pytest.approx(time.time(), abs=3600)
    assert ledger.shelf("other").last_heard_at() is None
    assert ledger.shelf("other").live() == []
    shelf.clear(0, 10)
    assert shelf.live() == [handle(3, start=10, stop=20)]
    assert shelf.oldest(0, 10) is None
    shelf.strike(handle(3))
    shelf.strike(handle(3))
    assert shelf.live() == []
    ledger.close()


def test_a_job_of_a_part_of_the_span_belongs_to_it(path: Path) -> None:
    ledger = Ledger(path, writing=True)
    shelf = ledger.shelf("main")
    shelf.store(handle(1, start=0, stop=5, at=3.0))
    assert shelf.oldest(0, 10) == 3.0
    shelf.clear(0, 10)
    assert shelf.live() == []
    ledger.close()


def test_a_copy_is_whole(path: Path, tmp_path: Path) -> None:
    ledger = Ledger(path, writing=True)
    ledger.record(DAY, EVIDENCE, "stamp")
    ledger.copy(tmp_path / "copy.sqlite")
    ledger.close()
    copy = Ledger(tmp_path / "copy.sqlite", writing=False)
    assert copy.evidence("transactions") == {DAY: EVIDENCE}
    copy.close()


def test_a_damaged_file_is_named_with_what_to_do(path: Path) -> None:
    path.write_bytes(b"no database at all" * 100)
    for writing in (True, False):
        with pytest.raises(ArchiveError, match=r"ledger\.sqlite is damaged .*archive repair"):
            Ledger(path, writing=writing)


def test_a_page_that_was_overwritten_is_found(path: Path) -> None:
    ledger = Ledger(path, writing=True)
    for day in range(1, 29):
        ledger.record(Partition("transactions", "main" * 50, date(2026, 3, day)), EVIDENCE, "stamp")
    ledger.check()
    ledger.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * 2000 + whole[6096:])
    with pytest.raises(ArchiveError, match="damaged"), closing(Ledger(path, writing=False)) as damaged:
        damaged.check()


def test_a_file_of_a_later_version_is_left_alone(path: Path) -> None:
    Ledger(path, writing=True).close()
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(ArchiveError, match=r"Another version of this package wrote .* \(99\)"):
        Ledger(path, writing=True)


def test_without_a_file_there_is_nothing_to_read(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="cannot be used"):
        Ledger(tmp_path / "none" / "ledger.sqlite", writing=False)


def test_a_process_that_wants_it_alone_keeps_others_out_until_it_ends(path: Path) -> None:
    for _ in range(2):
        with closing(Ledger(path, writing=True, alone=True)) as ledger:
            ledger.record(DAY, EVIDENCE, "stamp")
            with pytest.raises(ArchiveHeldError, match="Another run has"):
                Ledger(path, writing=True, alone=True)
    with closing(Ledger(path, writing=True, alone=True)) as ledger:
        assert ledger.evidence("transactions") == {DAY: EVIDENCE}


def test_a_file_that_a_killed_run_left_is_not_locked(path: Path) -> None:
    left = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom sonnys_data_client.archive.ledger import Ledger\n"
        "ledger = Ledger(Path(sys.argv[1]), writing=True, alone=True)\nledger.write('DELETE FROM jobs', ())\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert subprocess.run([sys.executable, "-c", left, str(path)], check=False).returncode == -signal.SIGKILL
    Ledger(path, writing=True, alone=True).close()


def test_whoever_reads_while_it_is_being_made_finds_nothing_or_all(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.sqlite" for number in range(60)]
    found = list[str]()

    def read() -> None:
        for path in paths:
            while True:
                try:
                    Ledger(path, writing=False).close()
                    break
                except ArchiveError as problem:
                    if not isinstance(problem.__cause__, sqlite3.OperationalError):
                        found.append(str(problem))
                        break

    reader = threading.Thread(target=read)
    reader.start()
    for path in paths:
        Ledger(path, writing=True).close()
    reader.join()
    assert found == []
