"""Transactions: three lists and the details.

Batch jobs are in `jobs`, exports in `export`.
"""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from sonnys_data_client.endpoints.dates import Moments
from sonnys_data_client.endpoints.operation import Detail, Listed
from sonnys_data_client.endpoints.params import DateParams, PageParams, choice, entity, site_code, text
from sonnys_data_client.engine.windows import LIST_DAYS_MAX
from sonnys_data_client.types import Transaction, TransactionListItem, TransactionListItemV2

ItemType = Literal["wash", "prepaid-wash", "recurring", "washbook", "giftcard", "merchandise", "house-account"]
"""The types that `list_by_type` takes (spec)."""


class TransactionParams(DateParams, PageParams, total=False):
    """Criteria of the transaction lists; the names are the API's."""

    site: Annotated[str, site_code()]
    region: Annotated[str, text("Region code; ignored by the API where `site` is given.", "region code")]


_DATES = Moments(days_max=LIST_DAYS_MAX, stamps=("completeDate", "date"), history=True)

TRANSACTIONS = Listed(
    path="/transaction",
    key="transactions",
    id_field="transId",
    model=TransactionListItem,
    params=TransactionParams,
    dates=_DATES,
)
TRANSACTIONS_BY_TYPE = Listed(
    path="/transaction/type/{item_type}",
    key="transactions",
    id_field="transId",
    model=TransactionListItem,
    arguments={"item_type": choice("Type of the items.", "item type", get_args(ItemType))},
    params=TransactionParams,
    dates=_DATES,
)
TRANSACTIONS_V2 = Listed(
    path="/transaction/version-2",
    key="transactions",
    id_field="transId",
    model=TransactionListItemV2,
    params=TransactionParams,
    dates=_DATES,
    cached_s=600,
)
TRANSACTION = Detail(
    path="/transaction/{trans_id}",
    model=Transaction,
    arguments={"trans_id": entity("Transaction id.", "transaction")},
)
