"""Cells of CSV: what a spreadsheet would run or change is text."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest

from sonnys_data_client.cli.show.cells import excel_names, is_typed, moment_of, plain_cell, typed_cell
from sonnys_data_client.cli.show.files import write_csv

TEXT = "VARCHAR"
UNSEEN = ["\u200b", "\u2060", "\ufeff", "\u00ad", "\u3000", "\u202e", "\u180e", "\u3164", "\x7f", " \u200b\t"]
SIGNS = ["=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\ufe66", "\u2212"]


@pytest.mark.parametrize("write", [plain_cell, typed_cell])
@pytest.mark.parametrize("kind", [TEXT, "ENUM('=1', 'b')", "JSON", "VARCHAR[]"])
def test_nothing_runs_in_a_cell(write: Any, kind: str) -> None:
    for sign in SIGNS:
        for before in ["", *UNSEEN]:
            assert write(f"{before}{sign}1+1", kind) == f"'{before}{sign}1+1"
    for text in ("\tx", "\rx", "\nx"):
        assert write(text, kind) == f"'{text}"
    for text in ("a=1", "Zoë", "x-y", ""):
        assert write(text, kind) == text


@pytest.mark.parametrize(
    "text",
    [
        *("00123", "0", "7", "1:234", "876:1001", "1-2", "3/4", "1E5", "12345678901234567890", "0.50", ".5", "(5)"),
        *("$5", " 12", "\u200b12", "true", "FALSE", "MAR1", "Sept 2", "2026-03-09", "5 o'clock", "12%", "1,234"),
    ],
)
def test_excel_gets_as_text_what_it_would_take_for_something_else(text: str) -> None:
    if text.isprintable():
        assert typed_cell(text, TEXT) == f'="{text}"'
    assert plain_cell(text, TEXT) == text


@pytest.mark.parametrize("text", ["Wash", "MAIN", "Marble 1", "x1", "", "a" * 300, "1" * 300])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert typed_cell(text, TEXT) == text


def test_quotes_and_line_breaks_in_it_do_no_harm() -> None:
    stream = io.StringIO()
    write_csv([{"a": '5" pipe', "b": "1\n=2"}], {"a": TEXT, "b": TEXT}, stream, for_excel=True)
    assert list(csv.reader(io.StringIO(stream.getvalue(), newline="")))[1] == ['="5"" pipe"', "1\n=2"]


def test_numbers_stay_numbers_as_long_as_excel_keeps_their_digits() -> None:
    assert typed_cell("-1234.5000", "DECIMAL(18, 4)") == "-1234.5000"
    assert typed_cell(3, "BIGINT") == "3"
    assert typed_cell("12345678901234.5678", "DECIMAL(18, 4)") == '="12345678901234.5678"'
    assert typed_cell(2**53 + 1, "BIGINT") == '="9007199254740993"'
    assert typed_cell(None, "BIGINT") == ""
    assert typed_cell(True, "BOOLEAN") == "true"


def test_instants_are_times_in_utc_that_excel_reads() -> None:
    instant = "TIMESTAMP WITH TIME ZONE"
    assert typed_cell("2026-03-09T12:00:05.000Z", instant) == "2026-03-09 12:00:05"
    assert typed_cell("2026-03-09T12:00:05.250Z", instant) == "2026-03-09 12:00:05.250"
    assert typed_cell("2026-03-09T23:30:00-05:00", instant) == "2026-03-10 04:30:00"
    assert typed_cell(datetime(2026, 3, 9, 1, tzinfo=UTC), instant) == "2026-03-09 01:00:00"
    assert typed_cell("2026-03-09 01:00:00", "TIMESTAMP") == "2026-03-09 01:00:00"
    assert moment_of(None, instant) is None
    assert moment_of("2026-03-09", "DATE") is None
    assert excel_names({"a": instant, "b": "TIMESTAMP", "clock_utc": instant}) == {
        "a": "a (UTC)",
        "b": "b",
        "clock_utc": "clock_utc",
    }


def test_names_of_columns_run_no_more_than_their_values() -> None:
    for for_excel in (False, True):
        stream = io.StringIO()
        write_csv([], {"=1+1": TEXT, "\u200b@a": TEXT}, stream, for_excel=for_excel)
        assert stream.getvalue() == "'=1+1,'\u200b@a\n"


def test_types_are_told_from_words() -> None:
    typed = {"DECIMAL(18, 4)", "BIGINT", "UINTEGER", "HUGEINT", "DOUBLE", "BOOLEAN", "TIMESTAMP", "DATE", "TIME"}
    words = {"VARCHAR", "JSON", "DATE[]", "ENUM('DATE')", "STRUCT(a DATE)", "BLOB", "UUID", "INTERVAL", "TIMESTAMP[]"}
    assert {kind for kind in typed | words if is_typed(kind)} == typed
