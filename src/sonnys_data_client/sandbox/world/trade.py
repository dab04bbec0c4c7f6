"""A day's trade at one physical site: all its tickets, in no particular order.

    03:30          the billing run recharges the members whose day it is, batch by batch, one instant a batch
    07:00 - 20:00  cars: members redeem, others pay, a few wash free; plans and prepaid goods are sold and used
    all day        self-service vacuums

The vacuums sell round the clock, and so at the times that a careless client gets wrong: in the first and last second
and in the last millisecond of the local day and of the UTC day. Once a day three vacuums sell in the same
millisecond. Every site has these ten sales every day, however few its cars.
"""

from __future__ import annotations

from functools import lru_cache

from .config import WorldConfig
from .customers import fleets_of
from .days import LocalDay
from .demand import OPENING_HOUR, arrivals, forecast, moment
from .dice import Wheel, between, dice, pick, whole
from .facts import Discount, LineItem, Tender
from .members import BillingRun, Member, Population
from .menu import WASH_MIX, Menu, Product
from .people import passing_card, plate
from .prepaid import Form, PrepaidGoods
from .rota import CLOSING_MINUTE, Duty
from .sales import good_sale, good_use, plan_sale, upgrade
from .sites import Plant
from .till import (
    COUPONS,
    COURTESY,
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
)

_ATTENDED = "POS 1"
_BILLING = "Recurring Billing"
_VACUUMS = ("Vacuum 1", "Vacuum 2", "Vacuum 3")
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
_ON_ACCOUNT_SHARE = 0.015
_REFUND_SHARE = 0.008
_VOID_SHARE = 0.008
_INCOMPLETE_SHARE = 0.004
_VACUUMS_PER_CAR = 0.08


