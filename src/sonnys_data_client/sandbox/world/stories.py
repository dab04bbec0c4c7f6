"""The facts beside the till: people, prepaid goods and shifts, each told as a whole story.

A story is frozen and holds all that ever happens to its subject, later events included. What the server knows at
a moment is asked of it: `washbook.balance(as_of)`, `customer.is_active(as_of)`. So the answer to one question never
changes, and what a list says today and tomorrow follows from the same facts.

As in `facts`, money is cents, an instant is UTC milliseconds and `None` means that there is none. `as_of` is in
epoch seconds throughout.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

UNLIMITED = 999
"""The balance of a washbook that never runs out (the live service has some near 900, too)."""


def latest_ms(times_ms: Sequence[int], as_of: float) -> int | None:
    """The last of some ascending instants that has come by `as_of`; None when none has."""
    passed = bisect_right(times_ms, as_of * 1000)
    return times_ms[passed - 1] if passed else None


def exists(from_ms: int, until_ms: int | None, as_of: float) -> bool:
    """Whether `as_of` lies in a stretch of time, its end excluded; None is the end of time."""
    return from_ms <= as_of * 1000 and (until_ms is None or as_of * 1000 < until_ms)


@dataclass(frozen=True, slots=True)
class Address:
    """Where somebody lives: street, flat, town, state and country (two letters each), and postal code."""

    street: str | None = None
    more: str | None = None
    city: str | None = None
    state: str | None = None
    country: str | None = None
    postal_code: str | None = None


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody in the customer file.

    Attributes:
        id: `"<digits>:<site id>"`.
        number: The number on the customer's papers.
        first_name: First name.
        last_name: Last name.
        company: The company of a fleet's customer.
        loyalty_number: Number in the loyalty programme.
        address: Where they live, as far as they said.
        phone: Ten digits.
        email: Address for mail.
        birth_date: Day of birth, if they said.
        allow_sms: Whether text messages are welcome.
        sms_since_ms: When they said so.
        created_ms: When the record was made.
        changed_ms: When it was changed, in order.
        active_until_ms: When the customer stopped being one; None: never.
        kept_until_ms: When the record is deleted; None: never.
        site_id: The site that made the record.
    """

    id: str
    number: str
    first_name: str
    last_name: str
    company: str | None
    loyalty_number: str | None
    address: Address
    phone: str
    email: str | None
    birth_date: date | None
    allow_sms: bool
    sms_since_ms: int | None
    created_ms: int
    changed_ms: tuple[int, ...]
    active_until_ms: int | None
    kept_until_ms: int | None
    site_id: int

    def is_known(self, as_of: float) -> bool:
        """Whether the record exists."""
        return exists(self.created_ms, self.kept_until_ms, as_of)

    def modified_ms(self, as_of: float) -> int | None:
        """When the record was changed last."""
        return latest_ms(self.changed_ms, as_of)

    def is_active(self, as_of: float) -> bool:
        """Whether this is a customer still."""
        return self.active_until_ms is None or as_of * 1000 < self.active_until_ms


