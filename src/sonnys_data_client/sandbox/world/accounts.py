"""Recurring accounts, each told as a whole story; see `stories` for what that means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from .days import month_after
from .stories import Customer, Tag, Vehicle, exists

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
"""The states of a recurring account; the API's number for each is its place, from 1."""

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
"""What can happen to a recurring account; the API's number for each is its place, from 1."""


@dataclass(frozen=True, slots=True)
class PlanTerm:
    """A plan from some instant on.

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
        by: Who did it: an employee, or a piece of software.
        site_code: Where.
    """

    account_id: str
    recurring_id: str
    at_ms: int
    old: str
    new: str
    by: str
    site_code: str


@dataclass(frozen=True, slots=True)
class Modification:
    """One modification of a recurring account: when, which of `MODIFICATIONS`, and what was noted."""

    at_ms: int
    type: str
    comment: str | None


@dataclass(frozen=True, slots=True)
class Recharge:
    """One successful monthly charge: the same as a transaction with `is_recurring_payment`."""

    at_ms: int
    amount_cents: int
    card_last_four: str
    card_expiry: str


@dataclass(frozen=True, slots=True)
class Account:
    """A recurring account, from its plan sale to its end.

    Attributes:
        id: `"<digits>:<site id>"`.
        recurring_id: Its other id.
        site_id: The site that bills it.
        site_code: That site's code.
        creation_site_code: Code of the site that sold it: its own, or the web shop's.
        zone: The local clock of its billing.
        joined: Local day of the sale.
        life_months: Months paid for, the first by the sale.
        signed_up_ms: The instant of the sale.
        trial_cents: What the first month cost, with tax.
        terms: Its plans, the first from the sale on.
        customer: Who holds it.
        tags: Tags, in order.
        vehicles: Cars, in order.
        status_changes: All of them, in order.
        modifications: All of them, in order.
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
        """Whether the account exists."""
        return exists(self.signed_up_ms, self.kept_until_ms, as_of)

    def status(self, as_of: float) -> str:
        """The status: that of the last change, `"Active"` before the first."""
        return next((change.new for change in reversed(self.changes(as_of))), STATUSES[0])

    def changes(self, as_of: float) -> Sequence[StatusChange]:
        """The changes of status so far."""
        return [change for change in self.status_changes if change.at_ms <= as_of * 1000]

    def cancelled_ms(self, as_of: float) -> int | None:
        """When it was cancelled; None: it was not."""
        return next((change.at_ms for change in self.changes(as_of) if change.new == "Cancelled"), None)

    def term(self, as_of: float) -> PlanTerm:
        """The plan held."""
        return next((term for term in reversed(self.terms) if term.from_ms <= as_of * 1000), self.terms[0])

    def months_billed(self, as_of: float) -> int:
        """How many monthly recharges have come so far."""
        local = datetime.fromtimestamp(as_of, self.zone)
        # The billing run is over by four in the morning.
        today = local.date().toordinal() - (local.hour < 4)
        months = (local.year - self.joined.year) * 12 + local.month - self.joined.month
        while months > 0 and month_after(self.joined, months).toordinal() > today:
            months -= 1
        return max(0, min(months, self.life_months - 1))

    def last_billed(self, as_of: float) -> date | None:
        """The day of the last recharge; None before the first."""
        months = self.months_billed(as_of)
        return month_after(self.joined, months) if months else None

    def next_billed(self, as_of: float) -> date:
        """The day of the next recharge, or the day on which it would be due."""
        return month_after(self.joined, self.months_billed(as_of) + 1)
