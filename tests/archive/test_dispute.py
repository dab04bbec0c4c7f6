"""Which readings are disputed: the rule, on numbers alone."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from sonnys_data_client.archive.dispute import ROWS_MIN, Dispute, Loss, LossLimits, digest, why_disputed
from sonnys_data_client.archive.tables import TABLES, TRANSACTIONS

LIMITS = LossLimits(rows=10, share=0.02, snapshot_share=0.2)


def why(held: int, lost: int, *, table: str = "transactions", **more: Any) -> str:
    return why_disputed(TABLES[table], Loss(held, held - lost, lost, **more), LIMITS)


@pytest.mark.parametrize(
    ("held", "lost", "disputed"),
    [(120, 10, False), (120, 11, True), (1000, 20, False), (1000, 21, True), (11, 10, False)],
)
def test_a_day_may_lose_a_number_or_a_share_of_its_rows(held: int, lost: int, disputed: bool) -> None:
    assert bool(why(held, lost)) is disputed


def test_what_left_in_earlier_readings_counts() -> None:
    assert why(112, 2, withdrawn=8) == ""
    assert why(112, 3, withdrawn=8) == "3 rows did not come again, after 8 in earlier readings"


def test_a_day_that_comes_back_empty_is_disputed_unless_a_late_edit_may_have_taken_all() -> None:
    assert why(ROWS_MIN, ROWS_MIN) == "no row came"
    assert why(ROWS_MIN - 1, ROWS_MIN - 1) == ""


def test_a_snapshot_that_comes_back_empty_is_disputed_even_if_it_had_one_row() -> None:
    assert why(1, 1, table="customers") == "no row came"
    assert why(100, 20, table="customers") == ""
    assert why(100, 21, table="customers") == "21 rows did not come again"


def test_no_site_leaves_the_site_list_without_a_person() -> None:
    assert why(40, 1, table="sites") == "1 row did not come again"


def test_a_whole_site_does_not_leave_a_day() -> None:
    assert why(900, 3, lost_of={"WEST": 3}, sites_came={"MAIN"}) == "no row of the site WEST came"
    assert why(900, 3, lost_of={"WEST": 3}, sites_came={"west "}) == "", "codes are compared as everywhere"
    assert why(900, 2, lost_of={"WEST": 2}, sites_came={"MAIN"}) == "", "a late edit may take one or two rows"
    said = why(900, 8, lost_of={"WEST": 4, "": 4}, sites_came={"MAIN"})
    assert said == "no row of the sites (the one without a code), WEST came"


def test_not_even_one_row_leaves_with_a_site_that_left_the_site_list() -> None:
    assert why(900, 1, lost_of={"WEST": 1}, sites_came={"MAIN"}, listed={"main"}) == "no row of the site WEST came"
    assert why(900, 1, lost_of={"WEST": 1}, sites_came={"MAIN"}, listed={"main", "west"}) == ""
    assert why(900, 1, lost_of={"": 1}, sites_came={"MAIN"}, listed={"main"}) == "", "no list has rows without a code"


def test_what_a_person_accepted_before_is_not_disputed_again() -> None:
    assert LIMITS.learnt([]) == LIMITS
    assert LIMITS.learnt([0, 3]) == LIMITS
    assert LIMITS.learnt([4, 15]).most(TRANSACTIONS, 100) == 15


def test_a_dispute_survives_being_written() -> None:
    dispute = Dispute("no row came", 120, 0, 7.5, ("a", "b"), of_sites=True)
    assert Dispute.from_json({**asdict(dispute), "lacking": ["a", "b"], "of a later version": 1}) == dispute
    assert str(dispute) == "no row came: 0 rows came, and the archive has 120"


def test_a_dispute_ends_with_the_last_row_that_came_again() -> None:
    dispute = Dispute("why", 4, 2, 7.5, ("a", "b"))
    left = dispute.without({"a", "z"})
    assert left is not None
    assert left.lacking == ("b",)
    assert left.without({"b"}) is None


def test_digests_tell_keys_apart_and_do_not_show_them() -> None:
    assert digest("12:3") == digest("12:3") != digest("12:4")
    assert len(digest("x" * 10_000)) == 16
