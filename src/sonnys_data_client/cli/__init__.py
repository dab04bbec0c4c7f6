"""The command line, `sonnys`.

```text
__init__         `main`, which the `sonnys` script calls
app              the commands by group, the options of every command, and what `--help` says
family           commands with a first name in common; examples out of docstrings
session          which account and which archive: what `--profile` and `--archive` mean
dates            `last-month` -> two moments
errors           whatever is raised -> a sentence, a hint and an exit code
output           standard output and standard error that are closed
wording          the words for an error of the package: `--adopt`, where Python says `adopt=True`

commands/<name>/options    a command's signature and docstring: its options and its help; imports little
commands/<name>/run        what the command does; imported when it runs

show/      what is shown and written
```

`commands/` has one folder for each command of `sonnys --help`. `sandbox` and `completion` are single modules, because
what they run is elsewhere. As `run` is imported late, every command starts as quickly as what it needs, and a missing
extra is a sentence instead of a traceback.
"""

from __future__ import annotations

import gc
import signal
import traceback
import warnings
from collections.abc import Sequence
from contextlib import suppress

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Args:
        arguments: The words after `sonnys`; those of this process if not given.

    Returns:
        One of `errors.ExitCode`.
    """
    from sonnys_data_client.cli.errors import ExitCode, exit_code_of
    from sonnys_data_client.cli.output import usable

    # Starting makes many objects that stay. Looking for garbage at every 700th took a tenth of the time (measured).
    gc.set_threshold(100_000, 20, 20)
    with suppress(ValueError):  # only the main thread may set a handler, and a caller may run this in another
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # `timeout` and service managers send it

    def run() -> int:
        from sonnys_data_client.cli.app import run

        return run(arguments)

    with usable(), warnings.catch_warnings():
        warnings.filterwarnings("default", category=UserWarning, module=rf"{__name__.partition('.')[0]}\.")
        warnings.showwarning = _say_warning
        try:
            return exit_code_of(run)
        except Exception:  # noqa: BLE001 - while standard error is guarded: Python would show it bare
            traceback.print_exc()
            return ExitCode.FAILED


def _say_warning(message: Warning | str, *_where: object, **_more: object) -> None:
    """Say a warning of this package as a sentence. Python would show a line of code with it."""
    from sonnys_data_client.cli.errors import say

    say(f"Warning: {message}")
