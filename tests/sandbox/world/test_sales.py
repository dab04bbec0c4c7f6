"""Tickets of plans and prepaid goods: they agree with the member and the good."""

from __future__ import annotations

from datetime import date, timedelta

from sonnys_data_client.sandbox.world import Population, WorldConfig
from sonnys_data_client.sandbox.world.days import LocalDay
from sonnys_data_client.sandbox.world.dice import dice
from sonnys_data_client.sandbox.world.prepaid import Form, PrepaidGoods
from sonnys_data_client.sandbox.world.sales import good_sale, good_use, online_sales, plan_sale, upgrade
from sonnys_data_client.sandbox.world.sites import found_plants
from sonnys_data_client.sandbox.world.till import Kind, total_cents

PLANT = found_plants(WorldConfig())[0]
PEOPLE = Population(1, PLANT)
GOODS = PrepaidGoods(1, PLANT)
DAYS = [LocalDay.of(date(2026, 5, 1) + timedelta(days=n), PLANT.zone) for n in range(60)]
RNG = dice("sales")


def test_a_plan_is_sold_at_the_first_months_price() -> None:
    for day in DAYS:
        for member in PEOPLE.joined(day.on):
            ticket = plan_sale(PLANT.menu, member, day, "Lane 1", RNG)
            assert ticket.completed_ms == member.sold_ms(day)
            assert ticket.items[0].net_cents == member.first_plan.first_month_cents
            assert sum(tender.total_cents for tender in ticket.tenders) == total_cents(ticket.items)
            assert bool(ticket.discounts) == (ticket.items[0].discount_cents > 0)


def test_an_upgrade_costs_the_difference() -> None:
    upgrades = [(day, member) for day in DAYS for member in PEOPLE.upgrades(day.on)]
    assert upgrades
    for day, member in upgrades:
        assert member.later_plan is not None
        ticket = upgrade(PLANT.menu, member, day, "POS 1", RNG)
        step = member.later_plan.product.price_cents - member.first_plan.product.price_cents
        assert (ticket.kind, ticket.items[0].net_cents) == (Kind.UPGRADE, step)
        assert step > 0


def test_a_good_is_sold_untaxed_and_pays_when_used() -> None:
    for day in DAYS:
        for good in GOODS.sold(day.on):
            sale = good_sale(good, day, "POS 1", RNG)
            assert (total_cents(sale.items), sale.customer_id) == (good.price_cents, good.customer_id)
            assert sale.items[0].tax_cents == 0
        for good, use in GOODS.used(day.on):
            ticket = good_use(PLANT.menu, (good, use), day, "Lane 1", RNG)
            first = ticket.tenders[0]
            assert (first.tender, first.sub_type) == good.form.value
            assert (first.total_cents, first.reference) == (use.paid_cents, good.number)
            assert sum(tender.total_cents for tender in ticket.tenders) == total_cents(ticket.items)
            assert good.form is Form.GIFT_CARD or len(ticket.tenders) == 1


def test_online_it_is_the_members_and_goods_of_the_web_shop() -> None:
    for day in DAYS[:20]:
        tickets = online_sales(1, PLANT, PEOPLE, GOODS, day)
        plans = [member for member in PEOPLE.joined(day.on) if member.joined_online]
        goods = [good for good in GOODS.sold(day.on) if good.is_online]
        expected = [member.sold_ms(day) for member in plans] + [good.sold_ms(day) for good in goods]
        assert [ticket.completed_ms for ticket in tickets] == expected
        assert {ticket.device for ticket in tickets} <= {"E-Comm 1"}
