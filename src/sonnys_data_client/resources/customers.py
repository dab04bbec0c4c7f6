"""Customers."""

from __future__ import annotations

from typing import Unpack

from sonnys_data_client.endpoints.customers import CUSTOMER, CUSTOMERS, CustomerParams
from sonnys_data_client.resources.calls import D, Resource, detail, each, listed, paged


class Customers(Resource[D]):
    """`client.customers`: customers."""

    @listed(CUSTOMERS)
    def list(self, **params: Unpack[CustomerParams]) -> None:
        """List customers: number, name, phone and dates of each.

        The two dates mean different things (spec). `startDate` selects customers created on that day or later.
        `endDate` selects those last modified on that day or earlier, and those never modified.

        Completeness: as many different `customerId`s must come as the server counts (`total`). Where it gives no total,
        a page that is not full is the last.

        Args:
            **params: `startDate`, `endDate` (days), `firstName`, `lastName`, `status` (`active` or `inactive`),
                `phoneNumber`, `limit` (rows a page, at most 100), `offset`. Without any of them, all customers.

        Raises:
            SonnysError: As `transactions.list` does.
        """

    iter = each(list)
    pages = paged(list)

    @detail(CUSTOMER)
    def get(self, customer_id: str) -> None:
        """Read one customer in full: address, birthday, consents. Costs one request.

        Args:
            customer_id: Such as `"876:1001"`.

        Raises:
            ValidationError: It is not a customer id; nothing was sent.
            NotFoundError: There is no such customer.
        """
