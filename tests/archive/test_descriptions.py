"""Every view and column explains itself, in the same words everywhere."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

from sonnys_data_client.archive import Archive
from sonnys_data_client.archive.descriptions import descriptions, in_sql
from sonnys_data_client.archive.view_queries import VIEWS
from sonnys_data_client.archive.views import NAME
from tests.archive.rig import archive_at, put, rows


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    archive = archive_at(tmp_path_factory.mktemp("described"))
    put(archive, rows(1))
    archive.write_views()
    return archive


def test_all_views_and_columns_are_described_as_they_are(archive: Archive) -> None:
    with duckdb.connect(str(Path(archive.address, NAME)), read_only=True) as database:
        query = (
            "SELECT table_name, column_name, data_type, comment FROM duckdb_columns() ORDER BY table_oid, column_index"
        )
        columns = database.execute(query).fetchall()
        views = dict(database.execute("SELECT view_name, comment FROM duckdb_views() WHERE NOT internal").fetchall())
    described = Archive.describe()
    assert list(described) == list(VIEWS)
    assert views == {name: view.about for name, view in described.items()}
    for name, view in described.items():
        in_file = [(column, kind, comment) for of, column, kind, comment in columns if of == name]
        expected = [(column.name, plain(column.kind), column.about) for column in view.columns]
        assert [(column, plain(kind), comment) for column, kind, comment in in_file] == expected


def plain(kind: str) -> str:
    """A type as it is compared: DuckDB quotes names and sets spaces as it likes."""
    return re.sub(r'[" ]', "", kind)


def test_nothing_is_left_unsaid() -> None:
    for view in descriptions().values():
        assert view.about.endswith("."), view.name
        for column in view.columns:
            assert column.about.endswith((".", ")")), (view.name, column.name)
            assert not re.search(r"\bNone\b|`[A-Z]\w+\.\w+`", column.about), (view.name, column.name)


@pytest.mark.parametrize(
    ("view", "column", "said"),
    [
        ("transactions", "total", "tax and fees are inside"),
        ("transactions", "type", "A return is a row of its own"),
        ("transactions", "type", "whether its amounts are negative"),
        ("transactions", "transaction_status", "voids show by their lines, all `is_voided`"),
        ("transactions", "location_code", "the web shop"),
        ("transactions", "location_code", "called WEB"),
        ("transaction_items", "is_voided", "taken back at the till"),
        ("transaction_items", "tax", "on top of `net`"),
        ("sites", "code", "called WEB"),
        ("transactions", "hour", "0 to 23"),
        ("transaction_tenders", "trans_id", "`transactions.id`"),
        ("sites_history", "date", "the day on which it was taken"),
    ],
)
def test_what_a_stranger_gets_wrong_is_said(view: str, column: str, said: str) -> None:
    (about,) = [each.about for each in descriptions()[view].columns if each.name == column]
    assert said in about


def test_python_s_words_become_sql_s() -> None:
    assert in_sql("`Site.code` of it; None without. Spec.") == "`sites.code` of it; NULL without."
    assert in_sql("`Employee.employee_id` or `Nonesuch.id`.") == "`employees.employee_id` or `id`."
