"""Records of customers."""

from __future__ import annotations

import re

from sonnys_data_client.sandbox.world import WorldConfig
from sonnys_data_client.sandbox.world.customers import FLEETS, customer, fleets_of
from sonnys_data_client.sandbox.world.sites import found_plants

PLANTS = found_plants(WorldConfig(sites=3))
PEOPLE = [customer(1, f"{n}:1", "Mary O'Brien", 1, created_ms=n) for n in range(400)]


def test_a_record_is_the_same_whenever_it_is_asked_for() -> None:
    assert PEOPLE[7] == customer(1, "7:1", "Mary O'Brien", 1, created_ms=7)
    assert PEOPLE[7].number != PEOPLE[8].number
    assert customer(2, "7:1", "Mary O'Brien", 1, created_ms=7) != PEOPLE[7]


def test_names_and_addresses_are_as_they_should_be() -> None:
    for each in PEOPLE:
        assert (each.first_name, each.last_name) == ("Mary", "O'Brien")
        assert re.fullmatch(r"\d{10}", each.phone)
        assert each.email in {None, "mary.obrien@example.com"}
        assert re.fullmatch(r"\d{5}", each.address.postal_code or "00000")
        assert (each.address.street is None) == (each.address.country is None)


def test_what_may_be_missing_is_missing_at_times() -> None:
    for field in ("loyalty_number", "email", "birth_date", "sms_since_ms"):
        assert {getattr(each, field) is None for each in PEOPLE} == {True, False}
    assert all((each.sms_since_ms is not None) == each.allow_sms for each in PEOPLE)


def test_every_site_has_its_fleets() -> None:
    fleets = [fleet for plant in PLANTS for fleet in fleets_of(1, plant)]
    assert len({fleet.id for fleet in fleets}) == FLEETS * len(PLANTS) == len(fleets)
    assert all(fleet.company and fleet.is_active(9e9) and fleet.modified_ms(9e9) is None for fleet in fleets)
    assert [fleet.site_id for fleet in fleets_of(1, PLANTS[2])] == [3] * FLEETS
