"""Sales outcomes: offers of plans, and their results."""

from __future__ import annotations

from typing import Unpack

from sonnys_data_client.endpoints.sales_outcomes import SALES_OUTCOMES, SalesOutcomeParams
from sonnys_data_client.resources.calls import D, Resource, each, listed, paged


class SalesOutcomes(Resource[D]):
    """`client.sales_outcomes`: offers of plans, and their results."""

    @listed(SALES_OUTCOMES)
    def list(self, **params: Unpack[SalesOutcomeParams]) -> None:
        """List offers of plans, each with its employee, site and item.

        Dates as a range are whole days. So a range up to today includes today, with the rows that there are so far.

        Completeness: as many rows must come as the server counts (`total`), in each part of the range. No field
        identifies a row, so the whole row does. Where it gives no total, a page that is not full is the last. A row
        that the server repeats or leaves out together with its count cannot be noticed.

        Args:
            **params: `startDate`, `endDate` (days; any number of them, cut into parts of 31; the server's time zone
                for them is not known), `limit` (rows a page, at most 500), `offset`.

        Raises:
            SonnysError: As `transactions.list` does.

        Cost: one request a page of 500 rows.
        """

    iter = each(list)
    pages = paged(list)
