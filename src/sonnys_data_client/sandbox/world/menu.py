"""The items that a site sells, and their prices.

The five washes and the four plans are the same at every site, but the lowest prices and the tax differ. Menus and
products are compared by identity, which makes them fast keys of caches. A plan is sold with a cheap first month and
then renews at its price; the family add-on costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from .dice import Wheel, dice, pick


@dataclass(frozen=True, slots=True, eq=False)
class Product:
    """An item that a ticket can have.

    Attributes:
        name: Item name.
        sku: Stock number.
        department: The spec's department.
        price_cents: List price before tax.
    """

    name: str
    sku: str
    department: str
    price_cents: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A monthly plan.

    Attributes:
        product: The item on the ticket of a sale or recharge; its price is that of a month.
        wash: The wash it pays for.
        first_month_cents: What the first month costs.
    """

    product: Product
    wash: Product
    first_month_cents: int


@dataclass(frozen=True, slots=True, eq=False)
class Menu:
    """All that one site sells.

    Attributes:
        washes: The single washes, cheapest first.
        plans: The plans for sale, top tier first.
        founders: A plan that only early members have.
        family: The add-on for a household's further car.
        extras: Items that may be added to a wash.
        vacuum: Five minutes of a self-service vacuum.
        prepaid_wash: A wash that is bought now and used later.
        gift_card: A gift card, at its usual value.
        washbook: Five washes bought at once.
        year_pass: Washes without limit, for a year.
        counter: Items on the list that are rarely sold. No ticket of this world has them.
        tax_per_10k: Sales tax on washes and plans, in hundredths of a percent.
        fee_cents: Environmental fee on each retail wash.
    """

    washes: tuple[Product, ...]
    plans: tuple[Plan, ...]
    founders: Plan
    family: Plan
    extras: tuple[Product, ...]
    vacuum: Product
    prepaid_wash: Product
    gift_card: Product
    washbook: Product
    year_pass: Product
    counter: tuple[Product, ...]
    tax_per_10k: int
    fee_cents: int

    @property
    def products(self) -> tuple[Product, ...]:
        """Everything that is listed for sale."""
        plans = tuple(plan.product for plan in (*self.plans, self.founders, self.family))
        prepaid = (self.prepaid_wash, self.gift_card, self.washbook, self.year_pass)
        return (*self.washes, *plans, *self.extras, self.vacuum, *prepaid, *self.counter)

    def tax_on(self, net_cents: int) -> int:
        """Return the tax on an amount, rounded half away from zero.

        So a return gives back a sale's whole tax.
        """
        tax = (abs(net_cents) * self.tax_per_10k + 5_000) // 10_000
        return tax if net_cents >= 0 else -tax


PLAN_MIX: Wheel[int] = Wheel([(0, 25), (1, 35), (2, 25), (3, 15)])
"""Which of `Menu.plans` a new member takes."""

WASH_MIX: Wheel[int] = Wheel([(0, 46), (1, 27), (2, 16), (3, 7), (4, 4)])
"""Which of `Menu.washes` a retail customer takes. With add-ons and discounts a ticket averages 13.5 to 16 dollars."""

FAMILY_SHARE = 0.06
"""Share of new accounts that are for a household's further car."""

FOUNDERS_SHARE = 0.12
"""Share of founders' plans among the members who joined while it was sold."""


def menu_of(seed: int, site_id: int) -> Menu:
    """Return the menu of one site."""
    rng = dice(seed, "menu", site_id)
    lowest = pick((1000, 1100, 1200), rng.random())
    basic_month = pick((2000, 2200, 2500), rng.random())
    top_month = pick((4500, 5000), rng.random())
    promotion = pick((995, 1195, 1585), rng.random())
    washes = (
        Product("Swift Wash", "1001", "Wash", lowest),
        Product("Bright Wash", "1002", "Wash", 1500),
        Product("Foam Wash", "1003", "Wash", 2000),
        Product("Shield Wash", "1004", "Wash", 2500),
        Product("Summit Wash", "1005", "Wash", 3000),
    )

    def plan(name: str, sku: str, month_cents: int, wash: Product) -> Plan:
        return Plan(Product(name, sku, "Recurring Plan", month_cents), wash, min(month_cents, promotion))

    return Menu(
        washes=washes,
        plans=(
            plan("Summit Unlimited", "2005", top_month, washes[4]),
            plan("Shield Unlimited", "2004", 4000, washes[3]),
            plan("Foam Unlimited", "2003", 3000, washes[2]),
            plan("Swift Unlimited", "2001", basic_month, washes[0]),
        ),
        founders=plan("Founders Unlimited", "2009", 2900, washes[4]),
        family=Plan(Product("Family Add-On", "2010", "Recurring Plan", 0), washes[3], 0),
        extras=(
            Product("Tire Shine", "3001", "Add On", 300),
            Product("Interior Wipes", "3002", "Merchandise", 250),
            Product("Ceramic Boost", "3003", "Add On", 500),
            Product("Air Freshener", "3004", "Merchandise", 199),
        ),
        vacuum=Product("Vacuum 5 Minutes", "4001", "Vacuum Sales", 200),
        prepaid_wash=Product("Foam Wash Prepaid", "5003", "Prepaid Wash", 2000),
        gift_card=Product("Gift Card", "6001", "GiftCard", 2500),
        washbook=Product("Foam Wash Book of 5", "7003", "WashBook", 8000),
        year_pass=Product("Foam Wash Year Pass", "7009", "WashBook", 29_900),
        counter=(
            Product("Interior Detail", "8001", "Detail", 14_900),
            Product("Showroom Detail", "8002", "Detail", 124_900),
            Product("Headlight Service", "8003", "Service", 8_900),
            Product("Mailer", "9102", "Promotion/Coupon", 300),
        ),
        tax_per_10k=pick((0, 625, 700, 825), rng.random()),
        fee_cents=pick((0, 0, 50), rng.random()),
    )
