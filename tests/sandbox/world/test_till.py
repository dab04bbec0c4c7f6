"""Tickets: sums that agree, and flags that exclude each other."""

from __future__ import annotations

from dataclasses import fields

import pytest

from sonnys_data_client.sandbox.world.dice import dice
from sonnys_data_client.sandbox.world.menu import Menu, Product, menu_of
from sonnys_data_client.sandbox.world.people import passing_card
from sonnys_data_client.sandbox.world.till import (
    COUPONS,
    FLAGS,
    VOID_TENDERS,
    Kind,
    Ticket,
    by_card,
    by_cash,
    by_customer,
    by_prepaid,
    discount,
    line,
    returned,
    struck_out,
    total_cents,
    untaxed_line,
)

MENU: Menu = next(menu for menu in (menu_of(1, n) for n in range(50)) if menu.tax_per_10k == 825)
WASH: Product = MENU.washes[2]
RNG = dice("till")


def test_a_line_adds_up() -> None:
    item = line(MENU, WASH, off_cents=300, fee_cents=50)
    assert (item.gross_cents, item.discount_cents, item.net_cents) == (2000, 300, 1700)
    assert (item.tax_cents, item.fee_cents) == (140, 50)
    assert total_cents((item,)) == 1890


def test_a_voided_line_counts_for_nothing() -> None:
    item = line(MENU, WASH)
    assert total_cents((item, *struck_out((item, item)))) == total_cents((item,))
    assert total_cents(struck_out((item,))) == sum(tender.total_cents for tender in VOID_TENDERS) == 0


def test_prepaid_goods_carry_no_tax() -> None:
    assert total_cents((untaxed_line(MENU.prepaid_wash),)) == 2000
    assert total_cents((untaxed_line(MENU.gift_card, 5000),)) == 5000


def test_a_discount_repeats_its_item() -> None:
    offer, off_cents = COUPONS[0]
    item = line(MENU, WASH, off_cents=off_cents)
    found = discount(offer, item)
    assert (found.applied_to, found.amount_cents) == (item.name, item.discount_cents)


@pytest.mark.parametrize("due_cents", [1, 199, 500, 501, 1565, 2000, 3298])
def test_cash_pays_and_gives_change(due_cents: int) -> None:
    for _ in range(20):
        (tender,) = by_cash(due_cents, RNG)
        assert tender.amount_cents - tender.change_cents == tender.total_cents == due_cents
        assert tender.amount_cents % 500 == 0
        assert 0 <= tender.change_cents < 2000


@pytest.mark.parametrize("due_cents", [199, 500, 501, 3298])
def test_a_customer_pays_what_is_due(due_cents: int) -> None:
    payments = [by_customer(due_cents, 2026, RNG) for _ in range(400)]
    assert all(sum(tender.total_cents for tender in tenders) == due_cents for tenders in payments)
    assert all(tender.total_cents > 0 for tenders in payments for tender in tenders)
    assert any(len(tenders) == 2 for tenders in payments) == (due_cents > 500)


def test_nothing_due_is_not_charged() -> None:
    assert by_card(passing_card(RNG, 2026), 0, RNG) == ()


def test_a_prepaid_tender_names_no_card() -> None:
    (tender,) = by_prepaid("Prepaid", "Giftcard", 700, RNG)
    assert (tender.total_cents, tender.card_last_four, tender.card_expiry) == (700, None, None)


def test_a_return_turns_every_sign() -> None:
    item = line(MENU, WASH, off_cents=200, fee_cents=50)
    bought = Ticket(
        1000,
        Kind.ORDINARY,
        "POS 1",
        (item,),
        by_cash(total_cents((item,)), RNG),
        (discount(COUPONS[0][0], item),),
    )
    back = returned(bought, 9000)
    assert (back.type, back.completed_ms, back.items[0].quantity) == ("Return", 9000, -1)
    assert total_cents(back.items) == -total_cents(bought.items) == sum(t.total_cents for t in back.tenders)
    assert back.items[0].net_cents == back.items[0].gross_cents - back.items[0].discount_cents
    assert back.discounts[0].amount_cents == back.items[0].discount_cents == -200
    assert back.tenders[0].change_cents == 0


def test_each_kind_raises_at_most_one_of_the_five_flags() -> None:
    assert set(FLAGS) == set(Kind)
    five = [field.name for field in fields(FLAGS[Kind.ORDINARY]) if not field.name.endswith("_v2")]
    assert len(five) == 5
    raised = {kind: [name for name in five if getattr(flags, name)] for kind, flags in FLAGS.items()}
    assert raised[Kind.ORDINARY] == raised[Kind.UPGRADE] == []
    assert all(len(names) == 1 for kind, names in raised.items() if kind not in {Kind.ORDINARY, Kind.UPGRADE})


def test_the_version_2_plan_sale_flag_is_the_wider_one() -> None:
    assert {kind for kind, flags in FLAGS.items() if flags.is_plan_sale_v2} == {Kind.PLAN_SALE, Kind.UPGRADE}
    assert {kind for kind, flags in FLAGS.items() if flags.is_recurring_sale} == {Kind.PLAN_SALE}
