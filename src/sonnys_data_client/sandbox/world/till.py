"""Tickets: from the items bought to a ticket whose sums agree.

A `Ticket` is a transaction without an id, because its position in the day's order is not known until the day is
complete. Its `Kind` says once what kind of sale it was, and `FLAGS` gives the API's seven flags for it. So two flags
that exclude each other are never both set. Totals are always added up from the lines, and the last tender pays what
is left.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache
from random import Random

from .dice import pick
from .facts import Discount, LineItem, Tender
from .menu import Menu, Product
from .people import Card, passing_card


class Kind(Enum):
    """What a ticket does with plans and prepaid goods."""

    ORDINARY = "ordinary"
    RECHARGE = "recharge"
    REDEMPTION = "redemption"
    PLAN_SALE = "plan sale"
    UPGRADE = "upgrade"
    PREPAID_REDEMPTION = "prepaid redemption"
    PREPAID_SALE = "prepaid sale"


@dataclass(frozen=True, slots=True)
class Flags:
    """The API's flags for one kind of ticket; see `Transaction` for their meaning."""

    is_recurring_payment: bool = False
    is_recurring_redemption: bool = False
    is_recurring_sale: bool = False
    is_prepaid_redemption: bool = False
    is_prepaid_sale: bool = False
    is_plan_sale_v2: bool = False
    is_plan_redemption_v2: bool = False


FLAGS = {
    Kind.ORDINARY: Flags(),
    Kind.RECHARGE: Flags(is_recurring_payment=True),
    Kind.REDEMPTION: Flags(is_recurring_redemption=True, is_plan_redemption_v2=True),
    Kind.PLAN_SALE: Flags(is_recurring_sale=True, is_plan_sale_v2=True),
    Kind.UPGRADE: Flags(is_plan_sale_v2=True),
    Kind.PREPAID_REDEMPTION: Flags(is_prepaid_redemption=True),
    Kind.PREPAID_SALE: Flags(is_prepaid_sale=True),
}


VOIDABLE = frozenset({Kind.ORDINARY, Kind.REDEMPTION})
"""The kinds that may be voided. All others have changed an account, which is corrected by other means."""


@dataclass(slots=True)
class Ticket:
    """A transaction without its number and id, which depend on the rest of the day."""

    completed_ms: int
    kind: Kind
    device: str
    items: tuple[LineItem, ...]
    tenders: tuple[Tender, ...]
    discounts: tuple[Discount, ...] = ()
    type: str = "Sale"
    status: str = "Completed"
    customer_name: str | None = None
    customer_id: str | None = None
    plate: str | None = None
    cashier: str | None = None
    greeter: str | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A reason to charge less.

    Attributes:
        name: Name of the discount.
        sku: Its stock number, or None.
        code: The code keyed or scanned.
    """

    name: str
    sku: str | None
    code: str


_LINES_CACHED = 4096

PLAN_WASH = Offer("Plan Wash", "9001", "90010001")
FIRST_MONTH = Offer("First Month", "9002", "90020002")
REWASH = Offer("Rewash", "9003", "90030003")
VOUCHER = Offer("Voucher", "9004", "90040004")
COURTESY = Offer("Courtesy Wash", None, "90050005")
COUPONS = (
    (Offer("Early Bird", "9101", "91010001"), 200),
    (Offer("Mailer", "9102", "91020002"), 300),
    (Offer("Fleet Friend", "9103", "91030003"), 400),
    (Offer("Neighbor", None, "91040004"), 500),
)
"""Offers on retail washes, with what each takes off in cents."""


@lru_cache(maxsize=_LINES_CACHED)
def line(menu: Menu, product: Product, *, off_cents: int = 0, fee_cents: int = 0) -> LineItem:
    """Return a taxed line of a ticket.

    Lines are cached, because most rows consist of the same few dozen.
    """
    net = product.price_cents - off_cents
    return LineItem(
        name=product.name,
        sku=product.sku,
        department=product.department,
        quantity=1,
        gross_cents=product.price_cents,
        net_cents=net,
        discount_cents=off_cents,
        tax_cents=menu.tax_on(net),
        fee_cents=fee_cents,
    )


def untaxed_line(product: Product, price_cents: int | None = None) -> LineItem:
    """Return an untaxed line. Prepaid goods are taxed when they are used."""
    price = product.price_cents if price_cents is None else price_cents
    return LineItem(product.name, product.sku, product.department, 1, price, price, 0, 0, 0)


def discount(offer: Offer, item: LineItem) -> Discount:
    """Return the discount that explains an item's `discount_cents`."""
    return Discount(offer.name, offer.sku, item.name, item.discount_cents, offer.code)


