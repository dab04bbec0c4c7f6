"""Transactions: what was sold, to whom, where, and how it was paid.

The API shows a transaction in four forms, and names the same things differently in them:

```text
model                   comes from                         holds
TransactionListItem     /transaction, /transaction/type    id, number, total, instant
TransactionListItemV2   /transaction/version-2             + customer, status, two plan flags
Transaction             /transaction/{id}                  tenders, items, discounts, people, five flags
TransactionJobItem      /transaction/get-job-data          a Transaction + status, two plan flags
```

A row needs its id, its instant (`complete_date`, `date`) and its `total`: without one of them it could not be told
apart, counted on a day or added up, so it cannot be parsed. Every other field may be missing and is then None,
whatever the spec promises; a missing amount is never taken for zero. Amounts are exact (`Decimal`), in the site's
currency; instants are aware, in UTC. Each field's docstring names its source: the spec, or seen live.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from sonnys_data_client.types.fields import (
    DepartmentWord,
    Flag,
    Id,
    LooseText,
    Money,
    Quantity,
    RequiredInstant,
    RequiredMoney,
    StatusWord,
    TenderSubTypeWord,
    TenderWord,
    Text,
    TransactionTypeWord,
    Whole,
    empty_if_nothing,
)
from sonnys_data_client.types.record import Named, Record, RespeltRecord

__all__ = [
    "Discount",
    "LineItem",
    "Tender",
    "Transaction",
    "TransactionJobItem",
    "TransactionListItem",
    "TransactionListItemV2",
]


class Tender(Record):
    """One payment towards a transaction."""

    tender: TenderWord = None
    """How it was paid. Spec."""
    tender_sub_type: TenderSubTypeWord = None
    """Card brand or scheme; None when there is none. Spec."""
    amount: Money = None
    """Amount handed over. Spec."""
    change: Money = None
    """Amount handed back, as a negative amount. Spec."""
    total: Money = None
    """Amount kept: `amount` plus `change`. Spec."""
    reference_number: Text = None
    """Number of the payment; None when it has none. Spec."""
    credit_card_last_four: Text = None
    """The card's last four digits; None for other tenders. Personal. Spec."""
    credit_card_expiration_date: LooseText = None
    """The card's expiry, as it came: `2025-01` (spec) or `1999-12-31` (seen live). None for other tenders."""


class LineItem(Record):
    """One line of a transaction: an item and its quantity."""

    name: Text = None
    """Its name on the menu. Spec."""
    sku: Text = None
    """The article number; None when it has none. Spec."""
    department: DepartmentWord = None
    """Part of the menu. Free text (spec); the known words are those of `/item`."""
    quantity: Quantity = None
    """How many of the item; may be a part of one, such as 0.5. Spec, as a whole number."""
    gross: Money = None
    """The line with tax: `net` plus `tax` in the spec's sample, which has no discount. Spec."""
    net: Money = None
    """The line without tax and fee. The values `net` + `tax` + `additional_fee` of a transaction's lines make up its
    total. Spec."""
    discount: Money = None
    """Amount taken off the line. Nobody has said whether `net` is before or after it. Spec."""
    tax: Money = None
    """The line's tax, which comes on top of `net`. Spec."""
    additional_fee: Money = None
    """A further fee on the line, on top of `net` and `tax`. Spec."""
    is_voided: Flag = None
    """Whether the line was voided: taken back at the till, so that it counts for nothing. A transaction all of whose
    lines are voided is a void. Spec."""


class Discount(RespeltRecord):
    """One discount of a transaction, and the line it was given on."""

    other_spellings: ClassVar[dict[str, str]] = {"discountAmount": "discount"}

    discount_name: Text = None
    """What the discount is called. Spec."""
    discount_sku: Text = None
    """Its article number; None when it has none. Spec."""
    applied_to_item_name: Text = None
    """`name` of the item that it applies to. Spec."""
    discount_amount: Annotated[Money, Named("discount")] = None
    """Amount taken off. Comes as `discount` (spec) or `discountAmount` (seen live)."""
    discount_code: Text = None
    """Code that was entered for it. Spec."""


