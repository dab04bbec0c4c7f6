"""Recurring accounts: monthly and yearly plans."""

from __future__ import annotations

from typing import Unpack

from sonnys_data_client.endpoints.recurring import (
    ALL_RECURRING,
    ALL_RECURRING_DETAILS,
    MODIFIED,
    RECURRING,
    RECURRING_ACCOUNT,
    RECURRING_DETAILS,
    STATUS_CHANGES,
    AllRecurringDetailParams,
    AllRecurringParams,
    ModificationParams,
    RecurringDetailParams,
    RecurringParams,
    StatusChangeParams,
)
from sonnys_data_client.resources.calls import D, Resource, detail, each, listed, paged


class Recurring(Resource[D]):
    """`client.recurring`: monthly and yearly plans."""

    @listed(RECURRING)
    def list(self, **params: Unpack[RecurringParams]) -> None:
        """List the recurring accounts that began in a range: plan, status and customer.

        Without dates this does *not* list all members: the server then takes accounts that began since the first of
        last month (spec). `list_all` lists all. With dates, `status` and `cancelled_at` are as of that range (spec).

        Completeness: as many different `id`s must come as the server counts (`total`), in each part of the range. Where
        it gives no total, a page that is not full is the last.

        Args:
            **params: `startDate`, `endDate` (of sign-up; any length, cut into parts of six months),
                `recurringAccountStatus` (word or number), `customerId`, `itemId`, `limit` (rows a page, at most 100),
                `offset`.

        Raises:
            SonnysError: As `transactions.list` does.
        """

    iter = each(list)
    pages = paged(list)

    @listed(ALL_RECURRING)
    def list_all(self, **params: Unpack[AllRecurringParams]) -> None:
        """List all recurring accounts, ended ones too, from the newest back to `since`.

        The API has no such list: it filters on sign-up, by at most six months (spec). So this reads one half year
        after the other. It does not stop at a half year without accounts, because there may be older ones. If the
        server refuses old dates, `PayloadValidationError` is raised after everything newer was read; then name a
        later `since`.

        `status` and `cancelled_at` are as of the end of the half year in which the account began (spec), which may be
        long ago. So there is no filter by status. `list_all_details` has today's status.

        Completeness: as for `list`, by `id` and `total` in each half year.

        Args:
            **params: `since` (first day of sign-up; 2000-01-01 if left out), `customerId`, `itemId`, `limit` (rows a
                page, at most 100), `offset`.

        Cost: one request a page, and at least one for every six months since `since`: about 55 by default.
        """

    iter_all = each(list_all)
    pages_all = paged(list_all)

    @detail(RECURRING_ACCOUNT)
    def get(self, account_id: str) -> None:
        """Read one recurring account in full: billing, tags, vehicles, history.

        Costs one request.

        Args:
            account_id: Such as `"876:1001"`.

        Raises:
            ValidationError: It is not an account id; nothing was sent.
            NotFoundError: There is no such account.
        """

    @listed(RECURRING_DETAILS)
    def list_details(self, **params: Unpack[RecurringDetailParams]) -> None:
        """List the recurring accounts that began in a range in full, as `get` returns them.

        Without dates, those that began since the first of last month (spec). The rows do not say when an account
        began. So an account that began in the second after the range may be among them.

        Completeness: as for `list`, by `id` and `total` in each part of the range.

        Args:
            **params: `startDate`, `endDate` (of sign-up; any length, cut into parts of 28 days),
                `recurringAccountStatus` (word or number), `limit` (rows a page, at most 100), `offset`.
        """

    iter_details = each(list_details)
    pages_details = paged(list_details)

    @listed(ALL_RECURRING_DETAILS)
    def list_all_details(self, **params: Unpack[AllRecurringDetailParams]) -> None:
        """List all recurring accounts in full, ended ones too, with today's status.

        They come from the newest back to `since`.

        It reads as `list_all` does, but in parts of 28 days instead of half years.

        Completeness: as for `list`, by `id` and `total` in each part.

        Args:
            **params: `since` (first day of sign-up; 2000-01-01 if left out), `limit` (rows a page, at most 100),
                `offset`.

        Cost: one request a page, and at least one for every 28 days since `since`: about 350 by default, which take
        five minutes.
        """

    iter_all_details = each(list_all_details)
    pages_all_details = paged(list_all_details)

    @listed(STATUS_CHANGES)
    def list_status_changes(self, **params: Unpack[StatusChangeParams]) -> None:
        """List status changes of accounts. The server caches each page for an hour (spec).

        Completeness: as many rows must come as the server counts (`total`). No field identifies a row, so the whole row
        does. Where it gives no total, a page that is not full is the last. A row that the server repeats or leaves out
        together with its count cannot be noticed.

        The spec allows no page below 100 rows. So a row that the server fails on may cost up to 125 rows, or those of
        two minutes.

        Args:
            **params: `startDate`, `endDate` (of the change; any length; today if left out),
                `recurringAccountStatus` (word or number), `limit` (rows a page, 100 to 1000), `offset`.

        Raises:
            SonnysError: As `transactions.list` does.

        Cost: one request a page of 1000 rows.
        """

    iter_status_changes = each(list_status_changes)
    pages_status_changes = paged(list_status_changes)

    @listed(MODIFIED)
    def list_modifications(self, **params: Unpack[ModificationParams]) -> None:
        """List modified accounts in full, each with its modifications.

        Without dates, of accounts that began since the first of last month. The spec says in one place that the dates
        are those of sign-up, and in another that they are those of the modification.

        Completeness: as many rows must come as the server counts (`total`), in each part of the range. No field
        identifies a row, so the whole row does. Where it gives no total, a page that is not full is the last. A row
        that the server repeats or leaves out together with its count cannot be noticed.

        Args:
            **params: `startDate`, `endDate` (any length, cut into parts of six months), `modifications` (kind, word
                or number), `sites` (codes), `limit` (rows a page, at most 100), `offset`.

        Raises:
            SonnysError: As `transactions.list` does.
        """

    iter_modifications = each(list_modifications)
    pages_modifications = paged(list_modifications)
