"""The site route: a list of all sites."""

from __future__ import annotations

from sonnys_data_client.sandbox.office import Office
from sonnys_data_client.sandbox.params import places_seen
from sonnys_data_client.sandbox.render import Renderer
from sonnys_data_client.sandbox.replies import as_json
from sonnys_data_client.sandbox.route import Call, Route
from sonnys_data_client.sandbox.shape import closed, many

__all__ = ["routes"]


def routes(render: Renderer) -> list[Route]:
    """Return the site route. It takes no parameters and has no pages."""

    def answer(call: Call, office: Office) -> bytes:
        return as_json({"data": {"sites": [render.site(site) for site in places_seen(call, office)]}})

    return [Route(("GET",), "/site/list", answer, closed({"sites": many(render.sites).schema}))]
