"""Sales outcomes: whom an employee offered a plan, and whether it was taken."""

from __future__ import annotations

from sonnys_data_client.types.fields import Flag, Money, Text, When, Whole
from sonnys_data_client.types.record import Record

__all__ = ["SalesOutcome"]


class SalesOutcome(Record):
    """One offer of a plan. The API sends all of it as text (spec)."""

    timestamp: When
    """When, UTC. Spec; comes as epoch seconds."""
    employee_id: Whole = None
    """`Employee.id`. Spec."""
    adp_id: Text = None
    """The employee's number in the payroll software. Spec."""
    employee_name: Text = None
    """Personal. Spec."""
    site_id: Whole = None
    """`Site.id`. Spec."""
    site: Text = None
    """The site's number and name in one text, such as `100 - Main Street`. Spec."""
    is_converted: Flag = None
    """Whether the customer took a plan or a wash book. Spec; comes as yes or no."""
    item_id: Text = None
    """What was sold, such as `1:999`. Spec."""
    item_name: Text = None
    """What the menu calls it. Spec."""
    item_price: Money = None
    """What it was sold for. Spec."""
    terminal_name: Text = None
    """The till. Spec."""
