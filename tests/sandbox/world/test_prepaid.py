"""Prepaid goods, bought now and used later: every use pays from what is left."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from sonnys_data_client.sandbox.world import WorldConfig
from sonnys_data_client.sandbox.world.days import LocalDay
from sonnys_data_client.sandbox.world.prepaid import LIFE_DAYS, Form, Good, PrepaidGoods
from sonnys_data_client.sandbox.world.sites import OPENED, found_plants
from sonnys_data_client.sandbox.world.till import line, total_cents

PLANT = found_plants(WorldConfig())[0]
GOODS = PrepaidGoods(1, PLANT)
FIRST = date(2026, 1, 1)
SOLD = [good for n in range(300) for good in GOODS.sold(FIRST + timedelta(days=n))]


def of(form: Form) -> list[Good]:
    return [good for good in SOLD if good.form is form]


def test_all_forms_are_sold_and_gift_cards_in_three_sizes() -> None:
    assert {good.price_cents for good in of(Form.GIFT_CARD)} == {2500, 5000, 10_000}
    assert {good.price_cents for good in of(Form.WASH)} == {2000}
    assert {good.price_cents for good in of(Form.WASHBOOK)} == {8000, 29_900}
    assert {good.is_online for good in of(Form.GIFT_CARD)} == {True, False}
    assert not any(good.is_online for good in of(Form.WASHBOOK))


def test_a_gift_card_pays_what_is_due_until_it_is_empty() -> None:
    emptied = 0
    for card in of(Form.GIFT_CARD):
        left = card.price_cents
        for use in card.uses:
            due = total_cents((line(PLANT.menu, use.wash, fee_cents=PLANT.menu.fee_cents),))
            assert use.paid_cents == min(left, due) > 0
            left -= use.paid_cents
        assert left >= 0
        emptied += left == 0
    assert 0.2 < emptied / len(of(Form.GIFT_CARD)) < 0.9


def test_a_book_holds_five_washes_and_a_prepaid_wash_one() -> None:
    books = [good for good in of(Form.WASHBOOK) if good.product is PLANT.menu.washbook]
    assert max(len(book.uses) for book in books) == 5
    assert {len(wash.uses) for wash in of(Form.WASH)} == {0, 1}


def test_the_uses_of_a_day_are_those_of_the_goods_sold_before() -> None:
    day = FIRST + timedelta(days=250)
    expected = [(good.id, use) for good in SOLD for use in good.uses if use.on == day]
    assert sorted(((good.id, use) for good, use in GOODS.used(day)), key=repr) == sorted(expected, key=repr)
    assert expected
    assert all(good.sold_on < use.on <= good.sold_on + timedelta(days=LIFE_DAYS) for good in SOLD for use in good.uses)


def test_ids_lead_back_and_numbers_differ() -> None:
    assert len({good.number for good in SOLD}) == len(SOLD)
    for good in SOLD:
        assert GOODS.by_id(good.id) == good
        if good.customer_id is not None:
            assert GOODS.by_customer_id(good.customer_id) == good
            assert good.holder
            assert good.plate
        else:
            assert (good.holder, good.plate) == (None, None)


@pytest.mark.parametrize("id", ["", "x", "1:1", "60000000:2", "59999999:1", f"{10**30}:1", "60485650:1:1"])
def test_other_ids_lead_nowhere(id: str) -> None:
    assert GOODS.by_id(id) is None
    assert GOODS.by_customer_id(id) is None


def test_sales_and_uses_happen_while_the_site_is_open() -> None:
    for good in SOLD:
        day = LocalDay.of(good.sold_on, PLANT.zone)
        assert day.at_ms(6 if good.is_online else 7) <= good.sold_ms(day) < day.at_ms(22 if good.is_online else 20)
        for use in good.uses:
            day = LocalDay.of(use.on, PLANT.zone)
            assert day.at_ms(7) <= use.at_ms(day) < day.at_ms(20)


def test_nothing_was_sold_before_the_opening() -> None:
    assert GOODS.sold(OPENED - timedelta(days=1)) == ()
