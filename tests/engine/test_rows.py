"""The one decode of a reply: values as `json` gives them, and rows that carry their text."""

from __future__ import annotations

import copy
import json
import pickle
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonnys_data_client.engine.json_limits import JsonLimitError
from sonnys_data_client.engine.rows import Row, as_list, decode, decode_rows, encode, text_of, text_of_all
from sonnys_data_client.text import encodable

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
ROWS = st.lists(st.dictionaries(st.text(), JSON, max_size=4) | JSON, max_size=6)
SEPARATORS = st.sampled_from([(",", ":"), (", ", ": "), (" ,\t", "\r\n:  ")])


def page(rows: str) -> bytes:
    return f'{{"data": {{"total": 2, "data": {rows}}}}}'.encode()


def rows_of(body: bytes) -> list[Any]:
    rows: list[Any] = decode(body)["data"]["data"]
    return rows


def plain(body: bytes) -> Any:
    return json.loads(body, parse_float=Decimal)


def alike(one: Any, other: Any) -> bool:
    """Whether two values are equal, and numbers of one kind: 1, 1.0 and True are three."""
    return one == other and repr(one) == repr(other)


def is_json(body: bytes) -> bool:
    try:
        decode(body)
    except ValueError:
        return False
    return True


@given(value=JSON, separators=SEPARATORS, ascii_only=st.booleans())
def test_any_json_is_decoded_as_json_does(value: Any, separators: tuple[str, str], ascii_only: bool) -> None:
    body = json.dumps(value, separators=separators, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    assert alike(decode(body), plain(body))


@given(rows=ROWS, more=st.dictionaries(st.text(), JSON, max_size=3), separators=SEPARATORS, data=st.data())
def test_any_reply_is_decoded_as_json_does(
    rows: list[Any], more: dict[str, Any], separators: tuple[str, str], data: st.DataObject
) -> None:
    reply = {"data": {**more, "data": rows}, "code": data.draw(JSON)}
    body = json.dumps(reply, separators=separators).encode()
    assert alike(decode(body), plain(body))
    for row in rows_of(body):
        assert isinstance(row, Row) or not isinstance(row, dict) or "\n" in separators[1]
        assert alike(json.loads(text_of(row), parse_float=Decimal), row) or not isinstance(row, Row)
        assert "\n" not in text_of(row)


@given(cut=st.integers(0, 400), more=st.sampled_from([b"", b"}", b"]", b",", b'"', b" 1", b"\xff", b"{}"]))
def test_half_a_reply_is_an_error_or_what_json_makes_of_it(cut: int, more: bytes) -> None:
    whole = page('[{"id": "1:1", "items": [{"net": 1.50}], "ok": true}, {"id": "2:1"}, null]')
    body = whole[:cut] + more
    try:
        due = plain(body)
    except ValueError:
        assert not is_json(body)
    else:
        assert alike(decode(body), due)


def test_a_row_is_a_dict_with_the_text_that_came() -> None:
    first, second = rows_of(page('[{"id":"1:1", "total": 10.50,"id2":null} , {"id" : "2:1"}]'))
    assert (type(first), type(second)) == (Row, Row)
    assert first == {"id": "1:1", "total": Decimal("10.50"), "id2": None}
    assert (first.text, second.text) == ('{"id":"1:1", "total": 10.50,"id2":null}', '{"id" : "2:1"}')
    assert [text_of(row) for row in (first, second)] == [first.text, second.text]
    assert json.loads(json.dumps(second)) == second
    assert repr(second) == "{'id': '2:1'}"


@pytest.mark.parametrize("key", ["transactions", "sites", "data"])
def test_rows_of_every_list_carry_their_text(key: str) -> None:
    body = f'{{"data": {{"{key}": [{{"id": 1}}], "limit": 10}}}}'.encode()
    assert decode(body)["data"][key][0].text == '{"id": 1}'


def test_what_is_inside_a_row_is_plain() -> None:
    [row] = rows_of(page('[{"items": [{"net": 1.5}], "site": {"code": "A"}}]'))
    assert type(row["items"][0]) is type(row["site"]) is dict


def test_a_copied_row_keeps_its_text_and_a_changed_copy_has_none() -> None:
    [row] = rows_of(page('[{"id":  "1:1"}]'))
    for other in (copy.copy(row), copy.deepcopy(row), pickle.loads(pickle.dumps(row))):
        assert other == row
        assert text_of(other) == '{"id":  "1:1"}'
    assert text_of({**row, "total": Decimal("1.50")}) == '{"id":"1:1","total":1.5}'
    assert text_of(row | {"id": 2}) == '{"id":2}'


def test_a_row_over_several_lines_is_encoded_on_one() -> None:
    rows = rows_of(page('[{"id":\n 1}, {"id": 2}, {"a": [\r1]}]'))
    assert [isinstance(row, Row) for row in rows] == [False, True, False]
    assert [text_of(row) for row in rows] == ['{"id":1}', '{"id": 2}', '{"a":[1]}']


def test_a_row_that_is_no_object_is_encoded() -> None:
    rows = rows_of(page('["text", 7, null, [{"id": 1}], 1.50]'))
    assert [text_of(row) for row in rows] == ['"text"', "7", "null", '[{"id":1}]', "1.5"]


def test_a_name_that_comes_twice_is_taken_as_json_takes_it() -> None:
    body = b'{"data": 1, "data": {"data": [{"id": 1}], "data": [{"id": 2, "id": 3}]}}'
    [row] = rows_of(body)
    assert (row, row.text) == ({"id": 3}, '{"id": 2, "id": 3}')
    assert alike(decode(body), plain(body))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32-le"])
def test_replies_in_other_encodings_are_decoded_and_their_rows_encoded_again(encoding: str) -> None:
    [row] = rows_of('{"data": {"data": [{"name": "Zoë"}]}}'.encode(encoding))
    assert (row, text_of(row)) == ({"name": "Zoë"}, '{"name":"Zo\\u00eb"}')


@pytest.mark.parametrize(
    ("spelt", "text", "raw"),
    [
        (rb"\ud800", "\\ud800", rb"\\ud800"),
        (rb"\uDFFF.", "\\uDFFF.", rb"\\uDFFF."),
        (rb"\udc00\ud800", "\\udc00\\ud800", rb"\\udc00\\ud800"),
        (rb"\ud83d\ude97", "\U0001f697", rb"\ud83d\ude97"),
        (rb"\ud83d\ud83d\ude97", "\\ud83d\U0001f697", rb"\\ud83d\ud83d\ude97"),
        (rb"\\ud800", "\\ud800", rb"\\ud800"),
        (rb"\\\ud800", "\\\\ud800", rb"\\\\ud800"),
        (b"\xed\xa0\x80", "\\ud800", rb"\\ud800"),
        (b"\xed\xa0\xbd\xed\xba\x97", "\U0001f697", b"\\ud83d\\ude97"),
    ],
)
def test_half_of_a_surrogate_pair_is_the_text_of_its_escape_sequence(spelt: bytes, text: str, raw: bytes) -> None:
    [row] = rows_of(b'{"data": {"data": [{"name":"%b"}]}}' % spelt)
    assert row == {"name": text}
    assert text_of(row).encode() == b'{"name":"%b"}' % raw
    assert decode_rows(text_of_all([row])) == [row]
    [named] = rows_of(b'{"data": {"data": [{"%b": 1}]}}' % spelt)
    assert named == {text: 1}


@given(st.text(st.characters(exclude_categories=())), st.booleans())
def test_whatever_text_a_reply_holds_can_be_encoded(text: str, ascii_only: bool) -> None:
    body = json.dumps({"data": {"data": [{text: text}]}}, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    [row] = rows_of(body)
    ((name, value),) = row.items()
    assert name == value
    assert encodable(value) == value
    assert encodable(text_of(row)) == text_of(row)
    assert json.loads(text_of(row)) == row
    assert decode_rows(f"[{encode({text: text})}]") == [row]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b'{"a"',
        b'{"a" 1}',
        b"{a: 1}",
        b'{"a": 1,}',
        b'{"a": 1 "b": 2}',
        b'{"data": {"data": [1 2]}}',
        b'{"data": {"data": [1,]}}',
        b'{"data": {"data": [,]}}',
        b'{"data": {"data": [',
        b'{"data": {"data": [{"id": 1}',
        b'{"data": {"total": Infinity}}',
        b'{"data": {"data": [{"total": NaN}]}}',
        b'{"data": {"data": [{"total": 1e99999999999999999999}]}}',
        b'{"a": 1} {}',
        b"\xff",
    ],
)
def test_what_is_no_json_is_an_error(body: bytes) -> None:
    assert not is_json(body)


