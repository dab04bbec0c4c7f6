"""How the command line words an error: options where Python has parameters, and a hint where there is something to do.

An error carries what went wrong as data (`sonnys_data_client.errors`). Here are the words for a reader who has typed
a command: the option in place of the parameter, the value as it was typed, and what to type next in place of a call.

A command's signature says which option stands for which parameter. One whose name differs says so in its type:

```python
page: Annotated[int, StandsFor("offset")] = 1
```
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, TypeGuard, get_args, get_origin, get_type_hints

from sonnys_data_client.errors import NOT_GIVEN, Remedy, SonnysError

if TYPE_CHECKING:
    from cyclopts import CycloptsError

__all__ = ["HINTS", "Said", "StandsFor", "Typed", "is_cyclopts", "of_cyclopts", "quoted", "worded"]

HINTS: Mapping[Remedy, str] = {
    Remedy.ADOPT_SOURCE: "Give this account another name with --account, or say that they are the same with --adopt.",
    Remedy.BOTH_ENDS: "Give both {startDate} and {endDate}.",
    Remedy.CREDENTIALS: "Run sonnys profile add NAME, or set SONNYS_API_ID and SONNYS_API_KEY.",
    Remedy.CREDENTIALS_TEXT: "Give the text that the BackOffice shows.",
    Remedy.ENVIRONMENT: "Check the address: SONNYS_BASE_URL, or base_url of the profile.",
    Remedy.HANDLE: "Give a file with what sonnys job submit printed.",
    Remedy.HASH: "Give the hash that sonnys job submit printed, or its file with --handle.",
    Remedy.KEYRING: "Without --keyring the key goes into the file.",
    Remedy.LATER: "Try again later, or for a range that has ended.",
    Remedy.LESS: "Ask for less, such as a shorter range.",
    Remedy.NO_BOUND: "Leave {option} out for no bound.",
    Remedy.ONE_DAY: "Give {day} alone, and submit a job for each day; sonnys export reads ranges of any length.",
    Remedy.ONE_JOB: "Give a shorter range; sonnys export reads ranges of any length.",
    Remedy.ONE_LIST: "Give a shorter range, or leave {offset} out.",
    Remedy.ONE_WINDOW: "End a second earlier, or use sonnys export.",
    Remedy.OTHER_NAME: "Give it another name with --account.",
    Remedy.OTHER_SITES: "",
    Remedy.OUTSIDE: "Give --allow-outside if the query is your own.",
    Remedy.OWNER: "Name the profile of the account that submitted it with --profile.",
    Remedy.PROFILE: "Name one with --profile, or in SONNYS_PROFILE.",
    Remedy.RESULT_LATER: "Run it again to go on waiting, or give a longer {timeout}.",
    Remedy.RIVAL: "Stop it, or run this again later.",
    Remedy.SAME_NAME: "Use that name with --account {account}, or say that you want both with --adopt.",
    Remedy.SITES: "sonnys get sites lists the codes; leave {option} out for all sites.",
    Remedy.SITES_ALL: "Leave {option} out for all sites.",
    Remedy.SITE_OF_CALL: "Leave {site} out, or give the site code of the account.",
    Remedy.SITE_OF_CLIENT: "Correct the site code of the account: SONNYS_SITE_CODE, or site_code of the profile.",
    Remedy.START_TOO: "Give {startDate} too.",
    Remedy.TIMEZONE: "The site list was read for the time zones of its sites: name one with --timezone to do without.",
}
"""What to do, in this program's words. In braces stands the option for a parameter, or for the one that is wrong."""


_WITHOUT_OPTION = {"api_id": "The API ID", "api_key": "The API key"}
"""What the reader calls parameters that no option stands for: `sonnys profile add` asks for these."""


class Said(NamedTuple):
    """An error in words.

    Attributes:
        sentence: What happened and what is allowed.
        hint: What to do; empty if there is nothing.
    """

    sentence: str
    hint: str = ""


@dataclass(frozen=True)
class StandsFor:
    """Goes into the `Annotated` type of an option: the Python parameters that it stands for.

    Args:
        parameters: Their names.
    """

    parameters: tuple[str, ...]

    def __init__(self, *parameters: str) -> None:
        object.__setattr__(self, "parameters", parameters)


@dataclass(slots=True)
class Typed:
    """What was typed: the command that runs, and its options.

    Attributes:
        command: The command's function; None before one is known.
        values: The values that were typed, by the names of its parameters.
    """

    command: Callable[..., Any] | None = None
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def option(self, parameter: str) -> str:
        """What the reader calls a parameter: `--page`, `WHEN`; its own name if the command has no option for it."""
        slot = self._slot(parameter)
        return _WITHOUT_OPTION.get(parameter, parameter) if slot is None else _label(slot)

    def value(self, parameter: str, value: Any) -> str:
        """A parameter's value, as it was typed if it was."""
        slot = self._slot(parameter)
        typed = None if slot is None else self.values.get(slot.name)
        return quoted(value if typed is None or isinstance(typed, tuple) else typed)

    def _slot(self, parameter: str) -> inspect.Parameter | None:
        """The option for a parameter, preferably one that was typed."""
        slots = _slots(self.command) if self.command else ()
        found = [slot for slot in slots if parameter in (_stands_for(slot) or (slot.name,))]
        return next((slot for slot in found if self.values.get(slot.name) is not None), next(iter(found), None))


