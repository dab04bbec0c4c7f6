"""The transaction lists and details: what each call asks of the server, and what it makes of the answer.

What users see of this, errors and all, is in `tests/client`; here are the requests.
"""

from __future__ import annotations

from typing import Any, get_args

import pytest

from sonnys_data_client.endpoints.context import Context
from sonnys_data_client.endpoints.transactions import (
    TRANSACTION,
    TRANSACTIONS,
    TRANSACTIONS_BY_TYPE,
    TRANSACTIONS_V2,
    ItemType,
)
from sonnys_data_client.engine.call import CallPolicy
from sonnys_data_client.engine.wire import Request
from sonnys_data_client.types import TransactionListItem, TransactionListItemV2
from tests.endpoints.readings import read
from tests.engine.flows import play, served

DATES = (("startDate", "1795305600"), ("endDate", "1795392000"))
PAGING = (("limit", "100"), ("offset", "1"))
DAY = {"startDate": "2026-11-22", "endDate": "2026-11-22"}
WASH = {"transId": "1:1", "total": 5, "date": "2026-11-22T10:00:00.000Z"}

LISTS: list[tuple[Any, dict[str, Any], str, type]] = [
    (TRANSACTIONS, {}, "/transaction", TransactionListItem),
    (TRANSACTIONS_V2, {}, "/transaction/version-2", TransactionListItemV2),
    *(
        (TRANSACTIONS_BY_TYPE, {"item_type": kind}, f"/transaction/type/{kind}", TransactionListItem)
        for kind in get_args(ItemType)
    ),
]


@pytest.mark.parametrize(("operation", "arguments", "path", "model"), LISTS, ids=[path for _, _, path, _ in LISTS])
def test_a_list_asks_for_its_range_and_gives_models(operation: Any, arguments: Any, path: str, model: type) -> None:
    values = {**arguments, **DAY, "site": "MAIN", "region": "R"}
    page = served({"transactions": [WASH], "offset": 1, "limit": 100, "total": 1})
    run = read(operation, values, lambda request, _now: _sites(request) or page)
    assert run.requests[-1].path == path
    assert run.requests[-1].query == (*DATES, ("site", "MAIN"), ("region", "R"), *PAGING)
    assert [(type(row), row.trans_id) for row in run.got()] == [(model, "1:1")]


def _sites(request: Request) -> Any:
    return served({"sites": []}) if request.path == "/site/list" else None


def test_a_detail_is_one_request() -> None:
    row = {"id": "45678:1001", "total": 5, "completeDate": "2026-11-22T10:00:00.000Z"}
    run = play(TRANSACTION.read(Context(CallPolicy()), {"trans_id": "45678:1001"}), [served(row)])
    assert run.requests == [Request("GET", "/transaction/45678:1001")]
    assert run.got().id == "45678:1001"
