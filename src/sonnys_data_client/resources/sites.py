"""Sites, physical and virtual."""

from __future__ import annotations

from sonnys_data_client.endpoints.sites import SITES
from sonnys_data_client.resources.calls import D, Resource, each, listed, paged


class Sites(Resource[D]):
    """`client.sites`: the account's sites."""

    @listed(SITES)
    def list(self) -> None:
        """List all sites, physical and virtual, with their time zones.

        Completeness rests on nothing but the reply: the spec has no pages and no count for it. A server that counts its
        sites all the same must give as many.

        Cost: one request. The server caches the list for an hour (spec).
        """

    iter = each(list)
    pages = paged(list)
