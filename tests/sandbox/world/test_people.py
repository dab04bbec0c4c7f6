"""Names, plates and cards."""

from __future__ import annotations

import re

from sonnys_data_client.sandbox.world.dice import dice, key_bits
from sonnys_data_client.sandbox.world.people import card, passing_card, person_name, plate, staff


def test_people_are_many() -> None:
    bits = [key_bits("person", n, size=16) for n in range(2000)]
    assert len({person_name(each) for each in bits}) > 1500
    assert len({plate(each) for each in bits}) > 1990


def test_plates_look_like_plates() -> None:
    plates = [plate(key_bits("plate", n)) for n in range(500)]
    assert all(re.fullmatch(r"[A-Z]{3}\d{4}", each) for each in plates)


def test_cards_outlast_the_year_they_are_used_in() -> None:
    rng = dice("cards")
    for _ in range(500):
        each = passing_card(rng, 2026)
        assert re.fullmatch(r"\d{4}", each.last_four)
        assert "2027-01" <= each.expiry <= "2030-12"
        assert re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", each.expiry)


def test_a_debit_card_says_so_twice() -> None:
    assert (card(0.99, 0, 2026).tender, card(0.99, 0, 2026).sub_type) == ("Debit", "Debit")
    assert (card(0.0, 0, 2026).tender, card(0.0, 0, 2026).sub_type) == ("Credit", "Visa")


def test_a_site_keeps_its_staff() -> None:
    assert staff(1, 2) == staff(1, 2)
    assert staff(1, 2) != staff(1, 3)
    assert len(staff(1, 2)) == 12
