"""Employees and their clock entries."""

from __future__ import annotations

from sonnys_data_client.types.fields import Day, Flag, Hours, Instant, Money, NumericId, Text
from sonnys_data_client.types.record import Record

__all__ = ["ClockEntry", "Employee", "EmployeeListItem"]


class EmployeeListItem(Record):
    """An employee in a list, in short."""

    employee_id: NumericId
    """The employee's number. Spec."""
    first_name: Text = None
    """First name. Personal. Spec."""
    last_name: Text = None
    """Last name. Personal. Spec."""


class Employee(EmployeeListItem):
    """An employee in full."""

    active: Flag = None
    """Whether the employee still works here. Spec."""
    start_date: Day = None
    """First day of work. Spec."""
    start_date_change: Day = None
    """Day on which `start_date` was last changed. Spec; null for never (seen live)."""
    phone: Text = None
    """Phone number. Personal. Spec."""
    email: Text = None
    """Email address. Personal. Spec."""


class ClockEntry(Record):
    """One period of work between clocking in and out.

    The API groups entries by week and does not repeat the employee. Here each entry carries its employee and its
    week, so a list of entries is a flat table.
    """

    employee_id: NumericId
    """`Employee.employee_id`. From the request."""
    clock_in: Instant = None
    """When it began, UTC. Spec."""
    clock_out: Instant = None
    """When it ended, UTC; None while it lasts. Spec."""
    regular_rate: Money = None
    """Pay per hour; 0 for a salary. Spec."""
    regular_hours: Hours = None
    """Hours at `regular_rate`. Spec."""
    overtime_eligible: Flag = None
    """Whether overtime is paid. Spec."""
    overtime_rate: Money = None
    """Pay per hour of overtime. Spec."""
    overtime_hours: Hours = None
    """Hours at `overtime_rate`. Spec."""
    was_modified: Flag = None
    """Whether it was changed afterwards. Spec."""
    modification_timestamp: Instant = None
    """When it was changed, UTC. Spec."""
    was_created_in_back_office: Flag = None
    """Whether it was entered in the back office and not at a clock. Spec."""
    site_code: Text = None
    """`Site.code` of the place of work. Spec."""
    week: Text = None
    """Week in which the API counts it, such as `2021-01-08 - 2021-01-14`. Spec."""
    week_total_regular_hours: Hours = None
    """The employee's regular hours in that week, as far as the same reply covers it. Spec."""
    week_total_over_time_hours: Hours = None
    """The employee's overtime in that week, as far as the same reply covers it. Spec."""