def worded(error: SonnysError, typed: Typed) -> Said:
    """Word an error for whoever typed a command."""
    sentence = error.problem
    if error.parameter:
        option = error.parameter if error.source else typed.option(error.parameter)
        value = "" if error.value is NOT_GIVEN else f" {typed.value(error.parameter, error.value)}"
        sentence = f"{option}{value} {error.problem}."
    hint = error.remedy
    if isinstance(hint, Remedy):
        hint = HINTS[hint].format_map(_Options(error, typed))
    return Said(f"{error.source}: {sentence}" if error.source else sentence, hint)


def quoted(value: Any) -> str:
    """A value in quotes, as it would be typed."""
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(map(quoted, value)) or "''"
    return f"'{value:g}'" if isinstance(value, float) else f"'{value}'"


class _Options(dict[str, str]):
    """What the braces of a hint stand for."""

    def __init__(self, error: SonnysError, typed: Typed) -> None:
        super().__init__({"option": typed.option(error.parameter), **error.details})
        self._typed = typed

    def __missing__(self, parameter: str) -> str:
        return self._typed.option(parameter)


def _slots(command: Callable[..., Any]) -> Iterator[inspect.Parameter]:
    """A command's parameters, with their types as types."""
    hints = get_type_hints(command, include_extras=True)
    for name, slot in inspect.signature(command).parameters.items():
        yield slot.replace(annotation=hints.get(name, slot.annotation))


def _extras(slot: inspect.Parameter) -> tuple[Any, ...]:
    return get_args(slot.annotation)[1:] if get_origin(slot.annotation) is Annotated else ()


def _stands_for(slot: inspect.Parameter) -> tuple[str, ...]:
    return next((extra.parameters for extra in _extras(slot) if isinstance(extra, StandsFor)), ())


def _label(slot: inspect.Parameter) -> str:
    if slot.kind is slot.POSITIONAL_ONLY:
        return slot.name.upper()
    named = next((name for extra in _extras(slot) for name in getattr(extra, "name", None) or ()), "")
    return named or f"--{slot.name.replace('_', '-')}"


# What cyclopts refuses: it knows what was typed, but says it in other words.

_KINDS: Mapping[Any, str] = {int: "a whole number", float: "a number"}
_MEANT = re.compile(r"Did you mean ([^?]+)\?")


def is_cyclopts(error: Exception) -> TypeGuard[CycloptsError]:
    """Whether the parser has raised an error. Does not import the parser: whoever raised it has."""
    module = sys.modules.get("cyclopts")
    return module is not None and isinstance(error, module.CycloptsError)


def of_cyclopts(error: CycloptsError) -> Said:
    """Word an error of the parser."""
    import cyclopts

    text = str(error)
    meant = _MEANT.search(text)
    help_of = " ".join(["sonnys", *(error.command_chain or ()), "--help"])
    hint = f"Run {help_of}."
    match error:
        case cyclopts.UnknownCommandError(unused_tokens=[token, *_]):
            sentence, hint = f"There is no command {quoted(token)}.", f"{help_of} lists the commands."
        case cyclopts.UnknownOptionError(token=token):
            sentence = f"There is no option {quoted(token.keyword or token.value)}."
        case cyclopts.MissingArgumentError(argument=argument) if argument is not None:
            is_option = argument.name.startswith("-")
            sentence = f"{argument.name} needs a value." if is_option else f"{argument.name.upper()} is missing."
        case cyclopts.UnusedCliTokensError(unused_tokens=[token, *_]):
            sentence = f"There is no place for {quoted(token)}."
        case cyclopts.RepeatArgumentError(token=token):
            sentence, hint = f"{token.keyword or token.value} was given more than once.", "Give it once."
        case cyclopts.CoercionError(token=token, target_type=kind) if token is not None and kind is not None:
            where = token.keyword or (error.argument.name.upper() if error.argument else "The value")
            sentence, hint = f"{where} {quoted(token.value)} {_must_be(kind)}.", ""
        case _:
            sentence, hint = _MEANT.sub("", text).strip(), ""
    return Said(sentence, f"Did you mean {meant[1].replace(chr(34), chr(39))}?" if meant else hint)


def _must_be(kind: Any) -> str:
    if kind is bool:
        return "is too much: the option takes no value"
    return "must be " + (_KINDS.get(kind) or f"one of {', '.join(map(str, get_args(kind)))}")
