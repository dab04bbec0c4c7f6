"""People, prepaid goods and shifts, each record with its whole history.

A record is frozen and holds all that ever happens to its subject, later events included. Its methods tell what the
server knows at a time: `washbook.balance(as_of)`, `customer.is_active(as_of)`. So the answer to a question never
changes, and today's list and tomorrow's follow from the same facts.

As in `facts`, money is cents, an instant is UTC milliseconds and `None` means that there is none. `as_of` is always
an epoch second.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Protocol, TypeVar

UNLIMITED = 999
"""The balance of a washbook that never runs out. The live service also has some near 900."""


def latest_ms(times_ms: Sequence[int], as_of: float) -> int | None:
    """Return the last of some ascending instants that is not after `as_of`.

    None if all are.
    """
    passed = bisect_right(times_ms, as_of * 1000)
    return times_ms[passed - 1] if passed else None


def exists(from_ms: int, until_ms: int | None, as_of: float) -> bool:
    """Return whether something that begins and ends exists at `as_of`.

    An end of None is never.
    """
    return from_ms <= as_of * 1000 and (until_ms is None or as_of * 1000 < until_ms)


def happened(at_ms: int, start: int, stop: int, as_of: float) -> bool:
    """Return whether an instant is in `[start, stop)` and not after `as_of`."""
    return start * 1000 <= at_ms < stop * 1000 and at_ms <= as_of * 1000


class _Kept(Protocol):
    def is_known(self, as_of: float) -> bool: ...


class _SignedUp(_Kept, Protocol):
    @property
    def id(self) -> str: ...
    @property
    def signed_up_ms(self) -> int: ...


Kept = TypeVar("Kept", bound=_Kept)
SignedUp = TypeVar("SignedUp", bound=_SignedUp)


def known(record: Kept | None, as_of: float) -> Kept | None:
    """Return the record if it exists at `as_of`."""
    return record if record is not None and record.is_known(as_of) else None


def signed_up(records: Iterable[SignedUp], start: int, stop: int, as_of: float) -> list[SignedUp]:
    """Return the records that were sold in a range and exist at `as_of`.

    They are sorted by `(signed_up_ms, id)`.
    """
    found = (each for each in records if start * 1000 <= each.signed_up_ms < stop * 1000 and each.is_known(as_of))
    return sorted(found, key=attrgetter("signed_up_ms", "id"))


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address. State and country are two letters each; `more` is the flat."""

    street: str | None = None
    more: str | None = None
    city: str | None = None
    state: str | None = None
    country: str | None = None
    postal_code: str | None = None


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer's record.

    Attributes:
        id: `"<digits>:<site id>"`.
        number: The customer number, which is not the id.
        first_name: First name.
        last_name: Last name.
        company: The company, for a fleet.
        loyalty_number: Number in the loyalty programme, or None.
        address: Postal address; the fields that are not known are None.
        phone: Ten digits.
        email: E-mail address, or None.
        birth_date: Day of birth, or None.
        allow_sms: Whether the customer accepts text messages.
        sms_since_ms: When the customer accepted them, or None.
        created_ms: When the record was made.
        changed_ms: When it was changed, in order of time.
        active_until_ms: When the customer left; None for never.
        kept_until_ms: When the record is deleted; None for never.
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
        """Return whether the record exists."""
        return exists(self.created_ms, self.kept_until_ms, as_of)

    def modified_ms(self, as_of: float) -> int | None:
        """Return when the record was last changed; None if it never was."""
        return latest_ms(self.changed_ms, as_of)

    def is_active(self, as_of: float) -> bool:
        """Return whether the customer has not left."""
        return self.active_until_ms is None or as_of * 1000 < self.active_until_ms


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag that opens the gate, from `from_ms` until it is disabled."""

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
        """Return whether the account shows this plate."""
        return exists(self.from_ms, self.until_ms, as_of)


@dataclass(frozen=True, slots=True)
class Washbook:
    """A package of washes that is bought once and used up, or a pass without limit.

    Attributes:
        id: `"<digits>:<site id>"`.
        name: Name of the package.
        item_id: The item that was sold.
        site_id: The site that sold it.
        size: How many washes it holds; `UNLIMITED` for a pass.
        signed_up_ms: The instant of the sale.
        used_ms: When each wash was redeemed, in order of time.
        customer: Its holder, or None if not known.
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
        """Return whether the account exists."""
        return exists(self.signed_up_ms, self.kept_until_ms, as_of)

    def balance(self, as_of: float) -> int:
        """Return how many washes are left."""
        if self.size == UNLIMITED:
            return UNLIMITED
        return self.size - bisect_right(self.used_ms, as_of * 1000)

    def is_active(self, as_of: float) -> bool:
        """Return whether washes are left."""
        return self.balance(as_of) > 0


