"""A day's trade at one physical site: every ticket it rings up, in no order.

    03:30          the billing run recharges the members whose day it is, batch by batch, one instant a batch
    07:00 - 20:00  cars: members redeem, others pay, a few wash for nothing; plans and gift cards are sold
    all day        self-service vacuums

The vacuums take money round the clock, which puts sales where a careless reader slips: on the first and the
last second and in the last millisecond of the local day and of the UTC day. Once a day three vacuums report
the same millisecond. These ten sales happen on every site's every day, however few its cars.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from itertools import islice
from random import Random

from .config import WorldConfig
from .days import LocalDay
from .demand import OPENING_HOUR, arrivals, forecast, moment
from .dice import Wheel, between, dice, pick, whole
from .facts import Discount, LineItem, Tender
from .members import Member, Population
from .menu import WASH_MIX, Menu, Plan, Product
from .people import passing_card, plate
from .sites import Plant
from .till import (
    COUPONS,
    COURTESY,
    FIRST_MONTH,
    PLAN_WASH,
    REWASH,
    VOID_TENDERS,
    VOUCHER,
    Kind,
    Offer,
    Ticket,
    by_card,
    by_customer,
    by_prepaid,
    discount,
    line,
    returned,
    struck_out,
    total_cents,
    untaxed_line,
)

_ATTENDED = "POS 1"
_BILLING = "Recurring Billing"
_VACUUMS = ("Vacuum 1", "Vacuum 2", "Vacuum 3")
_ONLINE = "E-Comm 1"
_ONLINE_HOURS = (6, 22)
_BILLING_BATCH = 12
_PLAN_WASHES_CACHED = 1024
_PLAN_TENDERS = tuple(
    Tender("Prepaid", sub_type, 0, 0, 0) for sub_type in ("RFID Recurring", "LPR", "Washbook Recurring")
)
_GIVEN_AWAY: Wheel[tuple[str, Offer]] = Wheel(
    [(("Rewash", REWASH), 1.0), (("Sale", VOUCHER), 0.7), (("Sale", COURTESY), 2.8)]
)

# Assumed shares, of retail tickets unless said otherwise.
_ATTENDED_SHARE = 0.2
_COUPON_SHARE = 0.15
_EXTRA_SHARE = 0.08
_MEMBER_EXTRA_SHARE = 0.03
_STRUCK_EXTRA_SHARE = 0.006
_PREPAID_SHARE = 0.035
_REFUND_SHARE = 0.008
_VOID_SHARE = 0.008
_INCOMPLETE_SHARE = 0.004
_GIFTS_PER_CAR = 0.004
_VACUUMS_PER_CAR = 0.08


class Trade:
    """One site-day being rung up. Use `day_of_trade`."""

    def __init__(self, config: WorldConfig, plant: Plant, population: Population, day: LocalDay) -> None:
        self._config = config
        self._plant = plant
        self._menu: Menu = plant.menu
        self._population = population
        self._day = day
        self._year = day.on.year
        self._rng = dice(config.seed, "trade", plant.site.id, day.on.toordinal())
        self._open_ms = day.at_ms(OPENING_HOUR)
        self._washed: set[int] = set()
        self.tickets: list[Ticket] = []

    def bill(self) -> None:
        """Recharge every member whose day it is."""
        batch_ms = self._day.at_ms(3, 30)
        due = self._population.due(self._day.on)
        while batch := list(islice(due, _BILLING_BATCH)):
            batch_ms += 1 + int(self._rng.random() * 4_000)
            for member in batch:
                items = (line(self._menu, member.plan_on(self._day.on).product),)
                self.tickets.append(
                    Ticket(
                        batch_ms,
                        Kind.RECHARGE,
                        _BILLING,
                        items,
                        by_card(member.card, total_cents(items), self._rng),
                        customer_name=member.name,
                        customer_id=member.customer_id,
                        plate=member.plate,
                    )
                )

    def sell_plans(self) -> None:
        """Sign up those who join in the lane, who then wash, and those who move to a higher plan."""
        for member in self._population.joined(self._day.on):
            if not member.joined_online:
                sold_ms = self._open_ms + moment(self._rng)
                ticket = plan_sale(self._menu, member, sold_ms, self._device(), self._rng)
                self._add(self._attended(ticket))
                self._washed.add(member.account)
                self._redeem(member, sold_ms + 60_000 + int(self._rng.random() * 180_000))
        for member in self._population.upgrades(self._day.on):
            self._upgrade(member)

    def wash(self) -> None:
        """Serve the cars as they come."""
        rng = self._rng
        expected = forecast(self._config.seed, self._plant, self._day.on)
        free, member_share = self._plant.free_share, expected.member_share
        for after_ms in arrivals(self._plant, expected.cars, rng):
            completed_ms = self._open_ms + after_ms
            draw = rng.random()
            if draw < free:
                self._give_away(completed_ms)
                continue
            member = None
            if draw < free + member_share:
                member = self._population.someone(self._day.on, self._washed, rng)
            if member is not None:
                self._redeem(member, completed_ms)
            else:
                self._sell_wash(completed_ms)

    def sell_gifts(self) -> None:
        """Sell gift cards and prepaid washes over the counter."""
        for _ in range(whole(self._plant.cars_per_day * _GIFTS_PER_CAR, self._rng.random())):
            completed_ms = self._open_ms + moment(self._rng)
            self._add(self._attended(gift_sale(self._menu, completed_ms, _ATTENDED, self._year, self._rng)))

    def run_vacuums(self) -> None:
        """Vacuum sales: some at any hour, and those at the edges of the day."""
        rng, day = self._rng, self._day
        moments = {day.start_ms, day.end_ms - 1000, day.end_ms - 1}
        for midnight_ms in day.utc_midnights_ms():
            moments |= {
                midnight_ms,
                max(midnight_ms - 1000, day.start_ms),
                max(midnight_ms - 1, day.start_ms),
            }
        for completed_ms in sorted(moments):
            self._vacuum(completed_ms, pick(_VACUUMS, rng.random()))
        together_ms = self._open_ms + moment(rng)
        for device in _VACUUMS:
            self._vacuum(together_ms, device)
        for _ in range(whole(self._plant.cars_per_day * _VACUUMS_PER_CAR, rng.random())):
            completed_ms = day.start_ms + int(rng.random() * (day.end_ms - day.start_ms))
            self._vacuum(completed_ms, pick(_VACUUMS, rng.random()))

    def _redeem(self, member: Member, completed_ms: int) -> None:
        rng, menu = self._rng, self._menu
        wash = member.plan_on(self._day.on).wash
        if rng.random() < self._config.valued_redemption_share:
            items: tuple[LineItem, ...] = (line(menu, wash),)
            discounts: tuple[Discount, ...] = ()
            tenders = by_prepaid("Prepaid", pick(_PLAN_TENDERS, rng.random()).sub_type, total_cents(items), rng)
        else:
            items, discounts = _plan_wash(menu, wash)
            tenders = (pick(_PLAN_TENDERS, rng.random()),)
            if rng.random() < _MEMBER_EXTRA_SHARE:
                items += (line(menu, pick(menu.extras, rng.random())),)
                tenders += by_card(member.card, total_cents(items), rng)
        ticket = Ticket(
            completed_ms,
            Kind.REDEMPTION,
            pick(self._plant.lanes, rng.random()),
            items,
            tenders,
            discounts,
            customer_name=member.name,
            customer_id=member.customer_id,
            plate=member.plate if rng.random() < 0.95 else None,
            greeter=self._greeter(),
        )
        self._add(ticket)

    def _sell_wash(self, completed_ms: int) -> None:
        rng, menu = self._rng, self._menu
        offer, off_cents = pick(COUPONS, rng.random()) if rng.random() < _COUPON_SHARE else (None, 0)
        washed = line(menu, menu.washes[WASH_MIX.spin(rng.random())], off_cents=off_cents, fee_cents=menu.fee_cents)
        items: tuple[LineItem, ...] = (washed,)
        draw = rng.random()
        if draw < _EXTRA_SHARE:
            items += (line(menu, pick(menu.extras, rng.random())),)
        elif draw < _EXTRA_SHARE + _STRUCK_EXTRA_SHARE:
            items += struck_out((line(menu, pick(menu.extras, rng.random())),))
        due_cents = total_cents(items)
        kind = Kind.PREPAID_REDEMPTION if rng.random() < _PREPAID_SHARE else Kind.ORDINARY
        tenders = (
            self._from_prepaid(due_cents) if kind is not Kind.ORDINARY else by_customer(due_cents, self._year, rng)
        )
        ticket = self._attended(
            Ticket(
                completed_ms,
                kind,
                self._device(),
                items,
                tenders,
                () if offer is None else (discount(offer, washed),),
                plate=self._passing_plate(),
                greeter=self._greeter(),
            )
        )
        self._add(ticket)
        if ticket.status == "Completed":
            draw = rng.random()
            if draw < _REFUND_SHARE:
                self._refund(ticket)
            elif draw > 1 - _INCOMPLETE_SHARE:
                ticket.status = "Incomplete"

    def _from_prepaid(self, due_cents: int) -> tuple[Tender, ...]:
        rng = self._rng
        draw = rng.random()
        if draw < 0.4:
            return by_prepaid("Prepaid Wash", "Code", due_cents, rng)
        if draw < 0.8:
            return by_prepaid("Prepaid", "Giftcard", due_cents, rng)
        left_cents = int(between(0.2, 0.8, rng.random()) * due_cents)
        rest = by_card(passing_card(rng, self._year), due_cents - left_cents, rng)
        return by_prepaid("Prepaid", "Giftcard", left_cents, rng) + rest

    def _give_away(self, completed_ms: int) -> None:
        type, offer = _GIVEN_AWAY.spin(self._rng.random())
        wash = self._menu.washes[WASH_MIX.spin(self._rng.random())]
        washed = line(self._menu, wash, off_cents=wash.price_cents)
        ticket = Ticket(
            completed_ms,
            Kind.ORDINARY,
            _ATTENDED,
            (washed,),
            (Tender("Coupon", None, 0, 0, 0),) if offer is VOUCHER else (),
            (discount(offer, washed),),
            type=type,
            plate=self._passing_plate(),
            greeter=self._greeter(),
        )
        self._add(self._attended(ticket))

    def _refund(self, ticket: Ticket) -> None:
        after_ms = int(between(600_000, 5_400_000, self._rng.random()))
        given_back = returned(ticket, min(ticket.completed_ms + after_ms, self._day.end_ms - 1))
        given_back.device = _ATTENDED
        self.tickets.append(self._attended(given_back))

    def _upgrade(self, member: Member) -> None:
        if member.later_plan is None:
            return
        step_cents = member.later_plan.product.price_cents - member.first_plan.product.price_cents
        items = (line(self._menu, replace(member.later_plan.product, price_cents=step_cents)),)
        ticket = Ticket(
            self._open_ms + moment(self._rng),
            Kind.UPGRADE,
            _ATTENDED,
            items,
            by_card(member.card, total_cents(items), self._rng),
            customer_name=member.name,
            customer_id=member.customer_id,
            plate=member.plate,
        )
        self.tickets.append(self._attended(ticket))

    def _vacuum(self, completed_ms: int, device: str) -> None:
        items = (line(self._menu, self._menu.vacuum),)
        tenders = by_card(passing_card(self._rng, self._year), total_cents(items), self._rng)
        self.tickets.append(Ticket(completed_ms, Kind.ORDINARY, device, items, tenders))

    def _add(self, ticket: Ticket) -> None:
        """Keep a ticket, unless the cashier voids it on the spot: then keep it struck out."""
        if self._rng.random() < _VOID_SHARE:
            ticket.status = "Voided"
            ticket.items = struck_out(ticket.items)
            ticket.tenders = VOID_TENDERS
            ticket.discounts = ()
        self.tickets.append(ticket)

    def _attended(self, ticket: Ticket) -> Ticket:
        """The ticket with its cashier's name, if its terminal has a cashier."""
        if ticket.device == _ATTENDED:
            ticket.cashier = pick(self._plant.staff, self._rng.random())
        return ticket

    def _device(self) -> str:
        attended = self._rng.random() < _ATTENDED_SHARE
        return _ATTENDED if attended else pick(self._plant.lanes, self._rng.random())

    def _greeter(self) -> str | None:
        return pick(self._plant.staff, self._rng.random()) if self._rng.random() < 0.6 else None

    def _passing_plate(self) -> str | None:
        return plate(int(self._rng.random() * 2**32)) if self._rng.random() < 0.6 else None


