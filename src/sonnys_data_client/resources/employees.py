"""Employees and their clock entries."""

from __future__ import annotations

from typing import Unpack

from sonnys_data_client.endpoints.clock import CLOCK_ENTRIES, ClockParams
from sonnys_data_client.endpoints.employees import EMPLOYEE, EMPLOYEES
from sonnys_data_client.endpoints.params import PageParams
from sonnys_data_client.resources.calls import D, Resource, detail, each, listed, paged


class Employees(Resource[D]):
    """`client.employees`: employees and their clock entries."""

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
        """Read one employee in full. Costs one request.

        Args:
            employee_id: Such as 12.

        Raises:
            ValidationError: It is not an employee id; nothing was sent.
            NotFoundError: There is no such employee.
        """

    @listed(CLOCK_ENTRIES)
    def clock_entries(self, employee_id: int | str | None = None, **params: Unpack[ClockParams]) -> None:
        """List the clock entries that begin in a range, with their employee and week.

        The range is about `clock_in`.

        One request of the API covers one employee and 14 days (spec). This method sends several requests at once, for
        all employees, and cuts longer ranges. The API ignores the client's site code (seen live), so that is applied
        here, and `site` too. Live servers took days where the spec has epoch seconds. So epoch seconds are tried
        first, days on a 422, and what works is remembered.

        Args:
            employee_id: Such as 12; None for all on the employee list.
            **params: `startDate`, `endDate` (any length; if left out, the server's choice of recent entries), `site`.

        Raises:
            NotFoundError: There is no such employee.

        Cost: one request for each employee and 14 days, or 12 days if the server wants days; and the employee list.
        """

    iter_clock_entries = each(clock_entries)
    pages_clock_entries = paged(clock_entries)
