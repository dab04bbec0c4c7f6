"""Turn functions into commands for the parser.

A command's help is its docstring: the first line stands in the list of commands, the whole in the command's own help,
and the section `Examples:` below that.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass

from cyclopts import App

__all__ = ["Command", "Family", "Lazy", "examples_of", "shown"]

Command = Callable[..., None]

_EXAMPLES = re.compile(r"^Examples:\n((?:[ ]{4}.*\n?|\n)+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Family:
    """Commands with a first name in common, such as `sonnys job submit` and `sonnys job status`.

    Attributes:
        name: The first name.
        help: What they do, in a line.
        commands: The commands; each is called like its function.
    """

    name: str
    help: str
    commands: tuple[Command, ...]

    def app(self) -> App:
        """Make the parser of these commands."""
        app = App(name=self.name, help=self.help, help_epilogue="")
        for command in self.commands:
            app.command(command, help_epilogue=shown(examples_of(command)))
        return app


@dataclass(frozen=True, slots=True)
class Lazy:
    """A command whose options take long to import. They are imported only when the command is named.

    Attributes:
        name: What it is called.
        help: What it does, in a line.
        place: Its parser, as `module:name`.
    """

    name: str
    help: str
    place: str


def examples_of(command: Command) -> list[str]:
    """Return the lines of the section `Examples:` in a command's docstring. Help shows them, and tests parse them."""
    found = _EXAMPLES.search(inspect.getdoc(command) or "")
    return [] if found is None else [line.strip() for line in found[1].splitlines() if line.strip()]


def shown(examples: list[str]) -> str:
    """Lay out examples for the help."""
    return "\n".join(["Examples:", "", *(f"    {line}" for line in examples)]) if examples else ""
