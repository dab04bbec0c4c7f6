"""The facts of the world: what truly happened at the till, before any API spells it.

A fact is frozen and holds no rendering: money is a whole number of cents, an instant is UTC, and `None`
means that there is none. How "none" is written, which fields are left out and in which shape a discount
arrives are the renderer's affair.

One sale may be known in several *versions*: a void that reaches the server an hour later is a second
`Transaction` with the same `id` and a later `visible_from`. At any moment the server knows the newest
version whose `visible_from` has passed, or nothing at all while the terminal is still offline.

Three sums hold for every row, to the cent:

    total_cents  =  sum of net + tax + fee over the items that are not voided
    total_cents  =  sum of the tenders' total_cents, where each is amount - change
    discounts    =  the items' discount_cents, item name by item name, over the items that are not voided
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Site:
    """A place that sells washes, or the web shop.

    Attributes:
        id: The number behind the colon of every id that belongs to the site.
        code: Short code such as `"MAIN"`; `""` for the web shop.
        name: Full name.
        timezone: IANA name, or None where the operator never set it (the site still lives by a local clock).
        region: Region code such as `"CENTRAL"`.
        is_virtual: Whether this is the web shop.
    """

    id: int
    code: str
    name: str
    timezone: str | None
    region: str
    is_virtual: bool


@dataclass(frozen=True, slots=True)
class Tender:
    """One means of payment on a ticket.

    Attributes:
        tender: `"Credit"`, `"Cash"`, `"Prepaid"`, ... (the spec's list).
        sub_type: `"Visa"`, `"Giftcard"`, ..., or None.
        amount_cents: What was handed over; negative when money goes back to the customer.
        change_cents: What was given back out of `amount_cents`, never negative.
        total_cents: `amount_cents - change_cents`.
        reference: The authorisation's reference number.
        card_last_four: Last four digits of the card.
        card_expiry: Month of expiry, `"2027-03"`.
    """

    tender: str
    sub_type: str | None
    amount_cents: int
    change_cents: int
    total_cents: int
    reference: str | None = None
    card_last_four: str | None = None
    card_expiry: str | None = None


@dataclass(frozen=True, slots=True)
class LineItem:
    """One line of a ticket. Amounts are for the whole line, in cents: `net = gross - discount`.

    Attributes:
        name: Item name.
        sku: Stock number, or None.
        department: `"Wash"`, `"Recurring Plan"`, `"Add On"`, ...
        quantity: Pieces; negative on a return.
        gross_cents: List price times quantity.
        net_cents: What the line costs after discounts, before tax.
        discount_cents: What was taken off.
        tax_cents: Sales tax on the net.
        fee_cents: Further fee, such as an environmental one.
        is_voided: Whether the line was struck out; a voided line counts towards nothing.
    """

    name: str
    sku: str | None
    department: str
    quantity: int
    gross_cents: int
    net_cents: int
    discount_cents: int
    tax_cents: int
    fee_cents: int
    is_voided: bool = False


@dataclass(frozen=True, slots=True)
class Discount:
    """A reduction of one item.

    Attributes:
        name: Name of the offer.
        sku: Stock number of the offer, or None.
        applied_to: Name of the item it lowers.
        amount_cents: What it takes off: positive on a sale, negative on the return of one.
        code: The code that was keyed or scanned.
    """

    name: str
    sku: str | None
    applied_to: str
    amount_cents: int
    code: str


@dataclass(frozen=True, slots=True)
class Transaction:
    """One row of the till, as the server knew it from `visible_from` on.

    The five `is_recurring_*` and `is_prepaid_*` flags exclude one another (spec). `is_plan_sale_v2` also
    marks upgrades, which `is_recurring_sale` does not (seen live).

    Attributes:
        id: `"<digits>:<site id>"`, unique in the world.
        number: Ticket number, increasing with completion within a site. Not the digits of `id`.
        type: `"Sale"`, `"Return"` or `"Rewash"`.
        completed_ms: Completion, milliseconds since the epoch (UTC).
        site_code: Code of the site that rang it up.
        device: Name of the terminal; contains `E-Comm` when sold online.
        total_cents: What the customer paid; negative on a return.
        tenders: Payments. Empty, or one of zero, when nothing was due.
        items: Lines, voided ones included.
        discounts: Reductions of the lines that count.
        customer_name: Member's name.
        customer_id: Member's customer id, `"<digits>:<site id>"`.
        plate: Licence plate, when one was read or is on file.
        cashier: Employee at the till.
        greeter: Employee at the lane.
        is_recurring_payment: Monthly recharge by the billing software.
        is_recurring_redemption: A wash on a plan.
        is_recurring_sale: A true new plan sale.
        is_prepaid_redemption: A gift card or prepaid wash being used.
        is_prepaid_sale: A gift card or prepaid wash being bought.
        status: `"Completed"`, `"Voided"`, `"Incomplete"`, `"Suspended"`, ... (the spec's list).
        is_plan_sale_v2: The version 2 list's wider plan-sale flag.
        is_plan_redemption_v2: The version 2 list's redemption flag.
        visible_from: Epoch seconds at which the server learnt of this version.
    """

    id: str
    number: int
    type: str
    completed_ms: int
    site_code: str
    device: str
    total_cents: int
    tenders: tuple[Tender, ...]
    items: tuple[LineItem, ...]
    discounts: tuple[Discount, ...]
    customer_name: str | None
    customer_id: str | None
    plate: str | None
    cashier: str | None
    greeter: str | None
    is_recurring_payment: bool
    is_recurring_redemption: bool
    is_recurring_sale: bool
    is_prepaid_redemption: bool
    is_prepaid_sale: bool
    status: str
    is_plan_sale_v2: bool
    is_plan_redemption_v2: bool
    visible_from: float
