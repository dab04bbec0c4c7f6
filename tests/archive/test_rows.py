"""Nothing of the API's rows is lost, and no row costs another anything."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonnys_data_client.archive.rows import Calendars, encode_rows, raw_text, read_text
from sonnys_data_client.archive.tables import TRANSACTIONS
from tests.archive.rig import CALENDARS, rows, texts
from tests.types.rows import PRIVATE, job_row

_SCALARS = st.none() | st.booleans() | st.integers() | st.text() | st.decimals(places=2, min_value=-1e9, max_value=1e9)
_JSON = st.recursive(_SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


def lines(*raw: Any) -> list[dict[str, Any]]:
    """The lines that rows become, decoded; all must fit."""
    batch = encode_rows(TRANSACTIONS, texts(raw), CALENDARS)
    assert not batch.unparsed
    return [json.loads(line.json) for line in batch.rows]


@given(_JSON)
def test_a_raw_row_comes_back_as_it_was(row: Any) -> None:
    assert read_text(raw_text(row)) == row


def test_a_number_that_no_double_holds_keeps_its_digits_as_text() -> None:
    assert read_text(raw_text({"total": Decimal("12.1")})) == {"total": Decimal("12.1")}
    assert read_text(raw_text({"total": Decimal("0.1234567890123456789")})) == {"total": "0.1234567890123456789"}


def test_what_no_reply_can_hold_is_refused() -> None:
    with pytest.raises(TypeError, match="set"):
        raw_text({1, 2})


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


def test_rows_that_do_not_fit_are_kept_raw_and_cost_no_other_row_anything() -> None:
    good, bad = rows(3), job_row(total="abc")
    batch = encode_rows(TRANSACTIONS, texts([good[0], bad, "no row", good[1], good[2]]), CALENDARS)
    assert [line.raw for line in batch.rows] == texts(good)
    assert [misfit.raw for misfit in batch.unparsed] == texts([bad, "no row"])
    assert "total" in batch.unparsed[0].reason
    assert not any(word in misfit.reason for misfit in batch.unparsed for word in (*PRIVATE, "abc"))


def test_text_that_is_no_unicode_goes_to_quarantine() -> None:
    batch = encode_rows(TRANSACTIONS, texts([job_row(customerName="\ud800"), *rows(1)]), CALENDARS)
    assert len(batch.rows) == 1
    assert [misfit.reason for misfit in batch.unparsed] == ["text that is not Unicode"]
    assert read_text(batch.unparsed[0].raw)["customerName"] == "\ud800"


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
