"""A recurring account is asked about a moment."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sonnys_data_client.sandbox.world import MODIFICATIONS, STATUSES
from tests.sandbox.records import GONE, JOINED, PAUSED
from tests.sandbox.rig import DAY, TODAY, YESTERDAY


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def test_the_status_is_that_of_the_last_change() -> None:
    moments = (JOINED, YESTERDAY - 1, YESTERDAY, TODAY + 9 * DAY)
    assert [PAUSED.status(moment) for moment in moments] == ["Active", "Active", "Suspended", "Active"]
    assert [len(PAUSED.changes(moment)) for moment in moments] == [0, 0, 1, 2]
    assert GONE.cancelled_ms(JOINED + 9 * DAY) is None
    assert GONE.cancelled_ms(TODAY) == (JOINED + 10 * DAY) * 1000


def test_it_is_known_from_its_sale_until_it_is_deleted() -> None:
    sold = PAUSED.signed_up_ms / 1000
    assert (PAUSED.is_known(sold - 1), PAUSED.is_known(sold), PAUSED.is_known(9e9)) == (False, True, True)


def test_bills_follow_the_local_calendar_after_the_night() -> None:
    # 14 November in Chicago: the run is over at four in the morning, 10:00 UTC.
    assert PAUSED.months_billed(at("2026-11-14T09:59")) == 0
    assert PAUSED.months_billed(at("2026-11-14T10:00")) == 1
    assert PAUSED.last_billed(at("2026-11-13T12:00")) is None
    assert PAUSED.next_billed(at("2026-11-13T12:00")) == date(2026, 11, 14)
    assert PAUSED.last_billed(at("2026-12-31T12:00")) == date(2026, 12, 14)
    assert PAUSED.next_billed(at("2026-12-31T12:00")) == date(2027, 1, 14)


def test_no_more_is_billed_than_was_paid_for() -> None:
    assert PAUSED.months_billed(at("2030-01-01T12:00")) == PAUSED.life_months - 1
    assert PAUSED.months_billed(at("2026-10-14T12:00")) == 0


def test_words_have_the_contracts_numbers() -> None:
    assert [STATUSES.index(word) + 1 for word in ("Active", "Suspended", "Cancelled", "Unknown error")] == [1, 5, 7, 15]
    assert [MODIFICATIONS.index(word) + 1 for word in ("Tag Added", "Account Status Changed")] == [1, 7]
