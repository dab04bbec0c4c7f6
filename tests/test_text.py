"""What UTF-8 cannot encode, and what a terminal would obey, become escape sequences; everything else stays."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonnys_data_client.text import encodable, json_encodable, printable

ANY_TEXT = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("\x9b2J", r"\x9b2J"),
        ("a\rb\bc\x7f", r"a\rb\x08c\x7f"),
        ("a\nb\tc", r"a\nb\tc"),
        ("\u202egnp", r"\u202egnp"),
        ("\u2066a\u2069", r"\u2066a\u2069"),
        ("ab\u200bc\ufeff", r"ab\u200bc\ufeff"),
        ("\u2028\u2029\x85", r"\u2028\u2029\x85"),
        ("\U000e0041", r"\U000e0041"),
        ("\u3164\u115f\ufe0f", r"\u3164\u115f\ufe0f"),
        ("\ud83d", r"\ud83d"),
        ("\x00", r"\x00"),
    ],
)
def test_what_a_reader_does_not_see_is_shown(text: str, shown: str) -> None:
    assert printable(text) == shown


@pytest.mark.parametrize("text", ["", "Zoë & Søn 🚗 \\x1b 100 % [red]", "a\xa0b\u3000c\u202fd", "日本語 ไทย हिन्दी"])
def test_what_a_reader_sees_stays(text: str) -> None:
    assert printable(text) == text == encodable(text)


def test_a_layout_keeps_its_line_breaks() -> None:
    assert printable("a\n\tb\r\x1b", "\n\t") == "a\n\tb\\r\\x1b"


@given(ANY_TEXT)
def test_shown_text_holds_nothing_that_a_terminal_obeys(text: str) -> None:
    shown = printable(text)
    assert printable(shown) == shown
    assert encodable(shown) == shown
    assert {unicodedata.category(sign) for sign in shown}.isdisjoint({"Cc", "Cf", "Cs", "Zl", "Zp"})


@given(ANY_TEXT)
def test_text_can_be_encoded_and_differs_only_where_it_could_not(text: str) -> None:
    assert encodable(text).encode() == text.encode(errors="backslashreplace")
    for ascii_only in (False, True):
        decoded = json.loads(json_encodable(json.dumps(text, ensure_ascii=ascii_only)))
        assert encodable(decoded) == decoded


@given(st.text())
def test_json_text_that_can_be_encoded_means_the_same(text: str) -> None:
    assert json.loads(json_encodable(json.dumps(text))) == text
