"""Recurring accounts: monthly and yearly plans, how they are billed, and what happens to them.

```text
model                 comes from                            holds
RecurringListItem     /recurring/account/list               plan, sign-up, status, customer's key
RecurringAccount      .../{id}/detail, .../details/list     + billing, tags, vehicles, history
RecurringModified     .../modifications                     a RecurringAccount and what was changed
StatusChange          .../status-list                       one change from a status to another
```
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from sonnys_data_client.types.fields import (
    Day,
    Flag,
    Id,
    Instant,
    ModificationWord,
    Money,
    RecurringStatusWord,
    Scrap,
    Text,
    When,
    Whole,
    each,
    maybe,
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
    """What the menu calls the plan. Spec."""
    balance: Whole = None
    """None: a plan has no number of washes (spec)."""
    sign_up_date: Instant = None
    """When it began, UTC. Lists filter on it. Spec."""
    cancel_date: Instant = None
    """When it was cancelled, UTC, if that was in the range that was asked for. Spec."""
    billing_site_id: Whole = None
    """`Site.id` of where it is billed: where it was sold, unless moved. Spec."""
    billing_site_code: Text = None
    """`Site.code` of the same. Spec."""
    customer_id: Text = None
    """`Customer.id`; None when nobody is known. Spec."""
    status: Whole = None
    """The status as a number from 1. Spec."""
    status_name: RecurringStatusWord = None
    """The status in the range that was asked for, or the latest if none was. Spec."""


class RecurringStatusDate(Record):
    """A status, and since when."""

    status: RecurringStatusWord = None
    """Active, suspended or cancelled; the history knows no others. Spec."""
    date: Instant = None
    """When it began, UTC. Spec."""


class RecurringBilling(Record):
    """One charge. Only those that keep the plan going: none for a new tag or another plan, no refunds (spec)."""

    amount_charged: Money = None
    """What was charged. Spec."""
    date: Instant = None
    """When, UTC. Spec."""
    last_four_cc: Annotated[Text, Named("lastFourCC")] = None
    """The card's last four digits, perhaps behind a mask. Personal. Spec."""
    credit_card_expiration_date: Scrap = None
    """The card's expiry as it came, such as `2020-05`. Spec."""


class RecurringAccount(Record):
    """A recurring account in full."""

    id: Id
    """The key: `RecurringListItem.id` is the same. Spec."""
    plan_name: Text = None
    """What the menu calls the plan. Spec."""
    current_recurring_status_name: RecurringStatusWord = None
    """The status now. Spec."""
    customer: Annotated[AccountCustomer | None, maybe] = None
    """Whose it is. Spec."""
    billing_site_code: Text = None
    """`Site.code` of where it is billed. Spec."""
    creation_site_code: Text = None
    """`Site.code` of where it was sold. Spec."""
    is_on_trial: Flag = None
    """Whether a first, lower price holds still. Spec."""
    trial_amount: Money = None
    """That price. Means nothing unless `is_on_trial`. Spec."""
    billing_amount: Money = None
    """What was last charged. Spec."""
    additional_tag_price: Money = None
    """What each further tag adds. Spec."""
    next_bill_date: Day = None
    """When the next charge is due. Spec."""
    last_bill_date: Day = None
    """When a charge last succeeded. Spec."""
    is_suspended: Flag = None
    """Whether billing pauses. Spec."""
    suspended_until: Day = None
    """Until when. Spec."""
    tags: Annotated[tuple[Tag, ...], each] = ()
    """What opens the gate for it. Spec."""
    vehicles: Annotated[tuple[Vehicle, ...], each] = ()
    """Which may be washed. Spec."""
    recurring_statuses: Annotated[tuple[RecurringStatusDate, ...], each] = ()
    """Its statuses so far, in the API's order. Spec."""
    recurring_billings: Annotated[tuple[RecurringBilling, ...], each] = ()
    """Its charges so far, in the API's order. Spec."""


class Modification(RespeltRecord):
    """One thing that was changed about an account."""

    other_spellings: ClassVar[dict[str, str]] = {
        "name": "modificationType",
        "date": "modificationDate",
        "comment": "modificationComment",
    }

    modification_type: ModificationWord = None
    """What. Comes as `modificationType` (spec) or `name` (seen live)."""
    modification_date: Instant = None
    """When, UTC. Comes as `modificationDate` (spec) or `date` (seen live)."""
    modification_comment: Text = None
    """What else there is to say. Comes as `modificationComment` (spec) or `comment` (seen live)."""


class RecurringModified(RecurringAccount):
    """A recurring account in full, and what was changed about it."""

    modifications: Annotated[tuple[Modification, ...], each] = ()
    """The changes, in the API's order. Spec."""


class StatusChange(SnakeRecord):
    """One change of one account's status. The API spells these in snake case, and no others."""

    washbook_account_id: Id
    """`RecurringListItem.id`. Spec."""
    recurring_id: Text = None
    """Another key of the same account. Spec."""
    old_status: RecurringStatusWord = None
    """The status before. Spec."""
    new_status: RecurringStatusWord = None
    """The status after. Spec."""
    status_date: When
    """When, UTC. Spec."""
    employee_name: Text = None
    """Who did it: a person, or software. Personal. Spec."""
    site_code: Text = None
    """`Site.code` of where. Spec."""
