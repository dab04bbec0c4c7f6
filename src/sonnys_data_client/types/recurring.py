"""Recurring accounts: monthly and yearly plans, their billing and their changes.

```text
model                 comes from                            holds
RecurringListItem     /recurring/account/list               plan, sign-up, status, customer's key
RecurringAccount      .../{id}/detail, .../details/list     + billing, tags, vehicles, history
RecurringModified     .../modifications                     a RecurringAccount and what was changed
StatusChange          .../status-list                       one change of status
```
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from sonnys_data_client.types.fields import (
    Day,
    Flag,
    Id,
    Instant,
    LooseText,
    ModificationWord,
    Money,
    RecurringStatusWord,
    RequiredInstant,
    Text,
    Whole,
    empty_if_nothing,
    none_if_nothing,
)
from sonnys_data_client.types.record import Named, Record, RespeltRecord, SnakeRecord
from sonnys_data_client.types.washbooks import AccountCustomer, Tag, Vehicle

__all__ = [
    "Modification",
    "RecurringAccount",
    "RecurringBilling",
    "RecurringListItem",
    "RecurringModified",
    "RecurringStatusDate",
    "StatusChange",
]


class RecurringListItem(Record):
    """A recurring account in a list, in short."""

    id: Id
    """The key, such as `876:1001`. Spec."""
    name: Text = None
    """The plan's name on the menu. Spec."""
    balance: Whole = None
    """Always None, because a plan has no number of washes (spec)."""
    sign_up_date: Instant = None
    """When it began, UTC. Lists filter by it. Spec."""
    cancel_date: Instant = None
    """When it was cancelled, UTC; None unless that was in the requested range. Spec."""
    billing_site_id: Whole = None
    """`Site.site_id` of where it is billed: where it was sold, unless moved. Spec."""
    billing_site_code: Text = None
    """`Site.code` of the same. Spec."""
    customer_id: Text = None
    """`Customer.id`; None when the customer is not known. Spec."""
    status: Whole = None
    """The status as a number from 1. Spec."""
    status_name: RecurringStatusWord = None
    """The status in the requested range, or the latest without one. Spec."""


class RecurringStatusDate(Record):
    """One status in an account's history, and when it began."""

    status: RecurringStatusWord = None
    """Active, suspended or cancelled: the history has no others. Spec."""
    date: Instant = None
    """When it began, UTC. Spec."""


class RecurringBilling(Record):
    """One regular charge of a plan. Charges for new tags or other plans, and refunds, are left out (spec)."""

    amount_charged: Money = None
    """Amount charged. Spec."""
    date: Instant = None
    """When it was charged, UTC. Spec."""
    last_four_cc: Annotated[Text, Named("lastFourCC")] = None
    """The card's last four digits, perhaps behind a mask. Personal. Spec."""
    credit_card_expiration_date: LooseText = None
    """The card's expiry as it came, such as `2020-05`. Spec."""


class RecurringAccount(Record):
    """A recurring account in full."""

    id: Id
    """The key, such as `876:1001`; `RecurringListItem.id` is the same. Spec."""
    plan_name: Text = None
    """The plan's name on the menu. Spec."""
    current_recurring_status_name: RecurringStatusWord = None
    """The status now. Spec."""
    customer: Annotated[AccountCustomer | None, none_if_nothing] = None
    """The account's customer. Spec."""
    billing_site_code: Text = None
    """`Site.code` of where it is billed. Spec."""
    creation_site_code: Text = None
    """`Site.code` of where it was sold. Spec."""
    is_on_trial: Flag = None
    """Whether the trial price still applies. Spec."""
    trial_amount: Money = None
    """The trial price. Has no meaning unless `is_on_trial`. Spec."""
    billing_amount: Money = None
    """Amount last charged. Spec."""
    additional_tag_price: Money = None
    """Price of each further tag. Spec."""
    next_bill_date: Day = None
    """When the next charge is due. Spec."""
    last_bill_date: Day = None
    """When a charge last succeeded. Spec."""
    is_suspended: Flag = None
    """Whether billing is suspended. Spec."""
    suspended_until: Day = None
    """Last day of the suspension. Spec."""
    tags: Annotated[tuple[Tag, ...], empty_if_nothing] = ()
    """The tags that open the gate for it. Spec."""
    vehicles: Annotated[tuple[Vehicle, ...], empty_if_nothing] = ()
    """The vehicles that may be washed. Spec."""
    recurring_statuses: Annotated[tuple[RecurringStatusDate, ...], empty_if_nothing] = ()
    """Its statuses so far, in the API's order. Spec."""
    recurring_billings: Annotated[tuple[RecurringBilling, ...], empty_if_nothing] = ()
    """Its charges so far, in the API's order. Spec."""


class Modification(RespeltRecord):
    """One modification of an account."""

    other_spellings: ClassVar[dict[str, str]] = {
        "name": "modificationType",
        "date": "modificationDate",
        "comment": "modificationComment",
    }

    modification_type: ModificationWord = None
    """Kind of modification. Comes as `modificationType` (spec) or `name` (seen live)."""
    modification_date: Instant = None
    """When it was made, UTC. Comes as `modificationDate` (spec) or `date` (seen live)."""
    modification_comment: Text = None
    """A remark on it. Comes as `modificationComment` (spec) or `comment` (seen live)."""


class RecurringModified(RecurringAccount):
    """A recurring account in full, with its modifications."""

    modifications: Annotated[tuple[Modification, ...], empty_if_nothing] = ()
    """The modifications, in the API's order. Spec."""


class StatusChange(SnakeRecord):
    """One change of an account's status. Only these rows are spelt in snake case by the API."""

    washbook_account_id: Id
    """`RecurringAccount.id`. Spec."""
    recurring_id: Text = None
    """Another key of the same account. Spec."""
    old_status: RecurringStatusWord = None
    """The status before. Spec."""
    new_status: RecurringStatusWord = None
    """The status after. Spec."""
    status_date: RequiredInstant
    """When it changed, UTC. Spec."""
    employee_name: Text = None
    """Who changed it: a person, or software. Personal. Spec."""
    site_code: Text = None
    """`Site.code` of where it was changed. Spec."""
