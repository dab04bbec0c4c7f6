"""Customers: people and companies that an operator knows. Nearly all of it is personal."""

from __future__ import annotations

from typing import Annotated

from sonnys_data_client.types.fields import Day, Flag, Id, Instant, Text, maybe
from sonnys_data_client.types.record import Record

__all__ = ["Address", "Customer", "CustomerListItem"]


class CustomerListItem(Record):
    """A customer in a list, in short."""

    customer_id: Id
    """The key, such as `876:1001`; transactions and accounts carry it as `customer_id`. Spec."""
    customer_number: Text = None
    """The number that staff see. Spec."""
    first_name: Text = None
    """Personal. Spec."""
    last_name: Text = None
    """Personal. Spec."""
    phone_number: Text = None
    """Personal. Spec."""
    is_active: Flag = None
    """Whether the customer is in use. Spec."""
    created_date: Instant = None
    """When it was entered, UTC. Spec."""
    modified_date: Instant = None
    """When it was last changed, UTC; None for never (seen live). Spec."""


class Address(Record):
    """Where somebody lives. Personal."""

    address1: Text = None
    """Street and number. Spec."""
    address2: Text = None
    """A second line. Spec."""
    city: Text = None
    """Spec."""
    state: Text = None
    """Code of two letters. Spec."""
    country: Text = None
    """Code of two letters. Spec."""
    postal_code: Text = None
    """Five digits, perhaps four more. Spec."""


class Customer(Record):
    """A customer in full."""

    id: Id
    """The key: `CustomerListItem.id` is the same. Spec."""
    number: Text = None
    """The number that staff see. Spec."""
    first_name: Text = None
    """Personal. Spec."""
    last_name: Text = None
    """Personal. Spec."""
    company_name: Text = None
    """None for a private person (seen live). Spec."""
    loyalty_number: Text = None
    """None for who is in no such programme (seen live). Spec."""
    address: Annotated[Address | None, maybe] = None
    """Personal. Spec."""
    phone: Text = None
    """Personal. Spec."""
    email: Text = None
    """Personal. Spec."""
    birth_date: Day = None
    """Personal. Spec."""
    is_active: Flag = None
    """Whether the customer is in use. Spec."""
    allow_sms: Flag = None
    """Whether text messages may be sent. Spec."""
    recurring_sms_signup_date: Instant = None
    """When messages about plans were agreed to, UTC. Spec."""
    loyalty_sms_signup_date: Instant = None
    """When messages about loyalty were agreed to, UTC. Spec."""
    modify_date: Instant = None
    """When it was last changed, UTC. Spec."""
