"""What both clients offer of transactions without batch jobs: lists and details."""

from __future__ import annotations

from typing import TypeVar, Unpack

from sonnys_data_client.client.calls import Resource, detail, each, listed, paged
from sonnys_data_client.drivers.aio import AsyncDriver
from sonnys_data_client.drivers.seams import Driver
from sonnys_data_client.endpoints.transactions import (
    TRANSACTION,
    TRANSACTIONS,
    TRANSACTIONS_BY_TYPE,
    TRANSACTIONS_V2,
    ItemType,
    TransactionParams,
)

D = TypeVar("D", bound=Driver | AsyncDriver)


class TransactionLists(Resource[D]):
    """Lists and details of transactions."""

    @listed(TRANSACTIONS)
    def list(self, **params: Unpack[TransactionParams]) -> None:
        """List transactions: number, id, total and time of each.

        Args:
            **params: `startDate`, `endDate` (any length within six months, cut into parts of 31 days; today if left
                out), `site`, `region`, `limit` (rows a page, at most 100), `offset` (a page number: that page alone;
                else all pages).

        Returns:
            All rows, each once, in the server's order.

        Raises:
            ValidationError: A parameter is not allowed; nothing was sent.
            IncompleteError: The server counts more rows than its pages hold.
            RowError: Rows do not fit the model; the error holds the good ones and the raw bad ones.
            APIError: The API refused or could not be reached. The rows of the pages before are in its `rows`.

        Cost: one request a page of 100 rows.
        """

    iter = each(list)
    pages = paged(list)

    @listed(TRANSACTIONS_BY_TYPE)
    def list_by_type(self, item_type: ItemType, **params: Unpack[TransactionParams]) -> None:
        """List the transactions that hold items of a type: like `list` in all else.

        Args:
            item_type: `wash`, `prepaid-wash`, `recurring`, `washbook`, `giftcard`, `merchandise` or
                `house-account` (spec).
            **params: As for `list`.
        """

    iter_by_type = each(list_by_type)
    pages_by_type = paged(list_by_type)

    @listed(TRANSACTIONS_V2)
    def list_v2(self, **params: Unpack[TransactionParams]) -> None:
        """List transactions with customer, status and plan flags: like `list` in all else.

        The server caches each page for 10 minutes (spec). `is_recurring_plan_sale` counts upgrades and switches of a
        plan too (seen live); a job row's `is_recurring_sale` marks new sales only.

        Args:
            **params: As for `list`.
        """

    iter_v2 = each(list_v2)
    pages_v2 = paged(list_v2)

    @detail(TRANSACTION)
    def get(self, transaction_id: str) -> None:
        """Read one transaction whole.

        Args:
            transaction_id: Such as `"45678:1001"`.

        Raises:
            ValidationError: It is no transaction id; nothing was sent.
            NotFoundError: There is no such transaction.
            APIError: The API refused or could not be reached.

        Cost: one request.
        """
