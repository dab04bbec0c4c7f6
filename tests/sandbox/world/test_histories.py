"""What a record with its whole history tells about a time."""

from __future__ import annotations

from dataclasses import replace

from sonnys_data_client.sandbox.world.histories import UNLIMITED, exists, latest_ms
from tests.sandbox.records import ANN, BOB, BOOK, CARD, JOINED, KIM, LEE, NOW_ON, PASS, PAUSED, SHIFT
from tests.sandbox.rig import DAY, TODAY, YESTERDAY


def test_an_instant_counts_from_its_own_moment_on() -> None:
    assert latest_ms((), 5.0) is None
    assert [latest_ms((1000, 2000), moment) for moment in (0.999, 1.0, 1.5, 2.0, 9.0)] == [None, 1000, 1000, 2000, 2000]
    assert [exists(1000, 2000, moment) for moment in (0.999, 1.0, 1.999, 2.0)] == [False, True, True, False]
    assert exists(1000, None, 1e9)


def test_a_customer_changes_and_leaves() -> None:
    assert ANN.modified_ms(TODAY) is None
    assert BOB.modified_ms(YESTERDAY - 1) == (JOINED + 10 * DAY) * 1000
    assert BOB.modified_ms(TODAY) == YESTERDAY * 1000
    assert (BOB.is_active(YESTERDAY - 1), BOB.is_active(YESTERDAY), ANN.is_active(9e9)) == (True, False, True)
    forgotten = replace(BOB, kept_until_ms=TODAY * 1000)
    assert [forgotten.is_known(moment) for moment in (JOINED - 1, JOINED, TODAY - 1, TODAY)] == [
        False,
        True,
        True,
        False,
    ]


def test_a_washbook_is_used_up_and_a_pass_never_is() -> None:
    assert [BOOK.balance(moment) for moment in (JOINED, JOINED + DAY, TODAY)] == [5, 4, 3]
    assert PASS.balance(9e9) == UNLIMITED
    assert not replace(BOOK, size=2).is_active(TODAY)
    assert replace(BOOK, size=2).is_active(YESTERDAY - 1)


def test_a_gift_card_is_spent_by_and_by() -> None:
    assert [CARD.used_cents(moment) for moment in (YESTERDAY, YESTERDAY + 60, TODAY + DAY)] == [0, 1605, 2105]


def test_a_plate_is_shown_until_it_changes() -> None:
    old, new = PAUSED.vehicles
    assert [(old.is_known(moment), new.is_known(moment)) for moment in (JOINED, YESTERDAY)] == [
        (True, False),
        (False, True),
    ]


def test_hours_beyond_eight_are_overtime_unless_there_is_a_salary() -> None:
    assert SHIFT.minutes == (480, 60)
    assert replace(SHIFT, rate_cents=0).minutes == (540, 0)
    assert NOW_ON.minutes == (0, 0)
    assert (KIM.name, LEE.name) == ("Kim Kline", "Lee Lowe")
