"""The shifts of a site's day, their clock entries, and the employees.

```text
 early   5:40 - 6:50  for 3.5 to 4.5 hours      until past nine
 mid     before 9     for 5 to 6 hours          until past a quarter to two
 late    before 1 pm  until after half past eight
 noon    1 - 2 pm     for 4 to 5 hours
```

The shifts overlap, so that an employee is at work in every hour that the site is open. A ticket's cashier and greeter
are always at work at the time. One entry in nine is corrected later, and a few stay open until somebody notices.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from .days import LocalDay
from .dice import between, dice, draws, pick
from .histories import ClockEntry, Employee
from .people import email_of, phone
from .sites import OPENED, Plant

OPENING_MINUTE = 7 * 60
CLOSING_MINUTE = 20 * 60 + 30
_SLOT_MINUTES = 60
_CARS_PER_SHIFT = 39
_MINUTE_MS = 60_000
_HOUR_S = 3600.0
_LATE = (12 * 60 + 40, 13 * 60)
# Each is the earliest and latest start, and the shortest and longest duration, in minutes. Filled in this order.
_SHIFTS = (
    ((340, 410), (210, 270)),
    ((520, 538), (300, 360)),
    (_LATE, (470, 500)),
    ((780, 840), (240, 300)),
    ((340, 410), (210, 270)),
    ((520, 538), (300, 360)),
    ((780, 840), (240, 300)),
    ((340, 410), (210, 270)),
)
_COVERED_BY = 3
_EDITED_SHARE = 1 / 9
_FORGOTTEN_SHARE = 0.02
_IN_OFFICE_SHARE = 0.02
_PER_SITE_MAX = 100
_SALARIED_PLACE = 0
_ROTAS_CACHED = 512


@dataclass(frozen=True, slots=True)
class Shift:
    """One person's working time on a local day, in minutes since local midnight.

    Attributes:
        place: Position in the site's staff.
        start: First minute.
        end: The minute after the last.
    """

    place: int
    start: int
    end: int


@lru_cache(maxsize=_ROTAS_CACHED)
def shifts_of(seed: int, plant: Plant, day: date) -> tuple[Shift, ...]:
    """Return the shifts of a site's local day."""
    rng = dice(seed, "rota", plant.site.id, day.toordinal())
    count = max(_COVERED_BY, min(round(plant.cars_per_day / _CARS_PER_SHIFT), len(plant.staff)))
    free = list(range(len(plant.staff)))
    found: list[Shift] = []
    for number in range(count):
        starts, lengths = _SHIFTS[number % len(_SHIFTS)]
        start = int(between(*starts, rng.random()))
        place = free.pop(int(rng.random() * len(free)))
        found.append(Shift(place, start, start + int(between(*lengths, rng.random()))))
    return tuple(found)


class Duty:
    """Who is at work at any moment of a site's day.

    Args:
        seed: The world's seed.
        plant: The site.
        day: The local day.
    """

    def __init__(self, seed: int, plant: Plant, day: LocalDay) -> None:
        shifts = shifts_of(seed, plant, day.on)
        self._open_ms = day.at_ms(7)
        self._slots = [
            [plant.staff[shift.place] for shift in shifts if shift.start <= first and shift.end >= last]
            for first, last in _slots()
        ]

    def names(self, at_ms: int) -> Sequence[str]:
        """Return the employees at work during the hour of an instant.

        Before opening, during the first hour.
        """
        slot = (at_ms - self._open_ms) // (_SLOT_MINUTES * _MINUTE_MS)
        return self._slots[max(0, min(slot, len(self._slots) - 1))]


def _slots() -> Iterable[tuple[int, int]]:
    for first in range(OPENING_MINUTE, CLOSING_MINUTE, _SLOT_MINUTES):
        yield first, min(first + _SLOT_MINUTES, CLOSING_MINUTE)


def employees_of(seed: int, plant: Plant) -> tuple[Employee, ...]:
    """Return the employees with the names of a site's staff, in the same order."""
    return tuple(_employee(seed, plant, place) for place in range(len(plant.staff)))


def _employee(seed: int, plant: Plant, place: int) -> Employee:
    rng = dice(seed, "employee", plant.site.id, place)
    first, _, last = plant.staff[place].partition(" ")
    started = OPENED + timedelta(days=int(rng.random() * 300))
    is_corrected = rng.random() < 0.25
    return Employee(
        id=plant.site.id * _PER_SITE_MAX + place + 1,
        first_name=first,
        last_name=last,
        site_id=plant.site.id,
        site_code=plant.site.code,
        started=started,
        start_changed=started + timedelta(days=7) if is_corrected else None,
        phone=phone(rng) if rng.random() < 0.9 else None,
        email=email_of(first, last) if rng.random() < 0.6 else None,
        adp_id="" if place == len(plant.staff) - 1 else f"FZ{int(rng.random() * 16**8):08X}",
        rate_cents=0 if place == _SALARIED_PLACE else pick(range(1500, 2025, 25), rng.random()),
    )


def entries_of(seed: int, plant: Plant, day: LocalDay, staff: Sequence[Employee]) -> list[ClockEntry]:
    """Return all versions of a site's clock entries on a local day.

    They are in the order of clocking in.
    """
    found = [
        version
        for shift in shifts_of(seed, plant, day.on)
        for version in _versions(seed, day, shift, staff[shift.place])
    ]
    return sorted(found, key=lambda entry: (entry.clock_in_ms, entry.employee_id, entry.visible_from))


def _versions(seed: int, day: LocalDay, shift: Shift, who: Employee) -> Iterable[ClockEntry]:
    fate, office, wait, slip = draws(4, seed, "clock", who.id, day.on.toordinal())
    in_ms = day.at_ms(shift.start // 60, shift.start % 60)
    out_ms = in_ms + (shift.end - shift.start) * _MINUTE_MS

    def version(out: int | None, known: float, *, modified: bool = False, by_office: bool = False) -> ClockEntry:
        modified_ms = int(known * 1000) if modified else None
        return ClockEntry(who.id, who.site_code, in_ms, out, who.rate_cents, modified_ms, by_office, known)

    corrected_at = out_ms / 1000 + between(2 * _HOUR_S, 60 * _HOUR_S, wait)
    if office < _IN_OFFICE_SHARE:
        # The employee did not clock in, and the office enters the shift afterwards.
        yield version(out_ms, corrected_at, by_office=True)
        return
    yield version(None, in_ms / 1000)
    if fate < _FORGOTTEN_SHARE:
        yield version(out_ms, corrected_at, modified=True)
        return
    if fate < _EDITED_SHARE:
        yield version(out_ms + int(between(-40, 40, slip)) * _MINUTE_MS, out_ms / 1000)
        yield version(out_ms, corrected_at, modified=True)
        return
    yield version(out_ms, out_ms / 1000)