@lru_cache(maxsize=_PLAN_WASHES_CACHED)
def _plan_wash(menu: Menu, wash: Product) -> tuple[tuple[LineItem, ...], tuple[Discount, ...]]:
    """The lines and discounts of a wash that a plan pays for."""
    washed = line(menu, wash, off_cents=wash.price_cents)
    return (washed,), (discount(PLAN_WASH, washed),)


def day_of_trade(config: WorldConfig, plant: Plant, population: Population, day: LocalDay) -> list[Ticket]:
    """Every ticket that a physical site rings up on a local day, in no order."""
    trade = Trade(config, plant, population, day)
    trade.bill()
    trade.sell_plans()
    trade.wash()
    trade.sell_gifts()
    trade.run_vacuums()
    return trade.tickets


def online_sales(seed: int, plant: Plant, population: Population, day: LocalDay) -> list[Ticket]:
    """What is sold online for one site on a day: plans, gift cards, prepaid washes.

    The shop's hours keep the calendar date the same in every zone of the country.
    """
    rng = dice(seed, "online", plant.site.id, day.on.toordinal())
    open_ms, close_ms = (day.at_ms(hour) for hour in _ONLINE_HOURS)

    def now() -> int:
        return open_ms + int(rng.random() * (close_ms - open_ms))

    tickets = [
        plan_sale(plant.menu, member, now(), _ONLINE, rng)
        for member in population.joined(day.on)
        if member.joined_online
    ]
    gifts = whole(plant.cars_per_day * _GIFTS_PER_CAR, rng.random())
    tickets.extend(gift_sale(plant.menu, now(), _ONLINE, day.on.year, rng) for _ in range(gifts))
    return tickets


def plan_sale(menu: Menu, member: Member, completed_ms: int, device: str, rng: Random) -> Ticket:
    """The sale of a member's first plan, its first month at the promotion's price."""
    plan: Plan = member.first_plan
    sold = line(menu, plan.product, off_cents=plan.product.price_cents - plan.first_month_cents)
    return Ticket(
        completed_ms,
        Kind.PLAN_SALE,
        device,
        (sold,),
        by_card(member.card, total_cents((sold,)), rng),
        (discount(FIRST_MONTH, sold),) if sold.discount_cents else (),
        customer_name=member.name,
        customer_id=member.customer_id,
        plate=member.plate,
    )


def gift_sale(menu: Menu, completed_ms: int, device: str, year: int, rng: Random) -> Ticket:
    """The sale of a gift card or of a wash for later."""
    if rng.random() < 0.5:
        items = (untaxed_line(menu.gift_card, pick((2500, 5000, 10_000), rng.random())),)
    else:
        items = (untaxed_line(menu.prepaid_wash),)
    return Ticket(
        completed_ms,
        Kind.PREPAID_SALE,
        device,
        items,
        by_card(passing_card(rng, year), total_cents(items), rng),
    )
