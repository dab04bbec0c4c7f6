"""Customers: the list and the details."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from sonnys_data_client.endpoints.dates import Days
from sonnys_data_client.endpoints.operation import Detail, Listed
from sonnys_data_client.endpoints.params import DateParams, PageParams, choice, entity, phone, text
from sonnys_data_client.types import Customer, CustomerListItem

CustomerStatus = Literal["active", "inactive"]


class CustomerParams(DateParams, PageParams, total=False):
    """Criteria of the customer list; the names are the API's."""

    firstName: Annotated[str, text("First name.", "name")]
    lastName: Annotated[str, text("Last name.", "name")]
    status: Annotated[CustomerStatus, choice("Whether in use.", "customer status", get_args(CustomerStatus))]
    phoneNumber: Annotated[str, phone("Phone number, with or without a leading 1.")]


CUSTOMERS = Listed(
    path="/customer",
    key="customers",
    id_field="customerId",
    model=CustomerListItem,
    params=CustomerParams,
    dates=Days(ordered=False),
)
CUSTOMER = Detail(
    path="/customer/{customer_id}", model=Customer, arguments={"customer_id": entity("Customer id.", "customer")}
)
