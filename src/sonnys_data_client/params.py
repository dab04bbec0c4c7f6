"""The parameters of every call as types, for code that builds them before it calls.

```python
from sonnys_data_client.params import CustomerParams

criteria: CustomerParams = {"status": "active"}
criteria["lastName"] = "Doe"
client.customers.list(**criteria)
```
"""

from __future__ import annotations

from sonnys_data_client.endpoints.any_request import QueryParams
from sonnys_data_client.endpoints.clock import ClockParams
from sonnys_data_client.endpoints.customers import CustomerParams, CustomerStatus
from sonnys_data_client.endpoints.giftcards import GiftcardParams
from sonnys_data_client.endpoints.items import DepartmentName, ItemParams
from sonnys_data_client.endpoints.jobs import JobParams
from sonnys_data_client.endpoints.params import NoParams, PageParams
from sonnys_data_client.endpoints.recurring import (
    AllRecurringDetailParams,
    AllRecurringParams,
    ModificationParams,
    RecurringDetailParams,
    RecurringParams,
    StatusChangeParams,
)
from sonnys_data_client.endpoints.sales_outcomes import SalesOutcomeParams
from sonnys_data_client.endpoints.transactions import ItemType, TransactionParams
from sonnys_data_client.endpoints.washbooks import AccountStatusName, AllWashbookParams, WashbookParams
from sonnys_data_client.engine.moments import DateLike

__all__ = [
    "AccountStatusName",
    "AllRecurringDetailParams",
    "AllRecurringParams",
    "AllWashbookParams",
    "ClockParams",
    "CustomerParams",
    "CustomerStatus",
    "DateLike",
    "DepartmentName",
    "GiftcardParams",
    "ItemParams",
    "ItemType",
    "JobParams",
    "ModificationParams",
    "NoParams",
    "PageParams",
    "QueryParams",
    "RecurringDetailParams",
    "RecurringParams",
    "SalesOutcomeParams",
    "StatusChangeParams",
    "TransactionParams",
    "WashbookParams",
]
