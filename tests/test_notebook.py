"""HTML of objects: tables, with nothing in them that a browser could run."""

from __future__ import annotations

from decimal import Decimal

from sonnys_data_client.notebook import facts, grid


def test_names_and_values() -> None:
    assert facts("Plan", {"windows": 3, "sites": None}) == (
        "<table><caption>Plan</caption><tr><th>windows</th><td>3</td></tr><tr><th>sites</th><td></td></tr></table>"
    )


def test_columns_and_rows() -> None:
    assert grid("2 rows", ["day", "money"], [("Mon", Decimal("1.50")), ("Tue", None)]) == (
        "<table><caption>2 rows</caption><tr><th>day</th><th>money</th></tr>"
        "<tr><td>Mon</td><td>1.50</td></tr><tr><td>Tue</td><td></td></tr></table>"
    )


def test_every_text_is_escaped() -> None:
    evil = "<script>alert('x')</script>"
    for html in (facts(evil, {evil: evil}), grid(evil, [evil], [(evil,)])):
        assert "<script" not in html
        assert html.count("&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;") == 3


def test_a_long_value_of_a_row_is_cut_before_it_is_escaped() -> None:
    assert grid("x", ["raw"], [("&" * 300,)]).count("&amp;") == 200
    assert facts("x", {"raw": "&" * 300}).count("&amp;") == 300
