"""The command line, `sonnys`.

```text
__init__   `main`: where the interpreter comes in
app        the commands by name, what `--help` says, `-v`
errors     whatever is raised -> one sentence and an exit code
screen     where talk goes: standard error, with colour only for a person
progress   a `Progress`, shown while it moves: a live display for a person, a line a step for a log
sandbox    sonnys sandbox: serve the local API
demo/      sonnys demo: one day read from a sandbox, with what it shows
```

A command is a function in a module of its own; its signature and docstring are its options and its help.
Everything heavy is imported inside the command that needs it, so that `--help` is quick and a missing extra is
a sentence, not a traceback.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Args:
        arguments: The words after `sonnys`; those of this process if not given.

    Returns:
        One of `errors.ExitCode`.
    """
    from sonnys_data_client.cli.errors import exit_code_of

    def run() -> int:
        from sonnys_data_client.cli.app import run

        return run(arguments)

    return exit_code_of(run)
