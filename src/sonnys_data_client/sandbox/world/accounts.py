"""Recurring accounts, each with its whole history.

See `histories` for what that means.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from zoneinfo import ZoneInfo

from .days import month_after
from .histories import Customer, Tag, Vehicle, exists, happened

STATUSES = (
    "Active",
    "Payment Failed",
    "Payment CC Expired",
    "Payment Retries Exceeded",
    "Suspended",
    "Expired",
    "Cancelled",
    "Declined",
    "Authorizer Error",
    "Cleared Tokens",
    "Changed Authorizer",
    "Payment CC Update Started",
    "Payment CC Update Declined",
    "Authorizer communication error",
    "Unknown error",
)
"""The statuses of a recurring account. The API's number for each is its position, from 1."""

MODIFICATIONS = (
    "Tag Added",
    "Tags Removed",
    "Billing Amount Change",
    "Vehicle Plate Changed",
    "Tag Enabled",
    "Tag Disabled",
    "Account Status Changed",
    "Payment Date Changed",
    "Payment Card Number Updated",
)
"""The kinds of modification of a recurring account. The API's number for each is its position, from 1."""


@dataclass(frozen=True, slots=True)
class PlanTerm:
    """A plan, and since when an account has it.

    Attributes:
        from_ms: When it begins.
        name: Name of the plan.
        item_id: The item that was sold.
        amount_cents: What a month costs, with tax.
    """

    from_ms: int
    name: str
    item_id: str
    amount_cents: int


@dataclass(frozen=True, slots=True)
class StatusChange:
    """One change of a recurring account's status.

    Attributes:
        account_id: The account.
        recurring_id: The account's other id.
        at_ms: When.
        old: The status before; one of `STATUSES`.
        new: The status after.
        by: Who changed it: an employee, or a piece of software.
        site_code: Code of the site where it was changed.
        visible_from: Epoch second at which the list of changes has it; at once if not given.
    """

    account_id: str
    recurring_id: str
    at_ms: int
    old: str
    new: str
    by: str
    site_code: str
    visible_from: float = -math.inf


@dataclass(frozen=True, slots=True)
class Modification:
    """One modification of a recurring account: when, which of `MODIFICATIONS`, and a comment."""

    at_ms: int
    type: str
    comment: str | None


@dataclass(frozen=True, slots=True)
class Recharge:
    """One successful monthly charge.

    It is also a transaction with `is_recurring_payment`.
    """

    at_ms: int
    amount_cents: int
    card_last_four: str
    card_expiry: str


@dataclass(frozen=True, slots=True)
class RecurringAccount:
    """A recurring account, from its plan sale to its end.

    Attributes:
        id: `"<digits>:<site id>"`.
        recurring_id: Its other id.
        site_id: The site that bills it.
        site_code: That site's code.
        creation_site_code: Code of the site that sold it: the same site, or the web shop.
        zone: Time zone of its billing.
        joined: Local day of the sale.
        life_months: Months paid for, the first by the sale.
        signed_up_ms: The instant of the sale.
        trial_cents: What the first month cost, with tax.
        terms: Its plans in order of time, the first since the sale.
        customer: Its holder.
        tags: Tags, in order of time.
        vehicles: Cars, in order of time.
        status_changes: All status changes, in order of time.
        modifications: All modifications, in order of time.
        suspended: First and last local day of a pause, or None.
        kept_until_ms: When the account is deleted.
    """

    id: str
    recurring_id: str
    site_id: int
    site_code: str
    creation_site_code: str
    zone: ZoneInfo
    joined: date
    life_months: int
    signed_up_ms: int
    trial_cents: int
    terms: tuple[PlanTerm, ...]
    customer: Customer
    tags: tuple[Tag, ...]
    vehicles: tuple[Vehicle, ...]
    status_changes: tuple[StatusChange, ...]
    modifications: tuple[Modification, ...]
    suspended: tuple[date, date] | None
    kept_until_ms: int | None

    def is_known(self, as_of: float) -> bool:
        """Return whether the account exists."""
        return exists(self.signed_up_ms, self.kept_until_ms, as_of)

    def status(self, as_of: float) -> str:
        """Return the status after the last change; `"Active"` before the first."""
        return next((change.new for change in reversed(self.changes(as_of))), STATUSES[0])

    def changes(self, as_of: float) -> Sequence[StatusChange]:
        """Return the status changes so far."""
        return [change for change in self.status_changes if change.at_ms <= as_of * 1000]

    def cancelled_ms(self, as_of: float) -> int | None:
        """Return when it was cancelled; None if it was not."""
        return next((change.at_ms for change in self.changes(as_of) if change.new == "Cancelled"), None)

    def term(self, as_of: float) -> PlanTerm:
        """Return the plan that the account has."""
        return next((term for term in reversed(self.terms) if term.from_ms <= as_of * 1000), self.terms[0])

    def months_billed(self, as_of: float) -> int:
        """Return the number of monthly recharges so far."""
        local = datetime.fromtimestamp(as_of, self.zone)
        # The billing run is over by four in the morning.
        today = local.date().toordinal() - (local.hour < 4)
        months = (local.year - self.joined.year) * 12 + local.month - self.joined.month
        while months > 0 and month_after(self.joined, months).toordinal() > today:
            months -= 1
        return max(0, min(months, self.life_months - 1))

    def last_billed(self, as_of: float) -> date | None:
        """Return the local day of the last recharge; None before the first."""
        months = self.months_billed(as_of)
        return month_after(self.joined, months) if months else None

    def next_billed(self, as_of: float) -> date:
        """Return the local day of the next recharge.

        For an ended account, the day on which it would have been due.
        """
        return month_after(self.joined, self.months_billed(as_of) + 1)


def changes_in(accounts: Iterable[RecurringAccount], start: int, stop: int, as_of: float) -> list[StatusChange]:
    """Return accounts' status changes in a range, by `(at_ms, account_id)`."""
    found = (change for account in accounts for change in account.status_changes)
    return sorted(
        (change for change in found if happened(change.at_ms, start, stop, as_of) and change.visible_from <= as_of),
        key=attrgetter("at_ms", "account_id"),
    )


def modified_in(accounts: Iterable[RecurringAccount], start: int, stop: int, as_of: float) -> list[RecurringAccount]:
    """Return the accounts that were modified in a range, by `(signed_up_ms, id)`."""
    found = (
        account
        for account in accounts
        if any(happened(each.at_ms, start, stop, as_of) for each in account.modifications)
    )
    return sorted(found, key=attrgetter("signed_up_ms", "id"))
