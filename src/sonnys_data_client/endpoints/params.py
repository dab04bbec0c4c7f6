"""Parameters, checked before a request is spent and written as the API wants.

The parameters of an operation are a `TypedDict` whose fields have a `Takes` in their `Annotated` type. Editors, the
checks and the command line all use this one table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, TypedDict, get_type_hints

from sonnys_data_client.engine.windows import DateLike
from sonnys_data_client.errors import ValidationError

Kind = Literal["text", "site", "id", "choice", "whole", "date"]

_ENTITY = re.compile(r"\d+:\d+", re.ASCII)
_WHOLE = re.compile(r"\d+", re.ASCII)
_PHONE = re.compile(r"\d{10,11}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Takes:
    """What a parameter takes.

    Attributes:
        help: A short description.
        kind: Its kind. A `date` is anything that `DateLike` allows; `whole` is a whole number of 1 or more.
        read: Checks a value and returns the text to send, given the parameter's name and the value.
        choices: The allowed words, if only some are allowed.
    """

    help: str
    kind: Kind
    read: Callable[[str, Any], str]
    choices: tuple[str, ...] = ()


def text(help: str, what: str = "text", absent: str = "leave it out for all") -> Takes:
    """Any text that is not blank."""

    def read(name: str, value: Any) -> str:
        if not isinstance(value, str) or not value.strip():
            raise ValidationError(f"{name}={value!r} is no {what}: give text, or {absent}.")
        return value

    return Takes(help, "text", read)


def site_code(help: str = "Site code; all sites if left out.") -> Takes:
    """Return the parameter that is a site's code."""

    def read(name: str, value: Any) -> str:
        if not isinstance(value, str) or not value.strip():
            raise ValidationError(
                f"{name}={value!r} is no site code: pass one of client.sites.list(), or leave it out for all."
            )
        return value

    return Takes(help, "site", read)


def site_codes(help: str) -> Takes:
    """Codes of several sites: a list of them, or one text with commas between them."""
    one = site_code()

    def read(name: str, value: Any) -> str:
        codes = value.split(",") if isinstance(value, str) else value
        if not isinstance(codes, Iterable):
            raise ValidationError(f"{name}={value!r} must be a list of site codes, or leave it out for all.")
        codes = [one.read(name, code) for code in codes]
        if not codes or any("," in code for code in codes):
            raise ValidationError(f"{name}={value!r} must be a list of site codes without commas in them.")
        return ",".join(codes)

    return Takes(help, "text", read)


def entity(help: str, what: str) -> Takes:
    """Return the parameter that is an id of two numbers, such as `45678:1001` (spec)."""

    def read(name: str, value: Any) -> str:
        if not isinstance(value, str) or not _ENTITY.fullmatch(value):
            raise ValidationError(
                f"{name}={value!r} is no {what} id: they look like '45678:1001', two numbers and a colon."
            )
        return value

    return Takes(help, "id", read)


def numbered(help: str, what: str) -> Takes:
    """Return the parameter that is an id of one whole number, as `int` or text."""

    def read(name: str, value: Any) -> str:
        written = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if not isinstance(written, str) or not _WHOLE.fullmatch(written):
            raise ValidationError(f"{name}={value!r} is no {what} id: they are whole numbers, such as 12.")
        return written

    return Takes(help, "id", read)


def phone(help: str) -> Takes:
    """Return the parameter that is a phone number of 10 or 11 digits, in any usual notation."""

    def read(name: str, value: Any) -> str:
        digits = re.sub(r"[\s().+-]", "", value) if isinstance(value, str) else ""
        if not _PHONE.fullmatch(digits):
            raise ValidationError(f"{name}={value!r} is no phone number: give its 10 digits, or 11 with the leading 1.")
        return digits

    return Takes(help, "text", read)


def choice(help: str, what: str, words: Sequence[str]) -> Takes:
    """Return the parameter that is one of the API's words."""

    def read(name: str, value: Any) -> str:
        if value not in words:
            raise ValidationError(f"{name}={value!r} is no {what}: use one of {', '.join(words)}.")
        return str(value)

    return Takes(help, "choice", read, tuple(words))


def coded(help: str, what: str, words: Mapping[int, str]) -> Takes:
    """Return the parameter that is a word and is sent as its number.

    It also takes the number.
    """
    codes = {word: str(number) for number, word in words.items()} | {str(number): str(number) for number in words}

    def read(name: str, value: Any) -> str:
        code = codes.get(str(value)) if isinstance(value, int | str) and not isinstance(value, bool) else None
        if code is None:
            allowed = ", ".join(f"{word} ({number})" for number, word in words.items())
            raise ValidationError(f"{name}={value!r} is no {what}: use one of {allowed}.")
        return code

    return Takes(help, "choice", read, tuple(words.values()))


def moment(help: str) -> Takes:
    """Return the parameter that is a start or an end, which `engine.windows` reads."""
    return Takes(help, "date", lambda _name, value: str(value))


def whole(help: str) -> Takes:
    """Return the parameter that is a whole number of 1 or more."""
    return Takes(help, "whole", lambda name, value: str(whole_number(name, value, 1, None)))


def whole_number(name: str, value: Any, least: int, most: int | None) -> int:
    """Check a whole number.

    Raises:
        ValidationError: It is not a whole number, or out of bounds.
    """
    if not isinstance(value, int) or isinstance(value, bool) or value < least or (most is not None and value > most):
        what = f"from {least} to {most}" if most is not None else f"from {least} up"
        note = " (offset is a page number)" if name == "offset" else ""
        raise ValidationError(f"{name}={value!r} must be a whole number {what}{note}.")
    return value


@cache
def parameters(params: type) -> Mapping[str, Takes]:
    """Return the parameters that a `TypedDict` declares, in its order."""
    hints = get_type_hints(params, include_extras=True)
    return {
        name: next(extra for extra in hint.__metadata__ if isinstance(extra, Takes)) for name, hint in hints.items()
    }


def check_known(given: Iterable[str], known: Iterable[str]) -> None:
    """Refuse parameters that an operation does not have.

    The API would ignore them in silence.

    Raises:
        ValidationError: There is such a parameter.
    """
    allowed = sorted(known)
    for name in given:
        if name not in allowed:
            takes = f"it takes {', '.join(allowed)}" if allowed else "it takes none"
            raise ValidationError(f"{name} is no parameter of this call: {takes}.")


def check_site(name: str, code: str, listed: Sequence[Any] | None) -> None:
    """Refuse a site code that is not on the site list, if that has been read.

    Args:
        name: The parameter's name.
        code: The code that is asked for.
        listed: Raw rows of the site list; None if it has not been read.

    Raises:
        ValidationError: The code is not on the list.
    """
    codes = [row["code"] for row in listed or () if isinstance(row, dict) and row.get("code")]
    if codes and code not in codes:
        raise ValidationError(f"{name}={code!r} is no site of this account: use one of {', '.join(map(str, codes))}.")


class NoParams(TypedDict):
    """An operation without parameters."""


class PageParams(TypedDict, total=False):
    """The parameters of every list with pages; the names are the API's."""

    limit: Annotated[int, whole("Rows a page; the most that the endpoint allows if left out.")]
    offset: Annotated[int, whole("Page number from 1: that page alone is read; all pages if left out.")]


class DateParams(TypedDict, total=False):
    """A range of days or instants."""

    startDate: Annotated[DateLike, moment("First day or instant.")]
    endDate: Annotated[DateLike, moment("Last day or instant.")]
