"""The facts of the world: what happened at the till, before an API writes it as JSON.

A fact is frozen and does not depend on how it is written: money is a whole number of cents, an instant is UTC, and
`None` means that there is none. The renderer decides how None is written, which fields are left out, and how a
discount looks.

One sale may have several *versions*. For example, a void that reaches the server an hour later is a second
`Transaction` with the same `id` and a later `visible_from`. At any time the server knows the newest version whose
`visible_from` has passed, or none while the terminal is still offline.

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
        id: The number after the colon in every id that belongs to the site.
        code: Short code such as `"MAIN"`; `""` for the web shop.
        name: Full name.
        timezone: IANA name; None if the operator never set it, although the site keeps local hours.
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
        amount_cents: What the customer paid; negative if the customer got money back.
        change_cents: The change out of `amount_cents`, never negative.
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
    """One line of a ticket.

    Amounts are for the whole line, in cents: `net = gross - discount`.

    Attributes:
        name: Item name.
        sku: Stock number, or None.
        department: `"Wash"`, `"Recurring Plan"`, `"Add On"`, ...
        quantity: Pieces; negative on a return.
        gross_cents: List price times quantity.
        net_cents: What the line costs after discounts, before tax.
        discount_cents: The discounts on the line.
        tax_cents: Sales tax on the net.
        fee_cents: A further fee, such as an environmental one.
        is_voided: Whether the line was voided. A voided line counts towards no sum.
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
    """A discount on one item.

    Attributes:
        name: Name of the offer.
        sku: Stock number of the offer, or None.
        applied_to: Name of the discounted item.
        amount_cents: The discount: positive on a sale, negative on a return.
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

    At most one of the five `is_recurring_*` and `is_prepaid_*` flags is set (spec). `is_plan_sale_v2` also marks
    upgrades, which `is_recurring_sale` does not (seen live).

    Attributes:
        id: `"<digits>:<site id>"`, unique in the world.
        number: Ticket number, increasing with completion within a site. Not the first number of `id`.
        type: `"Sale"`, `"Return"` or `"Rewash"`.
        completed_ms: Completion, milliseconds since the epoch (UTC).
        site_code: Code of the site that rang it up.
        device: Name of the terminal; contains `E-Comm` when sold online.
        total_cents: What the customer paid; negative on a return.
        tenders: Payments. Empty, or one of zero, if nothing was due.
        items: Lines, voided ones included.
        discounts: Discounts on the lines that are not voided.
        customer_name: Member's name.
        customer_id: Member's customer id, `"<digits>:<site id>"`.
        plate: Licence plate, if one was read or is on record.
        cashier: Employee at the till.
        greeter: Employee at the lane.
        is_recurring_payment: Monthly recharge by the billing software.
        is_recurring_redemption: A wash on a plan.
        is_recurring_sale: A true new plan sale.
        is_prepaid_redemption: A gift card, prepaid wash or washbook was used.
        is_prepaid_sale: A gift card, prepaid wash or washbook was bought.
        status: `"Completed"`, `"Voided"`, `"Incomplete"`, `"Suspended"`, ... (the spec's list).
        is_plan_sale_v2: The version 2 list's wider plan-sale flag.
        is_plan_redemption_v2: The version 2 list's redemption flag.
        visible_from: Epoch second at which the server learnt of this version.
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
