"""Nouns agree with their number."""

from __future__ import annotations

from sonnys_data_client.words import plural


def test_a_word_follows_its_number() -> None:
    assert [plural(number, "row") for number in (0, 1, 2)] == ["rows", "row", "rows"]
    assert [plural(number, "thing is", "things are") for number in (1, 2)] == ["thing is", "things are"]
