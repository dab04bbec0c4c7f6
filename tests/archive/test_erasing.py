"""What was asked to be forgotten is in no file any more, and a receipt says so without naming anybody."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sonnys_data_client.archive import Archive, Redaction
from sonnys_data_client.archive.store import Partition
from sonnys_data_client.archive.writer import Writer
from sonnys_data_client.engine.rows import encode
from sonnys_data_client.errors import ArchiveDamagedError, ValidationError
from tests.archive.rig import DAY, NOON, PARTITION, archive_at, file_of, put, rows

ANN: dict[str, Any] = {"customerName": "Ann Quill", "vehicleLicensePlate": "AB12", "customerId": "1:2"}
BOB: dict[str, Any] = {"customerName": "Bob Ray", "vehicleLicensePlate": "CD34", "customerId": "1:3"}
OTHER_DAY = replace(PARTITION, day=date(2026, 3, 10))
CUSTOMERS = Partition("customers", "main", DAY)
PEOPLE = [
    {"customerId": "1:2", "firstName": "Ann", "lastName": "Quill", "phoneNumber": "555 0100"},
    {"customerId": "1:3", "firstName": "Bob", "lastName": "Ray", "phoneNumber": "555 0101"},
]
MEMBERS = Partition("recurring_accounts", "main", DAY)
MEMBERSHIPS = [
    {"id": id, "planName": "Gold", "customer": {"id": of, "firstName": name}, "vehicles": [{"id": id, "plate": plate}]}
    for id, of, name, plate in (("9", "1:2", "Ann", "AB12"), ("8", "1:3", "Bob", "CD34"))
]
REPAINTED: dict[str, Any] = {**ANN, "vehicleLicensePlate": "AB99"}
HERS = ("Ann", "Quill", "AB12", "1:2", "555 0100")


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """Return an archive with Ann in rows, change log, quarantine, snapshots, a kept job and a damaged file."""
    archive = archive_at(tmp_path)
    put(archive, [*rows(2, **ANN), *rows(2, first=5, **BOB), *rows(1, first=9, **ANN, total="x")])
    changed = [*rows(1, **REPAINTED), *rows(2, first=5, **BOB)]
    put(archive, [*changed, *rows(1, first=9, **ANN, total="x")], at=NOON + 3600)  # one row left, one changed
    put(archive, rows(2, first=50, **BOB), OTHER_DAY)
    put(archive, PEOPLE, CUSTOMERS)
    put(archive, MEMBERSHIPS, MEMBERS)
    with archive.writing("main") as writer:
        keep_job(writer, "a")
        copy = writer._files.scratch()
        copy.write_text("Ann Quill")
        writer._files.publish(copy, ".work/damaged/x.parquet")
    return archive


def keep_job(writer: Writer, hash_: str) -> None:
    shelf = writer.shelf("owner", "main")
    handle = {"hash": hash_, "start": 0, "stop": 1, "submitted_at": 1.0, "owner": "owner"}
    shelf.store(handle)
    shelf.answered(handle, {"rows": encode(rows(1, **ANN)), "total": 1})


def contents(archive: Archive) -> str:
    """Return what is in all files below an archive: Parquet decoded, with its metadata; everything else as it is."""
    found: list[str] = []
    with duckdb.connect() as database:
        for path in sorted(Path(archive.address).rglob("*")):
            if path.suffix == ".parquet" and path.parent.name != "damaged":
                found.append(str(database.execute("FROM read_parquet(?)", [str(path)]).fetchall()))
                found.append(str(database.execute("FROM parquet_kv_metadata(?)", [str(path)]).fetchall()))
            elif path.is_file():
                found.append(path.read_bytes().decode(errors="replace"))
    return "".join(found)


def test_a_forgotten_customer_is_in_no_file(archive: Archive) -> None:
    before = contents(archive)
    assert all(text in before for text in HERS)
    sums = "SELECT count(*), sum(total)::DECIMAL(9, 2) FROM transactions"
    (held,) = archive.sql(sums).fetchall()
    archive.forget("1:2")
    after = contents(archive)
    assert [text for text in (*HERS, "AB99") if text in after] == []
    assert all(text in after for text in ("Bob Ray", "CD34", "1:3", "555 0101")), "nobody else is"
    assert archive.sql(sums).fetchall() == [held], "sums and counts stay"
    assert archive.sql("SELECT count(*) FROM recurring_accounts").fetchall() == [(2,)]
    assert archive.sql("SELECT customer_id FROM customers").fetchall() == [("1:3",)]
    assert archive.check() == []


def test_a_forgotten_customer_does_not_come_back(archive: Archive) -> None:
    archive.forget("1:2")
    again = [*rows(1, **ANN), *rows(2, first=5, **BOB), *rows(1, first=9, **ANN, total="x")]
    for hour in (2, 9, 20):
        landed = put(archive, again, at=NOON + 3600 * hour)
        assert list(landed.changes) == []
        assert (landed.rows, landed.quarantined) == (3, 1)
    put(archive, PEOPLE, replace(CUSTOMERS, day=date(2026, 3, 16)), at=NOON + 7 * 86400)
    put(archive, MEMBERSHIPS, replace(MEMBERS, day=date(2026, 3, 16)), at=NOON + 7 * 86400)
    assert archive.disputes() == []
    with archive.writing("main") as writer:
        keep_job(writer, "b")
    assert [text for text in HERS if text in contents(archive)] == []
    assert archive.check() == []


def test_the_receipt_says_what_was_erased_and_names_nobody(archive: Archive) -> None:
    receipt = archive.forget("1:2")
    said = receipt.to_dict()
    erased = {each["partition"]: (each["removed"], each["emptied"], each["entries"]) for each in said["erased"]}
    assert erased[CUSTOMERS.name] == (1, 0, 0)
    assert erased[MEMBERS.name] == (0, 1, 0)
    assert erased[PARTITION.name][:2] == (0, 2), "a row, and one in quarantine"
    assert erased[PARTITION.name][2] == 2, "the plate that changed, and the row that left"
    assert OTHER_DAY.name not in erased
    assert (said["jobs"], said["damaged"], said["account"]) == (1, 1, "main")
    assert not [text for text in HERS if text in json.dumps(said)]
    rest = {name: value for name, value in said.items() if name != "digest"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"))
    assert said["digest"] == hashlib.sha256(text.encode()).hexdigest()
    once_more = archive.forget("1:2")
    assert (once_more.customer, list(once_more.erased)) == (receipt.customer, [])


def test_what_is_there_is_redacted(archive: Archive) -> None:
    receipt = archive.redact(Redaction(names="drop", plates="hash", phones="drop"))
    after = contents(archive)
    assert [text for text in (*HERS, "Bob", "CD34", "AB99") if text in after] == ["1:2"]
    assert {each.partition for each in receipt.erased} >= {PARTITION.name, CUSTOMERS.name, MEMBERS.name}
    assert receipt.customer == ""
    plates = "SELECT count(*) FROM transactions JOIN recurring_accounts ON vehicle_license_plate = vehicles[1].plate"
    assert archive.sql(plates).fetchall() == [(4,)], "the same plate is the same text in all tables"
    landed = put(archive, [*rows(1, **REPAINTED), *rows(2, first=5, **BOB)], at=NOON + 7200)
    assert [change.field for change in landed.changes] == ["(row)"], "of the row in quarantine, which left"
    assert archive.check() == []


def test_a_backup_that_was_restored_is_redacted_once_more(archive: Archive, tmp_path: Path) -> None:
    backup = file_of(archive).read_bytes()
    archive.redact(Redaction(names="drop"))
    archive.forget("1:2")
    file_of(archive).write_bytes(backup)
    archive.redact()
    assert [text for text in (*HERS, "Bob") if text in contents(archive)] == []


def test_killed_between_two_files_it_goes_on(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    write: Callable[..., None] = Writer._write
    left = [1]

    def killed(self: Writer, *given: object) -> None:
        if not left:
            raise KeyboardInterrupt
        left.pop()
        write(self, *given)

    monkeypatch.setattr(Writer, "_write", killed)
    with pytest.raises(KeyboardInterrupt):
        archive.forget("1:2")
    monkeypatch.undo()
    put(archive, PEOPLE, replace(CUSTOMERS, day=date(2026, 3, 16)), at=NOON + 7 * 86400)
    archive.forget("1:2")
    assert [text for text in HERS if text in contents(archive)] == []


def test_other_accounts_are_left_alone(archive: Archive) -> None:
    put(archive, PEOPLE, replace(CUSTOMERS, account="other"))
    archive.forget("1:2")
    assert archive.sql("SELECT count(*) FROM customers WHERE account = 'other'").fetchall() == [(2,)]


def test_a_damaged_file_is_named_because_nobody_knows_what_is_in_it(archive: Archive) -> None:
    file_of(archive).write_bytes(b"rubbish")
    with pytest.raises(ArchiveDamagedError, match="archive repair"):
        archive.forget("1:2")


def test_the_ledger_holds_no_deleted_page(archive: Archive) -> None:
    archive.forget("1:2")
    ledger = Path(archive.address, ".work", "accounts", "main", "ledger.sqlite")
    with closing(sqlite3.connect(ledger)) as database:
        assert database.execute("SELECT count(*) FROM jobs").fetchall() == [(0,)]
        assert database.execute("PRAGMA freelist_count").fetchall() == [(0,)]


@pytest.mark.parametrize("id", ["", "  "])
def test_a_customer_without_an_id_is_refused(archive: Archive, id: str) -> None:
    with pytest.raises(ValidationError, match="id is empty"):
        archive.forget(id)


def test_an_account_that_is_not_there_is_refused(archive: Archive) -> None:
    with pytest.raises(ValidationError, match=r"account='acme' must be one of main"):
        archive.redact(Redaction(names="drop"), account="acme")


def test_a_remote_archive_forgets_too() -> None:
    archive = Archive("memory://erasing/archive")
    put(archive, [*rows(1, **ANN), *rows(1, first=5, **BOB)])
    put(archive, PEOPLE, CUSTOMERS)
    assert len(archive.forget("1:2").erased) == 2
    names = archive.sql("SELECT customer_name FROM transactions ORDER BY number").fetchall()
    assert names == [(None,), ("Bob Ray",)]
    put(archive, PEOPLE, replace(CUSTOMERS, day=date(2026, 3, 16)), at=NOON + 7 * 86400)
    assert archive.sql("SELECT count(*) FROM customers").fetchall() == [(1,)]
