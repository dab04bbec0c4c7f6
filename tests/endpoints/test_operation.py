"""Operations: a call is checked first, and sent as the API wants it."""

from __future__ import annotations

from typing import Any

import pytest

from sonnys_data_client import errors
from sonnys_data_client.endpoints.clock import CLOCK_ENTRIES
from sonnys_data_client.endpoints.customers import CUSTOMER, CUSTOMERS
from sonnys_data_client.endpoints.employees import EMPLOYEE
from sonnys_data_client.endpoints.operation import Operation
from sonnys_data_client.endpoints.recurring import RECURRING, RECURRING_ACCOUNT, STATUS_CHANGES
from sonnys_data_client.endpoints.sales_outcomes import SALES_OUTCOMES
from sonnys_data_client.endpoints.transactions import TRANSACTION, TRANSACTIONS_BY_TYPE
from sonnys_data_client.endpoints.washbooks import WASHBOOK
from tests.endpoints.readings import context, read
from tests.engine.flows import play, served

WITH_ARGUMENTS = (CUSTOMER, EMPLOYEE, RECURRING_ACCOUNT, TRANSACTION, TRANSACTIONS_BY_TYPE, WASHBOOK)


def test_a_calls_parameters_go_over_the_wire_in_order_behind_the_dates() -> None:
    values = {
        "recurringAccountStatus": "Cancelled",
        "customerId": "1:2",
        "startDate": 1_795_305_600,
        "endDate": 1_795_391_999,
        "itemId": None,
    }
    run = read(RECURRING, values, [served({"accounts": [], "total": 0})])
    assert run.requests[0].query == (
        ("startDate", "1795305600"),
        ("endDate", "1795392000"),
        ("recurringAccountStatus", "7"),
        ("customerId", "1:2"),
        ("limit", "100"),
        ("offset", "1"),
    )


def test_pages_are_as_large_as_the_endpoint_allows() -> None:
    for operation, size, key in ((STATUS_CHANGES, "1000", "accounts"), (SALES_OUTCOMES, "500", "sales")):
        run = read(operation, {}, [served({key: [], "total": 0})])
        assert dict(run.requests[0].query)["limit"] == size
    with pytest.raises(errors.ValidationError, match=r"^limit=50 must be a whole number from 100 to 1000\.$"):
        STATUS_CHANGES.ask({"limit": 50})


def test_bad_parameters_are_refused_without_a_request() -> None:
    for values, sentence in (
        ({"status": "gone"}, "status='gone' is not a customer status; it must be one of active, inactive."),
        ({"name": "Jane"}, "name is not a parameter of this call, which takes endDate, "),
    ):
        with pytest.raises(errors.ValidationError) as caught:
            CUSTOMERS.ask(values)
        assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize("operation", WITH_ARGUMENTS, ids=lambda operation: operation.path)
def test_no_request_is_sent_for_an_argument_that_is_none(operation: Operation[Any]) -> None:
    for name in operation.arguments.keys() - operation.optional:
        with pytest.raises(errors.ValidationError, match=rf"^{name}=None ") as caught:
            operation.ask({name: None})
        assert caught.value.allowed


def test_an_argument_may_be_none_where_that_means_all() -> None:
    assert CLOCK_ENTRIES.ask({"employee_id": None}).values == {}


def test_a_path_is_filled_in_with_what_was_checked() -> None:
    assert CUSTOMER.ask({"customer_id": "45678:1001"}).path == "/customer/45678:1001"


@pytest.mark.parametrize("data", [None, [], "text"])
def test_a_detail_of_another_shape_is_loud(data: Any) -> None:
    run = play(CUSTOMER.read(context(), {"customer_id": "1:1"}), [served(data)])
    assert isinstance(run.error, errors.UnexpectedResponseError)
    assert str(run.error) == ("GET /customer/1:1: the reply is not what the API promises: an object `data` was due.")
