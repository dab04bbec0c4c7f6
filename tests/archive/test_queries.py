"""Queries get answers, whatever happens to the files meanwhile."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Sized
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from pathlib import Path

import duckdb
import pytest

from sonnys_data_client.archive import Answer, Archive
from sonnys_data_client.archive.files import LocalFiles
from sonnys_data_client.errors import ArchiveError, ValidationError
from tests.archive.rig import PARTITION, archive_at, file_of, put, rows


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    archive = archive_at(tmp_path)
    put(archive, rows(3))
    put(archive, [rows(4)[3]], replace(PARTITION, account="other"))
    return archive


def test_sql_answers_over_the_views(archive: Archive) -> None:
    query = "SELECT account, date, count(*), sum(total)::DECIMAL(9, 2) FROM transactions GROUP BY ALL ORDER BY ALL"
    day = date(2026, 3, 9)
    assert archive.sql(query).fetchall() == [("main", day, 3, Decimal("64.08")), ("other", day, 1, Decimal("21.36"))]


def test_instants_are_aware_and_in_utc_and_values_can_be_given(archive: Archive) -> None:
    answer = archive.sql("SELECT complete_date FROM transactions WHERE id = $id", {"id": "2:1001"})
    assert answer.columns == ["complete_date"]
    ((moment,),) = answer.fetchall()
    assert moment == datetime(2026, 3, 9, 0, 2, 5, tzinfo=UTC)
    assert moment.tzinfo is not None


def test_rows_come_as_tuples_one_by_one_as_arrow_and_as_polars(archive: Archive) -> None:
    with archive.transactions() as answer:
        assert len(answer.fetchall()) == 4
        assert list(answer) == answer.fetchall()
        assert answer.to_arrow().num_rows == 4
        frame = answer.to_polars()
        assert frame["total"].sum() == Decimal("85.44")
        assert answer.relation.count("id").fetchall() == [(4,)]


def test_an_answer_stays_what_it_was_while_files_are_replaced(archive: Archive) -> None:
    answer = archive.transactions()
    put(archive, rows(9))
    assert len(answer.fetchall()) == 4
    assert len(archive.transactions().fetchall()) == 10


def test_nothing_stays_behind(archive: Archive) -> None:
    scratch = Path(archive.address, ".work", "scratch")
    with archive.transactions():
        assert len(list(scratch.iterdir())) == 1
    assert list(scratch.iterdir()) == []
    archive.transactions().fetchall()
    gc.collect()
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize(
    "question", ["SELEC 1", "SELECT nonsense FROM transactions", "SELECT * FROM nowhere", "CREATE TABLE a (b INT)"]
)
def test_a_query_that_duckdb_does_not_understand_is_a_validation_error(archive: Archive, question: str) -> None:
    with pytest.raises(ValidationError) as refused:
        archive.sql(question)
    assert "\n" not in str(refused.value)
    assert list(Path(archive.address, ".work", "scratch").iterdir()) == []


def test_a_damaged_file_is_reported(archive: Archive) -> None:
    file_of(archive).write_bytes(b"rubbish")
    with pytest.raises(ArchiveError, match="archive check"):
        archive.transactions().fetchall()


def test_a_folder_that_may_not_be_written_can_be_read(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    # Tests may run as root, whom no permission stops.
    def refuse(self: Path, *_: object, **__: object) -> None:
        raise PermissionError("read-only")

    root = archive.address

    def mkdir(self: Path, *args: object, **more: object) -> None:
        if str(self).startswith(root):
            refuse(self)
        original(self, *args, **more)  # type: ignore[arg-type]

    original = Path.mkdir
    monkeypatch.setattr(Path, "mkdir", mkdir)
    monkeypatch.setattr("sonnys_data_client.archive.files.own_file", refuse)
    monkeypatch.setattr(Path, "hardlink_to", refuse)
    reader = Archive(root)
    assert len(reader.transactions().fetchall()) == 4
    assert len(list(reader.transactions())) == 4


def no_link(*_: object) -> None:
    raise PermissionError


@pytest.mark.parametrize("take", [Answer.fetchall, list, Answer.to_arrow, Answer.to_polars])
def test_files_that_are_replaced_while_they_are_read_themselves_are_asked_again(
    take: Callable[[Answer], Sized], archive: Archive, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    with monkeypatch.context() as reading:
        reader = Archive(archive.address)
        reading.setattr(LocalFiles, "_links", tmp_path / "elsewhere")
        reading.setattr(Path, "hardlink_to", no_link)
        answer = reader.sql("SELECT id FROM transactions WHERE account = 'main'")
    before = len(answer.fetchall())
    put(archive, rows(before + 3))
    assert not [path for path in (tmp_path / "elsewhere").rglob("*") if path.is_file()], "nothing is copied"
    with monkeypatch.context() as reading:
        reading.setattr(LocalFiles, "_links", tmp_path / "elsewhere")
        reading.setattr(Path, "hardlink_to", no_link)
        assert len(take(answer)) == before + 3


def test_files_that_are_replaced_each_time_are_an_error(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(LocalFiles, "_links", tmp_path)
    monkeypatch.setattr(Path, "hardlink_to", no_link)
    answer = Archive(archive.address).transactions()
    stamps = count()
    monkeypatch.setattr(LocalFiles, "stamp", lambda *_: str(next(stamps)))
    with pytest.raises(ArchiveError, match="replaced each time"):
        answer.fetchall()


def scratch_of(archive: Archive) -> list[Path]:
    gc.collect()
    return list(Path(archive.address, ".work", "scratch").iterdir())


def test_a_relation_may_be_asked_for_in_one_expression(archive: Archive) -> None:
    counted = archive.sql("FROM transactions").relation.filter("account = 'main'").aggregate("count(*)").fetchall()
    assert counted == [(3,)]
    assert scratch_of(archive) == []


def test_the_files_stay_for_as_long_as_any_relation_needs_them(archive: Archive) -> None:
    relation = archive.sql("SELECT * FROM transactions WHERE total > $least", {"least": 0}).relation
    assert len(scratch_of(archive)) == 1
    derived = relation.filter("account = 'main'")
    del relation
    assert len(scratch_of(archive)) == 1
    put(archive, rows(9))
    assert len(derived.fetchall()) == 3
    del derived
    assert scratch_of(archive) == []


def test_an_answer_and_its_relation_are_of_the_same_files(archive: Archive) -> None:
    answer = archive.transactions()
    relation = answer.relation
    assert answer.relation is relation
    put(archive, rows(9))
    assert len(list(answer)) == len(relation.fetchall()) == 4
    del answer
    assert len(relation.fetchall()) == 4
    del relation
    assert scratch_of(archive) == []


def test_closing_an_answer_lets_go_of_the_files_whoever_holds_a_relation(archive: Archive) -> None:
    with archive.transactions() as answer:
        relation = answer.relation
    assert scratch_of(archive) == []
    with pytest.raises(duckdb.Error):
        relation.fetchall()
    answer.close()


def test_a_relation_needs_fsspec(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with archive.transactions() as answer, pytest.raises(ArchiveError, match="Relations need fsspec"):
        _ = answer.relation
    assert scratch_of(archive) == []


def test_an_answer_shows_its_columns_and_its_rows_once_they_are_known(archive: Archive) -> None:
    answer = archive.sql("SELECT id, total FROM transactions")
    assert repr(answer) == "Answer(id, total)"
    answer.fetchall()
    assert repr(answer) == "Answer(id, total, 4 rows)"
    again = archive.sql("SELECT id FROM transactions LIMIT 1")
    assert list(again)
    assert repr(again) == "Answer(id, 1 row)"
    many = archive.transactions()
    assert repr(many).endswith(f" and {len(many.columns) - 8} more)")
    assert answer.types == ["VARCHAR", "DECIMAL(18,4)"]


def test_a_notebook_shows_the_first_rows_of_an_answer(archive: Archive) -> None:
    answer = archive.sql("SELECT '<b>' AS markup, id FROM transactions ORDER BY ALL")
    html = answer._repr_html_()
    assert html.startswith("<table><caption>4 rows</caption><tr><th>markup</th><th>id</th></tr>")
    assert "<tr><td>&lt;b&gt;</td><td>1:1001</td></tr>" in html
    assert len(answer.fetchall()) == 4
    put(archive, rows(30))
    assert archive.transactions()._repr_html_().startswith("<table><caption>First 10 rows</caption>")
    answer.close()
    assert "cannot be answered" in answer._repr_html_()
