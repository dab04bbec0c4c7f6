"""Employees and their clock entries."""

from __future__ import annotations

from typing import Unpack

from sonnys_data_client.endpoints.clock import CLOCK_ENTRIES, ClockParams
from sonnys_data_client.endpoints.employees import EMPLOYEE, EMPLOYEES
from sonnys_data_client.endpoints.params import PageParams
from sonnys_data_client.resources.calls import D, Resource, detail, each, listed, paged


class Employees(Resource[D]):
    """`client.employees`: who works, and when."""

    @listed(EMPLOYEES)
    def list(self, **params: Unpack[PageParams]) -> None:
        """List employees: number and name of each.

        Args:
            **params: `limit` (rows a page, at most 100), `offset`.
        """

    iter = each(list)
    pages = paged(list)

    @detail(EMPLOYEE)
    def get(self, employee_id: int | str) -> None:
        """Read one employee whole. Costs one request.

        Args:
            employee_id: Such as 12.

        Raises:
            ValidationError: It is no employee id; nothing was sent.
            NotFoundError: There is no such employee.
        """

    @listed(CLOCK_ENTRIES)
    def clock_entries(self, employee_id: int | str | None = None, **params: Unpack[ClockParams]) -> None:
        """List when people worked: the entries whose `clock_in` lies in the range, each with its employee and week.

        The API tells of one employee and 14 days at a time (spec). Here all employees are asked about at once, several
        requests on the wire, and longer ranges are cut. It ignores the client's site code (seen live), which is
        applied here; so is `site`. Live servers took days where the spec has epoch seconds: the second is tried first,
        the other on a 422, and what works is remembered.

        Args:
            employee_id: Such as 12; None for all employees, by the employee list.
            **params: `startDate`, `endDate` (any length; what the server calls the most recent if left out), `site`.

        Raises:
            NotFoundError: There is no such employee.

        Cost: one request for each employee and 14 days, or 12 where the server wants days; and the employee list.
        """

    iter_clock_entries = each(clock_entries)
    pages_clock_entries = paged(clock_entries)
