"""Gift cards: the list, whose path the vendor misspells."""

from __future__ import annotations

from typing import Annotated

from sonnys_data_client.endpoints.dates import Moments
from sonnys_data_client.endpoints.operation import Listed
from sonnys_data_client.endpoints.params import DateParams, PageParams, site_code, text
from sonnys_data_client.engine.windows import LIST_DAYS_MAX
from sonnys_data_client.types import Giftcard


class GiftcardParams(DateParams, PageParams, total=False):
    """Criteria of the gift card list; the names are the API's."""

    site: Annotated[str, site_code()]
    prepaidNumber: Annotated[str, text("The number on the card.", "card number")]


# No field identifies its rows for sure, because a card that was recharged may come more than once.
GIFTCARDS = Listed(
    path="/giftcard-liablilty",
    key="giftcards",
    model=Giftcard,
    params=GiftcardParams,
    dates=Moments(days_max=LIST_DAYS_MAX, stamps=("completeDate",)),
)
