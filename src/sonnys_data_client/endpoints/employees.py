"""Employees: the list and the details. Clock entries are in `clock`."""

from __future__ import annotations

from sonnys_data_client.endpoints.operation import Detail, Listed
from sonnys_data_client.endpoints.params import PageParams, numbered
from sonnys_data_client.types import Employee, EmployeeListItem

# The spec names no paging parameters for the list, but its reply has `offset` and `limit`.
EMPLOYEES = Listed(
    path="/employee",
    key="employees",
    id_field="employeeId",
    model=EmployeeListItem,
    params=PageParams,
    paged=False,
)
EMPLOYEE = Detail(
    path="/employee/{employee_id}",
    model=Employee,
    arguments={"employee_id": numbered("Employee id.", "employee")},
    id_field="employeeId",
)
