"""Limits on the JSON of a server that may send anything: how deep, how many digits, how much memory.

`json.loads` alone trusts its input. Deep nesting ends in a `RecursionError`, or crashes the interpreter of a program
that has raised the recursion limit. A number of a million digits takes minutes, and `1e999999999` fills the memory as
soon as somebody makes an integer of it. A few bytes a value become a few hundred in memory.

The API's own pages nest five deep, and hold numbers of a dozen digits.
"""

from __future__ import annotations

import json
import re

NESTING_MAX = 64
"""How deep arrays and objects may be nested."""
DIGITS_MAX = 100
"""How many digits a number may have before its point, and how many after it."""
EXPONENT_MAX = 400
"""The largest exponent of ten. A double has at most 308, and 324 below zero."""

_VALUE_BYTES = 200
"""What a small value takes in memory, at most: an object with one key is 184 bytes, and a `Decimal` 104."""

_OPENING = ord("[")
_ROUND = bytes.maketrans(b"{}", b"[]")
_ALL_BUT_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")
_ALL_BUT_SEPARATORS = bytes(byte for byte in range(256) if byte not in b"[{,")
# What is left of a body to look for odd numbers in: every digit is 0, every e is e, and what parts numbers is a space.
_NUMBERS = bytes(ord("0") if byte in b"0123456789" else ord("e") if byte in b"eE" else ord(" ") for byte in range(256))
_ALL_BUT_NUMBERS = bytes(byte for byte in range(256) if byte not in b"0123456789eE,:.")
_MANY_DIGITS = b"0" * (DIGITS_MAX + 1)
_TOO_MANY_DIGITS = re.compile(rf"[0-9]{{{DIGITS_MAX + 1}}}")


class JsonLimitError(ValueError):
    """The text may be JSON, and decoding it would cost too much. The message says why, as a clause."""


def check_limits(body: bytes) -> None:
    """Check JSON before it is decoded. What is not JSON at all passes.

    Raises:
        JsonLimitError: It is nested too deep, or a number is too long or too large.
    """
    if _is_too_deep(body):
        raise JsonLimitError(f"it is nested more than {NESTING_MAX} deep")
    # A text often looks like an odd number, such as a hash with 3e8 in it. So texts are left out before a second look.
    if _may_hold_odd_numbers(body) and _may_hold_odd_numbers(_outside_texts(body)):
        _check_numbers(body)


def weigh(body: bytes) -> int:
    """Estimate how many bytes of memory decoding takes, beside the body itself, if it is JSON.

    The text is held up to three times: whole, in the raw text of each row, and in the strings of its values. One
    character beyond ASCII can make each character of a text take four bytes.
    """
    is_ascii = body.isascii() and b"\\u" not in body
    values = len(body.translate(None, _ALL_BUT_SEPARATORS))
    return 3 * len(body) * (1 if is_ascii else 4) + values * _VALUE_BYTES


def _is_too_deep(body: bytes) -> bool:
    brackets = body.translate(_ROUND, _ALL_BUT_BRACKETS)
    for _ in range(NESTING_MAX):  # each round takes away at least the innermost pair of every nest
        if not brackets:
            return False
        brackets = brackets.replace(b"[]", b"")
    if not brackets:
        return False
    # What is left is nested too deep, or holds brackets that are part of texts. Counting tells, without the texts.
    depth = 0
    for byte in _outside_texts(body).translate(_ROUND, _ALL_BUT_BRACKETS):
        depth += 1 if byte == _OPENING else -1
        if depth > NESTING_MAX:
            return True
    return False


def _outside_texts(body: bytes) -> bytes:
    """Everything but the texts between quotation marks."""
    unescaped = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    return b"".join(unescaped.split(b'"')[::2])


def _may_hold_odd_numbers(body: bytes) -> bool:
    """Whether a number may be long or have an exponent, or a text looks like one that has.

    Looking at all bytes at once takes a third of the time that looking at each number would.
    """
    numbers = body.translate(_NUMBERS, _ALL_BUT_NUMBERS)
    return _MANY_DIGITS in numbers or b"0e0" in numbers


def _check_numbers(body: bytes) -> None:
    try:
        json.loads(body, parse_float=_check_number, parse_int=_check_number)
    except JsonLimitError:
        raise
    except ValueError:  # not JSON: whoever decodes it says so
        return


def _check_number(text: str) -> None:
    if _TOO_MANY_DIGITS.search(text):
        raise JsonLimitError(f"a number has more than {DIGITS_MAX} digits")
    _, _, exponent = text.lower().partition("e")
    if exponent and abs(int(exponent)) > EXPONENT_MAX:
        raise JsonLimitError(f"a number has an exponent above {EXPONENT_MAX}")
