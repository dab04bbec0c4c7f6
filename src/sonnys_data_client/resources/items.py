"""Items for sale."""

from __future__ import annotations

from typing import Unpack

from sonnys_data_client.endpoints.items import ITEMS, ItemParams
from sonnys_data_client.resources.calls import D, Resource, each, listed, paged


class Items(Resource[D]):
    """`client.items`: items for sale."""

    @listed(ITEMS)
    def list(self, **params: Unpack[ItemParams]) -> None:
        """List items, each with its price at each site that sells it.

        The server caches each page for an hour (spec).

        Completeness: as many rows must come as the server counts (`total`). No field identifies a row, so the whole row
        does. Where it gives no total, a page that is not full is the last. A row that the server repeats or leaves out
        together with its count cannot be noticed.

        Args:
            **params: `departmentName`, `limit` (rows a page, at most 100), `offset`.

        Raises:
            SonnysError: As `transactions.list` does.
        """

    iter = each(list)
    pages = paged(list)
