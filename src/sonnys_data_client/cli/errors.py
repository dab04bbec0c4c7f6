"""Turn whatever a command raises into a sentence on standard error and an exit code. Nothing else does that.

Where there is something to do, a line `hint: ...` comes last. `wording` has the words for the errors of the package.

| raised                                              | exit code        |
|-----------------------------------------------------|------------------|
| nothing                                             | 0 `DONE`         |
| `ValidationError`, `ConfigurationError`, `Refusal`  | 2 `USAGE`        |
| any other `SonnysError`, `Failure`                  | 1 `FAILED`       |
| `Alarm`                                             | 3 `ALARM`        |
| `Quarantined`                                       | 4 `QUARANTINED`  |
| cyclopts' own errors: unknown option, no number ... | 2 `USAGE`        |
| a library of an extra is not installed              | 2 `USAGE`        |
| `OSError`: a file or port cannot be used            | 2 `USAGE`        |
| `OSError`: standard output cannot be written        | 1 `FAILED`       |
| `KeyboardInterrupt`, `Stopped`                      | 130 `STOPPED`    |
| `BrokenPipeError`: nobody reads the output any more | 141 `UNREAD`     |

Anything else is a bug in this program and keeps its traceback, which a bug report needs.
"""

from __future__ import annotations

import shutil
import sys
import textwrap
import traceback
from collections.abc import Callable
from contextlib import suppress
from enum import IntEnum

from sonnys_data_client.cli.output import is_of_output, let_go_of_output
from sonnys_data_client.cli.wording import Said, Typed, is_cyclopts, of_cyclopts, worded
from sonnys_data_client.errors import APIError, ConfigurationError, IncompleteError, SonnysError, ValidationError
from sonnys_data_client.text import one_line

__all__ = [
    "Alarm",
    "ExitCode",
    "Failure",
    "Quarantined",
    "Refusal",
    "Stopped",
    "code_of",
    "exit_code_of",
    "say",
    "words_of",
]


