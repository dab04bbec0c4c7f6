"""What wash books and recurring accounts share.

To the API, a recurring account is a wash book with billing.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, TypedDict

from sonnys_data_client.endpoints.dates import Moments
from sonnys_data_client.endpoints.params import PageParams, entity, moment
from sonnys_data_client.engine.moments import DateLike

SIGN_UP_DAYS_MAX = 181
"""Longest range of lists that filter on sign-up: six months (spec), which are 181 days or more."""
FIRST_SIGN_UPS = date(2000, 1, 1)
"""A day before any plan can have been sold with this software."""

SINCE_LAST_MONTH = "the first day of last month to today, as the server chooses"
"""What the lists of accounts give without a range (spec)."""

BY_SIGN_UP = Moments(days_max=SIGN_UP_DAYS_MAX, stamps=("signUpDate",), unasked=SINCE_LAST_MONTH)
ALL_BY_SIGN_UP = Moments(days_max=SIGN_UP_DAYS_MAX, unasked="", stamps=("signUpDate",), since=FIRST_SIGN_UPS)

ACCOUNT = {"account_id": entity("Account id.", "account")}
"""The argument of their `get` operations."""


class AccountCriteria(PageParams, total=False):
    """What lists of accounts can be filtered by; the names are the API's."""

    customerId: Annotated[str, entity("Customer id.", "customer")]
    itemId: Annotated[str, entity("Id of the item that was sold.", "item")]


class Since(TypedDict, total=False):
    """How far back a list of all accounts goes."""

    since: Annotated[DateLike, moment("First day of sign-up; 2000-01-01 if left out.")]
