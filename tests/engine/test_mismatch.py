"""Which replies are held to answer another question, and which say nothing against it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sonnys_data_client.engine.mismatch import check_hash, check_id, check_page, check_times
from sonnys_data_client.engine.windows import DAY_S, Window
from sonnys_data_client.engine.wire import Request
from sonnys_data_client.errors import MismatchError

REQUEST = Request("GET", "/transaction")
WINDOW = Window(1_794_268_800, 1_794_355_200, "MAIN")  # 10 November 2026


@pytest.mark.parametrize("answered", ["5", 5, " 5 ", "05", Decimal("5.0"), None, "", True, [5], {"id": 5}])
def test_the_same_id_in_any_spelling_and_none_at_all_is_no_mismatch(answered: Any) -> None:
    check_id(REQUEST, "id", 5, {"id": answered})
    check_id(REQUEST, "id", "5", {"id": answered})
    check_page(REQUEST, 5, {"offset": answered})
    check_id(REQUEST, "id", 5, {})


@pytest.mark.parametrize("answered", ["6", 6, 0, -5, "5:1", "x1", Decimal(6)])
def test_another_id_is_an_error_that_names_both(answered: Any) -> None:
    with pytest.raises(MismatchError) as caught:
        check_id(REQUEST, "employeeId", 5, {"employeeId": answered})
    assert (caught.value.asked, caught.value.answered) == ("employeeId 5", f"employeeId {answered}")
    assert str(caught.value) == (
        "GET /transaction: the reply is not what the API promises: asked for employeeId 5, it answers for employeeId "
        f"{answered}."
    )


@pytest.mark.parametrize("answered", ["Jane", "Jane Doe 5", "7" * 10_000, "7ABC\n123"])
def test_what_does_not_look_like_an_id_is_not_shown(answered: str) -> None:
    with pytest.raises(MismatchError, match="it answers for id something else"):
        check_id(REQUEST, "id", 5, {"id": answered})


def test_a_part_of_a_number_is_another_id() -> None:
    with pytest.raises(MismatchError):
        check_id(REQUEST, "id", 4, {"id": Decimal("4.5")})


def test_hashes_are_compared_letter_by_letter() -> None:
    check_hash(REQUEST, "ab12", {"hash": "ab12"})
    check_hash(REQUEST, "", {"hash": None})
    with pytest.raises(MismatchError, match="asked for hash ab12, it answers for hash AB12"):
        check_hash(REQUEST, "ab12", {"hash": "AB12"})


def row(second: float) -> dict[str, Any]:
    return {"id": "1:1", "completeDate": (datetime.fromtimestamp(0, UTC) + timedelta(seconds=second)).isoformat()}


@pytest.mark.parametrize("second", [WINDOW.start - DAY_S, WINDOW.start, WINDOW.stop, WINDOW.stop + DAY_S])
def test_rows_up_to_a_day_outside_are_the_servers_to_decide(second: int) -> None:
    check_times(REQUEST, WINDOW, [row(second)])


@pytest.mark.parametrize("second", [WINDOW.start - DAY_S - 1, WINDOW.stop + DAY_S + 1])
def test_rows_further_outside_are_another_windows(second: int) -> None:
    with pytest.raises(MismatchError) as caught:
        check_times(REQUEST, WINDOW, [row(WINDOW.start), row(second)])
    assert caught.value.asked == "rows from 2026-11-10 00:00:00Z to 2026-11-11 00:00:00Z at site MAIN"
    assert caught.value.answered in {"a row of 2026-11-08", "a row of 2026-11-12"}


@pytest.mark.parametrize("date", ["0001-01-01T00:00:00.000Z", "9999-12-31", "", None, "soon", 5])
def test_a_row_without_a_believable_time_says_nothing(date: Any) -> None:
    check_times(REQUEST, WINDOW, [{"completeDate": date}, {}, "text", None])
