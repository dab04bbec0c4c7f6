"""Customers: people and companies. Nearly all fields are personal data."""

from __future__ import annotations

from typing import Annotated

from sonnys_data_client.types.fields import Day, Flag, Id, Instant, Text, none_if_nothing
from sonnys_data_client.types.record import Record

__all__ = ["Address", "Customer", "CustomerListItem"]


class CustomerListItem(Record):
    """A customer in a list, in short."""

    customer_id: Id
    """The key, such as `876:1001`; transactions and accounts have it as `customer_id`. Spec."""
    customer_number: Text = None
    """The number that staff see. Spec."""
    first_name: Text = None
    """First name. Personal. Spec."""
    last_name: Text = None
    """Last name. Personal. Spec."""
    phone_number: Text = None
    """Phone number. Personal. Spec."""
    is_active: Flag = None
    """Whether the customer is active. Spec."""
    created_date: Instant = None
    """When the customer was entered, UTC. Spec."""
    modified_date: Instant = None
    """When it was last changed, UTC. Spec; null for never (seen live)."""


class Address(Record):
    """A postal address. Personal."""

    address1: Text = None
    """Street and number. Spec."""
    address2: Text = None
    """Second line. Spec."""
    city: Text = None
    """Town or city. Spec."""
    state: Text = None
    """State, as a code of two letters. Spec."""
    country: Text = None
    """Country, as a code of two letters. Spec."""
    postal_code: Text = None
    """Postal code: five digits, perhaps four more. Spec."""


class Customer(Record):
    """A customer in full."""

    id: Id
    """The key; `CustomerListItem.customer_id` is the same. Spec."""
    number: Text = None
    """The number that staff see. Spec."""
    first_name: Text = None
    """First name. Personal. Spec."""
    last_name: Text = None
    """Last name. Personal. Spec."""
    company_name: Text = None
    """Name of the company. Spec; null for a private person (seen live)."""
    loyalty_number: Text = None
    """Number in the loyalty programme. Spec; null for a customer outside it (seen live)."""
    address: Annotated[Address | None, none_if_nothing] = None
    """Postal address. Personal. Spec."""
    phone: Text = None
    """Phone number. Personal. Spec."""
    email: Text = None
    """Email address. Personal. Spec."""
    birth_date: Day = None
    """Birthday. Personal. Spec."""
    is_active: Flag = None
    """Whether the customer is active. Spec."""
    allow_sms: Flag = None
    """Whether text messages may be sent. Spec."""
    recurring_sms_signup_date: Instant = None
    """When the customer agreed to text messages about plans, UTC. Spec."""
    loyalty_sms_signup_date: Instant = None
    """When the customer agreed to text messages about the loyalty programme, UTC. Spec."""
    modify_date: Instant = None
    """When the customer was last changed, UTC. Spec."""