class Trade:
    """Rings up the tickets of one site and day. Use `day_of_trade`."""

    def __init__(
        self, config: WorldConfig, plant: Plant, population: Population, goods: PrepaidGoods, day: LocalDay
    ) -> None:
        self._config = config
        self._plant = plant
        self._menu: Menu = plant.menu
        self._population = population
        self._goods = goods
        self._day = day
        self._duty = Duty(config.seed, plant, day)
        self._year = day.on.year
        self._rng = dice(config.seed, "trade", plant.site.id, day.on.toordinal())
        self._open_ms = day.at_ms(OPENING_HOUR)
        # The latest time of a refund, because nobody is at the till afterwards.
        self._close_ms = day.at_ms(CLOSING_MINUTE // 60, CLOSING_MINUTE % 60) - 1
        self._washed: set[int] = set()
        self.tickets: list[Ticket] = []

    def bill(self) -> None:
        """Recharge all members who are due on this day."""
        billing = BillingRun(self._config.seed, self._plant.site.id, self._day)
        for member in self._population.due(self._day.on):
            items = (line(self._menu, member.plan_on(self._day.on).product),)
            self.tickets.append(
                Ticket(
                    billing.at_ms(member.account),
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
        """Sell plans to members who join in the lane, who then wash, and upgrades."""
        for member in self._population.joined(self._day.on):
            if not member.joined_online:
                ticket = plan_sale(self._menu, member, self._day, self._device(), self._rng)
                ticket.greeter = self._somebody(ticket)
                self.tickets.append(self._attended(ticket))
                self._washed.add(member.account)
                self._redeem(member, ticket.completed_ms + 60_000 + int(self._rng.random() * 180_000))
        for member in self._population.upgrades(self._day.on):
            ticket = upgrade(self._menu, member, self._day, _ATTENDED, self._rng)
            self.tickets.append(self._attended(ticket))

    def wash(self) -> None:
        """Wash the cars in the order in which they come."""
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

    def deal_in_prepaid(self) -> None:
        """Sell prepaid goods at the counter, and wash the cars whose holders use theirs."""
        for good in self._goods.sold(self._day.on):
            if not good.is_online:
                ticket = good_sale(good, self._day, _ATTENDED, self._rng)
                if good.form is Form.WASHBOOK:
                    ticket.greeter = self._somebody(ticket)
                self.tickets.append(self._attended(ticket))
        for used in self._goods.used(self._day.on):
            ticket = good_use(self._menu, used, self._day, self._device(), self._rng)
            self.tickets.append(self._attended(ticket))

    def run_vacuums(self) -> None:
        """Sell vacuums at random times, and at the edges of the day."""
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
        together_ms = self._open_ms + moment(rng.random(), rng.random())
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
        )
        ticket.greeter = self._greeter(ticket)
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
        ticket = Ticket(
            completed_ms,
            Kind.ORDINARY,
            self._device(),
            items,
            (),
            () if offer is None else (discount(offer, washed),),
            plate=self._passing_plate(),
        )
        self._pay(ticket)
        ticket.greeter = self._greeter(ticket)
        self._add(self._attended(ticket))
        if ticket.status == "Completed":
            draw = rng.random()
            if draw < _REFUND_SHARE:
                self._refund(ticket)
            elif draw > 1 - _INCOMPLETE_SHARE:
                ticket.status = "Incomplete"

    def _pay(self, ticket: Ticket) -> None:
        """Pay a retail ticket: on the spot, or on a fleet's account."""
        due_cents = total_cents(ticket.items)
        if self._rng.random() >= _ON_ACCOUNT_SHARE:
            ticket.tenders = by_customer(due_cents, self._year, self._rng)
            return
        fleet = pick(fleets_of(self._config.seed, self._plant), self._rng.random())
        sub_type = pick(("House Account RFID", "House Account Card"), self._rng.random())
        ticket.tenders = by_prepaid("Paid On Account", sub_type, due_cents, self._rng)
        ticket.customer_id, ticket.customer_name = fleet.id, f"{fleet.first_name} {fleet.last_name}"

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
        )
        ticket.greeter = self._greeter(ticket)
        self._add(self._attended(ticket))

    def _refund(self, ticket: Ticket) -> None:
        after_ms = int(between(600_000, 5_400_000, self._rng.random()))
        given_back = returned(ticket, min(ticket.completed_ms + after_ms, self._close_ms))
        given_back.device = _ATTENDED
        self.tickets.append(self._attended(given_back))

    def _vacuum(self, completed_ms: int, device: str) -> None:
        items = (line(self._menu, self._menu.vacuum),)
        tenders = by_card(passing_card(self._rng, self._year), total_cents(items), self._rng)
        self.tickets.append(Ticket(completed_ms, Kind.ORDINARY, device, items, tenders))

    def _add(self, ticket: Ticket) -> None:
        """Add a ticket to the day.

        The cashier voids a few on the spot, with all their lines.
        """
        if self._rng.random() < _VOID_SHARE:
            ticket.status = "Voided"
            ticket.items = struck_out(ticket.items)
            ticket.tenders = VOID_TENDERS
            ticket.discounts = ()
        self.tickets.append(ticket)

    def _attended(self, ticket: Ticket) -> Ticket:
        """Return the ticket with its cashier's name, if its terminal has a cashier."""
        if ticket.device == _ATTENDED:
            ticket.cashier = self._somebody(ticket)
        return ticket

    def _device(self) -> str:
        attended = self._rng.random() < _ATTENDED_SHARE
        return _ATTENDED if attended else pick(self._plant.lanes, self._rng.random())

    def _greeter(self, ticket: Ticket) -> str | None:
        return self._somebody(ticket) if self._rng.random() < 0.6 else None

    def _somebody(self, ticket: Ticket) -> str:
        """Return the name of an employee who is at work when the ticket is rung up."""
        return pick(self._duty.names(ticket.completed_ms), self._rng.random())

    def _passing_plate(self) -> str | None:
        return plate(int(self._rng.random() * 2**32)) if self._rng.random() < 0.6 else None


@lru_cache(maxsize=_PLAN_WASHES_CACHED)
def _plan_wash(menu: Menu, wash: Product) -> tuple[tuple[LineItem, ...], tuple[Discount, ...]]:
    """Return the lines and discounts of a wash that a plan pays for."""
    washed = line(menu, wash, off_cents=wash.price_cents)
    return (washed,), (discount(PLAN_WASH, washed),)


def day_of_trade(
    config: WorldConfig, plant: Plant, population: Population, goods: PrepaidGoods, day: LocalDay
) -> list[Ticket]:
    """Return all tickets of a physical site's local day, in no particular order."""
    trade = Trade(config, plant, population, goods, day)
    trade.bill()
    trade.sell_plans()
    trade.wash()
    trade.deal_in_prepaid()
    trade.run_vacuums()
    return trade.tickets
