"""Limits on JSON: what would cost too much is refused before it costs anything, and all else is decoded exactly."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonnys_data_client.engine.json_limits import DIGITS_MAX, EXPONENT_MAX, NESTING_MAX, JsonLimitError, weigh
from sonnys_data_client.engine.rows import decode

LEAVES = st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.text() | st.text('[]{}"\\e123+-. ')
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=30)


def refusal(body: bytes) -> str:
    with pytest.raises(JsonLimitError) as caught:
        decode(body)
    return str(caught.value)


def is_refused(body: bytes) -> bool:
    try:
        decode(body)
    except ValueError:
        return True
    return False


@given(JSON, st.booleans())
def test_whatever_is_json_is_decoded_as_it_is(value: Any, ascii_only: bool) -> None:
    assert decode(json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")) == value


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=9))
def test_no_digit_is_lost(number: Decimal) -> None:
    assert f"{decode(f'[{number:f}]'.encode())[0]:f}" == f"{number:f}"


def test_numbers_in_scientific_notation_are_exact() -> None:
    assert decode(b"[1e3, 1.50E-2, -2.5e+1]") == [Decimal(1000), Decimal("0.0150"), Decimal(-25)]
    assert decode(b'{"code": "3e8", "n": 7}') == {"code": "3e8", "n": 7}


@pytest.mark.parametrize("pair", [b"[]", b'{"a":}'])
def test_nesting_has_a_limit(pair: bytes) -> None:
    before, after = pair[:-1], pair[-1:]
    inner = b"[]"
    assert decode(before * (NESTING_MAX - 1) + inner + after * (NESTING_MAX - 1)) is not None
    said = f"it is nested more than {NESTING_MAX} deep"
    assert refusal(before * NESTING_MAX + inner + after * NESTING_MAX) == said
    assert refusal(before * 100_000) == said


def test_brackets_in_texts_are_no_nesting() -> None:
    for text in ("[" * 1000, "{" * 1000, '"[' * 1000, '\\"[' * 1000, "\\" * 999 + "[" * 99, "]" * 1000):
        assert decode(json.dumps({"a": [text]}).encode()) == {"a": [text]}
    assert "nested" in refusal(json.dumps({"a": '\\"['}).encode()[:-1] + b',"b":' + b"[" * 100)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("1" * (DIGITS_MAX + 1), f"a number has more than {DIGITS_MAX} digits"),
        ("-" + "1" * 1_000_000, f"a number has more than {DIGITS_MAX} digits"),
        ("0." + "1" * (DIGITS_MAX + 1), f"a number has more than {DIGITS_MAX} digits"),
        ("1e" + "0" * (DIGITS_MAX + 1), f"a number has more than {DIGITS_MAX} digits"),
        (f"1e{EXPONENT_MAX + 1}", f"a number has an exponent above {EXPONENT_MAX}"),
        ("1E-999999999", f"a number has an exponent above {EXPONENT_MAX}"),
        ("1.5e+99999999999999999999", f"a number has an exponent above {EXPONENT_MAX}"),
    ],
)
def test_numbers_have_a_limit(number: str, said: str) -> None:
    assert refusal(f'{{"a": {number}}}'.encode()) == said


@pytest.mark.parametrize(
    "number", ["1" * DIGITS_MAX, "0." + "1" * DIGITS_MAX, f"1e{EXPONENT_MAX}", f"1e-{EXPONENT_MAX}"]
)
def test_what_is_just_within_the_limits_is_decoded(number: str) -> None:
    assert Decimal(decode(f"[{number}]".encode())[0]) == Decimal(number)


def test_long_digits_in_a_text_are_no_number() -> None:
    assert decode(b'["' + b"1" * 1000 + b'", "1e999"]') == ["1" * 1000, "1e999"]


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b'{"a": 1', b"\xff", b'{"a": NaN}', b"[Infinity]"],
    ids=["empty", "page", "half", "not utf-8", "nan", "infinity"],
)
def test_what_is_not_json_is_refused(body: bytes) -> None:
    assert is_refused(body)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_limits_hold_in_other_encodings(encoding: str) -> None:
    assert decode('{"a": "[é"}'.encode(encoding)) == {"a": "[é"}
    assert "digits" in refusal(f'{{"a": {"1" * 1000}}}'.encode(encoding))
    assert "exponent" in refusal('{"a": 1e999}'.encode(encoding))
    assert "nested" in refusal(("[" * 1000).encode(encoding))


@pytest.mark.parametrize(
    ("body", "least"),
    [
        (b'"' + b"a" * 1000 + b'"', 3000),
        (('"é' + "a" * 1000 + '"').encode(), 12000),
        (b'"\\u00e9' + b"a" * 1000 + b'"', 12000),
        (b"[" + b"[]," * 999 + b"[]]", 1000 * 64),
        (b"[" + b'{"":1},' * 999 + b"{}]", 999 * 184),
    ],
)
def test_a_body_weighs_at_least_what_decoding_it_takes(body: bytes, least: int) -> None:
    assert least <= weigh(body) < 1_000_000
