"""Employees, and when they worked."""

from __future__ import annotations

from sonnys_data_client.types.fields import Day, Flag, Instant, Key, Money, Number, Text
from sonnys_data_client.types.record import Record

__all__ = ["ClockEntry", "Employee", "EmployeeListItem"]


class EmployeeListItem(Record):
    """An employee in a list, in short."""

    employee_id: Key
    """The employee's number. Spec."""
    first_name: Text = None
    """Personal. Spec."""
    last_name: Text = None
    """Personal. Spec."""


class Employee(EmployeeListItem):
    """An employee in full."""

    active: Flag = None
    """Whether they work here still. Spec."""
    start_date: Day = None
    """Their first day. Spec."""
    start_date_change: Day = None
    """When that was last changed; None for never (seen live). Spec."""
    phone: Text = None
    """Personal. Spec."""
    email: Text = None
    """Personal. Spec."""


class ClockEntry(Record):
    """One stretch of work.

    The API tells them week by week and does not repeat whose they are. Here each carries its employee and its week,
    so that a list of them is a table.
    """

    employee_id: Key
    """`Employee.id`. From the request."""
    clock_in: Instant = None
    """The beginning, UTC. Spec, which allows for none."""
    clock_out: Instant = None
    """The end, UTC; None while it lasts. Spec."""
    regular_rate: Money = None
    """Pay an hour; 0 for a salary. Spec."""
    regular_hours: Number = None
    """Hours at that rate. Spec."""
    overtime_eligible: Flag = None
    """Whether overtime is paid. Spec."""
    overtime_rate: Money = None
    """Pay an hour of overtime. Spec."""
    overtime_hours: Number = None
    """Hours of overtime. Spec."""
    was_modified: Flag = None
    """Whether somebody changed it afterwards. Spec."""
    modification_timestamp: Instant = None
    """When, UTC. Spec."""
    was_created_in_back_office: Flag = None
    """Whether it was entered by hand, and not at a clock. Spec."""
    site_code: Text = None
    """`Site.code` of where. Spec."""
    week: Text = None
    """The week that the API counts it in, such as `2021-01-08 - 2021-01-14`. Spec."""
    week_total_regular_hours: Number = None
    """The employee's regular hours in that week, as far as the same reply told of it. Spec."""
    week_total_over_time_hours: Number = None
    """Their overtime in that week, likewise. Spec."""