def total_cents(items: tuple[LineItem, ...]) -> int:
    """Return a ticket's total: net, tax and fee of every line that is not voided."""
    total = 0
    for item in items:
        if not item.is_voided:
            total += item.net_cents + item.tax_cents + item.fee_cents
    return total


def by_card(card: Card, amount_cents: int, rng: Random) -> tuple[Tender, ...]:
    """Return a payment by card; no payment if nothing is due."""
    if not amount_cents:
        return ()
    return (
        Tender(
            card.tender,
            card.sub_type,
            amount_cents,
            0,
            amount_cents,
            reference=_reference(rng),
            card_last_four=card.last_four,
            card_expiry=card.expiry,
        ),
    )


def by_cash(due_cents: int, rng: Random) -> tuple[Tender, ...]:
    """Return a payment in notes, with change."""
    note = pick((500, 1000, 2000, 2000), rng.random())
    handed = -(-due_cents // note) * note
    return (Tender("Cash", None, handed, handed - due_cents, due_cents),)


def by_prepaid(tender: str, sub_type: str | None, due_cents: int, rng: Random) -> tuple[Tender, ...]:
    """Return a payment by plan, account or prepaid good."""
    return (Tender(tender, sub_type, due_cents, 0, due_cents, reference=_reference(rng)),)


def by_customer(due_cents: int, year: int, rng: Random) -> tuple[Tender, ...]:
    """Return the payment of an unknown customer: by card, by cash or by both."""
    draw = rng.random()
    if draw < 0.86:
        return by_card(passing_card(rng, year), due_cents, rng)
    if draw < 0.98 or due_cents <= 500:
        return by_cash(due_cents, rng)
    in_notes = Tender("Cash", None, 500, 0, 500)
    return (in_notes, *by_card(passing_card(rng, year), due_cents - 500, rng))


def returned(ticket: Ticket, completed_ms: int) -> Ticket:
    """Return a ticket that gives back an earlier one, with opposite signs."""
    return replace(
        ticket,
        completed_ms=completed_ms,
        type="Return",
        items=tuple(
            replace(
                item,
                quantity=-item.quantity,
                gross_cents=-item.gross_cents,
                net_cents=-item.net_cents,
                discount_cents=-item.discount_cents,
                tax_cents=-item.tax_cents,
                fee_cents=-item.fee_cents,
            )
            for item in ticket.items
        ),
        # The customer gets back what was paid minus the change, so this tender has no change.
        tenders=tuple(
            replace(tender, amount_cents=-tender.total_cents, change_cents=0, total_cents=-tender.total_cents)
            for tender in ticket.tenders
        ),
        discounts=tuple(replace(each, amount_cents=-each.amount_cents) for each in ticket.discounts),
    )


VOID_TENDERS = (Tender("Void", None, 0, 0, 0),)
"""The tenders of a voided ticket."""


def struck_out(items: tuple[LineItem, ...]) -> tuple[LineItem, ...]:
    """Return the same lines, all of them voided."""
    return tuple(replace(item, is_voided=True) for item in items)


def _reference(rng: Random) -> str:
    return f"{int(rng.random() * 10**11):011}"
