"""Where messages go: standard error, so that standard output is free for results.

rich finds out what the other end can show: colour and moving displays on a terminal, plain lines anywhere else, no
colour where `NO_COLOR` is set, and `#` for bars where there are no block characters.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Console, RenderableType
from rich.text import Text

from sonnys_data_client.words import counted, plural, tallied

if TYPE_CHECKING:
    from sonnys_data_client.archive import Disputed  # other commands need no archive

__all__ = ["DECIDE", "bar", "disputes_in_words", "results", "say", "screen", "values_not_parsed"]

DECIDE = (
    "If the rows come again, the next sync settles it. If not: sonnys archive keep DAY keeps the rows that did not "
    "come, and sonnys archive accept DAY lets go of them."
)
"""What to do about a dispute."""
_DISPUTES_SHOWN_MAX = 3


def screen() -> Console:
    """Return the console for messages.

    Where results go to a pipe it shows no moving display: the program at the other end, such as `head`, may print them
    on the same terminal, and a display that redraws itself would wipe them out.
    """
    return Console(stderr=True, highlight=False, force_interactive=False if _feeds_a_pipe() else None)


def results() -> Console:
    """Return the console for results that people read."""
    return Console(highlight=False)


def say(console: Console, text: str, *, style: str = "") -> None:
    """Print a line: wrapped between words for a person, whole for a log."""
    console.print(Text(text, style=style), soft_wrap=not console.is_terminal)


def values_not_parsed(counts: Mapping[str, int], where_has: str) -> str:
    """Return a line about values of rows that could not be parsed.

    Args:
        counts: How many there are of each field.
        where_has: Where they are as they came, as a subject with its verb.
    """
    number = sum(counts.values())
    are, them = plural(number, "is empty", "are empty"), plural(number, "it as it", "them as they")
    return f"{counted(number, 'value')} could not be parsed and {are} ({tallied(counts)}); {where_has} {them} came."


def disputes_in_words(disputes: Sequence[Disputed]) -> str:
    """Return a clause about what is disputed: the first of it, and how much more there is.

    Args:
        disputes: At least one.
    """
    more = len(disputes) - _DISPUTES_SHOWN_MAX
    shown = "; ".join(map(str, disputes[:_DISPUTES_SHOWN_MAX]))
    return shown + (f"; and {counted(more, 'more dispute')}" if more > 0 else "")


def _feeds_a_pipe() -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(sys.stdout.fileno()).st_mode)
    except (OSError, ValueError):  # closed, or no file at all
        return False


def bar(console: Console, share: float, width: int) -> RenderableType:
    """Return a horizontal bar.

    Args:
        console: Where it will be shown.
        share: How full the bar is, from 0 to 1. Anything above 0 shows as one cell at least.
        width: Cells of a full bar.
    """
    cells = max(1, round(share * width)) if share > 0 else 0
    return Text(("#" if console.options.ascii_only else "█") * cells, style="cyan")
