"""Commands that belong together, and the examples that a command's docstring gives."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Family", "examples_of"]

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
    commands: tuple[Callable[..., None], ...]


def examples_of(command: Callable[..., None]) -> list[str]:
    """The lines of the section `Examples:` in a command's docstring, which help shows and tests parse."""
    found = _EXAMPLES.search(inspect.getdoc(command) or "")
    return [] if found is None else [line.strip() for line in found[1].splitlines() if line.strip()]
