"""The settings of a world, and their bounds."""

from __future__ import annotations

import pytest

from sonnys_data_client.sandbox.world.config import WorldConfig


@pytest.mark.parametrize("sites", [0, 1001])
def test_sites_are_bounded(sites: int) -> None:
    with pytest.raises(ValueError, match="sites must be a whole number from 1 to 1000"):
        WorldConfig(sites=sites)


@pytest.mark.parametrize("cars", [0, 2001])
def test_cars_are_bounded(cars: int) -> None:
    with pytest.raises(ValueError, match="cars_per_day must be a whole number from 1 to 2000"):
        WorldConfig(cars_per_day=cars)


@pytest.mark.parametrize(("name", "hours"), [("late_hours", 1.9), ("edit_hours", 0), ("edit_hours", float("inf"))])
def test_hours_are_bounded(name: str, hours: float) -> None:
    with pytest.raises(ValueError, match=name):
        WorldConfig(**{name: hours})  # type: ignore[arg-type]  # one of the two


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_shares_are_shares(share: float) -> None:
    with pytest.raises(ValueError, match="late_share"):
        WorldConfig(late_share=share)
    with pytest.raises(ValueError, match="edit_share"):
        WorldConfig(edit_share=share)
    with pytest.raises(ValueError, match="valued_redemption_share"):
        WorldConfig(valued_redemption_share=share)
