"""Sites: the one list without pages."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from sonnys_data_client.endpoints.context import Context
from sonnys_data_client.endpoints.list_reader import OnePage
from sonnys_data_client.endpoints.operation import Asked, Listed
from sonnys_data_client.engine.effects import Flow
from sonnys_data_client.engine.isolation import Effort
from sonnys_data_client.engine.listing import PageSource, RawPage
from sonnys_data_client.engine.sites import SITES_CACHE_S, SITES_REQUEST, read_sites
from sonnys_data_client.engine.verdicts import is_no_results
from sonnys_data_client.errors import NotFoundError
from sonnys_data_client.types import Site


def _open(operation: Listed[Any], context: Context, asked: Asked, effort: Effort) -> Flow[Sequence[PageSource]]:
    """Open the site list, which is always asked for again.

    It is also remembered for its time zones.
    """
    del operation, asked, effort
    yield from ()
    return [OnePage(partial(_read, context))]


def _read(context: Context) -> Flow[RawPage]:
    rows: list[Any] = []
    try:
        rows = yield from read_sites(context.policy, context.findings, fresh=True)
    except NotFoundError as error:
        if not is_no_results(error):
            raise
    return RawPage(rows, 1, len(rows), None)


SITES = Listed(
    path=SITES_REQUEST.path, key="sites", id_field="siteID", model=Site, cached_s=SITES_CACHE_S, sources=_open
)
