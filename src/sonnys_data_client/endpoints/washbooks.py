"""Wash books: the list, all of it, and the details."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal, get_args

from sonnys_data_client.endpoints.dates import FIRST_SIGN_UPS, SIGN_UP_DAYS_MAX, Moments
from sonnys_data_client.endpoints.operation import Detail, Listed
from sonnys_data_client.endpoints.params import DateParams, PageParams, choice, entity, moment
from sonnys_data_client.engine.windows import DateLike
from sonnys_data_client.models import Washbook, WashbookListItem

AccountStatusName = Literal["active", "inactive"]


class WashbookCriteria(PageParams, total=False):
    """What both lists of wash books can be filtered by; the names are the API's."""

    accountStatus: Annotated[
        AccountStatusName, choice("Whether in use.", "account status", get_args(AccountStatusName))
    ]
    customerId: Annotated[str, entity("Customer id.", "customer")]
    itemId: Annotated[str, entity("Id of the item that was sold.", "item")]


class WashbookParams(DateParams, WashbookCriteria, total=False):
    """Criteria of the wash book list."""


class AllWashbookParams(WashbookCriteria, total=False):
    """Criteria of the list of all wash books."""

    since: Annotated[DateLike, moment("First day of sign-up; 2000-01-01 if left out.")]


WASHBOOKS = Listed(
    path="/washbook/account/list",
    key="accounts",
    id_field="id",
    model=WashbookListItem,
    params=WashbookParams,
    dates=Moments(days_max=SIGN_UP_DAYS_MAX, stamps=("signUpDate",), today=False),
)
ALL_WASHBOOKS = replace(
    WASHBOOKS,
    params=AllWashbookParams,
    dates=Moments(days_max=SIGN_UP_DAYS_MAX, stamps=("signUpDate",), since=FIRST_SIGN_UPS),
)
WASHBOOK = Detail(
    path="/washbook/account/{account_id}/detail",
    model=Washbook,
    arguments={"account_id": entity("Account id.", "account")},
)
