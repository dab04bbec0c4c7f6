"""Prepaid goods, bought now and used later: gift cards, washes, washbooks.

A good is drawn with its whole history on the day it is sold: its number, its price, and every future use with the wash
taken and the amount that the good pays. Tickets, the washbook list and the gift card list all show the same goods, so
they cannot disagree. A day's uses are found among the goods that were sold in the last `LIFE_DAYS` days, because no
good is used after that.

```text
 gift card      25, 50 or 100 dollars    pays for washes until it is empty or forgotten
 prepaid wash   one wash                 pays for it once, if it is not lost
 washbook       five washes              pays for one at a time; a few are passes without limit
```
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from functools import lru_cache
from random import Random

from .days import LocalDay
from .demand import OPENING_HOUR, moment
from .dice import between, dice, key_bits, pick, whole
from .ids import split_id
from .members import DAYS_MAX, ONLINE_HOURS
from .menu import WASH_MIX, Product
from .people import person_name, plate
from .sites import OPENED, Plant
from .till import line, total_cents

LIFE_DAYS = 200
"""No good is used later than this number of days after its sale."""

_DAYS_CACHED = 1024
_PER_DAY_MAX = 50
_BASE = 60_000_000
# Sales per car, at the counter and again online.
_GIFTS_PER_CAR = 0.0014
_WASHES_PER_CAR = 0.0014
_BOOKS_PER_CAR = 0.0006
_LOADS = (2500, 5000, 10_000)
_PASS_SHARE = 0.08
_KNOWN_SHARE = 0.6


class Form(Enum):
    """The kinds of good, each with the tender and sub type under which it pays."""

    GIFT_CARD = ("Prepaid", "Giftcard")
    WASH = ("Prepaid Wash", "Code")
    WASHBOOK = ("Prepaid", "Washbook")


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a good.

    Attributes:
        on: Local day.
        after_ms: Milliseconds after opening.
        wash: The wash taken.
        paid_cents: The amount that the good pays; the rest is paid by other means.
    """

    on: date
    after_ms: int
    wash: Product
    paid_cents: int

    def at_ms(self, day: LocalDay) -> int:
        """Return the instant of the use on `day`, its local day."""
        return day.at_ms(OPENING_HOUR) + self.after_ms


@dataclass(frozen=True, slots=True)
class Good:
    """One prepaid good.

    Attributes:
        form: Gift card, wash or washbook.
        id: `"<digits>:<site id>"`.
        number: The number on the card.
        sold_on: Local day of the sale.
        is_online: Whether the web shop sold it.
        sale_draws: Draws that decide the instant of the sale.
        product: The item that was sold.
        price_cents: Its price before tax.
        uses: All uses, in order of time.
        traits: Bits that decide the holder's name and plate; None if the holder is not known.
    """

    form: Form
    id: str
    number: str
    sold_on: date
    is_online: bool
    sale_draws: tuple[float, float]
    product: Product
    price_cents: int
    uses: tuple[Use, ...]
    traits: int | None

    def sold_ms(self, day: LocalDay) -> int:
        """Return the instant of the sale on `day`, its local day."""
        if self.is_online:
            open_ms, close_ms = (day.at_ms(hour) for hour in ONLINE_HOURS)
            return int(between(open_ms, close_ms, self.sale_draws[0]))
        return day.at_ms(OPENING_HOUR) + moment(*self.sale_draws)

    @property
    def customer_id(self) -> str | None:
        """The holder's customer id, which follows from the good's id.

        None if the holder is not known.
        """
        digits, _, site_id = self.id.partition(":")
        return None if self.traits is None else f"{int(digits) + _BASE}:{site_id}"

    @property
    def holder(self) -> str | None:
        """The holder's name."""
        return None if self.traits is None else person_name(self.traits)

    @property
    def plate(self) -> str | None:
        """The holder's licence plate."""
        return None if self.traits is None else plate(self.traits >> 20)


