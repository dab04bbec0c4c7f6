"""Sales outcomes: the list."""

from __future__ import annotations

from sonnys_data_client.endpoints.dates import SERVER_CHOOSES, Days
from sonnys_data_client.endpoints.operation import Listed
from sonnys_data_client.endpoints.params import DateParams, PageParams
from sonnys_data_client.engine.windows import LIST_DAYS_MAX
from sonnys_data_client.types import SalesOutcome


class SalesOutcomeParams(DateParams, PageParams, total=False):
    """Criteria of the list of sales outcomes; the names are the API's."""


SALES_OUTCOMES = Listed(
    path="/sales-outcome/list",
    key="sales",
    model=SalesOutcome,
    params=SalesOutcomeParams,
    rows_max=500,
    dates=Days(days_max=LIST_DAYS_MAX, unasked=SERVER_CHOOSES),
)
