"""The parameters as types: every call's are there."""

from __future__ import annotations

from typing import get_origin, get_type_hints

from sonnys_data_client import params
from sonnys_data_client.resources import Resources
from sonnys_data_client.resources.calls import Call
from sonnys_data_client.resources.transactions import TransactionLists


def test_the_parameters_of_every_operation_can_be_had() -> None:
    kinds = [TransactionLists, *map(get_origin, get_type_hints(Resources).values())]
    used = {call.operation.params for kind in kinds for call in vars(kind).values() if isinstance(call, Call)}
    assert len(used) > 10
    assert used <= {getattr(params, name) for name in params.__all__}
