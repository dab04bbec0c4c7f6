"""Shifts: an employee is always there, and clock entries come in versions."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from statistics import mean

import pytest

from sonnys_data_client.sandbox.world import ClockEntry, WorldConfig
from sonnys_data_client.sandbox.world.days import LocalDay
from sonnys_data_client.sandbox.world.rota import Duty, employees_of, entries_of, shifts_of
from sonnys_data_client.sandbox.world.sites import found_plants

PLANT = found_plants(WorldConfig())[0]
STAFF = employees_of(1, PLANT)
DAYS = [LocalDay.of(date(2026, 3, 1) + timedelta(days=n), PLANT.zone) for n in range(120)]
ENTRIES = [entry for day in DAYS for entry in entries_of(1, PLANT, day, STAFF)]


def last_versions() -> list[ClockEntry]:
    return list({(entry.employee_id, entry.clock_in_ms): entry for entry in ENTRIES}.values())


@pytest.mark.parametrize("cars_per_day", [1, 60, 311, 2000])
def test_somebody_is_at_work_in_every_hour(cars_per_day: int) -> None:
    plant = found_plants(WorldConfig(cars_per_day=cars_per_day))[0]
    for day in DAYS:
        duty = Duty(1, plant, day)
        shifts = shifts_of(1, plant, day.on)
        for minute in range(7 * 60, 20 * 60 + 30):
            names = duty.names(day.at_ms(7) + (minute - 420) * 60_000)
            present = {plant.staff[shift.place] for shift in shifts if shift.start <= minute < shift.end}
            assert names
            assert set(names) <= present


def test_nobody_works_two_shifts_a_day() -> None:
    for day in DAYS:
        places = [shift.place for shift in shifts_of(1, PLANT, day.on)]
        assert len(places) == len(set(places))


def test_a_typical_site_has_eight_shifts_of_five_hours() -> None:
    shifts = [shift for day in DAYS for shift in shifts_of(1, PLANT, day.on)]
    assert len(shifts) / len(DAYS) == pytest.approx(8, abs=1)
    assert mean(shift.end - shift.start for shift in shifts) / 60 == pytest.approx(5, abs=0.5)


def test_one_entry_in_nine_is_corrected_and_some_stay_open_for_a_while() -> None:
    last = last_versions()
    assert sum(entry.modified_ms is not None for entry in last) / len(last) == pytest.approx(1 / 9, abs=0.03)
    assert all(entry.clock_out_ms is not None for entry in last)
    assert any(entry.made_in_office for entry in last)
    finished = [e for e in ENTRIES if e.clock_out_ms is not None and e.modified_ms is not None]
    forgotten = [e for e in finished if not known_before(e)]
    assert forgotten
    for entry in last:
        assert entry.modified_ms is None or entry.modified_ms == int(entry.visible_from * 1000)


def known_before(entry: ClockEntry) -> bool:
    """Whether an earlier version had an end."""
    same = (e for e in ENTRIES if (e.employee_id, e.clock_in_ms) == (entry.employee_id, entry.clock_in_ms))
    return any(e.clock_out_ms is not None and e.visible_from < entry.visible_from for e in same)


def test_versions_are_known_in_order_and_not_before_they_can_be() -> None:
    for entry in ENTRIES:
        assert entry.visible_from * 1000 >= entry.clock_in_ms
    versions = Counter((entry.employee_id, entry.clock_in_ms) for entry in ENTRIES)
    assert set(versions.values()) == {1, 2, 3}


def test_rates_are_those_of_the_trade_and_a_salary_has_no_overtime() -> None:
    assert {who.rate_cents == 0 for who in STAFF} == {True, False}
    assert all(who.rate_cents == 0 or 1500 <= who.rate_cents <= 2000 for who in STAFF)
    for entry in last_versions():
        regular, overtime = entry.minutes
        assert regular + overtime == ((entry.clock_out_ms or 0) - entry.clock_in_ms) // 60_000
        assert overtime == 0 or (regular == 480 and entry.rate_cents)


def test_employees_are_the_staff_in_order() -> None:
    assert [who.name for who in STAFF] == list(PLANT.staff)
    assert [who.id for who in STAFF] == list(range(101, 113))
    assert {who.start_changed is None for who in STAFF} == {True, False}
