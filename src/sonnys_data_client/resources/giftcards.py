"""Gift cards."""

from __future__ import annotations

from typing import Unpack

from sonnys_data_client.endpoints.giftcards import GIFTCARDS, GiftcardParams
from sonnys_data_client.resources.calls import D, Resource, each, listed, paged


class Giftcards(Resource[D]):
    """`client.giftcards`: gift cards."""

    @listed(GIFTCARDS)
    def list(self, **params: Unpack[GiftcardParams]) -> None:
        """List the gift cards that were sold or recharged in a range: value, and amount used.

        Dates as a range are whole days. So a range up to today includes today, with the rows that there are so far.

        Completeness: as many rows must come as the server counts (`total`), in each part of the range. No field
        identifies a row, so the whole row does. Where it gives no total, a page that is not full is the last. A row
        that the server repeats or leaves out together with its count cannot be noticed.

        Args:
            **params: `startDate`, `endDate` (any length, cut into parts of 31 days; today if left out; the server may
                refuse dates older than six months, by the spec), `site`, `prepaidNumber`, `limit` (rows a page, at
                most 100), `offset`.

        Raises:
            SonnysError: As `transactions.list` does.
        """

    iter = each(list)
    pages = paged(list)
