"""Wash books: washes bought in bulk. Recurring accounts are wash books too, and share the parts below."""

from __future__ import annotations

from typing import Annotated

from sonnys_data_client.types.fields import AccountStatusWord, Day, Flag, Id, Instant, Money, Text, Whole, each, maybe
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
    """What is read from it. Spec."""
    enabled: Flag = None
    """Whether it opens the gate. Spec."""


class Vehicle(Record):
    """A vehicle that may be washed."""

    id: Text = None
    """The key, such as `876:1001`. Spec."""
    plate: Text = None
    """Its plate. Personal. Spec."""


class AccountCustomer(Record):
    """The customer of an account, in short."""

    id: Text = None
    """`Customer.id`. Spec."""
    number: Text = None
    """The number that staff see. Spec."""
    first_name: Text = None
    """Personal. Spec."""
    last_name: Text = None
    """Personal. Spec."""


class RecurringInfo(Record):
    """The billing of an account that is a recurring one."""

    current_billable_amount: Money = None
    """What will be charged next. Spec."""
    next_bill_date: Day = None
    """When. Spec."""
    last_bill_date: Day = None
    """When a charge last succeeded. Spec."""
    is_on_trial: Flag = None
    """Whether a first, lower price holds still. Spec."""
    remaining_trial_periods: Whole = None
    """For how many more months. Spec."""


class Book(Record):
    """What a wash book in a list and in full have in common."""

    id: Id
    """The key, such as `876:1001`. Spec."""
    name: Text = None
    """What the menu calls it. Spec."""
    balance: Whole = None
    """Washes left, or a number that means no limit: see `is_unlimited`. Spec; None for recurring accounts."""

    @property
    def is_unlimited(self) -> bool:
        """Whether `balance` means "as many as you like": the spec says so of balances near 900 and of 999."""
        return self.balance in _UNLIMITED


class WashbookListItem(Book):
    """A wash book in a list."""

    sign_up_date: Instant = None
    """When it was bought, UTC. Spec."""
    cancel_date: Instant = None
    """When it was cancelled, UTC; usually None. Spec."""
    billing_site_id: Whole = None
    """`Site.id` of where it was bought. Spec."""
    customer_id: Text = None
    """`Customer.id`; None when nobody is known. Spec."""
    status: AccountStatusWord = None
    """Whether it can be used. Spec."""


class Washbook(Book):
    """A wash book in full, recurring or not."""

    customer: Annotated[AccountCustomer | None, maybe] = None
    """Whose it is. Spec."""
    status: AccountStatusWord = None
    """Whether it can be used. Spec."""
    recurring_info: Annotated[RecurringInfo | None, maybe] = None
    """Its billing, if it is a recurring account. Spec."""
    tags: Annotated[tuple[Tag, ...], each] = ()
    """What opens the gate for it. Spec."""
    vehicles: Annotated[tuple[Vehicle, ...], each] = ()
    """Which may be washed. Spec."""
