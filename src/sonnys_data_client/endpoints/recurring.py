"""Recurring accounts: four lists, one of them in two extents, and the details."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from sonnys_data_client.endpoints.dates import FIRST_SIGN_UPS, SIGN_UP_DAYS_MAX, Moments
from sonnys_data_client.endpoints.operation import Detail, Listed
from sonnys_data_client.endpoints.params import DateParams, PageParams, coded, entity, moment, site_codes
from sonnys_data_client.engine.windows import DateLike
from sonnys_data_client.models import (
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
"""The numbers that the API gives to kinds of modifications (spec, whose list of numbers ends at 7)."""

DETAIL_DAYS_MAX = 28
"""Longest range of the list of details: a month (spec), which may be a February."""

_status = coded("Status, as its word or number.", "recurring status", STATUSES)


class StatusParams(PageParams, total=False):
    """What most lists of recurring accounts can be filtered by; the names are the API's."""

    recurringAccountStatus: Annotated[RecurringStatus | str | int, _status]


class RecurringCriteria(StatusParams, total=False):
    """What both account lists can be filtered by."""

    customerId: Annotated[str, entity("Customer id.", "customer")]
    itemId: Annotated[str, entity("Id of the item that was sold.", "item")]


class RecurringParams(DateParams, RecurringCriteria, total=False):
    """Criteria of the account list."""


class AllRecurringParams(RecurringCriteria, total=False):
    """Criteria of the list of all accounts."""

    since: Annotated[DateLike, moment("First day of sign-up; 2000-01-01 if left out.")]


class StatusChangeParams(DateParams, StatusParams, total=False):
    """Criteria of the list of status changes."""


class RecurringDetailParams(DateParams, StatusParams, total=False):
    """Criteria of the list of details."""


class ModificationParams(DateParams, PageParams, total=False):
    """Criteria of the list of modified accounts."""

    modifications: Annotated[
        ModificationType | str | int, coded("Kind, as its word or number.", "kind of modification", MODIFICATIONS)
    ]
    sites: Annotated[Sequence[str] | str, site_codes("Codes of sites; all sites if left out.")]


RECURRING = Listed(
    path="/recurring/account/list",
    key="accounts",
    id_field="id",
    model=RecurringListItem,
    params=RecurringParams,
    dates=Moments(days_max=SIGN_UP_DAYS_MAX, stamps=("signUpDate",), today=False),
)
ALL_RECURRING = replace(
    RECURRING,
    params=AllRecurringParams,
    dates=Moments(days_max=SIGN_UP_DAYS_MAX, stamps=("signUpDate",), since=FIRST_SIGN_UPS),
)
RECURRING_ACCOUNT = Detail(
    path="/recurring/account/{account_id}/detail",
    model=RecurringAccount,
    arguments={"account_id": entity("Account id.", "account")},
)
RECURRING_DETAILS = Listed(
    path="/recurring/account/details/list",
    key="accounts",
    id_field="id",
    model=RecurringAccount,
    params=RecurringDetailParams,
    dates=Moments(days_max=DETAIL_DAYS_MAX, today=False),
)
# No field tells its rows apart for sure: an account that was modified twice may come twice.
MODIFIED = Listed(
    path="/recurring/account/modifications",
    key="accounts",
    model=RecurringModified,
    params=ModificationParams,
    dates=Moments(days_max=SIGN_UP_DAYS_MAX, today=False),
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
