"""The API's objects as typed, frozen records: one module a resource.

```text
values         how one value is read: money, instants, flags, open words
fields         the kinds of field, each with its reader
record         the base of all models; records to raw rows
parsing        raw rows to records
enums          the word lists
docstrings     what models and fields say of themselves
transactions, jobs, sites, customers, items, employees, giftcards, washbooks, recurring, sales_outcomes
```

Every field has the API's own name in snake case. `docs/fields.md` lists all of them; it is written from these modules,
so each field's docstring says what it means, and whether the vendor's spec says so or it was seen live.

A new resource is a module with its classes: fields typed with what `fields` offers, and `Named` where the API's name
is not ours in camel case.
"""

from __future__ import annotations

from sonnys_data_client.types.customers import (
    Address,
    Customer,
    CustomerListItem,
)
from sonnys_data_client.types.employees import (
    ClockEntry,
    Employee,
    EmployeeListItem,
)
from sonnys_data_client.types.enums import (
    AccountStatus,
    Department,
    ModificationType,
    RecurringStatus,
    TenderSubType,
    TenderType,
    TransactionStatus,
    TransactionType,
)
from sonnys_data_client.types.giftcards import (
    Giftcard,
)
from sonnys_data_client.types.items import (
    Item,
)
from sonnys_data_client.types.jobs import (
    JobData,
)
from sonnys_data_client.types.parsing import (
    UnparsedRow,
    parse_one,
    parse_rows,
    read_rows,
    row_error,
)
from sonnys_data_client.types.record import (
    Record,
    api_name,
    as_json,
)
from sonnys_data_client.types.recurring import (
    Modification,
    RecurringAccount,
    RecurringBilling,
    RecurringListItem,
    RecurringModified,
    RecurringStatusDate,
    StatusChange,
)
from sonnys_data_client.types.sales_outcomes import (
    SalesOutcome,
)
from sonnys_data_client.types.sites import (
    Site,
)
from sonnys_data_client.types.transactions import (
    Discount,
    LineItem,
    Tender,
    Transaction,
    TransactionJobItem,
    TransactionListItem,
    TransactionListItemV2,
)
from sonnys_data_client.types.washbooks import (
    AccountCustomer,
    RecurringInfo,
    Tag,
    Vehicle,
    Washbook,
    WashbookListItem,
)

__all__ = [
    "AccountCustomer",
    "AccountStatus",
    "Address",
    "ClockEntry",
    "Customer",
    "CustomerListItem",
    "Department",
    "Discount",
    "Employee",
    "EmployeeListItem",
    "Giftcard",
    "Item",
    "JobData",
    "LineItem",
    "Modification",
    "ModificationType",
    "Record",
    "RecurringAccount",
    "RecurringBilling",
    "RecurringInfo",
    "RecurringListItem",
    "RecurringModified",
    "RecurringStatus",
    "RecurringStatusDate",
    "SalesOutcome",
    "Site",
    "StatusChange",
    "Tag",
    "Tender",
    "TenderSubType",
    "TenderType",
    "Transaction",
    "TransactionJobItem",
    "TransactionListItem",
    "TransactionListItemV2",
    "TransactionStatus",
    "TransactionType",
    "UnparsedRow",
    "Vehicle",
    "Washbook",
    "WashbookListItem",
    "api_name",
    "as_json",
    "parse_one",
    "parse_rows",
    "read_rows",
    "row_error",
]
