"""Where messages go: standard error, so that standard output is free for results.

rich finds out what the other end can show: colour and moving displays on a terminal, plain lines anywhere else, no
colour where `NO_COLOR` is set, and `#` for bars where there are no block characters.

Text from elsewhere gives rich no orders: its `[red]` is shown as it is, and control characters as escape sequences
(`text.harmless`). Only this module makes consoles and texts of rich.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from sonnys_data_client.cli.output import bare, guarding
from sonnys_data_client.text import harmless, one_line
from sonnys_data_client.words import counted, plural, tallied

if TYPE_CHECKING:
    from sonnys_data_client.archive import Disputed  # other commands need no archive

__all__ = [
    "DECIDE",
    "Screen",
    "bar",
    "disputes_in_words",
    "moving",
    "results",
    "say",
    "screen",
    "styled",
    "values_not_parsed",
]

DECIDE = (
    "If the rows come again, the next sync settles it. If not: sonnys archive keep DAY keeps the rows that did not "
    "come, and sonnys archive accept DAY lets go of them."
)
"""What to do about a dispute."""
_DISPUTES_SHOWN_MAX = 3


class Screen(Console):
    """A console to which text gives no orders.

    Args:
        file: Where it writes.
        force_interactive: Whether to show moving displays; None lets rich find out.
        force_terminal: Whether it writes to a terminal; None lets rich find out.
        width: Columns; None lets rich find out.
    """

    def __init__(
        self,
        file: IO[str],
        *,
        force_interactive: bool | None = None,
        force_terminal: bool | None = None,
        width: int | None = None,
    ) -> None:
        super().__init__(
            file=file,
            force_interactive=force_interactive,
            force_terminal=force_terminal,
            width=width,
            markup=False,
            emoji=False,
            highlight=False,
        )

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Render anything: rich calls this for whatever it shows, and for each part of it."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(harmless(segment.text), segment.style)


def screen() -> Console:
    """Return the console for messages.

    Where results go to a pipe it shows no moving display: the program at the other end, such as `head`, may print them
    on the same terminal, and a display that redraws itself would wipe them out.
    """
    return Screen(bare(sys.stderr), force_interactive=False if _feeds_a_pipe() else None)


def results() -> Console:
    """Return the console for results that people read."""
    return Screen(bare(sys.stdout))


@contextmanager
def moving(console: Console, picture: Callable[[], RenderableType], *, every_s: float) -> Generator[None]:
    """Show a display that redraws itself and leaves no trace, as long as the block lasts.

    What is printed to standard error meanwhile, rich shows above the display, and would obey what is in it. So it is
    guarded.

    Args:
        console: Where to show it.
        picture: Gives what to show at present.
        every_s: How often to redraw it, in seconds.
    """
    from rich.live import Live  # only needed where something moves

    display = Live(
        console=console,
        get_renderable=picture,
        refresh_per_second=1 / every_s,
        transient=True,
        redirect_stdout=False,
    )
    with display, guarding():
        yield


def styled(text: str, style: str = "") -> Text:
    """Return harmless text in a style of rich."""
    return Text(harmless(text), style=style)


def say(console: Console, text: str, *, style: str = "") -> None:
    """Print a line: wrapped between words for a person, whole for a log."""
    console.print(styled(one_line(text), style), soft_wrap=not console.is_terminal)


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
    return styled(("#" if console.options.ascii_only else "█") * cells, "cyan")
