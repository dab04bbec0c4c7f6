"""Tables on a terminal: columns that fit are shown, the others are named, and rows are shown as they come."""

from __future__ import annotations

import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from rich.console import Console

from sonnys_data_client.cli.show.table import show_rows

ROWS: list[dict[str, Any]] = [
    {"id": "1:1", "name": "Zoë\nO'Hara", "total": Decimal("16.05"), "paid": True, "tags": ["a", {"b": 1}]},
    {"id": "22:1", "name": None, "total": Decimal("-0.10"), "paid": False, "tags": [], "late": None},
]
COLUMNS = ["id", "name", "total", "paid", "tags", "late"]


def shown(rows: Any, columns: list[str], width: int = 80) -> tuple[list[str], list[str]]:
    file = io.StringIO()
    left_out = show_rows(rows, columns, Console(file=file, width=width))
    return [line.rstrip() for line in file.getvalue().splitlines()], left_out


def test_cells_are_one_line_and_columns_without_anything_are_left_away() -> None:
    lines, left_out = shown(ROWS, COLUMNS)
    assert lines == [
        "id    name        total  paid  tags",
        '1:1   Zoë O\'Hara  16.05  yes   ["a", {"b": 1}]',
        "22:1              -0.10  no    []",
    ]
    assert left_out == []


@pytest.mark.parametrize(("width", "left_out"), [(80, []), (40, ["tags"]), (24, ["paid", "tags"]), (3, COLUMNS[1:5])])
def test_what_finds_no_room_is_named(width: int, left_out: list[str]) -> None:
    lines, out = shown(ROWS, COLUMNS, width)
    assert out == left_out
    assert max(map(len, lines)) <= max(width, len("22:1"))


def test_long_cells_are_cut() -> None:
    lines, _ = shown([{"text": "x" * 100}], ["text"])
    assert lines[1] == "x" * 29 + "…"


def test_no_rows_are_a_line_of_names() -> None:
    assert shown([], COLUMNS) == ([" ".join(f"{name} " for name in COLUMNS).rstrip()], [])


def test_a_long_answer_begins_to_show_at_once() -> None:
    file = io.StringIO()
    seen: list[int] = []

    def rows() -> Iterator[dict[str, Any]]:
        for number in range(1000):
            seen.append(len(file.getvalue().splitlines()))
            yield {"number": number}

    show_rows(rows(), ["number"], Console(file=file, width=80))
    assert len(file.getvalue().splitlines()) == 1001
    assert seen[0] == 0
    assert seen[500] > 300
