"""Wash books."""

from __future__ import annotations

from typing import Unpack

from sonnys_data_client.endpoints.washbooks import (
    ALL_WASHBOOKS,
    WASHBOOK,
    WASHBOOKS,
    AllWashbookParams,
    WashbookParams,
)
from sonnys_data_client.resources.calls import D, Resource, detail, each, listed, paged


class Washbooks(Resource[D]):
    """`client.washbooks`: packages of prepaid washes."""

    @listed(WASHBOOKS)
    def list(self, **params: Unpack[WashbookParams]) -> None:
        """List the wash books that were bought in a range: balance, status and customer.

        Without dates this does *not* list all: the server then takes those bought since the first of last month
        (spec). `list_all` lists all.

        Completeness: as many different `id`s must come as the server counts (`total`), in each part of the range. Where
        it gives no total, a page that is not full is the last.

        Args:
            **params: `startDate`, `endDate` (of purchase; any length, cut into parts of six months),
                `accountStatus` (`active` or `inactive`), `customerId`, `itemId`, `limit` (rows a page, at most 100),
                `offset`.

        Raises:
            SonnysError: As `transactions.list` does.
        """

    iter = each(list)
    pages = paged(list)

    @listed(ALL_WASHBOOKS)
    def list_all(self, **params: Unpack[AllWashbookParams]) -> None:
        """List all wash books, from the newest back to `since`.

        Completeness: as for `list`, by `id` and `total` in each part of six months.

        Args:
            **params: As for `list`, with `since` (first day of purchase; 2000-01-01 if left out) in place of dates.

        Cost: one request a page, and at least one for every six months since `since`: about 55 by default.
        """

    iter_all = each(list_all)
    pages_all = paged(list_all)

    @detail(WASHBOOK)
    def get(self, account_id: str) -> None:
        """Read one wash book or recurring account in full: customer, tags and vehicles.

        Costs one request.

        Args:
            account_id: Such as `"876:1001"`.

        Raises:
            ValidationError: It is not an account id; nothing was sent.
            NotFoundError: There is no such account.
        """
