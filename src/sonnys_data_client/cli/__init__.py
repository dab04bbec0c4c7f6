"""The command line, `sonnys`.

```text
__init__   `main`: where the interpreter comes in
app        the commands by group, the options of all, what `--help` says
family     commands with a first name in common; examples out of docstrings
session    who we are and where things lie: what `--profile` and `--archive` mean
errors     whatever is raised -> one sentence and an exit code
screen     where talk goes: standard error, with colour only for a person
progress   a `Progress`, shown while it moves: a live display for a person, a line a step for a log
dates      `last-month` -> two moments
layouts    transactions -> the rows of a file        files    rows -> NDJSON, CSV, Parquet; whole or not at all
spool      rows that came and are not in their file yet

command                its options    what does it
sonnys export          export         exporting
sonnys job             job            jobs
sonnys profile         profile        profiles
sonnys doctor          doctor         checkup
sonnys completion      completion
sonnys sandbox         sandbox
sonnys demo            demo/
```

A command's signature and docstring are its options and its help, in a module that is light. What does it is imported
when it runs, so that every command starts as quickly as what it needs, and a missing extra is a sentence, not a
traceback.
"""

from __future__ import annotations

import gc
import signal
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
    from sonnys_data_client.cli.errors import exit_code_of

    # Starting makes many objects that stay, and no garbage: to look for it at every 700th is a tenth of the time.
    gc.set_threshold(100_000, 20, 20)
    with suppress(ValueError):  # where we are not the process, it is not ours to say
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # `timeout` and service managers ask to stop by it

    def run() -> int:
        from sonnys_data_client.cli.app import run

        return run(arguments)

    return exit_code_of(run)
