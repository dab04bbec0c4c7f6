"""How many cars come, and when."""

from __future__ import annotations

import statistics
from collections import Counter
from datetime import date, timedelta

import pytest

from sonnys_data_client.sandbox.world import WorldConfig
from sonnys_data_client.sandbox.world.demand import arrivals, forecast, moment, sign_up_factor
from sonnys_data_client.sandbox.world.dice import dice
from sonnys_data_client.sandbox.world.sites import found_plants

PLANT = found_plants(WorldConfig())[0]
HOUR_MS = 3_600_000
YEARS = [date(2022, 1, 1) + timedelta(days=n) for n in range(4 * 365 + 1)]
FORECASTS = {day: forecast(1, PLANT, day) for day in YEARS}


def test_a_year_averages_to_the_site() -> None:
    mean = statistics.mean(each.cars for each in FORECASTS.values())
    assert mean == pytest.approx(PLANT.cars_per_day, rel=0.05)


def test_friday_to_sunday_bring_half_the_week() -> None:
    week = Counter[int]()
    for day, each in FORECASTS.items():
        week[day.weekday()] += round(each.cars)
    assert 0.50 <= sum(week[day] for day in (4, 5, 6)) / week.total() <= 0.57
    assert max(week, key=week.__getitem__) == 5


def test_spring_is_busier_than_winter() -> None:
    by_month = {
        month: statistics.mean(each.cars for day, each in FORECASTS.items() if day.month == month)
        for month in (1, 3, 4)
    }
    assert by_month[1] < 0.9 * by_month[3]
    assert by_month[1] < 0.9 * by_month[4]


def test_rain_halves_the_cars_and_the_next_dry_day_makes_up() -> None:
    usual = statistics.mean(each.cars for each in FORECASTS.values())
    wet = [day for day in YEARS if FORECASTS[day].is_rainy]
    after = [day for day in YEARS[1:] if FORECASTS[day - timedelta(days=1)].is_rainy and not FORECASTS[day].is_rainy]
    assert 0.12 <= len(wet) / len(YEARS) <= 0.24
    assert 0.48 <= statistics.mean(FORECASTS[day].cars for day in wet) / usual <= 0.62
    assert 1.15 <= statistics.mean(FORECASTS[day].cars for day in after) / usual <= 1.7


def test_members_mind_the_rain_less() -> None:
    wet = {each.member_share for each in FORECASTS.values() if each.is_rainy}
    assert min(wet) > PLANT.member_share


def test_the_weather_is_the_regions() -> None:
    plants = found_plants(WorldConfig(sites=5))
    central = [plant for plant in plants if plant.site.region == "CENTRAL"]
    assert len(central) == 2
    for day in YEARS[:200]:
        assert len({forecast(1, plant, day).is_rainy for plant in central}) == 1


def test_the_afternoon_hour_at_15_is_the_busiest() -> None:
    rng = dice("hours")
    hours = Counter(after_ms // HOUR_MS for _ in range(60) for after_ms in arrivals(PLANT, 300, rng))
    assert max(hours, key=hours.__getitem__) == 8
    assert 0.11 <= hours[8] / hours.total() <= 0.13
    assert set(hours) == set(range(13))


def test_cars_arrive_about_as_many_as_wanted() -> None:
    rng = dice("wanted")
    mean = statistics.mean(len(arrivals(PLANT, 300, rng)) for _ in range(100))
    assert mean == pytest.approx(300, rel=0.03)


def test_the_tunnel_takes_no_more_than_it_can() -> None:
    times = arrivals(PLANT, 5000, dice("queue"))
    hours = Counter(after_ms // HOUR_MS for after_ms in times)
    assert max(hours.values()) == PLANT.cars_per_hour_max


def test_a_full_hour_sends_its_queue_to_the_next() -> None:
    # 1,400 cars want about 168 at 15 h; those who wait are washed later, not lost.
    assert len(arrivals(PLANT, 1400, dice("spill"))) == pytest.approx(1400, rel=0.06)


def test_a_moment_lies_in_the_opening_hours() -> None:
    rng = dice("moment")
    moments = [moment(rng.random(), rng.random()) for _ in range(2000)]
    assert min(moments) >= 0
    assert max(moments) < 13 * HOUR_MS


def test_sign_ups_peak_in_march_and_are_lowest_in_june() -> None:
    wednesdays = {month: date(2026, month, 1) for month in range(1, 13)}
    for month, day in wednesdays.items():
        wednesdays[month] = day + timedelta(days=(2 - day.weekday()) % 7)
    factors = {month: sign_up_factor(day) for month, day in wednesdays.items()}
    assert max(factors, key=factors.__getitem__) == 3
    assert min(factors, key=factors.__getitem__) == 6
