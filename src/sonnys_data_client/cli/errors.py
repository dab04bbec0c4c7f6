"""Whatever a command raises becomes one sentence on standard error and an exit code. Only here.

| raised                                              | exit code        |
|-----------------------------------------------------|------------------|
| nothing                                             | 0 `DONE`         |
| `ValidationError`, `ConfigurationError`, `Refusal`  | 2 `USAGE`        |
| any other `SonnysError`, `Failure`                  | 1 `FAILED`       |
| `Alarm`                                             | 3 `ALARM`        |
| cyclopts' own errors: unknown option, no number ... | 2 `USAGE`        |
| a library of an extra is not installed              | 2 `USAGE`        |
| `OSError`: a file or port that cannot be had        | 2 `USAGE`        |
| `KeyboardInterrupt`, `Stopped`                      | 130 `STOPPED`    |
| `BrokenPipeError`: nobody reads our output any more | 141 `UNREAD`     |

Anything else is a fault of ours and keeps its traceback, which a bug report needs.
"""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
import traceback
from collections.abc import Callable
from enum import IntEnum

from sonnys_data_client.errors import APIError, ConfigurationError, IncompleteError, SonnysError, ValidationError

__all__ = ["Alarm", "ExitCode", "Failure", "Refusal", "Stopped", "exit_code_of"]


class ExitCode(IntEnum):
    """What the command line's exit codes mean. The last two are a shell's own: 128 and the signal's number."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    ALARM = 3
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
}
"""Library: the extra it comes with."""


class Refusal(Exception):  # noqa: N818 - it is the user's request that is refused, and no error of ours
    """What was asked for cannot be done. The text is one sentence that says why and what to do."""


class Failure(Exception):  # noqa: N818 - it is what was looked at that has failed
    """What was asked for was done, and its answer is bad news: exit code 1. The text is one sentence."""


class Alarm(Exception):  # noqa: N818 - nothing has failed yet
    """Something will be lost unless it is seen to: exit code 3. The text is one sentence that says what to do."""


class Stopped(KeyboardInterrupt):
    """Ctrl-C, from a command that can say more about it.

    Args:
        kept: What was kept, as the end of a sentence.
        again: The command that goes on or starts again.
    """

    def __init__(self, kept: str, again: str) -> None:
        super().__init__(kept, again)
        self.kept = kept
        self.again = again


def exit_code_of(command: Callable[[], int], *, verbose: bool = False) -> int:
    """Run a command; say in a sentence what went wrong, if anything did.

    Args:
        command: Returns an exit code, or raises.
        verbose: Show the traceback, and what the API said, after the sentence.

    Returns:
        The exit code.
    """
    try:
        code = command()
        sys.stdout.flush()  # if nobody reads it, that shows here and not on the way out
    except BrokenPipeError:
        # Python would complain once more on its way out, when it flushes what nobody reads.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.UNREAD
    except KeyboardInterrupt as stop:
        if isinstance(stop, Stopped):
            _say(f"stopped: {stop.kept}.")
            _say(f"run it again with: {stop.again}")
        else:
            _say("stopped.")
        return ExitCode.STOPPED
    except Exception as error:
        verdict = _verdict(error)
        if verdict is None:
            raise
        _say(verdict[1])
        if verbose:
            _say_more(error)
        return verdict[0]
    else:
        return code


_CODES: tuple[tuple[tuple[type[Exception], ...], ExitCode], ...] = (
    ((ValidationError, ConfigurationError, Refusal), ExitCode.USAGE),
    ((SonnysError, Failure), ExitCode.FAILED),
    ((Alarm,), ExitCode.ALARM),
)
"""Errors whose text is the sentence, and their exit codes: the first that fits. (A 422 is both refused and refusal.)"""


def _verdict(error: Exception) -> tuple[ExitCode, str] | None:
    """The exit code and the sentence, or None for a fault of ours."""
    for kinds, code in _CODES:
        if isinstance(error, kinds):
            return code, str(error)
    match error:
        case ModuleNotFoundError(name=str(name)) if name.partition(".")[0] in _EXTRAS:
            library = name.partition(".")[0]
            package = f"sonnys-data-client[{_EXTRAS[library]}]"
            return ExitCode.USAGE, f"This needs {library}, which is not installed: run pip install '{package}'."
        case OSError():
            place = "" if error.filename is None else f"{error.filename}: "
            return ExitCode.USAGE, f"{place}{error.strerror or error}."
        case _ if _is_cyclopts(error):
            return ExitCode.USAGE, str(error)
        case _:
            return None


def _is_cyclopts(error: Exception) -> bool:
    # Whoever raised it has imported it: asking must not.
    module = sys.modules.get("cyclopts")
    return module is not None and isinstance(error, module.CycloptsError)


def _say(text: str) -> None:
    """Say one line: wrapped between words for a person, whole for a log."""
    line = " ".join(["sonnys:", *text.split()])
    if sys.stderr.isatty():
        width = shutil.get_terminal_size().columns
        line = textwrap.fill(line, max(width, 20), break_long_words=False, break_on_hyphens=False)
    print(line, file=sys.stderr)


def _say_more(error: Exception) -> None:
    if isinstance(error, APIError):
        _say(f"{error.method} {error.path}, status {error.status}, type {error.type}, messages {error.messages}")
    if isinstance(error, IncompleteError):
        for gap in error.gaps:
            _say(f"missing: {gap}")
    traceback.print_exception(error, file=sys.stderr)
