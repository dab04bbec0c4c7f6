"""Customer records of members, washbook holders and fleets.

A record is deleted a year after its customer has left. So a site has the records of its members and washbook holders,
of those who left in the last year, and of its fleets. The caller says when a record was changed.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from random import Random

from .days import UTC_DAY_MS
from .dice import dice, pick
from .histories import Address, Customer
from .people import company_name, email_of, person_name, phone
from .sites import OPENED, Plant

FLEETS = 4
"""How many fleets wash on account at a site."""

KEPT_DAYS = 365
"""How long a record is kept after its customer has left."""

_FLEET_BASE = 200_000_000
_OPENED_MS = (OPENED - date(1970, 1, 1)).days * UTC_DAY_MS
_STREETS = "Alder Birch Cedar Dogwood Elm Fir Hazel Juniper Laurel Maple Oak Pine Spruce Walnut Willow".split()
_TOWNS = (("Brookfield", "IL"), ("Fairview", "TX"), ("Georgetown", "CO"), ("Madison", "NY"), ("Riverside", "CA"))


def customer(
    seed: int,
    id: str,
    name: str,
    site_id: int,
    *,
    created_ms: int,
    changed_ms: tuple[int, ...] = (),
    active_until_ms: int | None = None,
    kept_until_ms: int | None = None,
    company: str | None = None,
) -> Customer:
    """Return the record of a customer whose id and name are known. All else is drawn.

    Args:
        seed: The world's seed.
        id: The customer's id.
        name: First and last name.
        site_id: The site that made the record.
        created_ms: When the record was made.
        changed_ms: When it was changed, in order of time.
        active_until_ms: When the customer left; None for never.
        kept_until_ms: When the record is deleted; None for never.
        company: The company, for a fleet.
    """
    rng = dice(seed, "customer", id)
    first, _, last = name.partition(" ")
    allow_sms = rng.random() < 0.55
    return Customer(
        id=id,
        number=f"{int(rng.random() * 10**8):09}",
        first_name=first,
        last_name=last,
        company=company,
        loyalty_number=f"{int(rng.random() * 10**8):08}" if rng.random() < 0.3 else None,
        address=_address(rng) if rng.random() < 0.7 else Address(),
        phone=phone(rng),
        email=email_of(first, last) if rng.random() < 0.75 else None,
        birth_date=date(1950, 1, 1) + timedelta(days=int(rng.random() * 20_000)) if rng.random() < 0.3 else None,
        allow_sms=allow_sms,
        sms_since_ms=created_ms + int(rng.random() * 60_000) if allow_sms else None,
        created_ms=created_ms,
        changed_ms=changed_ms,
        active_until_ms=active_until_ms,
        kept_until_ms=kept_until_ms,
        site_id=site_id,
    )


@lru_cache(maxsize=1024)
def fleets_of(seed: int, plant: Plant) -> tuple[Customer, ...]:
    """Return the fleets that wash on account at a site."""
    return tuple(_fleet(seed, plant, number) for number in range(FLEETS))


def _fleet(seed: int, plant: Plant, number: int) -> Customer:
    rng = dice(seed, "fleet", plant.site.id, number)
    return customer(
        seed,
        f"{_FLEET_BASE + number + 1}:{plant.site.id}",
        person_name(int(rng.random() * 2**20)),
        plant.site.id,
        created_ms=_OPENED_MS + int(rng.random() * 300 * UTC_DAY_MS),
        company=company_name(rng),
    )


def _address(rng: Random) -> Address:
    town, state = pick(_TOWNS, rng.random())
    street = f"{1 + int(rng.random() * 9_000)} {pick(_STREETS, rng.random())} Street"
    return Address(street, None, town, state, "US", f"{10_000 + int(rng.random() * 89_999)}")
