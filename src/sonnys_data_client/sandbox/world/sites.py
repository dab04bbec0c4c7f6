"""The operator's sites, and the numbers that drive their trade.

The first three sites are mature and alike, close to `cars_per_day`. Later ones spread over the quantiles of real
sites. The fifth has no time zone in the API, although it keeps local hours like the others. An operator with three
or more physical sites also has a web shop: one more site, the last one, virtual and with an empty code.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from .config import VIRTUAL_FROM_SITES, WorldConfig
from .dice import between, dice, pick, quantile
from .facts import Site
from .menu import Menu, menu_of
from .people import staff

OPENED = date(2000, 1, 1)
"""The operator's first day: no row and no member is older."""

_NAMED = (("MAIN", "Main Street"), ("NORTH", "North Loop"), ("SOUTH", "South Gate"), ("EAST", "East End"))
_STREETS = (
    "Airport",
    "Bridge",
    "Canal",
    "Depot",
    "Elm",
    "Ferry",
    "Hill",
    "Lake",
    "Mill",
    "Park",
    "River",
    "Ridge",
)
_ZONES = (
    ("America/Chicago", "CENTRAL"),
    ("America/New_York", "EAST"),
    ("America/Denver", "MOUNTAIN"),
    ("America/Los_Angeles", "WEST"),
    ("America/Chicago", "CENTRAL"),
    ("America/Phoenix", "MOUNTAIN"),
    ("America/New_York", "EAST"),
)
_ZONELESS_SITE_ID = 5
_MATURE_SITES = 3

# Washes a day relative to the median of 311: the smallest site (assumed), percentiles 10, 25, 50, 75, 90 and 95, and
# the busiest site.
_VOLUME = (
    (0.0, 0.30),
    (0.10, 102 / 311),
    (0.25, 187 / 311),
    (0.50, 1.0),
    (0.75, 473 / 311),
    (0.90, 628 / 311),
    (0.95, 794 / 311),
    (1.0, 2.8),
)
# Assumed: quartiles of a site's monthly churn, of the share of its washes by members, and of washes per member and
# month.
_CHURN = ((0.0, 0.045), (0.25, 0.064), (0.5, 0.088), (0.75, 0.121), (1.0, 0.15))
_MEMBER_SHARE = ((0.0, 0.55), (0.25, 0.62), (0.5, 0.67), (0.75, 0.72), (1.0, 0.80))
_WASHES_PER_MEMBER_MONTH = ((0.0, 2.1), (0.25, 2.4), (0.5, 2.8), (0.75, 3.3), (1.0, 3.6))
_MAX_CARS_PER_DAY = 2000


@dataclass(frozen=True, slots=True)
class Plant:
    """A physical site with the numbers that drive its trade.

    Attributes:
        site: The fields that the API shows.
        zone: Time zone, even if `site.timezone` is None.
        cars_per_day: Washes on an average day.
        cars_per_hour_max: Capacity of the tunnel.
        member_share: Share of washes by members.
        free_share: Share of washes given away: rewashes, vouchers, courtesy washes.
        members: Approximate number of members at any time.
        churn: Share of members that leave each month.
        lanes: Unattended pay stations.
        menu: The items that it sells.
        staff: The employees' names.
    """

    site: Site
    zone: ZoneInfo
    cars_per_day: float
    cars_per_hour_max: int
    member_share: float
    free_share: float
    members: float
    churn: float
    lanes: tuple[str, ...]
    menu: Menu
    staff: tuple[str, ...]


def found_plants(config: WorldConfig) -> tuple[Plant, ...]:
    """Return the physical sites of a world, ids 1, 2, 3, ..."""
    return tuple(_found_plant(config, id) for id in range(1, config.sites + 1))


def found_web_shop(config: WorldConfig) -> Site | None:
    """Return the web shop; None for an operator with so few sites that it has none."""
    if config.sites < VIRTUAL_FROM_SITES:
        return None
    zone, _ = _ZONES[0]
    return Site(config.sites + 1, "", "Web Shop", zone, "WEB", is_virtual=True)


def _found_plant(config: WorldConfig, id: int) -> Plant:
    rng = dice(config.seed, "plant", id)
    volume_draw = rng.random()
    mature = id <= _MATURE_SITES
    volume = between(0.9, 1.1, volume_draw) if mature else quantile(_VOLUME, volume_draw)
    cars = min(config.cars_per_day * volume, _MAX_CARS_PER_DAY)
    member_share = quantile(_MEMBER_SHARE, rng.random())
    washes_per_member = quantile(_WASHES_PER_MEMBER_MONTH, rng.random())
    return Plant(
        site=_site(id, rng.random()),
        zone=ZoneInfo(_zone(id)[0]),
        cars_per_day=cars,
        cars_per_hour_max=int(between(125, 151, rng.random())),
        member_share=member_share,
        free_share=between(0.03, 0.06, rng.random()),
        members=cars * member_share * 30.4 / washes_per_member,
        churn=quantile(_CHURN, rng.random()),
        lanes=tuple(f"Lane {n}" for n in range(1, 3 + (cars > 400))),
        menu=menu_of(config.seed, id),
        staff=staff(config.seed, id),
    )


def _site(id: int, draw: float) -> Site:
    if id <= len(_NAMED):
        code, name = _NAMED[id - 1]
    else:
        code, name = f"CW{id:03}", f"{pick(_STREETS, draw)} Road {id}"
    timezone, region = _zone(id)
    return Site(id, code, name, None if id == _ZONELESS_SITE_ID else timezone, region, is_virtual=False)


def _zone(id: int) -> tuple[str, str]:
    return _ZONES[(id - 1) % len(_ZONES)]
