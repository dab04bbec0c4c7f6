"""Recurring accounts: modifications in both spellings, and unknown statuses."""

from __future__ import annotations

import pytest

from sonnys_data_client.types import Modification, ModificationType, RecurringListItem, RecurringStatus, StatusChange
from sonnys_data_client.types import parse_one as parse
from tests.types.rows import WHERE

SPEC = {"modificationType": "Tag Removed", "modificationDate": "2025-01-01 13:15:15", "modificationComment": "Why."}
LIVE = {"name": "Tag Removed", "date": "2025-01-01 13:15:15", "comment": "Why."}


@pytest.mark.parametrize("raw", [SPEC, LIVE])
def test_a_modification_in_either_spelling(raw: dict[str, str]) -> None:
    change = parse(Modification, raw, **WHERE)
    assert change == parse(Modification, SPEC, **WHERE)
    assert change.modification_type is ModificationType.TAG_REMOVED
    assert change.to_api() == {**SPEC, "modificationDate": "2025-01-01T13:15:15.000Z"}


def test_the_number_and_the_word_of_a_status_are_two_fields() -> None:
    row = parse(RecurringListItem, {"id": "1:1", "status": "7", "statusName": "Cancelled"}, **WHERE)
    assert (row.status, row.status_name) == (7, RecurringStatus.CANCELLED)


def test_an_unknown_status_stays_as_it_came() -> None:
    raw = {"washbook_account_id": "1:1", "status_date": "2020-05-19T08:45:00.000Z", "new_status": "Dormant"}
    row = parse(StatusChange, raw, **WHERE)
    assert row.new_status == "Dormant"
    assert not isinstance(row.new_status, RecurringStatus)
    assert row.to_api() == raw
