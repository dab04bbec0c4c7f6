"""Tickets for plan sales, upgrades, and sales and uses of prepaid goods.

Their instants and amounts are not drawn here. They come from the member or the good, so that the lists of accounts,
washbooks and gift cards agree with the tickets.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

from .days import LocalDay
from .dice import dice
from .facts import Tender
from .members import Member, Population
from .menu import Menu
from .people import passing_card
from .prepaid import Good, PrepaidGoods, Use
from .sites import Plant
from .till import FIRST_MONTH, Kind, Ticket, by_card, discount, line, total_cents, untaxed_line

_ONLINE = "E-Comm 1"


def plan_sale(menu: Menu, member: Member, day: LocalDay, device: str, rng: Random) -> Ticket:
    """Return the sale of a member's first plan, at the first month's price."""
    plan = member.first_plan
    sold = line(menu, plan.product, off_cents=plan.product.price_cents - plan.first_month_cents)
    return Ticket(
        member.sold_ms(day),
        Kind.PLAN_SALE,
        device,
        (sold,),
        by_card(member.card, total_cents((sold,)), rng),
        (discount(FIRST_MONTH, sold),) if sold.discount_cents else (),
        customer_name=member.name,
        customer_id=member.customer_id,
        plate=member.plate,
    )


def upgrade(menu: Menu, member: Member, day: LocalDay, device: str, rng: Random) -> Ticket:
    """Return the sale of an upgrade: the member pays the difference to the higher plan."""
    product = member.plan_on(day.on).product
    step_cents = product.price_cents - member.first_plan.product.price_cents
    items = (line(menu, replace(product, price_cents=step_cents)),)
    return Ticket(
        member.upgraded_ms(day),
        Kind.UPGRADE,
        device,
        items,
        by_card(member.card, total_cents(items), rng),
        customer_name=member.name,
        customer_id=member.customer_id,
        plate=member.plate,
    )


def good_sale(good: Good, day: LocalDay, device: str, rng: Random) -> Ticket:
    """Return the sale of a prepaid good."""
    items = (untaxed_line(good.product, good.price_cents),)
    return Ticket(
        good.sold_ms(day),
        Kind.PREPAID_SALE,
        device,
        items,
        by_card(passing_card(rng, day.on.year), total_cents(items), rng),
        customer_name=good.holder,
        customer_id=good.customer_id,
        plate=good.plate,
    )


def good_use(menu: Menu, used: tuple[Good, Use], day: LocalDay, device: str, rng: Random) -> Ticket:
    """Return a wash that a prepaid good pays in full or in part."""
    good, use = used
    items = (line(menu, use.wash, fee_cents=menu.fee_cents),)
    rest_cents = total_cents(items) - use.paid_cents
    return Ticket(
        use.at_ms(day),
        Kind.PREPAID_REDEMPTION,
        device,
        items,
        (
            Tender(*good.form.value, use.paid_cents, 0, use.paid_cents, good.number),
            *by_card(passing_card(rng, day.on.year), rest_cents, rng),
        ),
        customer_name=good.holder,
        customer_id=good.customer_id,
        plate=good.plate,
    )


def online_sales(seed: int, plant: Plant, population: Population, goods: PrepaidGoods, day: LocalDay) -> list[Ticket]:
    """Return the online sales for one site and day: plans, gift cards, prepaid washes."""
    rng = dice(seed, "online", plant.site.id, day.on.toordinal())
    plans = [
        plan_sale(plant.menu, member, day, _ONLINE, rng) for member in population.joined(day.on) if member.joined_online
    ]
    return plans + [good_sale(good, day, _ONLINE, rng) for good in goods.sold(day.on) if good.is_online]
