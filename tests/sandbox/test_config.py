"""Settings that make no sense are refused with one sentence."""

from __future__ import annotations

import math
from typing import Any

import pytest

from sonnys_data_client.sandbox import ApiAccount, SandboxConfig


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sites", 0),
        ("cars_per_day", 0),
        ("limit", 0),
        ("period_s", 0.0),
        ("period_s", math.nan),
        ("job_life_s", 0.0),
        ("job_s", -1.0),
        ("job_s", math.inf),
        ("jitter", math.nan),
        ("list_cache_s", -0.1),
        ("workers", 0),
    ],
)
def test_senseless_settings_are_refused_by_name(name: str, value: float) -> None:
    settings: dict[str, Any] = {name: value}
    with pytest.raises(ValueError, match=f"Setting {name} must be "):
        SandboxConfig(**settings)


def test_api_ids_are_unique() -> None:
    with pytest.raises(ValueError, match="same API ID"):
        SandboxConfig(accounts=(ApiAccount("a", "1"), ApiAccount("a", "2")))


def test_keys_do_not_show() -> None:
    assert "hush" not in repr(SandboxConfig(accounts=(ApiAccount("a", "hush"),)))