class PrepaidGoods:
    """All prepaid goods of one physical site.

    Args:
        seed: The world's seed.
        plant: The site.
    """

    def __init__(self, seed: int, plant: Plant) -> None:
        self._seed = seed
        self._plant = plant
        self.sold = lru_cache(maxsize=_DAYS_CACHED)(self._draw_sales)
        self._uses = lru_cache(maxsize=_DAYS_CACHED)(self._draw_uses)

    def used(self, day: date) -> Iterator[tuple[Good, Use]]:
        """Return every use on a local day."""
        for days in range(1, LIFE_DAYS + 1):
            yield from self._uses(day - timedelta(days=days)).get(day, ())

    def by_id(self, id: str) -> Good | None:
        """Return the good with an id, or None if there never was one."""
        numbers = split_id(id)
        if numbers is None or numbers[1] != self._plant.site.id:
            return None
        days = (numbers[0] - _BASE) // _PER_DAY_MAX
        if not 0 <= days < DAYS_MAX:
            return None
        return next((good for good in self.sold(OPENED + timedelta(days=days)) if good.id == id), None)

    def by_customer_id(self, customer_id: str) -> Good | None:
        """Return the good whose holder has a customer id, or None."""
        numbers = split_id(customer_id)
        good = None if numbers is None else self.by_id(f"{numbers[0] - _BASE}:{numbers[1]}")
        return good if good is not None and good.customer_id == customer_id else None

    def _draw_sales(self, day: date) -> tuple[Good, ...]:
        if day < OPENED:
            return ()
        rng = dice(self._seed, "prepaid", self._plant.site.id, day.toordinal())
        cars = self._plant.cars_per_day
        wanted = (
            (Form.GIFT_CARD, _GIFTS_PER_CAR, False),
            (Form.GIFT_CARD, _GIFTS_PER_CAR, True),
            (Form.WASH, _WASHES_PER_CAR, False),
            (Form.WASH, _WASHES_PER_CAR, True),
            (Form.WASHBOOK, _BOOKS_PER_CAR, False),
        )
        forms = [
            (form, is_online) for form, per_car, is_online in wanted for _ in range(whole(cars * per_car, rng.random()))
        ]
        return tuple(
            self._draw_good(day, place, form, rng, is_online=is_online)
            for place, (form, is_online) in enumerate(forms[:_PER_DAY_MAX])
        )

    def _draw_good(self, day: date, place: int, form: Form, rng: Random, *, is_online: bool) -> Good:
        menu = self._plant.menu
        is_pass = form is Form.WASHBOOK and rng.random() < _PASS_SHARE
        product = {
            Form.GIFT_CARD: menu.gift_card,
            Form.WASH: menu.prepaid_wash,
            Form.WASHBOOK: menu.year_pass if is_pass else menu.washbook,
        }[form]
        price_cents = pick(_LOADS, rng.random()) if form is Form.GIFT_CARD else product.price_cents
        number = (day - OPENED).days * _PER_DAY_MAX + place
        is_known = form is Form.WASHBOOK and rng.random() < _KNOWN_SHARE
        return Good(
            form=form,
            id=f"{_BASE + number}:{self._plant.site.id}",
            number=f"{int(rng.random() * 10**6):06}{number:08}",
            sold_on=day,
            is_online=is_online,
            sale_draws=(rng.random(), rng.random()),
            product=product,
            price_cents=price_cents,
            uses=tuple(self._draw_life(day, form, price_cents, rng, is_pass=is_pass)),
            traits=key_bits(self._seed, "holder", self._plant.site.id, number, size=16) if is_known else None,
        )

    def _draw_life(self, sold_on: date, form: Form, price_cents: int, rng: Random, *, is_pass: bool) -> Iterator[Use]:
        menu = self._plant.menu
        uses_max, stops, longest_gap = {
            Form.GIFT_CARD: (8, 0.15, 30),
            Form.WASH: (1, 0.12, 60),
            Form.WASHBOOK: (14, 0.01, 20) if is_pass else (5, 0.04, 25),
        }[form]
        on, left_cents = sold_on, price_cents
        for _ in range(uses_max):
            on += timedelta(days=1 + int(rng.random() * longest_gap))
            if rng.random() < stops or on > sold_on + timedelta(days=LIFE_DAYS):
                return
            wash = menu.washes[WASH_MIX.spin(rng.random())] if form is Form.GIFT_CARD else menu.washes[2]
            due_cents = total_cents((line(menu, wash, fee_cents=menu.fee_cents),))
            paid_cents = min(left_cents, due_cents) if form is Form.GIFT_CARD else due_cents
            yield Use(on, moment(rng.random(), rng.random()), wash, paid_cents)
            left_cents -= paid_cents
            if form is Form.GIFT_CARD and not left_cents:
                return

    def _draw_uses(self, sold_on: date) -> Mapping[date, list[tuple[Good, Use]]]:
        found: dict[date, list[tuple[Good, Use]]] = defaultdict(list)
        for good in self.sold(sold_on):
            for use in good.uses:
                found[use.on].append((good, use))
        return dict(found)
