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
        """List recurring accounts by when they began: plan, status and customer.

        Without dates these are *not* all members: the server then takes accounts that began since the first of last
        month (spec). `list_all` takes all. With dates, `status` and `cancelled_at` are as of that range (spec).

        Args:
            **params: `startDate`, `endDate` (of sign-up; any length, cut into parts of six months),
                `recurringAccountStatus` (word or number), `customerId`, `itemId`, `limit` (rows a page, at most 100),
                `offset`.
        """

    iter = each(list)
    pages = paged(list)

    @listed(ALL_RECURRING)
    def list_all(self, **params: Unpack[AllRecurringParams]) -> None:
        """List all recurring accounts there are, ended ones too, from the newest six months back to `since`.

        The API has no such list: it filters on sign-up, six months at most (spec). So this walks back through every
        half year. It does not stop at one without accounts, for there may be older ones. A server that refuses old
        dates raises `PayloadValidationError` after everything newer was read: name a later `since` then.

        `status` and `cancelled_at` are as of the end of the half year in which the account began (spec), which may be
        long ago; so there is no filter by status. `list_all_details` has today's.

        Args:
            **params: `since` (first day of sign-up; 2000-01-01 if left out), `customerId`, `itemId`, `limit` (rows a
                page, at most 100), `offset`.

        Cost: one request a page, and at least one for every six months since `since`: some 55 if there are none.
        """

    iter_all = each(list_all)
    pages_all = paged(list_all)

    @detail(RECURRING_ACCOUNT)
    def get(self, account_id: str) -> None:
        """Read one recurring account whole: billing, tags, vehicles, history. Costs one request.

        Args:
            account_id: Such as `"876:1001"`.

        Raises:
            ValidationError: It is no account id; nothing was sent.
            NotFoundError: There is no such account.
        """

    @listed(RECURRING_DETAILS)
    def list_details(self, **params: Unpack[RecurringDetailParams]) -> None:
        """List recurring accounts whole, as `get` has them, by when they began.

        Without dates, those that began since the first of last month (spec). The rows do not say when that was: one
        that began in the very second after the range may come along.

        Args:
            **params: `startDate`, `endDate` (of sign-up; any length, cut into parts of 28 days),
                `recurringAccountStatus` (word or number), `limit` (rows a page, at most 100), `offset`.
        """

    iter_details = each(list_details)
    pages_details = paged(list_details)

    @listed(ALL_RECURRING_DETAILS)
    def list_all_details(self, **params: Unpack[AllRecurringDetailParams]) -> None:
        """List all recurring accounts whole, ended ones too, with today's status, from the newest back to `since`.

        As `list_all` goes through half years, this goes through parts of 28 days.

        Args:
            **params: `since` (first day of sign-up; 2000-01-01 if left out), `limit` (rows a page, at most 100),
                `offset`.

        Cost: one request a page, and at least one for every 28 days since `since`: some 350, or five minutes, for all.
        """

    iter_all_details = each(list_all_details)
    pages_all_details = paged(list_all_details)

    @listed(STATUS_CHANGES)
    def list_status_changes(self, **params: Unpack[StatusChangeParams]) -> None:
        """List changes of accounts from one status to another. The server caches each page for an hour (spec).

        Args:
            **params: `startDate`, `endDate` (of the change; any length, in one piece; today if left out),
                `recurringAccountStatus` (word or number), `limit` (rows a page, 100 to 1000), `offset`.

        Cost: one request a page of 1000 rows.
        """

    iter_status_changes = each(list_status_changes)
    pages_status_changes = paged(list_status_changes)

    @listed(MODIFIED)
    def list_modifications(self, **params: Unpack[ModificationParams]) -> None:
        """List accounts that were modified, whole, each with what was changed.

        Without dates, of accounts that began since the first of last month. The spec says that the dates are those of
        sign-up, and of the modification too.

        Args:
            **params: `startDate`, `endDate` (any length, cut into parts of six months), `modifications` (kind, word
                or number), `sites` (codes), `limit` (rows a page, at most 100), `offset`.
        """

    iter_modifications = each(list_modifications)
    pages_modifications = paged(list_modifications)
