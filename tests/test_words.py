"""Nouns agree with their number."""

from __future__ import annotations

from sonnys_data_client.words import counted, plural, tallied


def test_a_word_follows_its_number() -> None:
    assert [plural(number, "row") for number in (0, 1, 2)] == ["rows", "row", "rows"]
    assert [plural(number, "thing is", "things are") for number in (1, 2)] == ["thing is", "things are"]


def test_a_number_stands_with_its_noun() -> None:
    assert [counted(number, "row") for number in (0, 1, 1200)] == ["0 rows", "1 row", "1,200 rows"]
    assert counted(2, "entry", "entries") == "2 entries"


def test_names_stand_with_their_counts_the_largest_first() -> None:
    assert tallied({"number": 1, "items.tax": 1200, "items.net": 1}) == "items.tax (1,200), items.net (1), number (1)"
    assert tallied({}) == ""
