"""Ids: two numbers with a colon, and no other text."""

from __future__ import annotations

import pytest

from sonnys_data_client.sandbox.world.ids import split_id


def test_an_id_is_two_numbers() -> None:
    assert split_id("45678:1001") == (45678, 1001)
    assert split_id("0045678:1001") == (45678, 1001), "so compare the id of what you find"


@pytest.mark.parametrize("text", ["", ":", "1", "1:", ":1", "a:1", "1:a", "-1:1", "1:1:1", "1 :1", f"{10**15}:1"])
def test_any_other_text_is_none(text: str) -> None:
    assert split_id(text) is None