class TransactionListItem(Record):
    """A transaction in a list, in short."""

    trans_id: Id
    """The key, such as `876:1001`. Unique in an account; `Transaction.id` is the same. Spec."""
    trans_number: Whole = None
    """The number printed at the till. Spec."""
    total: RequiredMoney
    """Amount charged, discounts and taxes included. Spec."""
    date: RequiredInstant
    """When it happened, UTC. Spec."""


class TransactionListItemV2(TransactionListItem):
    """A transaction in a list, with its customer and status."""

    customer_id: Text = None
    """The customer's key, such as `1:234`; None when the customer is not known. Spec; `""` seen live."""
    is_recurring_plan_sale: Flag = None
    """Whether a plan was sold. Spec. Counts upgrades and switches too, which are not new members (seen live)."""
    is_recurring_plan_redemption: Flag = None
    """Whether a member washed on a plan. Spec. Its `total` may not be zero, and is not revenue (seen live)."""
    transaction_status: StatusWord = None
    """How far it got, such as completed or voided; None when the API does not say. Spec."""


class Transaction(RespeltRecord):
    """A transaction in full."""

    other_spellings: ClassVar[dict[str, str]] = {"discounts": "discount"}

    id: Id
    """The key, such as `876:1001`. Unique in an account; `TransactionListItem.trans_id` is the same. Spec."""
    number: Whole = None
    """The number printed at the till. Spec."""
    type: TransactionTypeWord = None
    """Sale, return or rewash. Spec. A return is a row of its own, on the day of the return (seen live). The spec does
    not say whether its amounts are negative, so check their signs before adding them up."""
    complete_date: RequiredInstant
    """When it happened, UTC. Spec."""
    location_code: Text = None
    """`Site.code` of where it happened; None for a site without a code, which is the web shop. Spec."""
    sales_device_name: Text = None
    """Name of the till. Spec. Online sales have `E-Comm` in it (seen live)."""
    total: RequiredMoney
    """What was charged: discounts are taken off, and tax and fees are inside. Spec. Some redemptions have the price of
    the wash, which nobody paid then (seen live). May not be zero for a void."""
    tenders: Annotated[tuple[Tender, ...], empty_if_nothing] = ()
    """How it was paid, in the API's order; empty when it was not. Spec."""
    items: Annotated[tuple[LineItem, ...], empty_if_nothing] = ()
    """What was sold, in the API's order. Spec."""
    discount: Annotated[tuple[Discount, ...], empty_if_nothing] = ()
    """The discounts, in the API's order. Comes as `discount` (spec) or `discounts` (seen live)."""
    customer_name: Text = None
    """The customer's name; None when the customer is not known. Personal. Spec; `""` seen live."""
    customer_id: Text = None
    """The customer's key, such as `1:234`; None when the customer is not known. Spec; `""` seen live."""
    vehicle_license_plate: Text = None
    """The vehicle's plate; None when it was not read. Personal. Spec; `""` seen live."""
    employee_cashier: Text = None
    """Name of the cashier; None for a machine. Personal. Spec; `""` seen live."""
    employee_greeter: Text = None
    """Name of the greeter; None without one. Personal. Spec; `""` seen live."""
    is_recurring_payment: Flag = None
    """Whether it is a plan's monthly or yearly charge, made by the billing software without a wash. Spec."""
    is_recurring_redemption: Flag = None
    """Whether a member washed on a plan. Spec."""
    is_recurring_sale: Flag = None
    """Whether a new plan was sold. Spec. Upgrades and switches do not count (seen live)."""
    is_prepaid_redemption: Flag = None
    """Whether something prepaid was used: a prepaid wash, wash book, vacuum time or gift card. Spec."""
    is_prepaid_sale: Flag = None
    """Whether something prepaid was sold, to be used later. Spec. At most one of the five flags is true."""


class TransactionJobItem(Transaction):
    """A transaction in full, as a batch job delivers it.

    The spec promises three more fields than for a detail. Live job rows leave them out (seen live); they are then None.
    """

    is_recurring_plan_sale: Flag = None
    """Whether a plan was sold, upgrades and switches included. Spec; absent (seen live)."""
    is_recurring_plan_redemption: Flag = None
    """Whether a member washed on a plan. Spec; absent (seen live)."""
    transaction_status: StatusWord = None
    """How far it got: only completed ones are sales. Spec. Job rows leave it out (seen live); there, voids show by
    their lines, all `is_voided`. The archive has it from `list_v2`, unless a sync ran with `--no-statuses`."""
