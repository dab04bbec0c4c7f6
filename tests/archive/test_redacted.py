"""A partition is compared with what was hidden on both sides, so that hiding is no change for ever."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sonnys_data_client.archive import Archive, Redaction
from sonnys_data_client.archive.dispute import Dispute, digest
from sonnys_data_client.archive.evidence import Evidence
from sonnys_data_client.archive.hiding import Privacy
from sonnys_data_client.archive.losses import KnownPartition
from sonnys_data_client.archive.redacted import redact_answer, redact_partition, redact_rows
from sonnys_data_client.archive.rows import encode_rows
from sonnys_data_client.archive.store import Partition
from sonnys_data_client.archive.tables import TABLES, TRANSACTIONS
from sonnys_data_client.engine.rows import encode
from tests.archive.rig import CALENDARS, DAY, NOON, PARTITION, archive_at, put, rows

NAMED: dict[str, Any] = {
    "customerName": "Ann Lee",
    "vehicleLicensePlate": "AB12",
    "customerId": "1:2",
    "employeeCashier": "Bob",
}
CLEO: dict[str, Any] = {**NAMED, "customerName": "Cleo"}
DEARER: dict[str, Any] = {**NAMED, "total": 1.0}
DROP, HASH = Redaction(names="drop", plates="drop"), Redaction(names="hash", plates="hash")


def put_redacted(archive: Archive, raw: list[dict[str, Any]], redaction: Redaction | None, **more: Any) -> Any:
    with archive.writing() as writer:
        writer.privacy.hide(PARTITION.account, redaction)
    return put(archive, raw, **more)


def everything(archive: Archive) -> str:
    """Return all that queries can see of an archive, as text."""
    return "".join(str(archive.sql(f"FROM {view}").fetchall()) for view in ("transactions", "changes", "quarantine"))


@pytest.mark.parametrize("redaction", [DROP, HASH])
def test_what_is_written_is_redacted_in_columns_and_raw(tmp_path: Path, redaction: Redaction) -> None:
    archive = archive_at(tmp_path)
    landed = put_redacted(archive, [*rows(3, **NAMED), *rows(1, first=9, **NAMED, total="x")], redaction)
    assert (landed.rows, landed.quarantined) == (3, 1)
    seen = everything(archive)
    assert not [text for text in ("Ann Lee", "AB12", "Bob") if text in seen]
    assert "1:2" in seen
    ((named, plates),) = archive.sql("SELECT count(customer_name), count(DISTINCT customer_name) FROM transactions")
    assert (named, plates) == ((0, 0) if redaction is DROP else (3, 1))
    assert archive.check() == []


@pytest.mark.parametrize("redaction", [DROP, HASH])
def test_a_redacted_row_that_is_read_again_is_no_change(tmp_path: Path, redaction: Redaction) -> None:
    archive = archive_at(tmp_path)
    before = put_redacted(archive, rows(3, **NAMED), redaction)
    for number in range(1, 4):
        again = put(archive, rows(3, **NAMED), at=NOON + 7 * 3600 * number)
        assert list(again.changes) == []
        assert (again.evidence.total, again.evidence.proved_first) == (3, before.evidence.proved_first)
    (change,) = put(archive, rows(3, **DEARER)[:1] + rows(3, **NAMED)[1:], at=NOON + 1e5).changes
    assert change.field == "total"


@pytest.mark.parametrize("redaction", [DROP, HASH])
def test_a_row_that_was_there_in_clear_is_hidden_when_its_day_is_read_again(
    tmp_path: Path, redaction: Redaction
) -> None:
    archive = archive_at(tmp_path)
    put(archive, [*rows(3, **NAMED), *rows(1, first=9, **NAMED, total="x")])
    put(archive, rows(3, **CLEO), at=NOON + 3600)
    assert "Cleo" in everything(archive)
    landed = put_redacted(archive, rows(3, **CLEO), redaction, at=NOON + 7200)
    assert list(landed.changes) == [], "hiding is no change of the row"
    seen = everything(archive)
    assert not [text for text in ("Ann Lee", "AB12", "Bob", "Cleo") if text in seen]
    assert archive.check() == []


def test_a_change_of_a_person_is_seen_under_hashes_and_not_named(tmp_path: Path) -> None:
    archive = archive_at(tmp_path)
    put_redacted(archive, rows(1, **NAMED), HASH)
    (change,) = put(archive, rows(1, **CLEO), at=NOON + 3600).changes
    assert change.field == "customer_name"
    assert change.before != change.after
    assert "Cleo" not in everything(archive)


def test_rows_of_other_accounts_stay_in_clear(tmp_path: Path) -> None:
    archive = archive_at(tmp_path)
    put_redacted(archive, rows(1, **NAMED), DROP)
    put(archive, rows(1, **NAMED), Partition("transactions", "other", DAY))
    names = archive.sql("SELECT account, customer_name FROM transactions ORDER BY account").fetchall()
    assert names == [("main", None), ("other", "Ann Lee")]


def test_of_rows_with_one_key_the_last_counts_redacted_or_not() -> None:
    came = encode_rows(TRANSACTIONS, [*rows(1, customerName="Ann"), *rows(1, customerName=None, total=7)], CALENDARS)
    hidden = redact_rows(Privacy(DROP), TRANSACTIONS, came, CALENDARS)
    assert [row.key for row in hidden.rows] == [row.key for row in came.rows]
    assert '"total":7' in hidden.rows[-1].raw.replace(" ", "")
    assert redact_rows(Privacy(), TRANSACTIONS, came, CALENDARS) is came


def test_evidence_names_a_row_without_a_key_by_its_text_of_now() -> None:
    table = TABLES["recurring_modifications"]
    raws = [encode({"id": str(number), "customer": {"id": "1", "firstName": name}}) for number, name in enumerate("AB")]
    came = encode_rows(table, [{"id": "0", "customer": {"id": "1", "firstName": "A"}}], CALENDARS)
    key = came.rows[0].key
    evidence = Evidence.from_json(
        '{"rows": 2, "quarantined": 0, "total": null, "read_at": 1, "through": 1, "proved_first": null, '
        '"proved_last": null, "gaps": [], "version": 1, "source": "", "requests": 0, "shared": [], "surplus": 0}'
    )
    evidence = replace(evidence, kept=(digest(key),), dispute=Dispute("why", 2, 1, 1.0, (digest(key),)))
    known = KnownPartition(evidence, {key: raws[0], "other": raws[1]}, [], [])
    hidden = redact_partition(Privacy(DROP), table, known).known
    assert hidden.evidence is not None
    assert hidden.evidence.dispute is not None
    assert set(hidden.evidence.kept) == set(hidden.evidence.dispute.lacking) <= {digest(name) for name in hidden.raws}
    assert len(hidden.raws) == 2


def test_the_page_of_a_kept_job_is_redacted() -> None:
    answer = {"rows": encode(rows(2, **NAMED)), "total": 2}
    hidden = redact_answer(Privacy(DROP), answer)
    assert hidden["total"] == 2
    assert "Ann Lee" not in hidden["rows"]
    assert redact_answer(Privacy(), answer) is answer
    assert redact_answer(Privacy(DROP), {"total": 2}) == {"total": 2}
