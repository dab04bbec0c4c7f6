"""What a client offers besides transactions: one class a resource, for both clients.

Each list comes in three ways: `list` returns all rows, `iter` gives them one by one with a page in memory, `pages`
gives them page by page with the server's `total`; of further lists, `list_details`, `iter_details`, `pages_details`.
All three take the same and cost the same: one request a page. With `offset`, a page number, they read that page alone.

All of them may raise:

* `ValidationError`: a parameter is not allowed, or the range makes no sense; as a rule nothing was sent.
* `APIError`: the API refused, or could not be reached. The rows that a `list` had read are in its `rows`.
* `IncompleteError`: the server counts more rows than its pages hold; likewise.
* `RowError`: rows do not fit the model. Its `bad` has them, raw; it comes after all others have been read.

Dates take epoch seconds, ISO 8601 text, `date` or `datetime`; `engine.windows` states the rule.
"""

from __future__ import annotations

from typing import Generic, TypeVar, Unpack

from sonnys_data_client.client.calls import Resource, detail, each, listed, paged
from sonnys_data_client.drivers.aio import AsyncDriver
from sonnys_data_client.drivers.seams import Driver
from sonnys_data_client.endpoints.clock import CLOCK_ENTRIES, ClockParams
from sonnys_data_client.endpoints.context import Context
from sonnys_data_client.endpoints.customers import CUSTOMER, CUSTOMERS, CustomerParams
from sonnys_data_client.endpoints.employees import EMPLOYEE, EMPLOYEES
from sonnys_data_client.endpoints.giftcards import GIFTCARDS, GiftcardParams
from sonnys_data_client.endpoints.items import ITEMS, ItemParams
from sonnys_data_client.endpoints.params import PageParams
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
from sonnys_data_client.endpoints.sales_outcomes import SALES_OUTCOMES, SalesOutcomeParams
from sonnys_data_client.endpoints.sites import SITES
from sonnys_data_client.endpoints.washbooks import (
    ALL_WASHBOOKS,
    WASHBOOK,
    WASHBOOKS,
    AllWashbookParams,
    WashbookParams,
)

D = TypeVar("D", bound=Driver | AsyncDriver)


class Customers(Resource[D]):
    """`client.customers`: who buys."""

    @listed(CUSTOMERS)
    def list(self, **params: Unpack[CustomerParams]) -> None:
        """List customers: number, name, phone and dates of each.

        The two dates are about different things (spec): `startDate` takes customers created on that day or later,
        `endDate` those last modified on that day or earlier, and those never modified.

        Args:
            **params: `startDate`, `endDate` (days), `firstName`, `lastName`, `status` (`active` or `inactive`),
                `phoneNumber`, `limit` (rows a page, at most 100), `offset`. All customers without any.
        """

    iter = each(list)
    pages = paged(list)

    @detail(CUSTOMER)
    def get(self, customer_id: str) -> None:
        """Read one customer whole: address, birthday, consents. Costs one request.

        Args:
            customer_id: Such as `"876:1001"`.

        Raises:
            ValidationError: It is no customer id; nothing was sent.
            NotFoundError: There is no such customer.
        """


class Items(Resource[D]):
    """`client.items`: what is for sale."""

    @listed(ITEMS)
    def list(self, **params: Unpack[ItemParams]) -> None:
        """List items: what each costs at each site that sells it. The server caches each page for an hour (spec).

        Args:
            **params: `departmentName`, `limit` (rows a page, at most 100), `offset`.
        """

    iter = each(list)
    pages = paged(list)


class Employees(Resource[D]):
    """`client.employees`: who works, and when."""

    @listed(EMPLOYEES)
    def list(self, **params: Unpack[PageParams]) -> None:
        """List employees: number and name of each.

        Args:
            **params: `limit` (rows a page, at most 100), `offset`.
        """

    iter = each(list)
    pages = paged(list)

    @detail(EMPLOYEE)
    def get(self, employee_id: int | str) -> None:
        """Read one employee whole. Costs one request.

        Args:
            employee_id: Such as 12.

        Raises:
            ValidationError: It is no employee id; nothing was sent.
            NotFoundError: There is no such employee.
        """

    @listed(CLOCK_ENTRIES)
    def clock_entries(self, employee_id: int | str | None = None, **params: Unpack[ClockParams]) -> None:
        """List when people worked: the entries whose `clock_in` lies in the range, each with its employee and week.

        The API tells of one employee and 14 days at a time (spec). Here all employees are asked about at once, several
        requests on the wire, and longer ranges are cut. It ignores the client's site code (seen live), which is
        applied here; so is `site`. Live servers took days where the spec has epoch seconds: the second is tried first,
        the other on a 422, and what works is remembered.

        Args:
            employee_id: Such as 12; None for all employees, by the employee list.
            **params: `startDate`, `endDate` (any length; what the server calls the most recent if left out), `site`.

        Raises:
            NotFoundError: There is no such employee.

        Cost: one request for each employee and 14 days, or 12 where the server wants days; and the employee list.
        """

    iter_clock_entries = each(clock_entries)
    pages_clock_entries = paged(clock_entries)


