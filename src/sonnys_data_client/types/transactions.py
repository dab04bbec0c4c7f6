"""Transactions: what was sold, to whom, where, and how it was paid.

The API shows one transaction in four sizes, each with its own names for the same things:

```text
model                   comes from                         holds
TransactionListItem     /transaction, /transaction/type    id, number, total, moment
TransactionListItemV2   /transaction/version-2             + customer, status, two plan flags
Transaction             /transaction/{id}                  tenders, items, discounts, people, five flags
TransactionJobItem      /transaction/get-job-data          a Transaction + status, two plan flags
```

A row stands or falls with its `id`, `complete_date` and `total`: without them it is in no sum and on no day.
Everything else may be missing and is then None, whatever the spec promises; zero is never made up. Amounts
are in the site's currency, exact, as `Decimal`; moments are aware and in UTC. The notes on the fields say
where they come from: the spec, or seen live.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from sonnys_data_client.types.fields import (
    Amount,
    DepartmentWord,
    Flag,
    Id,
    Money,
    Scrap,
    StatusWord,
    TenderSubTypeWord,
    TenderWord,
    Text,
    TransactionTypeWord,
    When,
    Whole,
    each,
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
    """What was handed over. Spec."""
    change: Money = None
    """What was handed back, as a negative amount. Spec."""
    total: Money = None
    """What was kept: `amount` plus `change`. Spec."""
    reference_number: Text = None
    """The payment's own number; None when there is none. Spec."""
    credit_card_last_four: Text = None
    """The card's last four digits; None for other tenders. Personal. Spec."""
    credit_card_expiration_date: Scrap = None
    """The card's expiry as it came, in whatever form: `2025-01` (spec), `1999-12-31` (seen live). None for
    other tenders."""


class LineItem(Record):
    """One line of a transaction: so many of one thing."""

    name: Text = None
    """What the menu calls it. Spec."""
    sku: Text = None
    """The article number; None when it has none. Spec."""
    department: DepartmentWord = None
    """Part of the menu. Free text by the spec; the known words are those of `/item`."""
    quantity: Whole = None
    """How many, all in one line. Spec."""
    gross: Money = None
    """The line with tax: `net` plus `tax` in the spec's sample, which has no discount. Spec."""
    net: Money = None
    """The line without tax. Spec."""
    discount: Money = None
    """What was taken off the line. Spec."""
    tax: Money = None
    """The line's tax. Spec."""
    additional_fee: Money = None
    """A fee on top. Spec."""
    is_voided: Flag = None
    """Whether the line was struck out. Spec."""


class Discount(RespeltRecord):
    """One discount of a transaction, and the line it was given on."""

    other_spellings: ClassVar[dict[str, str]] = {"discountAmount": "discount"}

    discount_name: Text = None
    """What the discount is called. Spec."""
    discount_sku: Text = None
    """Its article number; None when it has none. Spec."""
    applied_to_item_name: Text = None
    """`name` of the item that it was given on. Spec."""
    discount_amount: Annotated[Money, Named("discount")] = None
    """What was taken off. Comes as `discount` (spec) or `discountAmount` (seen live)."""
    discount_code: Text = None
    """The code that was entered for it. Spec."""


class TransactionListItem(Record):
    """A transaction in a list, in short."""

    trans_id: Id
    """The key, such as `876:1001`. Unique in an account. Spec."""
    trans_number: Whole = None
    """The number printed at the till. Spec."""
    total: Amount
    """What was charged, discounts and taxes included. Spec."""
    date: When
    """When it happened, UTC. Spec."""


class TransactionListItemV2(TransactionListItem):
    """A transaction in a list, with its customer and status."""

    customer_id: Text = None
    """The customer's key, such as `1:234`; None when nobody is known. Spec; `""` seen live."""
    is_recurring_plan_sale: Flag = None
    """Whether a plan was sold. Counts upgrades and switches as well, which are no new members (seen live)."""
    is_recurring_plan_redemption: Flag = None
    """Whether a member washed on a plan. Such a row may have a `total`, which is no revenue (seen live)."""
    transaction_status: StatusWord = None
    """How far it got; None when the API does not say. Spec."""


class Transaction(RespeltRecord):
    """A transaction in full."""

    other_spellings: ClassVar[dict[str, str]] = {"discounts": "discount"}

    id: Id
    """The key, such as `876:1001`. Unique in an account; `TransactionListItem.id` is the same. Spec."""
    number: Whole = None
    """The number printed at the till. Spec."""
    type: TransactionTypeWord = None
    """Sale, return or rewash. Spec; a return is a row of its own (seen live)."""
    complete_date: When
    """When it happened, UTC. Spec."""
    location_code: Text = None
    """`Site.code` of where it happened; None for a site without one, such as a web shop. Spec."""
    sales_device_name: Text = None
    """The till. Online sales have `E-Comm` in it (seen live). Spec."""
    total: Amount
    """What was charged, discounts and taxes included. Spec. Not zero for some redemptions (seen live)."""
    tenders: Annotated[tuple[Tender, ...], each] = ()
    """How it was paid, in the API's order; empty when it was not. Spec."""
    items: Annotated[tuple[LineItem, ...], each] = ()
    """What was sold, in the API's order. Spec."""
    discount: Annotated[tuple[Discount, ...], each] = ()
    """The discounts, in the API's order. Comes as `discount` (spec) or `discounts` (seen live)."""
    customer_name: Text = None
    """The customer's name; None when nobody is known. Personal. Spec; `""` seen live."""
    customer_id: Text = None
    """The customer's key, such as `1:234`; None when nobody is known. Spec; `""` seen live."""
    vehicle_license_plate: Text = None
    """The plate; None when it was not read. Personal. Spec; `""` seen live."""
    employee_cashier: Text = None
    """Who sold, by name; None for a machine. Personal. Spec; `""` seen live."""
    employee_greeter: Text = None
    """Who greeted, by name; None when nobody did. Personal. Spec; `""` seen live."""
    is_recurring_payment: Flag = None
    """Whether it is a plan's monthly or yearly charge, made by the billing software: no wash. Spec."""
    is_recurring_redemption: Flag = None
    """Whether a member washed on a plan. Spec."""
    is_recurring_sale: Flag = None
    """Whether a new plan was sold. Spec. Upgrades and switches do not count (seen live)."""
    is_prepaid_redemption: Flag = None
    """Whether something prepaid was used: a prepaid wash, a wash book, vacuum time, a gift card. Spec."""
    is_prepaid_sale: Flag = None
    """Whether something prepaid was sold, to be used later. Spec. At most one of these five flags is true."""


class TransactionJobItem(Transaction):
    """A transaction in full, as a batch job delivers it.

    The spec promises three further fields, which the live service leaves out of job rows; they are then None.
    """

    is_recurring_plan_sale: Flag = None
    """Whether a plan was sold, upgrades and switches included. Spec; absent (seen live)."""
    is_recurring_plan_redemption: Flag = None
    """Whether a member washed on a plan. Spec; absent (seen live)."""
    transaction_status: StatusWord = None
    """How far it got. Spec; absent (seen live)."""
