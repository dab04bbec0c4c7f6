"""An operator with 250 sales on each of three days, for tests of feeds, counts and budgets."""

from __future__ import annotations

from typing import Any

from sonnys_data_client.engine.windows import Window
from tests.client.rig import ClientRig, client_rig
from tests.sandbox.rig import DAY, TODAY, wash, world_of

DAYS = [Window(TODAY - back * DAY, TODAY - (back - 1) * DAY) for back in (1, 3, 2)]


def busy_rig(**settings: Any) -> ClientRig:
    """Return a sandbox with 250 sales on each of three days, and clients for it."""
    sales = [wash(n, TODAY - DAY * (1 + n % 3) + n * 60) for n in range(750)]
    return client_rig(world=world_of(sales), job_s=3, **settings)