@dataclass(frozen=True, slots=True)
class GiftCard:
    """A gift card.

    Attributes:
        id: `"<digits>:<site id>"`.
        number: The number on the card.
        site_code: The site that sold it.
        sold_ms: The instant of the sale.
        value_cents: Its value when it was sold.
        uses: The payments with it, each an instant and cents, in order of time.
    """

    id: str
    number: str
    site_code: str
    sold_ms: int
    value_cents: int
    uses: tuple[tuple[int, int], ...]

    def used_cents(self, as_of: float) -> int:
        """Return how much of it has been spent."""
        return sum(cents for at_ms, cents in self.uses if at_ms <= as_of * 1000)


@dataclass(frozen=True, slots=True)
class Item:
    """Something for sale at one site.

    Attributes:
        id: `"<sku>:<site id>"`, as accounts and sales outcomes name it.
        sku: Stock number.
        name: Name.
        department: Department.
        price_cents: Price at the site.
        cost_cents: What it costs the site; None if nobody entered that.
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
    """An employee of a site.

    Attributes:
        id: A number, unique in the world.
        first_name: First name.
        last_name: Last name.
        site_id: The site.
        site_code: That site's code.
        started: First day of work.
        start_changed: When that day was corrected, or None.
        phone: Ten digits, or None.
        email: E-mail address, or None.
        adp_id: Number in the payroll; `""` if there is none.
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
        """First and last name, as on tickets."""
        return f"{self.first_name} {self.last_name}"


@dataclass(frozen=True, slots=True)
class ClockEntry:
    """One shift, as the server knew it from `visible_from` on.

    Like a transaction, an entry may have several versions. Versions with the same employee and `clock_in_ms` are of
    the same entry, and the newest visible one counts.

    Attributes:
        employee_id: The employee.
        site_code: Code of the site.
        clock_in_ms: When the shift begins.
        clock_out_ms: When it ends; None while it lasts, and afterwards if the employee forgot to clock out.
        rate_cents: Pay an hour; overtime is paid one and a half times.
        modified_ms: When somebody corrected the entry, or None.
        made_in_office: Whether the back office made it.
        visible_from: Epoch second at which the server learnt of this version.
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
        """Regular and overtime minutes.

        What exceeds eight hours is overtime, unless the pay is a salary.
        """
        worked = 0 if self.clock_out_ms is None else (self.clock_out_ms - self.clock_in_ms) // 60_000
        regular = min(worked, 480) if self.rate_cents else worked
        return regular, worked - regular


def newest_entries(
    versions: Iterable[ClockEntry], employee_id: int, start: int, stop: int, as_of: float
) -> list[ClockEntry]:
    """Return the newest versions of an employee's shifts that began in a range.

    Args:
        versions: Versions of entries; of two versions of an entry the older comes first.
        employee_id: The employee.
        start: First epoch second.
        stop: End of the range, epoch seconds, itself excluded.
        as_of: The epoch second at which the server is asked.
    """
    newest = {
        entry.clock_in_ms: entry
        for entry in versions
        if entry.employee_id == employee_id
        and start * 1000 <= entry.clock_in_ms < stop * 1000
        and entry.visible_from <= as_of
    }
    return list(newest.values())


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one sales talk: a plan or washbook was sold, or just a wash.

    An outcome may have several versions, such as one that converts the next day. Versions with the same time,
    employee, site and terminal are of the same outcome, and the newest visible one counts.

    Attributes:
        at_ms: When the sale was completed.
        employee: The employee who offered the plan.
        site_id: The site.
        site_name: That site's name.
        is_converted: Whether a plan or washbook was sold.
        item_id: Id of the item that was sold.
        item_name: Its name.
        price_cents: Its price.
        device: The terminal.
        visible_from: Epoch second at which the server learnt of this version; at once if not given.
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
    visible_from: float = -math.inf


def newest_outcomes(versions: Iterable[Outcome], start: int, stop: int, as_of: float) -> list[Outcome]:
    """Return the newest versions of the outcomes in a range; arguments as for `newest_entries`."""
    newest = {
        (each.at_ms, each.employee.id, each.site_id, each.device): each
        for each in versions
        if happened(each.at_ms, start, stop, as_of) and each.visible_from <= as_of
    }
    return list(newest.values())
