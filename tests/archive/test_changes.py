"""Differences between two readings, and texts that differ but mean the same."""

from __future__ import annotations

import json
from typing import Any

from sonnys_data_client.archive.changes import ACCEPTED, ROW, Change, differences, withdrawn
from sonnys_data_client.archive.tables import TRANSACTIONS
from sonnys_data_client.engine.rows import encode
from tests.types.rows import job_row


def changes(before: dict[str, Any] | None, after: dict[str, Any] | None) -> list[tuple[str, Any, Any]]:
    """Return the differences between two versions of a row: field, before, after."""

    def known(row: dict[str, Any] | None) -> dict[str, str]:
        return {} if row is None else {"1:1": encode(row)}

    found = list(differences(TRANSACTIONS, known(before), known(after), seen_at=5.0, version=2))
    assert all((change.id, change.seen_at, change.version) == ("1:1", 5.0, 2) for change in found)
    return [(change.field, _read(change.before), _read(change.after)) for change in found]


def _read(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def test_each_field_that_differs_is_named_with_both_values() -> None:
    assert changes(job_row(), job_row(transactionStatus="Voided", total=0)) == [
        ("total", "21.36", "0.00"),
        ("transaction_status", "Completed", "Voided"),
    ]


def test_a_change_inside_a_list_is_a_change_of_the_list() -> None:
    ((field, before, after),) = changes(job_row(), job_row(tenders=[]))
    assert (field, len(before), after) == ("tenders", 1, [])


def test_other_spellings_of_the_same_are_no_change() -> None:
    assert changes(job_row(customerName=""), job_row(customerName=None, total="21.36")) == []


def test_unknown_fields_are_compared_too() -> None:
    assert changes(job_row(waterLitres=1), job_row(waterLitres=2)) == [("waterLitres", 1, 2)]


def test_a_row_that_was_added_or_withdrawn_is_kept_whole() -> None:
    row = json.loads(encode(job_row()))
    assert changes(None, job_row()) == [(ROW, None, row)]
    assert changes(job_row(), None) == [(ROW, row, None)]


def test_rows_that_cannot_be_parsed_are_compared_as_they_are() -> None:
    odd = job_row(total="abc")
    assert changes(odd, {**odd, "total": "abd"}) == [("total", "abc", "abd")]


def test_no_difference_is_no_change() -> None:
    assert changes(job_row(), job_row()) == []
    assert list(differences(TRANSACTIONS, {}, {}, seen_at=0.0, version=1)) == []
    assert Change("1", "total", None, None, 0.0, 1).field == "total"


def test_a_row_that_came_again_or_was_let_go_of_after_that_is_not_withdrawn() -> None:
    def entry(id: str, field: str, before: str | None, after: str | None) -> Change:
        return Change(id, field, before, after, 0.0, 1)

    left, back = entry("a", ROW, "{}", None), entry("a", ROW, None, "{}")
    assert withdrawn([left], ()) == 1
    assert withdrawn([left], {"a"}) == 0
    assert withdrawn([left, back], ()) == 0
    assert withdrawn([left, back, entry("a", ACCEPTED, "{}", None)], ()) == 0
    assert withdrawn([left, back, left], ()) == 1
