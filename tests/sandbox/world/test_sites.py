"""The operator's sites and what drives them."""

from __future__ import annotations

import statistics

import pytest

from sonnys_data_client.sandbox.world import WorldConfig
from sonnys_data_client.sandbox.world.sites import found_plants, found_web_shop


@pytest.mark.parametrize("sites", [1, 3, 15, 134])
def test_an_operator_has_as_many_physical_sites_as_asked_for(sites: int) -> None:
    plants = found_plants(WorldConfig(sites=sites))
    assert [plant.site.id for plant in plants] == list(range(1, sites + 1))
    assert len({plant.site.code for plant in plants}) == sites
    assert not any(plant.site.is_virtual or not plant.site.code for plant in plants)


def test_the_web_shop_comes_with_the_third_site() -> None:
    assert found_web_shop(WorldConfig(sites=2)) is None
    shop = found_web_shop(WorldConfig(sites=3))
    assert shop is not None
    assert (shop.id, shop.code, shop.is_virtual) == (4, "", True)


def test_the_first_sites_have_codes_that_people_remember() -> None:
    codes = [plant.site.code for plant in found_plants(WorldConfig(sites=6))]
    assert codes == ["MAIN", "NORTH", "SOUTH", "EAST", "CW005", "CW006"]


def test_one_of_many_sites_never_had_its_time_zone_set() -> None:
    plants = found_plants(WorldConfig(sites=15))
    zoneless = [plant for plant in plants if plant.site.timezone is None]
    assert len(zoneless) == 1
    assert zoneless[0].zone.key == "America/Chicago"
    assert all(plant.site.timezone == plant.zone.key for plant in plants if plant not in zoneless)
    assert not [plant for plant in found_plants(WorldConfig(sites=3)) if plant.site.timezone is None]


def test_sites_lie_in_several_zones_and_regions() -> None:
    plants = found_plants(WorldConfig(sites=15))
    assert len({plant.zone.key for plant in plants}) >= 4
    assert {plant.site.region for plant in plants} == {"CENTRAL", "EAST", "MOUNTAIN", "WEST"}


def test_the_first_three_sites_are_alike_and_the_others_spread() -> None:
    cars = [plant.cars_per_day for plant in found_plants(WorldConfig(sites=134))]
    assert all(0.9 * 311 <= each <= 1.1 * 311 for each in cars[:3])
    low, median, high = statistics.quantiles(cars[3:], n=4)
    assert 150 <= low <= 230
    assert 260 <= median <= 370
    assert 400 <= high <= 560


def test_traits_stay_within_what_operators_report() -> None:
    plants = found_plants(WorldConfig(sites=134))
    assert all(125 <= plant.cars_per_hour_max <= 150 for plant in plants)
    assert all(0.55 <= plant.member_share <= 0.80 for plant in plants)
    assert all(0.045 <= plant.churn <= 0.15 for plant in plants)
    assert 0.62 <= statistics.mean(plant.member_share for plant in plants) <= 0.71
    assert 1_700 <= statistics.median(plant.members for plant in plants) <= 3_400


def test_no_site_outgrows_its_tunnel() -> None:
    plants = found_plants(WorldConfig(sites=60, cars_per_day=2000))
    assert max(plant.cars_per_day for plant in plants) == 2000
