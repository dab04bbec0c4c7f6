"""What a person decides about a dispute, without touching a file."""

from __future__ import annotations

from sonnys_data_client.archive.changes import ACCEPTED
from sonnys_data_client.archive.decision import decide
from sonnys_data_client.archive.evidence import Evidence
from sonnys_data_client.archive.losses import KnownPartition
from sonnys_data_client.archive.merge import MergedPartition, merge
from tests.archive.rig import CALENDARS, NOON, PARTITION, reading, rows

SOON = NOON - 18 * 86_400
NOTHING = KnownPartition(None, {}, [], [])


def after(merged: MergedPartition) -> KnownPartition:
    raws = {row.key: row.raw for row in merged.rows.rows}
    return KnownPartition(merged.evidence, raws, merged.rows.unparsed, merged.log)


def disputed(came: int = 20, *, sites: bool = False) -> KnownPartition:
    """A day of 40 rows and one in quarantine, of which so many came again."""
    bad = {**rows(1, first=99)[0], "total": "much"}
    others = [{**row, "locationCode": "EAST"} if sites and row["number"] > came else row for row in rows(40)]
    first = merge(PARTITION, NOTHING, reading([*others, bad], at=SOON), CALENDARS)
    second = merge(PARTITION, after(first), reading(rows(came), at=SOON + 5), CALENDARS)
    assert second.evidence.dispute is not None
    return after(second)


def decided(known: KnownPartition, *, accept: bool) -> MergedPartition:
    result = decide(PARTITION, known, CALENDARS, accept=accept, at=NOON)
    assert result is not None
    return result


def test_accepted_rows_leave_and_the_log_keeps_each_with_the_reason() -> None:
    before = disputed()
    result = decided(before, accept=True)
    assert len(result.rows.rows) == 20
    assert result.rows.unparsed == []
    assert len(result.changes) == 21
    assert {(change.field, change.after, change.version) for change in result.changes} == {(ACCEPTED, None, 3)}
    assert all(change.before for change in result.changes)
    evidence = result.evidence
    assert (evidence.rows, evidence.quarantined, evidence.total) == (20, 0, 20)
    assert (evidence.surplus, evidence.withheld, evidence.kept, evidence.dispute) == (0, 0, (), None)
    assert evidence.proved_first == SOON + 5, "these are the ids of the last reading"


def test_kept_rows_stay_and_are_not_disputed_again() -> None:
    result = decided(disputed(), accept=False)
    assert (len(result.rows.rows), len(result.rows.unparsed), result.changes) == (40, 1, [])
    evidence = result.evidence
    assert (evidence.total, evidence.surplus, evidence.withheld, len(evidence.kept)) == (41, -21, 21, 21)
    again = merge(PARTITION, after(result), reading(rows(20), at=SOON + 9), CALENDARS).evidence
    assert (again.dispute, again.rows, again.quarantined, again.surplus) == (None, 40, 1, -21)
    assert again.kept == evidence.kept
    back = merge(PARTITION, after(result), reading(rows(40), at=SOON + 9), CALENDARS).evidence
    assert (len(back.kept), back.surplus, back.total) == (1, -1, 41)


def test_a_small_accepted_loss_shows_what_is_usual_and_a_whole_site_or_half_a_day_does_not() -> None:
    assert decided(disputed(25), accept=True).evidence.accepted_loss == 16
    assert decided(disputed(20), accept=True).evidence.accepted_loss == 0
    assert decided(disputed(25, sites=True), accept=True).evidence.accepted_loss == 0
    assert decided(disputed(25), accept=False).evidence.accepted_loss == 0


def test_a_day_without_rows_is_accepted_as_it_is() -> None:
    empty = KnownPartition(Evidence(0, 0, 0, NOON, NOON, NOON, NOON), {}, [], [])
    assert decided(empty, accept=True).evidence.empty_accepted
    everything = decided(disputed(0), accept=True).evidence
    assert (everything.rows, everything.empty_accepted) == (0, True)


def test_nothing_is_decided_about_a_day_that_is_not_disputed() -> None:
    calm = after(merge(PARTITION, NOTHING, reading(rows(4)), CALENDARS))
    assert decide(PARTITION, calm, CALENDARS, accept=True, at=NOON) is None
    assert decide(PARTITION, NOTHING, CALENDARS, accept=True, at=NOON) is None
