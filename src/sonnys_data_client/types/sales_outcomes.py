"""Sales outcomes: plans that employees offered, and whether customers took them."""

from __future__ import annotations

from sonnys_data_client.types.fields import Flag, Money, RequiredInstant, Text, Whole
from sonnys_data_client.types.record import Record

__all__ = ["SalesOutcome"]


class SalesOutcome(Record):
    """One offer of a plan. The API sends every field as text (spec)."""

    timestamp: RequiredInstant
    """When it was offered, UTC. Comes as epoch seconds. Spec."""
    employee_id: Whole = None
    """`Employee.employee_id`. Spec."""
    adp_id: Text = None
    """The employee's number in the payroll software. Spec."""
    employee_name: Text = None
    """Name of the employee. Personal. Spec."""
    site_id: Whole = None
    """`Site.site_id`. Spec."""
    site: Text = None
    """Number and name of the site in one text, such as `100 - Main Street`. Spec."""
    is_converted: Flag = None
    """Whether the customer took a plan or a wash book. Comes as yes or no. Spec."""
    item_id: Text = None
    """Key of the item that was sold, such as `1:999`. Spec."""
    item_name: Text = None
    """The item's name on the menu. Spec."""
    item_price: Money = None
    """Price at which it was sold. Spec."""
    terminal_name: Text = None
    """Name of the till. Spec."""