@dataclass(frozen=True, slots=True)
class Tag:
    """What opens the gate, from `from_ms` on, until it is disabled."""

    id: str
    number: str
    from_ms: int
    disabled_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A car on an account from `from_ms` until its plate changes."""

    id: str
    plate: str
    from_ms: int
    until_ms: int | None = None

    def is_known(self, as_of: float) -> bool:
        """Whether the account shows this plate."""
        return exists(self.from_ms, self.until_ms, as_of)


@dataclass(frozen=True, slots=True)
class Washbook:
    """A package of washes, bought once and used up; or a pass that never is.

    Attributes:
        id: `"<digits>:<site id>"`.
        name: Name of the package.
        item_id: The item that was sold.
        site_id: The site that sold it.
        size: How many washes it holds; `UNLIMITED` for a pass.
        signed_up_ms: The instant of the sale.
        used_ms: When each wash was redeemed, in order.
        customer: Who holds it, if they said.
        tags: Its card.
        vehicles: The holder's car.
        kept_until_ms: When the account is deleted.
    """

    id: str
    name: str
    item_id: str
    site_id: int
    size: int
    signed_up_ms: int
    used_ms: tuple[int, ...]
    customer: Customer | None
    tags: tuple[Tag, ...]
    vehicles: tuple[Vehicle, ...]
    kept_until_ms: int | None

    def is_known(self, as_of: float) -> bool:
        """Whether the account exists."""
        return exists(self.signed_up_ms, self.kept_until_ms, as_of)

    def balance(self, as_of: float) -> int:
        """How many washes are left."""
        if self.size == UNLIMITED:
            return UNLIMITED
        return self.size - bisect_right(self.used_ms, as_of * 1000)

    def is_active(self, as_of: float) -> bool:
        """Whether washes are left."""
        return self.balance(as_of) > 0


@dataclass(frozen=True, slots=True)
class GiftCard:
    """A gift card.

    Attributes:
        id: `"<digits>:<site id>"`.
        number: The number on the card.
        site_code: The site that sold it.
        sold_ms: The instant of the sale.
        value_cents: What it was loaded with.
        uses: What was paid with it: instant and cents, in order.
    """

    id: str
    number: str
    site_code: str
    sold_ms: int
    value_cents: int
    uses: tuple[tuple[int, int], ...]

    def used_cents(self, as_of: float) -> int:
        """What has been spent of it."""
        return sum(cents for at_ms, cents in self.uses if at_ms <= as_of * 1000)


@dataclass(frozen=True, slots=True)
class Item:
    """Something for sale at one site.

    Attributes:
        id: `"<sku>:<site id>"`; accounts and sales outcomes name their item by it.
        sku: Stock number.
        name: Name.
        department: Department.
        price_cents: Price at the site.
        cost_cents: What it costs the site, if that was ever entered.
        prompts_for_price: Whether the till asks for the price.
        site_code: The site.
    """

    id: str
    sku: str
    name: str
    department: str
    price_cents: int
    cost_cents: int | None
    prompts_for_price: bool
    site_code: str


@dataclass(frozen=True, slots=True)
class Employee:
    """Somebody who works at a site.

    Attributes:
        id: A number, unique in the world.
        first_name: First name.
        last_name: Last name.
        site_id: Where.
        site_code: That site's code.
        started: First day of work.
        start_changed: When that day was corrected, if it was.
        phone: Ten digits.
        email: Address for mail.
        adp_id: Number in the payroll, `""` for nobody's.
        rate_cents: Pay an hour; 0 for a salary.
    """

    id: int
    first_name: str
    last_name: str
    site_id: int
    site_code: str
    started: date
    start_changed: date | None
    phone: str | None
    email: str | None
    adp_id: str
    rate_cents: int

    @property
    def name(self) -> str:
        """The name as tickets have it."""
        return f"{self.first_name} {self.last_name}"


@dataclass(frozen=True, slots=True)
class ClockEntry:
    """One shift, as the server knew it from `visible_from` on.

    An entry may be known in several versions, like a transaction; its employee and `clock_in_ms` say which
    entry it is. The newest version that is visible counts.

    Attributes:
        employee_id: Who.
        site_code: Where.
        clock_in_ms: Beginning.
        clock_out_ms: End; None while the shift lasts, and after that for those who forgot.
        rate_cents: Pay an hour; half as much again for overtime.
        modified_ms: When somebody corrected the entry, or None.
        made_in_office: Whether the back office made it.
        visible_from: Epoch seconds at which the server learnt of this version.
    """

    employee_id: int
    site_code: str
    clock_in_ms: int
    clock_out_ms: int | None
    rate_cents: int
    modified_ms: int | None
    made_in_office: bool
    visible_from: float

    @property
    def minutes(self) -> tuple[int, int]:
        """Regular and overtime minutes; beyond eight hours it is overtime, unless there is a salary."""
        worked = 0 if self.clock_out_ms is None else (self.clock_out_ms - self.clock_in_ms) // 60_000
        regular = min(worked, 480) if self.rate_cents else worked
        return regular, worked - regular


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one talk at the lane: a plan or washbook sold, or just a wash.

    Attributes:
        at_ms: When: the completion of the sale.
        employee: Who talked.
        site_id: Where.
        site_name: That site's name.
        is_converted: Whether a plan or washbook was sold.
        item_id: What was sold.
        item_name: Its name.
        price_cents: Its price.
        device: The terminal.
    """

    at_ms: int
    employee: Employee
    site_id: int
    site_name: str
    is_converted: bool
    item_id: str
    item_name: str
    price_cents: int
    device: str
