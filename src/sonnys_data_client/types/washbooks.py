"""Wash books: washes bought in bulk. Recurring accounts are wash books too, and share some of these classes."""

from __future__ import annotations

from typing import Annotated

from sonnys_data_client.types.fields import (
    AccountStatusWord,
    Day,
    Flag,
    Id,
    Instant,
    Money,
    Text,
    Whole,
    empty_if_nothing,
    none_if_nothing,
)
from sonnys_data_client.types.record import Record

__all__ = [
    "AccountCustomer",
    "Book",
    "RecurringInfo",
    "Tag",
    "Vehicle",
    "Washbook",
    "WashbookListItem",
]

_UNLIMITED = range(900, 1000)


class Tag(Record):
    """What a gate reads: an RFID tag or a card."""

    id: Text = None
    """The key, such as `876:1001`. Spec."""
    number: Text = None
    """The number that the gate reads. Spec."""
    enabled: Flag = None
    """Whether it opens the gate. Spec."""


class Vehicle(Record):
    """A vehicle that may be washed."""

    id: Text = None
    """The key, such as `876:1001`. Spec."""
    plate: Text = None
    """Licence plate. Personal. Spec."""


class AccountCustomer(Record):
    """The customer of an account, in short."""

    id: Text = None
    """`Customer.id`. Spec."""
    number: Text = None
    """The number that staff see. Spec."""
    first_name: Text = None
    """First name. Personal. Spec."""
    last_name: Text = None
    """Last name. Personal. Spec."""


class RecurringInfo(Record):
    """The billing of a recurring account."""

    current_billable_amount: Money = None
    """Amount of the next charge. Spec."""
    next_bill_date: Day = None
    """When the next charge is due. Spec."""
    last_bill_date: Day = None
    """When a charge last succeeded. Spec."""
    is_on_trial: Flag = None
    """Whether the trial price still applies. Spec."""
    remaining_trial_periods: Whole = None
    """Number of months for which it still applies. Spec."""


class Book(Record):
    """The fields that a wash book has both in a list and in full."""

    id: Id
    """The key, such as `876:1001`. Spec."""
    name: Text = None
    """Its name on the menu. Spec."""
    balance: Whole = None
    """Washes left, or a number that means no limit: see `is_unlimited`. None for recurring accounts. Spec."""

    @property
    def is_unlimited(self) -> bool:
        """Whether `balance` means no limit: 900 to 999 do, because the spec says so of balances near 900 or 999."""
        return self.balance in _UNLIMITED


class WashbookListItem(Book):
    """A wash book in a list."""

    sign_up_date: Instant = None
    """When it was bought, UTC. Spec."""
    cancel_date: Instant = None
    """When it was cancelled, UTC; usually None. Spec."""
    billing_site_id: Whole = None
    """`Site.site_id` of where it was bought. Spec."""
    customer_id: Text = None
    """`Customer.id`; None when the customer is not known. Spec."""
    status: AccountStatusWord = None
    """Whether it can be used. Spec."""


class Washbook(Book):
    """A wash book in full, recurring or not."""

    customer: Annotated[AccountCustomer | None, none_if_nothing] = None
    """The account's customer. Spec."""
    status: AccountStatusWord = None
    """Whether it can be used. Spec."""
    recurring_info: Annotated[RecurringInfo | None, none_if_nothing] = None
    """Its billing; None unless it is a recurring account. Spec."""
    tags: Annotated[tuple[Tag, ...], empty_if_nothing] = ()
    """The tags that open the gate for it. Spec."""
    vehicles: Annotated[tuple[Vehicle, ...], empty_if_nothing] = ()
    """The vehicles that may be washed. Spec."""
