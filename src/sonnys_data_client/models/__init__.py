"""The API's objects as typed, frozen records: one module a resource.

```text
fields         what a single value means: money, moments, flags, open words
record         what every object has in common; raw rows to records and back
enums          the word lists
transactions   sites   jobs
```

A new resource is a module with its classes: fields named in snake case, typed with what `fields` offers, and
`Named` where the API's name is not simply ours in camel case.
"""

from __future__ import annotations

from sonnys_data_client.models.enums import (
    Department,
    TenderSubType,
    TenderType,
    TransactionStatus,
    TransactionType,
)
from sonnys_data_client.models.jobs import JobData
from sonnys_data_client.models.record import Record, as_json, parse_one, parse_rows
from sonnys_data_client.models.sites import Site
from sonnys_data_client.models.transactions import (
    Discount,
    LineItem,
    Tender,
    Transaction,
    TransactionJobItem,
    TransactionListItem,
    TransactionListItemV2,
)

__all__ = [
    "Department",
    "Discount",
    "JobData",
    "LineItem",
    "Record",
    "Site",
    "Tender",
    "TenderSubType",
    "TenderType",
    "Transaction",
    "TransactionJobItem",
    "TransactionListItem",
    "TransactionListItemV2",
    "TransactionStatus",
    "TransactionType",
    "as_json",
    "parse_one",
    "parse_rows",
]
