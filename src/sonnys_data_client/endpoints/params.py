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

from sonnys_data_client.engine.moments import DateLike
from sonnys_data_client.errors import Remedy, ValidationError

Kind = Literal["text", "site", "sites", "id", "choice", "whole", "date"]

_ENTITY = re.compile(r"\d+:\d+", re.ASCII)
_WHOLE = re.compile(r"\d+", re.ASCII)
_PHONE = re.compile(r"\d{10,11}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Takes:
    """What a parameter takes.

    Attributes:
        help: A short description.
        kind: Its kind. `site` is the code of one site, `sites` of several with commas between them. A `date` is
            anything that `DateLike` allows; `whole` is a whole number of 1 or more.
        read: Checks a value and returns the text to send, given the parameter's name and the value.
        choices: The allowed words, if only some are allowed.
    """

    help: str
    kind: Kind
    read: Callable[[str, Any], str]
    choices: tuple[str, ...] = ()


def text(help: str, what: str) -> Takes:
    """Any text that is not blank."""

    def read(name: str, value: Any) -> str:
        if not isinstance(value, str) or not value.strip():
            raise _refused(name, value, f"{_a(what)} that is not blank", "Leave it out for all.")
        return value

    return Takes(help, "text", read)


def site_code(help: str = "Site code; all sites if left out.") -> Takes:
    """Return the parameter that is a site's code."""

    def read(name: str, value: Any) -> str:
        if not isinstance(value, str) or not value.strip():
            raise _refused(name, value, "a site code", Remedy.SITES)
        return value

    return Takes(help, "site", read)


def site_codes(help: str) -> Takes:
    """Codes of several sites: a list of them, or one text with commas between them."""
    one = site_code()

    def read(name: str, value: Any) -> str:
        codes = value.split(",") if isinstance(value, str) else value
        if not isinstance(codes, Iterable):
            raise _refused(name, value, "a list of site codes", Remedy.SITES)
        codes = [one.read(name, code) for code in codes]
        if not codes or any("," in code for code in codes):
            raise _refused(name, value, "a list of site codes, without commas in them", Remedy.SITES)
        return ",".join(codes)

    return Takes(help, "sites", read)


def entity(help: str, what: str) -> Takes:
    """Return the parameter that is an id of two numbers, such as `45678:1001` (spec)."""

    def read(name: str, value: Any) -> str:
        if not isinstance(value, str) or not _ENTITY.fullmatch(value):
            raise _refused(name, value, f"{_a(what)} id: two numbers with a colon between them, such as '45678:1001'")
        return value

    return Takes(help, "id", read)


def numbered(help: str, what: str) -> Takes:
    """Return the parameter that is an id of one whole number, as `int` or text."""

    def read(name: str, value: Any) -> str:
        written = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if not isinstance(written, str) or not _WHOLE.fullmatch(written):
            raise _refused(name, value, f"{_a(what)} id: a whole number, such as 12")
        return written

    return Takes(help, "id", read)


def phone(help: str) -> Takes:
    """Return the parameter that is a phone number of 10 or 11 digits, in any usual notation."""

    def read(name: str, value: Any) -> str:
        digits = re.sub(r"[\s().+-]", "", value) if isinstance(value, str) else ""
        if not _PHONE.fullmatch(digits):
            raise _refused(name, value, "a phone number: its 10 digits, or 11 with the leading 1")
        return digits

    return Takes(help, "text", read)


def choice(help: str, what: str, words: Sequence[str]) -> Takes:
    """Return the parameter that is one of the API's words."""

    def read(name: str, value: Any) -> str:
        if value not in words:
            raise _refused(name, value, words, problem=f"is not {_a(what)}")
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
            allowed = [f"{word} ({number})" for number, word in words.items()]
            raise _refused(name, value, allowed, problem=f"is not {_a(what)}")
        return code

    return Takes(help, "choice", read, tuple(words.values()))


def moment(help: str) -> Takes:
    """Return the parameter that is a start or an end, which `engine.windows` reads."""
    return Takes(help, "date", lambda _name, value: str(value))


def whole(help: str) -> Takes:
    """Return the parameter that is a whole number of 1 or more."""
    return Takes(help, "whole", lambda name, value: str(whole_number(name, value, 1, None)))


def whole_number(name: str, value: Any, least: int, most: int | None, remedy: Remedy | str = "") -> int:
    """Check a whole number.

    Raises:
        ValidationError: It is not a whole number, or out of bounds.
    """
    if not isinstance(value, int) or isinstance(value, bool) or value < least or (most is not None and value > most):
        what = "a page number" if name == "offset" else "a whole number"
        raise _refused(name, value, f"{what} from {least} {'up' if most is None else f'to {most}'}", remedy)
    return value


def check_seconds(**values: Any) -> None:
    """Check durations, each given by the name of its parameter.

    Raises:
        ValidationError: One is not a number of seconds above 0, or is infinite.
    """
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
            raise _refused(name, value, "a number of seconds above 0")


def _a(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _refused(
    name: str, value: Any, allowed: str | Sequence[str], remedy: Remedy | str = "", *, problem: str = ""
) -> ValidationError:
    return ValidationError(problem, parameter=name, value=value, allowed=allowed, remedy=remedy)


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
            takes = f"which takes {', '.join(allowed)}" if allowed else "which takes none"
            raise ValidationError(f"is not a parameter of this call, {takes}", parameter=name)


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
