"""Recurring accounts: lists, details, modifications and status changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Annotated, Any

from sonnys_data_client.endpoints.accounts import (
    ACCOUNT,
    ALL_BY_SIGN_UP,
    BY_SIGN_UP,
    FIRST_SIGN_UPS,
    SIGN_UP_DAYS_MAX,
    SINCE_LAST_MONTH,
    AccountCriteria,
    Since,
)
from sonnys_data_client.endpoints.context import Context
from sonnys_data_client.endpoints.dates import Moments
from sonnys_data_client.endpoints.list_reader import open_pages
from sonnys_data_client.endpoints.operation import Asked, Detail, Listed
from sonnys_data_client.endpoints.params import DateParams, PageParams, coded, site_codes
from sonnys_data_client.engine.effects import Flow
from sonnys_data_client.engine.isolation import Effort
from sonnys_data_client.engine.listing import PageSource, RawPage, row_key
from sonnys_data_client.types import (
    ModificationType,
    RecurringAccount,
    RecurringListItem,
    RecurringModified,
    RecurringStatus,
    StatusChange,
)

STATUSES = dict(enumerate(list(RecurringStatus)[:15], 1))
"""The numbers that the API gives to statuses (spec)."""

MODIFICATIONS = dict(
    enumerate((kind for kind in ModificationType if kind is not ModificationType.TAG_REMOVED), 1),
)
"""The numbers that the API gives to kinds of modifications (spec; its list of numbers ends at 7)."""

DETAIL_DAYS_MAX = 28
"""Longest range of the list of details: a month (spec), which may be February."""

_status = coded("Status, as its word or number.", "recurring status", STATUSES)


class StatusParams(PageParams, total=False):
    """What most lists of recurring accounts can be filtered by.

    The names are the API's.
    """

    recurringAccountStatus: Annotated[RecurringStatus | str | int, _status]


class RecurringParams(DateParams, StatusParams, AccountCriteria, total=False):
    """Criteria of the account list."""


# Without status: the server would filter by the status at the end of each part of the range, often years ago.
class AllRecurringParams(Since, AccountCriteria, total=False):
    """Criteria of the list of all accounts."""


class StatusChangeParams(DateParams, StatusParams, total=False):
    """Criteria of the list of status changes."""


class RecurringDetailParams(DateParams, StatusParams, total=False):
    """Criteria of the list of details."""


class AllRecurringDetailParams(Since, PageParams, total=False):
    """Criteria of the list of the details of all accounts."""


class ModificationParams(DateParams, PageParams, total=False):
    """Criteria of the list of modified accounts."""

    modifications: Annotated[
        ModificationType | str | int, coded("Kind, as its word or number.", "kind of modification", MODIFICATIONS)
    ]
    sites: Annotated[Sequence[str] | str, site_codes("Codes of sites; all sites if left out.")]


class _Once:
    """Modified accounts, with each modification once.

    An account that was modified in two parts of a range comes with both, each time with the modifications of that
    part. A modification in their common edge second comes twice.
    """

    def __init__(self, source: PageSource, given: set[Any]) -> None:
        self._source = source
        self._given = given

    def next_page(self) -> Flow[RawPage | None]:
        page = yield from self._source.next_page()
        return None if page is None else replace(page, rows=[row for raw in page.rows for row in self._trimmed(raw)])

    def _trimmed(self, row: Any) -> Iterator[Any]:
        found = row.get("modifications") if isinstance(row, dict) else None
        if not isinstance(found, list) or not found:
            yield row
            return
        alike: Counter[bytes] = Counter()
        keys = [(str(row.get("id")), row_key(each, None, alike)) for each in found]
        fresh = [each for key, each in zip(keys, found, strict=True) if key not in self._given]
        self._given.update(keys)
        if fresh:
            yield {**row, "modifications": fresh}


def _open_modified(
    operation: Listed[Any], context: Context, asked: Asked, effort: Effort
) -> Flow[Sequence[PageSource]]:
    given: set[Any] = set()
    return [_Once(source, given) for source in (yield from open_pages(operation, context, asked, effort))]


RECURRING = Listed(
    path="/recurring/account/list",
    key="accounts",
    id_field="id",
    model=RecurringListItem,
    params=RecurringParams,
    dates=BY_SIGN_UP,
)
ALL_RECURRING = replace(RECURRING, params=AllRecurringParams, dates=ALL_BY_SIGN_UP)
RECURRING_ACCOUNT = Detail(
    path="/recurring/account/{account_id}/detail",
    model=RecurringAccount,
    arguments=ACCOUNT,
)
RECURRING_DETAILS = Listed(
    path="/recurring/account/details/list",
    key="accounts",
    id_field="id",
    model=RecurringAccount,
    params=RecurringDetailParams,
    dates=Moments(days_max=DETAIL_DAYS_MAX, unasked=SINCE_LAST_MONTH),
)
ALL_RECURRING_DETAILS = replace(
    RECURRING_DETAILS,
    params=AllRecurringDetailParams,
    dates=Moments(days_max=DETAIL_DAYS_MAX, unasked="", since=FIRST_SIGN_UPS),
)
# No field identifies its rows for sure, because an account that was modified twice may come twice.
MODIFIED = Listed(
    path="/recurring/account/modifications",
    key="accounts",
    model=RecurringModified,
    params=ModificationParams,
    dates=Moments(days_max=SIGN_UP_DAYS_MAX, unasked=SINCE_LAST_MONTH),
    sources=_open_modified,
)
STATUS_CHANGES = Listed(
    path="/recurring/account/status-list",
    key="accounts",
    model=StatusChange,
    params=StatusChangeParams,
    rows_max=1000,
    rows_min=100,
    dates=Moments(stamps=("status_date",)),
    cached_s=3600,
)
