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

        Completeness: as many different `employeeId`s must come as the server counts (`total`). The spec names no pages
        for it, so a server may give all employees on each page; then one that it fails on costs the list.

        Args:
            **params: `limit` (rows a page, at most 100), `offset`.

        Raises:
            SonnysError: As `transactions.list` does.
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

        Completeness rests on the employee list, and on nothing but the replies: they have no count and no ids. A
        request that the server fails on is sent again for halves of its range, down to a day, and is then a gap of that
        employee.

        Args:
            employee_id: Such as 12; None for all on the employee list.
            **params: `startDate`, `endDate` (any length; if left out, the server's choice of recent entries), `site`.

        Returns:
            The entries; none for an employee that the server does not know, because it says the same of one without
            entries (404).

        Raises:
            IncompleteError: The server failed on some entries. All others are in its `rows`, and its `gaps` name what
                is missing.

        Cost: one request for each employee and 14 days, or 12 days if the server wants days; and the employee list.
        """

    iter_clock_entries = each(clock_entries)
    pages_clock_entries = paged(clock_entries)
