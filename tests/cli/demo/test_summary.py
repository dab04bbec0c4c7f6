"""The summary fits, at any width that people have."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from rich.console import Console

from sonnys_data_client.cli.demo.figures import Figures, TenderSum
from sonnys_data_client.cli.demo.summary import show

FIGURES = Figures(
    1_999,
    {"Prepaid 3rd Party": TenderSum(1_234, Decimal("123456.70")), "Cash": TenderSum(5, Decimal("0.10"))},
    Decimal("42.50"),
    {7: 1, 9: 100},
)


def shown(figures: Figures, width: int) -> list[str]:
    file = io.StringIO()
    show(figures, Console(file=file, width=width))
    return [line.rstrip() for line in file.getvalue().splitlines()]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_it_fits_and_loses_nothing(width: int) -> None:
    lines = shown(FIGURES, width)
    assert max(map(len, lines)) <= width
    words = " ".join(" ".join(lines).split())
    for expected in ("Prepaid 3rd Party 1,234 123,456.70", "total 1,239 123,456.80", "42.50 of it", "Cash 5 0.10"):
        assert expected in words
    assert "total 101" in words
    assert (lines[1].count("by tender"), "by hour" in lines[1]) == (1, width >= 80)


def test_every_hour_between_the_first_and_the_last_has_its_bar() -> None:
    bars = {line.split()[0]: line.count("█") for line in shown(FIGURES, 60) if line[:2].isdigit() and line[2:3] == " "}
    assert bars == {"07": 1, "08": 0, "09": 18}


def test_a_day_without_rows_is_shown_too() -> None:
    assert shown(Figures(0, {}, Decimal(0), {}), 60)[3].split() == ["total", "0", "0.00", "total", "0"]
