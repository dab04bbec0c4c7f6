"""Sites: the one list without pages."""

from __future__ import annotations

from sonnys_data_client.endpoints.context import Context
from sonnys_data_client.engine.effects import Flow
from sonnys_data_client.engine.sites import SITES_REQUEST, read_sites
from sonnys_data_client.models import Site, parse_rows


def list_sites(context: Context) -> Flow[list[Site]]:
    """Read the site list: one request."""
    rows = yield from read_sites(context.policy, context.findings, fresh=True)
    return parse_rows(Site, rows, method=SITES_REQUEST.method, path=SITES_REQUEST.path)
