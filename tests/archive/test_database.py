"""DuckDB's errors are told apart: a wrong query, or files that cannot be read."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from sonnys_data_client.archive import database as database_module
from sonnys_data_client.archive.database import answered, connect, first_line, own_query
from sonnys_data_client.errors import ArchiveError, ValidationError

NIGHT = "SELECT TIMESTAMPTZ '2026-11-28 02:00:00+00'::date, current_setting('TimeZone')"
ASKED = f"""
from pathlib import Path
from sonnys_data_client.archive.database import connect
with connect(Path("spill")) as database:
    print(*[way.execute({NIGHT!r}).fetchall() for way in (database, database.cursor(), database.cursor().cursor())])
    print(*database.sql({NIGHT!r}).fetchall())
"""


@pytest.mark.parametrize("zone", ["America/Chicago", "Pacific/Auckland"])
def test_a_machine_in_another_zone_shows_instants_in_utc_however_it_is_asked(zone: str) -> None:
    environment = {**os.environ, "TZ": zone}
    shown = subprocess.run([sys.executable, "-c", ASKED], env=environment, capture_output=True, text=True, check=True)
    assert shown.stdout.count("(datetime.date(2026, 11, 28), 'UTC')") == 4


@pytest.mark.parametrize(
    ("raised", "kind", "said"),
    [
        (duckdb.IOException("no such file\nSELECT"), ArchiveError, "cannot be read (no such file). Run sonnys archive"),
        (duckdb.CatalogException("no table x\nLINE 1"), ValidationError, "answered: no table x sonnys sql alone lists"),
        (duckdb.ParserException("syntax\n\n  error"), ValidationError, "The query cannot be answered: syntax error"),
        (ModuleNotFoundError(name="polars"), ArchiveError, "This needs polars, which is not installed. Install the"),
    ],
)
def test_an_error_is_the_querys_or_the_archives(raised: Exception, kind: type[Exception], said: str) -> None:
    def ask() -> None:
        raise raised

    with pytest.raises(kind) as caught:
        answered(ask)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_answer_passes_through() -> None:
    assert answered(lambda: 7) == 7
    assert first_line(duckdb.Error("")) == ""


def test_without_the_extra_the_archive_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name=name)

    monkeypatch.setattr(database_module, "import_module", missing)
    with pytest.raises(ArchiveError, match=r"needs pytz, .* Run pip install 'sonnys-data-client\[archive\]'"):
        connect(tmp_path)


def test_a_query_of_this_package_that_fails_is_no_mistake_of_the_user(tmp_path: Path) -> None:
    """A sync tells an `ArchiveError` in its summary, and goes on."""
    with (
        closing(connect(tmp_path)) as database,
        pytest.raises(ArchiveError, match=r"archive check") as caught,
        own_query(),
    ):
        answered(lambda: database.execute("SELECT 'text'::DATE").fetchall())
    assert isinstance(caught.value.__cause__, ValidationError)
