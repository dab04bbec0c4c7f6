"""No part of a row is lost, and a row that cannot be parsed does not affect others."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonnys_data_client.archive.rows import Calendars, canonical, encode_rows, encode_texts, keyed, name_of, read_text
from sonnys_data_client.archive.tables import TABLES, TRANSACTIONS
from sonnys_data_client.engine.rows import decode, encode
from sonnys_data_client.types import api_name
from tests.archive.rig import CALENDARS, rows, texts
from tests.types.rows import PRIVATE, job_row

_SCALARS = st.none() | st.booleans() | st.integers() | st.text() | st.decimals(places=2, min_value=-1e9, max_value=1e9)
_JSON = st.recursive(_SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


def lines(*raw: Any) -> list[dict[str, Any]]:
    """Encode rows, all of which can be parsed, and decode their lines."""
    encoded = encode_rows(TRANSACTIONS, raw, CALENDARS)
    assert not encoded.unparsed
    assert not any(b"\n" in row.line for row in encoded.rows)
    return [json.loads(row.line) for row in encoded.rows]


@given(_JSON)
def test_a_raw_row_comes_back_as_it_was(row: Any) -> None:
    assert read_text(encode(row)) == row


def test_a_number_that_no_double_holds_keeps_its_digits_as_text() -> None:
    assert read_text(encode({"total": Decimal("12.1")})) == {"total": Decimal("12.1")}
    assert read_text(encode({"total": Decimal("0.1234567890123456789")})) == {"total": "0.1234567890123456789"}


def test_what_no_reply_can_hold_is_refused() -> None:
    with pytest.raises(TypeError, match="set"):
        encode({1, 2})


def test_a_line_has_the_models_fields_the_raw_row_and_the_business_date() -> None:
    raw = job_row(waterLitres=113)
    (line,) = lines(raw)
    assert line["complete_date"] == "2020-05-19T05:32:32Z"
    assert line["total"] == "21.36"
    assert line["tenders"][0]["tender_sub_type"] == "Visa"
    assert line["business_date"] == "2020-05-19"
    assert read_text(line["raw"]) == raw


def test_unknown_fields_that_are_called_like_ours_do_not_get_in_their_way() -> None:
    tender = {"tender": "Cash", "tender_sub_type": "not ours", "tenderSubType": "Visa", "amount": 1}
    (line,) = lines(job_row(tenders=[tender], complete_date="not ours"))
    assert line["tenders"][0]["tender_sub_type"] == "Visa"
    assert line["complete_date"] == "2020-05-19T05:32:32Z"
    assert json.loads(line["raw"])["tenders"] == [tender]


def test_a_row_that_cannot_be_parsed_is_kept_raw_and_affects_no_other_row() -> None:
    good, bad = rows(3), job_row(total="abc")
    encoded = encode_rows(TRANSACTIONS, [good[0], bad, "no row", good[1], good[2]], CALENDARS)
    assert [row.raw for row in encoded.rows] == texts(good)
    assert [row.raw for row in encoded.unparsed] == texts([bad, "no row"])
    assert "total" in encoded.unparsed[0].reason
    assert not any(word in row.reason for row in encoded.unparsed for word in (*PRIVATE, "abc"))


def test_text_that_utf_8_cannot_encode_is_its_escape_sequence_in_its_column_and_in_raw() -> None:
    body = encode({"data": {"data": [job_row(customerName="Zo?")]}}).replace("Zo?", "Zo\\ud800").encode()
    (row,) = encode_rows(TRANSACTIONS, decode(body)["data"]["data"], CALENDARS).rows
    assert row.unparsed_fields == ()
    assert json.loads(row.line)["customer_name"] == "Zo\\ud800"
    assert read_text(row.raw)["customerName"] == "Zo\\ud800"
    assert duckdb.execute("SELECT ?->>'$.customerName'", [row.raw]).fetchall() == [("Zo\\ud800",)]


def test_a_row_that_was_not_decoded_here_costs_its_column_alone() -> None:
    (row,) = encode_rows(TRANSACTIONS, [job_row(customerName="\ud800")], CALENDARS).rows
    assert row.unparsed_fields == ("customerName",)
    assert json.loads(row.line)["customer_name"] is None
    assert read_text(row.raw)["customerName"] == "\\ud800"


@pytest.mark.parametrize("when", ["0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59Z", "0000-00-00 00:00:00"])
@pytest.mark.parametrize("zone", ["America/Chicago", "Asia/Tokyo"])
def test_a_row_whose_time_is_none_goes_to_quarantine(when: str, zone: str) -> None:
    encoded = encode_rows(TRANSACTIONS, [job_row(completeDate=when)], Calendars(default=ZoneInfo(zone)))
    assert encoded.rows == []
    assert len(encoded.unparsed) == 1


def test_a_row_of_a_reply_keeps_its_text_to_the_letter() -> None:
    text = (
        '{ "id":"1:1", "completeDate" : "2026-03-09T00:01:05.000Z","total":12.10, "x": 0.12345678901234567890, "é":"é"}'
    )
    (row,) = decode(f'{{"data": {{"data": [{text}]}}}}'.encode())["data"]["data"]
    (encoded,) = encode_rows(TRANSACTIONS, [row], CALENDARS).rows
    assert encode_texts(TRANSACTIONS, [text], CALENDARS).rows == [encoded]
    assert encoded.raw == json.loads(encoded.line)["raw"] == text
    assert json.loads(encoded.line)["total"] == "12.10"


@pytest.mark.parametrize(
    "other",
    ['{"b":[{"y":1,"x":null}],"a":12.5}', ' { "a" : 12.50, "b": [ {"x": null, "y":1} ] }'],
)
def test_texts_that_mean_the_same_have_one_canonical_form(other: str) -> None:
    assert canonical(other) == canonical('{"a":12.5,"b":[{"x":null,"y":1}]}') == '{"a":12.5,"b":[{"x":null,"y":1}]}'
    assert canonical(other) != canonical('{"a":12.5,"b":[{"y":1}]}'), "null and absent are not the same"


def test_rows_without_a_key_are_told_apart_by_their_text_and_their_number() -> None:
    pairs = [("a", 1), ("b", 2), ("a", 3)]
    assert keyed(TRANSACTIONS, pairs) == {"a": 3, "b": 2}
    assert keyed(TABLES["items"], pairs) == {"a": 1, "b": 2, "a (2)": 3}
    assert keyed(TABLES["items"], pairs[::-1]) == {"a": 1, "b": 2, "a (2)": 3}, "in whatever order they come"


def test_a_shift_is_named_by_who_began_it_and_when() -> None:
    table = TABLES["clock_entries"]
    begun = {"employeeId": 7, "clockIn": "2026-03-20T06:00:00.000Z", "clockOut": None}
    ended = {**begun, "clockOut": "2026-03-20T14:00:00.000Z", "weekTotalRegularHours": 8}
    assert name_of(table, begun) == name_of(table, ended)
    assert name_of(table, begun) != name_of(table, {**begun, "employeeId": 8})
    assert name_of(table, {**begun, "clockIn": None}) != name_of(table, {**ended, "clockIn": None})
    assert name_of(TABLES["items"], begun) != name_of(TABLES["items"], ended)
    assert name_of(table, "text") == '"text"'


def test_every_name_is_of_fields_that_the_model_has() -> None:
    for table in TABLES.values():
        known = {api_name(table.record, field) for field in table.record.model_fields}
        assert set(table.named_by) <= known, table.name
        assert not table.named_by or api_name(table.record, table.moment or "") in table.named_by
        assert table.of_reply <= set(table.record.model_fields)
        assert table.joined is None or table.joined in table.record.model_fields


@pytest.mark.parametrize(
    ("code", "moment", "day"),
    [
        ("MAIN", datetime(2026, 3, 9, 4, 59, tzinfo=UTC), "2026-03-08"),
        ("MAIN", datetime(2026, 3, 9, 5, 0, tzinfo=UTC), "2026-03-09"),
        # Clocks go forward on 8 March: the day before, midnight was an hour later in UTC.
        ("MAIN", datetime(2026, 3, 8, 5, 59, tzinfo=UTC), "2026-03-07"),
        ("MAIN", datetime(2026, 3, 8, 6, 0, tzinfo=UTC), "2026-03-08"),
        ("", datetime(2026, 3, 9, 6, 59, tzinfo=UTC), "2026-03-08"),
        (None, datetime(2026, 3, 9, 7, 0, tzinfo=UTC), "2026-03-09"),
        ("NORTH", datetime(2026, 3, 9, 23, 59, tzinfo=UTC), "2026-03-09"),
    ],
)
def test_a_business_date_is_the_date_of_the_sites_calendar(code: str | None, moment: datetime, day: str) -> None:
    calendars = Calendars({"MAIN": ZoneInfo("America/Chicago"), "": ZoneInfo("America/Los_Angeles")})
    assert calendars.date(code, moment) == day


def test_sites_without_a_zone_have_the_default() -> None:
    calendars = Calendars({}, ZoneInfo("America/Chicago"))
    assert calendars.date("MAIN", datetime(2026, 3, 9, 4, tzinfo=UTC)) == "2026-03-08"
