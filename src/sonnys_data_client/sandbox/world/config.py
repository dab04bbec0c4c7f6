"""The handful of numbers that make one world differ from another. Everything else follows from them."""

from __future__ import annotations

import math
from dataclasses import dataclass

VIRTUAL_FROM_SITES = 3
"""An operator with this many physical sites also runs a web shop as a site of its own."""


@dataclass(frozen=True, slots=True)
class WorldConfig:
    """What to found a world with. Equal configurations give equal rows, on any machine, for ever.

    A site rings up more rows than it washes cars: recharges, plan sales, vacuums and returns come on top,
    about 0.42 rows a car. Three sites make about 1,500 rows on an average day at `cars_per_day=350`.

    Attributes:
        seed: Chooses the world.
        sites: Physical sites. From three on, `World.sites` has one more: the web shop.
        cars_per_day: Washes on an average day of a typical site (the median of real sites is 311). The first
            three sites stay close to it; the others spread as real ones do, from a third to two and a half
            times as many.
        late_share: Share of rows that reach the server hours after completion.
        late_hours: How many hours late the latest of them are; the earliest are two.
        edit_share: Share of rows that change after the server has first heard of them.
        edit_hours: How many hours later the latest of these changes come; the earliest take five minutes.
        valued_redemption_share: Share of members' washes that carry the wash's price as a non-zero total,
            paid by a prepaid tender.

    Raises:
        ValueError: A number is outside what the world can hold.
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
            raise ValueError(f"a world has 1 to 1000 physical sites, not {self.sites}")
        if not 1 <= self.cars_per_day <= 2000:
            raise ValueError(f"a tunnel washes 1 to 2000 cars a day, not {self.cars_per_day}")
        for name in ("late_share", "edit_share", "valued_redemption_share"):
            share = getattr(self, name)
            if not 0 <= share <= 1:
                raise ValueError(f"{name} is a share between 0 and 1, not {share}")
        for name, least in (("late_hours", 2), ("edit_hours", 0.1)):
            hours = getattr(self, name)
            if not least <= hours < math.inf:
                raise ValueError(f"{name} is a number of hours from {least} up, not {hours}")
