"""The few settings that make one world differ from another.

Everything else follows from them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

VIRTUAL_FROM_SITES = 3
"""An operator with this many physical sites also runs a web shop as a site of its own."""


@dataclass(frozen=True, slots=True)
class WorldConfig:
    """The settings of a world. Equal settings always give equal rows, on any machine.

    A site rings up more rows than it washes cars, because recharges, plan sales, vacuums and returns add about 0.42
    rows a car. Three sites make about 1,500 rows on an average day at `cars_per_day=350`.

    Attributes:
        seed: Chooses the world.
        sites: Physical sites. With three or more, `World.sites` has one more: the web shop.
        cars_per_day: Washes on an average day of a typical site (the median of real sites is 311). The first
            three sites stay close to it; the others spread as real ones do, from a third to two and a half
            times as many.
        late_share: Share of rows that reach the server hours after completion.
        late_hours: The most hours that such a row is late. The least are two.
        edit_share: Share of rows that change after the server first learnt of them.
        edit_hours: The most hours until such a change. The least are five minutes.
        valued_redemption_share: Share of members' washes whose total is the wash's price, paid by a prepaid tender;
            the total of all others is zero.

    Raises:
        ValueError: A setting is not allowed.
    """

    seed: int = 1
    sites: int = 3
    cars_per_day: int = 311
    late_share: float = 0.004
    late_hours: float = 48.0
    edit_share: float = 0.006
    edit_hours: float = 24.0
    valued_redemption_share: float = 0.12

    def __post_init__(self) -> None:
        if not 1 <= self.sites <= 1000:
            raise ValueError(f"sites must be a whole number from 1 to 1000, not {self.sites}.")
        if not 1 <= self.cars_per_day <= 2000:
            raise ValueError(f"cars_per_day must be a whole number from 1 to 2000, not {self.cars_per_day}.")
        for name in ("late_share", "edit_share", "valued_redemption_share"):
            share = getattr(self, name)
            if not 0 <= share <= 1:
                raise ValueError(f"{name} must be a share from 0 to 1, not {share}.")
        for name, least in (("late_hours", 2), ("edit_hours", 0.1)):
            hours = getattr(self, name)
            if not least <= hours < math.inf:
                raise ValueError(f"{name} must be a number of hours, {least} or more, not {hours}.")
