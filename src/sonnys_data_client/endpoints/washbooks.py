"""Wash books: the list, the list of all, and the details."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal, get_args

from sonnys_data_client.endpoints.accounts import ACCOUNT, ALL_BY_SIGN_UP, BY_SIGN_UP, AccountCriteria, Since
from sonnys_data_client.endpoints.operation import Detail, Listed
from sonnys_data_client.endpoints.params import DateParams, choice
from sonnys_data_client.types import Washbook, WashbookListItem

AccountStatusName = Literal["active", "inactive"]


class WashbookCriteria(AccountCriteria, total=False):
    """What both lists of wash books can be filtered by; the names are the API's."""

    accountStatus: Annotated[
        AccountStatusName, choice("Whether in use.", "account status", get_args(AccountStatusName))
    ]


class WashbookParams(DateParams, WashbookCriteria, total=False):
    """Criteria of the wash book list."""


class AllWashbookParams(Since, WashbookCriteria, total=False):
    """Criteria of the list of all wash books."""


WASHBOOKS = Listed(
    path="/washbook/account/list",
    key="accounts",
    id_field="id",
    model=WashbookListItem,
    params=WashbookParams,
    dates=BY_SIGN_UP,
)
ALL_WASHBOOKS = replace(WASHBOOKS, params=AllWashbookParams, dates=ALL_BY_SIGN_UP)
WASHBOOK = Detail(
    path="/washbook/account/{account_id}/detail",
    model=Washbook,
    arguments=ACCOUNT,
)
