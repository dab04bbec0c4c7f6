"""Reads a list operation to its end, from servers that are functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC
from typing import Any

from sonnys_data_client.endpoints.context import Context
from sonnys_data_client.endpoints.list_reader import ListPage, ListReader
from sonnys_data_client.endpoints.operation import Listed
from sonnys_data_client.engine.call import CallPolicy
from sonnys_data_client.engine.effects import Flow
from sonnys_data_client.engine.wire import Outcome, Request
from sonnys_data_client.errors import APIError, IncompleteError
from tests.engine.flows import Play, play


def context(**options: Any) -> Context:
    """A context that tries each request once, and whose days are those of UTC unless a test is about that."""
    options.setdefault("zone", UTC)
    return Context(CallPolicy(max_retries=0), **options)


def pages(
    operation: Listed[Any],
    values: Mapping[str, Any],
    server: Callable[[Request, float], Outcome] | list[Outcome],
    here: Context | None = None,
) -> Play[list[ListPage[Any]]]:
    """Read all pages."""
    reader = ListReader(operation, here or context(), values)

    def flow() -> Flow[list[ListPage[Any]]]:
        got: list[ListPage[Any]] = []
        try:
            while (page := (yield from reader.next_page())) is not None:
                got.append(page)
        except (APIError, IncompleteError) as error:
            error.rows = [row for page in got for row in page.rows]
            raise
        return got

    return play(flow(), server)


def read(
    operation: Listed[Any],
    values: Mapping[str, Any],
    server: Callable[[Request, float], Outcome] | list[Outcome],
    here: Context | None = None,
) -> Play[list[Any]]:
    """Read all rows; an error has those before it in its `rows`."""
    run: Play[Any] = pages(operation, values, server, here)
    if run.error is None:
        run.result = [row for page in run.got() for row in page.rows]
    return run
