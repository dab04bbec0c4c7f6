"""Rows in order, and none lost to an error."""

from __future__ import annotations

from typing import Any

import pytest

from sonnys_data_client.client.loading import attach_rows, in_order
from sonnys_data_client.errors import APIConnectionError, IncompleteError, RowError, SonnysError, ValidationError


def row(id: str, at: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "completeDate": f"2026-11-22T{at}.000Z", "total": 10, **more}


ROWS = [row("3:1", "12:00:00"), row("1:1", "12:00:01"), row("2:1", "12:00:00")]
BAD = row("4:1", "13:00:00", total="abc")


def connection_error() -> APIConnectionError:
    return APIConnectionError("broke", method="GET", path="/p")


def test_rows_are_sorted_by_time_then_id() -> None:
    assert [found.id for found in in_order(ROWS)] == ["2:1", "3:1", "1:1"]
    with pytest.raises(RowError):
        in_order([*ROWS, BAD])


@pytest.mark.parametrize("error", [connection_error(), IncompleteError("x", gaps=["y"])])
def test_an_error_takes_the_rows_with_it_as_models_and_without_misfits(error: SonnysError) -> None:
    def load() -> None:
        raw: list[Any] = []
        with attach_rows(raw):
            raw.extend([ROWS[0], BAD, ROWS[1]])
            raise error

    with pytest.raises(type(error)) as caught:
        load()
    assert caught.value is error
    assert [found.id for found in caught.value.rows] == ["3:1", "1:1"]  # type: ignore[attr-defined]


def test_a_row_error_keeps_its_own_rows() -> None:
    mine = RowError("x", rows=["good"], bad=[("raw", "why")], method="GET", path="/p")
    with pytest.raises(RowError) as caught, attach_rows(ROWS):
        raise mine
    assert caught.value.rows == ["good"]


def test_other_errors_pass_untouched() -> None:
    with pytest.raises(ValidationError, match="bad argument"), attach_rows(ROWS):
        raise ValidationError("bad argument")
