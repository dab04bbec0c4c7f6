"""The demo, end to end: real sockets, a fast sandbox, and the files held against its books."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import duckdb
import pytest

from sonnys_data_client.cli import main
from sonnys_data_client.cli.demo.play import Day, compare, yesterday
from sonnys_data_client.errors import IncompleteError
from sonnys_data_client.models import Site
from sonnys_data_client.sandbox import Sandbox, SandboxConfig
from sonnys_data_client.sandbox.http import RunningSandbox
from tests.cli.rows import some_rows

CHICAGO = ZoneInfo("America/Chicago")


def test_the_demo_writes_what_the_sandbox_s_books_hold(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    began = time.time()
    assert main(["demo", "--out", str(tmp_path), "--speed", "50", "--sites", "1", "--seed", "3"]) == 0
    ended = began + (time.time() - began) * 50
    parquet, ndjson = (next(tmp_path.glob(f"*.{kind}")) for kind in ("parquet", "ndjson"))

    day = Day(date.fromisoformat(ndjson.stem.removeprefix("transactions-")), CHICAGO)
    books = Sandbox(SandboxConfig(seed=3, sites=1, jitter=0.4))
    early, late = ({row.id: row for row in books.truth(day.start, day.stop, as_of=at)} for at in (began, ended))
    rows = [json.loads(line) for line in ndjson.read_text().splitlines()]
    ids = {row["id"] for row in rows}
    assert len(ids) == len(rows) > 200
    assert early.keys() <= ids <= late.keys()
    money = sum(Decimal(row["total"]) for row in rows)
    assert money in {
        Decimal(sum(known[id_].total_cents for id_ in ids & known.keys())) / 100 for known in (early, late)
    }
    with duckdb.connect() as database:
        sums = database.execute(
            "SELECT count(*), count(DISTINCT id), sum(total) FROM read_parquet($1)", [str(parquet)]
        ).fetchall()
    assert sums == [(len(rows), len(rows), money)]

    said = capsys.readouterr()
    assert said.out == ""
    assert "\x1b" not in said.err
    assert "The sandbox runs at 50x real time: 15 s windows take 0.3 s.\n" in said.err
    assert f"Read {len(rows):,} transactions in " in said.err
    assert "a page, where 2 is the least. 429s met: 0.\n" in said.err
    assert f"Wrote {parquet} (" in said.err
    assert f"{money:,.2f}" in said.err


def test_ctrl_c_stops_at_once_and_says_what_was_kept(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sonnys_data_client", "demo", "--out", str(tmp_path / "x y"), "--sites", "1"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stderr is not None
        assert demo.stdout is not None
        while "bursts" not in demo.stderr.readline():
            pass
        demo.send_signal(signal.SIGINT)
        began = time.monotonic()
        assert demo.wait(timeout=20) == 130
        assert time.monotonic() - began < 3
        *_, kept, again = demo.stderr.read().splitlines()
        assert kept.startswith("sonnys: stopped: 0 of ")
        assert kept.endswith(f"so {tmp_path / 'x y'} holds no half of them.")
        assert (
            again == f"sonnys: run it again with: sonnys demo '--out={tmp_path / 'x y'}' --speed=1.5 --sites=1 --seed=1"
        )
        assert demo.stdout.read() == ""
    assert list((tmp_path / "x y").iterdir()) == []


def test_a_directory_that_cannot_be_written_is_refused_before_anything_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)  # root may write everywhere
    assert main(["demo", "--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"sonnys: {tmp_path} cannot be written to: give another directory with --out.\n"


def test_yesterday_is_by_the_clock_of_the_first_site_that_has_one() -> None:
    sites = [Site(id=5, code="ELM"), Site(id=1, code="MAIN", timezone="America/Chicago")]
    early = datetime(2026, 3, 10, 4, tzinfo=UTC)
    assert yesterday(sites, early) == Day(date(2026, 3, 8), CHICAGO)
    assert yesterday([], early) == Day(date(2026, 3, 9), UTC)


def test_a_day_is_bounded_by_its_zone_s_midnights() -> None:
    long, short = Day(date(2026, 11, 1), CHICAGO), Day(date(2026, 3, 8), CHICAGO)
    assert (long.stop - long.start, short.stop - short.start) == (25 * 3600, 23 * 3600)
    assert str(short) == "Sunday 8 March 2026 (America/Chicago)"


def local(books: dict[str, int]) -> RunningSandbox:
    """A sandbox with nothing but books: cents by id."""
    truth = [SimpleNamespace(id=id_, total_cents=cents) for id_, cents in books.items()]
    sandbox = SimpleNamespace(truth=lambda *_, **__: truth)
    return cast("RunningSandbox", SimpleNamespace(sandbox=sandbox, clock=SimpleNamespace(now=lambda: 0.0)))


GOOD = {"12:1": 1605, "13:1": -1}


def test_rows_that_agree_with_the_books_pass() -> None:
    compare(some_rows(), local(GOOD), Day(date(2026, 6, 1), CHICAGO), 0.0)


@pytest.mark.parametrize(
    ("books", "rows", "words"),
    [
        (GOOD | {"14:1": 5}, some_rows(), "1 missing"),
        (GOOD, some_rows()[:1], "1 missing"),
        (GOOD, [*some_rows(), *some_rows()], "2 there twice"),
        ({"12:1": 1605}, some_rows(), "1 unknown"),
        (GOOD | {"13:1": 1}, some_rows(), "1 of another amount"),
    ],
)
def test_rows_that_do_not_are_an_error(books: dict[str, int], rows: list[Any], words: str) -> None:
    with pytest.raises(IncompleteError, match=f"not those in the sandbox's books: {words}.") as caught:
        compare(rows, local(books), Day(date(2026, 6, 1), CHICAGO), 0.0)
    assert caught.value.gaps == (words,)
