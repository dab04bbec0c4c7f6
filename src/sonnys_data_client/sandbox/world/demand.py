"""How many cars come on a day, and when.

    cars = the site's average x season x weekday x weather x a random factor

These are spread over the opening hours. Cars beyond the tunnel's capacity wait for the next hour. Each factor averages
1 over a year, so a site's average holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from .dice import Wheel, between, draws, whole
from .sites import Plant

OPENING_HOUR = 7

# From a source: factors of the months, January to December. Their mean is 1.
_SEASON = (0.84, 1.04, 1.13, 1.13, 1.03, 1.03, 0.91, 0.98, 0.97, 1.06, 0.91, 0.86)
# Assumed: how strongly each region follows them.
_SWING = {"CENTRAL": 1.0, "EAST": 1.4, "MOUNTAIN": 1.2, "WEST": 0.7}
# From a source: sign-ups peak in March and are lowest in June. The figures are assumed.
_SIGN_UPS = (0.95, 1.10, 1.30, 1.15, 1.00, 0.78, 0.90, 0.98, 0.95, 1.02, 0.95, 0.92)
# Assumed: shares of the week, Monday to Sunday.
_WEEKDAY = (0.11, 0.11, 0.12, 0.13, 0.16, 0.20, 0.17)
# Shares of the day from 7 to 20 h; the busiest hour begins at 15 h.
_HOURS = (0.03, 0.045, 0.06, 0.08, 0.09, 0.095, 0.10, 0.11, 0.12, 0.105, 0.085, 0.055, 0.025)
_HOUR = Wheel(list(enumerate(_HOURS)))

_RAIN_CHANCE = 0.18
# The share of cars that still comes when it rains. Rain, the rebound after it and fair weather must average 1 over a
# year, which gives the fair-weather factor.
_RAIN_FACTOR = 0.55
_REBOUND = (1.1, 1.5)
_LONG_REBOUND = (1.4, 2.0)
_FAIR_FACTOR = 1.04
_MEMBERS_MIND_RAIN = 0.85


@dataclass(frozen=True, slots=True)
class Forecast:
    """The demand of one site's day.

    Attributes:
        cars: Washes wanted, by members and others.
        member_share: Share of them made by members.
        is_rainy: Whether it rains.
    """

    cars: float
    member_share: float
    is_rainy: bool


def forecast(seed: int, plant: Plant, day: date) -> Forecast:
    """Return the demand at a site on a local day."""
    region = plant.site.region
    season = 1 + (_SEASON[day.month - 1] - 1) * _SWING[region]
    luck = between(0.85, 1.15, *draws(1, seed, "luck", plant.site.id, day.toordinal()))
    rainy = _rains(seed, region, day)
    factor = season * _WEEKDAY[day.weekday()] * 7 * _weather(seed, region, day) * luck
    # Members mind the rain less, so on a wet day their share of the washes rises.
    members = plant.member_share
    if rainy:
        members = members / (members + (1 - members) * _MEMBERS_MIND_RAIN)
    return Forecast(plant.cars_per_day * factor, members, rainy)


def arrivals(plant: Plant, cars: float, rng: Random) -> list[int]:
    """Return when cars come, in milliseconds after opening.

    Sorted by hour, but not within an hour.
    """
    waiting = 0
    times: list[int] = []
    for hour, share in enumerate(_HOURS):
        wanted = waiting + whole(cars * share * between(0.85, 1.15, rng.random()), rng.random())
        washed = min(wanted, plant.cars_per_hour_max)
        waiting = wanted - washed
        first_ms = hour * 3_600_000
        times.extend(first_ms + int(rng.random() * 3_600_000) for _ in range(washed))
    return times


def moment(hour_draw: float, rest_draw: float) -> int:
    """Return a random time in the opening hours, as milliseconds after opening.

    Busy hours come more often.
    """
    return int((_HOUR.spin(hour_draw) + rest_draw) * 3_600_000)


def sign_up_factor(day: date) -> float:
    """Return how many members join on a day, relative to the average day."""
    return _SIGN_UPS[day.month - 1] * _WEEKDAY[day.weekday()] * 7


def _rains(seed: int, region: str, day: date) -> bool:
    (draw,) = draws(1, seed, "rain", region, day.toordinal())
    return draw < _RAIN_CHANCE


def _weather(seed: int, region: str, day: date) -> float:
    """Return the factor of a day's weather: rain, the rebound after it, or neither."""
    (draw,) = draws(1, seed, "weather", region, day.toordinal())
    if _rains(seed, region, day):
        return between(_RAIN_FACTOR - 0.05, _RAIN_FACTOR + 0.05, draw)
    if not _rains(seed, region, day - timedelta(days=1)):
        return _FAIR_FACTOR
    was_long = _rains(seed, region, day - timedelta(days=2))
    return between(*(_LONG_REBOUND if was_long else _REBOUND), draw)