class Giftcards(Resource[D]):
    """`client.giftcards`: money that is still to be spent."""

    @listed(GIFTCARDS)
    def list(self, **params: Unpack[GiftcardParams]) -> None:
        """List gift cards by when they were sold or recharged: value, and what has been used.

        Args:
            **params: `startDate`, `endDate` (any length, cut into parts of 31 days; today if left out; the server may
                refuse what is older than six months, by the spec), `site`, `prepaidNumber`, `limit` (rows a page, at
                most 100), `offset`.
        """

    iter = each(list)
    pages = paged(list)


class Washbooks(Resource[D]):
    """`client.washbooks`: washes that were bought in bulk."""

    @listed(WASHBOOKS)
    def list(self, **params: Unpack[WashbookParams]) -> None:
        """List wash books by when they were bought: balance, status and customer.

        Without dates these are *not* all: the server then takes those bought since the first of last month (spec).
        `list_all` takes all.

        Args:
            **params: `startDate`, `endDate` (of purchase; any length, cut into parts of six months),
                `accountStatus` (`active` or `inactive`), `customerId`, `itemId`, `limit` (rows a page, at most 100),
                `offset`.
        """

    iter = each(list)
    pages = paged(list)

    @listed(ALL_WASHBOOKS)
    def list_all(self, **params: Unpack[AllWashbookParams]) -> None:
        """List all wash books there are, from the newest six months back to `since`.

        Args:
            **params: As for `list`; `since` (first day of purchase; 2000-01-01 if left out) in place of dates.

        Cost: one request a page, and at least one for every six months since `since`: some 55 if there are none.
        """

    iter_all = each(list_all)
    pages_all = paged(list_all)

    @detail(WASHBOOK)
    def get(self, account_id: str) -> None:
        """Read one wash book whole, recurring or not: customer, tags and vehicles. Costs one request.

        Args:
            account_id: Such as `"876:1001"`.

        Raises:
            ValidationError: It is no account id; nothing was sent.
            NotFoundError: There is no such account.
        """


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


class Sites(Resource[D]):
    """`client.sites`: the account's sites."""

    @listed(SITES)
    def list(self) -> None:
        """List all sites, physical and virtual, with their time zones.

        Cost: one request. The server caches the list for an hour (spec).
        """

    iter = each(list)
    pages = paged(list)


class SalesOutcomes(Resource[D]):
    """`client.sales_outcomes`: whom plans were offered to, and who took them."""

    @listed(SALES_OUTCOMES)
    def list(self, **params: Unpack[SalesOutcomeParams]) -> None:
        """List offers of plans, each with its employee, site and item.

        Args:
            **params: `startDate`, `endDate` (days, any number, cut into parts of 31; in whose time zone the server
                means them is not known), `limit` (rows a page, at most 500), `offset`.

        Cost: one request a page of 500 rows.
        """

    iter = each(list)
    pages = paged(list)


class Resources(Generic[D]):
    """The resources that both clients have."""

    customers: Customers[D]
    """Who buys."""
    items: Items[D]
    """What is for sale."""
    employees: Employees[D]
    """Who works, and when."""
    giftcards: Giftcards[D]
    """Money that is still to be spent."""
    washbooks: Washbooks[D]
    """Washes that were bought in bulk."""
    recurring: Recurring[D]
    """Monthly and yearly plans."""
    sites: Sites[D]
    """The account's sites."""
    sales_outcomes: SalesOutcomes[D]
    """Whom plans were offered to, and who took them."""

    def _bind_resources(self, driver: D, context: Context) -> None:
        self.customers = Customers(driver, context)
        self.items = Items(driver, context)
        self.employees = Employees(driver, context)
        self.giftcards = Giftcards(driver, context)
        self.washbooks = Washbooks(driver, context)
        self.recurring = Recurring(driver, context)
        self.sites = Sites(driver, context)
        self.sales_outcomes = SalesOutcomes(driver, context)
