"""What all routes share: the world, the jobs, the caches and the settings.

A route's function gets a call and the office, and needs nothing else.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from itertools import chain
from typing import TypeVar

from sonnys_data_client.sandbox.config import SandboxConfig
from sonnys_data_client.sandbox.faults import FaultDice
from sonnys_data_client.sandbox.jobs import JobTable
from sonnys_data_client.sandbox.render import Renderer
from sonnys_data_client.sandbox.world.facts import Site, Transaction
from sonnys_data_client.sandbox.world.protocol import World

__all__ = ["Office"]

T = TypeVar("T")

_BODIES = 64
"""How many passed jobs keep the bytes of their reply. This only saves work: a reply made again is the same."""

_ANSWERS = 256
"""How many answers the response cache holds. When it is full, the oldest is dropped and made again if asked for."""


class Office:
    """What the routes work with.

    Attributes:
        config: The settings.
        world: The data.
        dice: Decides which faults happen.
        jobs: The batch jobs.
        render: Makes JSON of transactions and sites.
    """

    def __init__(self, config: SandboxConfig, world: World, dice: FaultDice, render: Renderer) -> None:
        self.config = config
        self.world = world
        self.dice = dice
        self.jobs = JobTable(config, dice)
        self.render = render
        self.sites: dict[str, Site] = {site.code: site for site in world.sites}
        self._bodies: OrderedDict[str, bytes] = OrderedDict()
        self._cache: OrderedDict[tuple[object, ...], tuple[float, bytes]] = OrderedDict()

    def rows(self, sites: Sequence[str] | None, start: int, end: int, *, as_of: float) -> Sequence[Transaction]:
        """Return the rows of a range, in the server's order.

        Args:
            sites: Codes of the sites; None means all sites.
            start: First second, epoch.
            end: Last second, epoch. A quirk decides whether it belongs to the range.
            as_of: Epoch second. Rows are as the server knew them then.
        """
        stop = self.stop(end)
        if sites is None:
            rows = self.world.transactions(start, stop, as_of=as_of)
        elif len(sites) == 1:
            rows = self.world.transactions(start, stop, site=sites[0], as_of=as_of)
        else:
            found = (self.world.transactions(start, stop, site=site, as_of=as_of) for site in sites)
            rows = sorted(chain.from_iterable(found), key=lambda row: (row.completed_ms, row.id))
        return self.in_order(rows)

    def stop(self, end: int) -> int:
        """Return the first epoch second after the range that ends with `endDate`."""
        return end + 1 if self.config.quirks.end == "inclusive" else end

    def in_order(self, rows: Sequence[T]) -> Sequence[T]:
        """Return rows, which come oldest first, in the server's order."""
        return rows if self.config.quirks.order == "oldest" else rows[::-1]

    def body_of(self, hash: str) -> bytes | None:
        """Return the reply of a passed job, or None if it was not kept."""
        return self._bodies.get(hash)

    def keep_body(self, hash: str, body: bytes) -> None:
        """Keep the reply of a passed job."""
        self._bodies[hash] = body
        if len(self._bodies) > _BODIES:
            self._bodies.popitem(last=False)

    def cached(self, criteria: tuple[object, ...], now: float) -> bytes | None:
        """Return the cached answer to `criteria`; None if there is none or it has expired."""
        expires, body = self._cache.get(criteria, (now, None))
        return body if now < expires else None

    def cache(self, criteria: tuple[object, ...], body: bytes, expires: float) -> None:
        """Cache an answer until the epoch second `expires`."""
        self._cache[criteria] = (expires, body)
        self._cache.move_to_end(criteria)
        if len(self._cache) > _ANSWERS:
            self._cache.popitem(last=False)