class ExitCode(IntEnum):
    """Name the exit codes. The last two are those of a shell: 128 and the number of the signal."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    ALARM = 3
    QUARANTINED = 4
    STOPPED = 130
    UNREAD = 141


_EXTRAS = {
    "cyclopts": "cli",
    "rich": "cli",
    "platformdirs": "cli",
    "starlette": "sandbox",
    "uvicorn": "sandbox",
    "duckdb": "archive",
    "pytz": "archive",
    "fsspec": "archive",
    "pyarrow": "arrow",
    "polars": "polars",
    "keyring": "keyring",
    "redis": "redis",
}
"""Library: the extra it comes with."""


class _Told(Exception):  # noqa: N818 - what its kinds are is said there
    """What a command says for itself.

    Args:
        sentence: What happened, and what is allowed.
        hint: What to do; empty if there is nothing.
    """

    def __init__(self, sentence: str, hint: str = "") -> None:
        super().__init__(sentence)
        self.hint = hint


class Refusal(_Told):
    """What was typed cannot be done: exit code 2."""


class Failure(_Told):
    """The command was carried out, and its result is bad: exit code 1."""


class Alarm(_Told):
    """Nothing has failed yet, but somebody must act, because data would be lost or is disputed: exit code 3."""


class Quarantined(_Told):
    """Everything was written but rows that could not be parsed, which are in a file of their own: exit code 4."""


class Stopped(KeyboardInterrupt):
    """Ctrl-C, from a command that can say what it kept.

    Args:
        kept: What was kept, as a clause.
        again: The command that goes on or starts again.
    """

    def __init__(self, kept: str, again: str) -> None:
        super().__init__(kept, again)
        self.kept = kept
        self.again = again


def exit_code_of(command: Callable[[], int], typed: Typed | None = None, *, verbose: bool = False) -> int:
    """Run a command; if anything goes wrong, say so in a sentence.

    Args:
        command: Returns an exit code, or raises.
        typed: What was typed. The command may fill it in.
        verbose: Show more: what the API said before the hint, and the traceback after it.

    Returns:
        The exit code.
    """
    try:
        code = command()
        sys.stdout.flush()  # a pipe that nobody reads shows here, and not while Python ends
    except BrokenPipeError:
        let_go_of_output()
        return ExitCode.UNREAD
    except KeyboardInterrupt as stop:
        return _say_stopped(stop)
    except Exception as error:
        if isinstance(error, ImportError) and isinstance(error.__cause__ or error.__context__, KeyboardInterrupt):
            return _say_stopped(KeyboardInterrupt())  # what a library in C makes of Ctrl-C while it is imported
        failed = code_of(error)
        if failed is None:
            raise
        return _say_failed(error, failed, typed or Typed(), verbose=verbose)
    else:
        return code


def _say_failed(error: Exception, code: ExitCode, typed: Typed, *, verbose: bool) -> ExitCode:
    if isinstance(error, OSError) and is_of_output(error):
        say(f"Standard output cannot be written ({error.strerror or error}).")
        return ExitCode.FAILED
    said = words_of(error, typed)
    say(said.sentence)
    if verbose:
        _say_more(error)
    if said.hint:
        say(said.hint, "hint:")
    if verbose:
        traceback.print_exception(error, file=sys.stderr)
    return code


def _say_stopped(stop: KeyboardInterrupt) -> ExitCode:
    if isinstance(stop, Stopped):
        say(f"Stopped: {stop.kept}.")
        say(f"Run it again with: {stop.again}", "hint:")
    else:
        say("Stopped.")
    return ExitCode.STOPPED


_CODES: tuple[tuple[tuple[type[Exception], ...], ExitCode], ...] = (
    ((ValidationError, ConfigurationError, Refusal), ExitCode.USAGE),
    ((SonnysError, Failure), ExitCode.FAILED),
    ((Alarm,), ExitCode.ALARM),
    ((Quarantined,), ExitCode.QUARANTINED),
    ((OSError, UnicodeEncodeError), ExitCode.USAGE),
)
"""Errors and their exit codes; the first that fits. A 422 is an `APIError` and a `ValidationError`: it exits with 2."""


def code_of(error: Exception) -> ExitCode | None:
    """Return the exit code; None for a bug in this program."""
    if is_cyclopts(error) or _missing_library(error):
        return ExitCode.USAGE
    return next((code for kinds, code in _CODES if isinstance(error, kinds)), None)


def words_of(error: Exception, typed: Typed | None = None) -> Said:
    """Return what to say of an error that has an exit code.

    Args:
        error: The error.
        typed: What was typed, for errors that are about it.
    """
    if isinstance(error, SonnysError):
        return worded(error, typed or Typed())
    if isinstance(error, OSError):
        place = "" if error.filename is None else f"{error.filename}: "
        return Said(f"{place}{error.strerror or error}.")
    if isinstance(error, UnicodeEncodeError):
        sign = ascii(error.object[error.start])
        return Said(f"Standard output cannot show {sign} in {error.encoding}.", "Set PYTHONIOENCODING=utf-8.")
    if library := _missing_library(error):
        package = f"sonnys-data-client[{_EXTRAS[library]}]"
        return Said(f"This needs {library}, which is not installed.", f"Run pip install '{package}'.")
    return of_cyclopts(error) if is_cyclopts(error) else Said(str(error), getattr(error, "hint", ""))


def _missing_library(error: Exception) -> str:
    """Return the library of an extra that an import did not find; empty if that is not what went wrong."""
    name = error.name if isinstance(error, ModuleNotFoundError) else None
    library = (name or "").partition(".")[0]
    return library if library in _EXTRAS else ""


def say(text: str, begin: str = "sonnys:") -> None:
    """Print one line to standard error: wrapped between words for a person, whole for a log."""
    line = f"{begin} {one_line(text)}"
    if sys.stderr.isatty():
        width = shutil.get_terminal_size().columns
        line = textwrap.fill(line, max(width, 20), break_long_words=False, break_on_hyphens=False)
    with suppress(OSError):  # nobody may read it any more; the exit code says it, too
        print(line, file=sys.stderr)


def _say_more(error: Exception) -> None:
    if isinstance(error, APIError):
        status = "no reply" if error.status is None else f"status {error.status}"
        said = "; ".join(error.messages)
        say(", ".join(filter(None, [f"{error.method} {error.path}", status, error.type, said])))
    if isinstance(error, IncompleteError):
        for gap in error.gaps:
            say(f"missing: {gap}")
