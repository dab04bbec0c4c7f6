"""A spool returns rows by time, and can write them to a file that stays."""

from __future__ import annotations

import json
import tempfile
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonnys_data_client.cli.show.spool import Spool, json_text

START = datetime(2026, 3, 8, tzinfo=UTC)


def fill(spool: Spool, minutes: list[int]) -> None:
    for number, minute in enumerate(minutes):
        spool.add({"number": number, "minute": minute, "name": "Zoë\n"}, START + timedelta(minutes=minute))


@given(st.lists(st.integers(-3, 3)))
def test_rows_come_back_by_time_and_those_of_a_moment_as_they_came(minutes: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder, Spool(Path(folder)) as spool:
        fill(spool, minutes)
        assert len(spool) == len(minutes)
        rows = list(spool.in_order())
        assert rows == list(spool.in_order()), "as often as one likes"
    assert [(row["minute"], row["number"]) for row in rows] == sorted(zip(minutes, range(len(minutes)), strict=True))
    assert all(row["name"] == "Zoë\n" for row in rows)


def test_money_is_text(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool:
        spool.add({"total": Decimal("12.10")}, START)
        assert list(spool.in_order()) == [{"total": "12.10"}]


def test_it_leaves_nothing_behind_but_what_was_kept(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool:
        fill(spool, [2, 1])
        assert list(tmp_path.iterdir()) == [], "a process that is killed now leaves no file with names and plates"
        spool.keep(tmp_path / "kept")
        spool.add({"number": 2, "minute": 0}, START)
        assert [row["minute"] for row in spool.in_order()] == [0, 1, 2]
    assert list(tmp_path.iterdir()) == [tmp_path / "kept"]
    assert [json.loads(line)["minute"] for line in (tmp_path / "kept").read_text().splitlines()] == [2, 1]


@pytest.mark.parametrize("text", ["\x85", "\u2028", "\u2029", "\ud800", "\r\n", "\x1c", "Zoë 🚗"])
def test_json_is_one_line_of_unicode_and_reads_back_the_same(text: str) -> None:
    written = json_text({"name": text})
    assert written.splitlines() == [written]
    assert written.encode()
    assert json.loads(written) == {"name": text}
