"""The route of the sites."""

from __future__ import annotations

from sonnys_data_client.sandbox.office import Office
from sonnys_data_client.sandbox.params import may_see
from sonnys_data_client.sandbox.replies import as_json
from sonnys_data_client.sandbox.route import Call, Route

__all__ = ["routes"]


def routes() -> list[Route]:
    """Return the one route of the sites. It takes no parameters and has no pages."""
    return [Route(("GET",), "/site/list", _list)]


def _list(call: Call, office: Office) -> bytes:
    seen = [
        office.render.site(site)
        for site in office.world.sites
        if may_see(call, site.code) and call.site in (None, site.code)
    ]
    return as_json({"data": {"sites": seen}})