def test_what_is_nested_too_deeply_is_an_error() -> None:
    with pytest.raises(JsonLimitError):
        decode(page("[" * 100_000))


def test_numbers_keep_every_digit() -> None:
    digits = "12345678901234567890.123456789"
    [row] = rows_of(page(f'[{{"total": {digits}, "number": 98765432109876543210}}]'))
    assert row == {"total": Decimal(digits), "number": 98765432109876543210}
    assert digits in text_of(row)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": Decimal("10.50"), "b": [None, True]}, '{"a":10.5,"b":[null,true]}'),
        (Decimal("0.1"), "0.1"),
        (Decimal("1234567890123456.01"), '"1234567890123456.01"'),
        ("Zoë\n", '"Zo\\u00eb\\n"'),
    ],
)
def test_what_is_encoded_reads_back_as_the_same(value: Any, text: str) -> None:
    assert encode(value) == text


def test_only_what_a_reply_may_hold_is_encoded() -> None:
    with pytest.raises(TypeError, match=r"^a set cannot be part of a JSON reply$"):
        encode({1})


@given(rows=ROWS)
def test_a_list_of_rows_survives_its_text(rows: list[Any]) -> None:
    came = rows_of(page(json.dumps(rows)))
    again = decode_rows(text_of_all(came))
    assert [row for row in again if isinstance(row, Row)] == [row for row in came if isinstance(row, Row)]
    assert [text_of(row) for row in again] == [text_of(row) for row in came]


@pytest.mark.parametrize(
    "text", ["", "{}", "[", "[1", "[1,", "[1}", "[] 1", "[1,]", "[NaN]", "[1e99999999999999999999]"]
)
def test_what_is_no_list_of_rows_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="list of rows"):
        decode_rows(text)


@pytest.mark.parametrize("nothing", [None, {}, []])
def test_nothing_in_each_spelling_is_an_empty_list(nothing: Any) -> None:
    assert as_list(nothing) == []


@pytest.mark.parametrize("names", [["0"], ["1", "2"], ["7", "3"]])
def test_a_list_that_php_wrote_as_an_object_is_that_list(names: list[str]) -> None:
    assert as_list({name: {"id": name} for name in names}) == [{"id": name} for name in names]


def test_a_list_is_itself() -> None:
    rows = [1]
    assert as_list(rows) is rows


@pytest.mark.parametrize("other", [5, 0, False, "", "[]", {"id": 1}, {"1": {}, "total": 1}, {"-1": {}}, {"²": {}}])
def test_what_stands_for_no_list_is_none(other: Any) -> None:
    assert as_list(other) is None
