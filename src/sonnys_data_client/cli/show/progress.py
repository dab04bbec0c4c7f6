"""How far something has come, shown while it moves.

A person at a terminal gets a display that redraws itself; a log gets one line a step, such as a tenth of the way, so
that nine hours of it are as short as nine seconds. Both read the counters from a thread of their own: whoever
moves them knows nothing of it.

How far a `Progress` is: a page takes two steps, a submission and a collection. So a job in flight is half a page.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import TypeVar

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from sonnys_data_client.cli.show.screen import say
from sonnys_data_client.engine.progress import Progress

__all__ = ["View", "counted", "counts", "doublings", "share", "shown", "view_of"]

_LOOK_EVERY_S = 0.1
_STEPS = 10
_FIRST_STEP = 1000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class View:
    """What there is to show at one moment.

    Attributes:
        share: How much is done, from 0 to 1.
        phrases: The counters in words, the most interesting first.
        left: How long it will take, in words; empty if nobody can tell.
        step: A log gets a line whenever this has grown above all before it; the first is `(0, 0)`.
    """

    share: float
    phrases: Sequence[str]
    left: str = ""
    step: tuple[int, ...] = (0, 0)


def view_of(progress: Progress) -> View:
    """The view of a load or export, in tenths."""
    done = share(progress)
    return View(done, counts(progress), _time_left(progress), (0, int(done * _STEPS)))


@contextmanager
def shown(look: Callable[[], View], console: Console, *, note: Callable[[], str] = str) -> Generator[None]:
    """Show how far it is for as long as the `with` block lasts.

    Args:
        look: Gives the view of counters which whatever runs in the block moves.
        console: Where to show them.
        note: Gives a word on what is being waited for, or nothing; asked several times a second, and only for a
            person.
    """
    if console.is_interactive:
        with Live(
            console=console,
            get_renderable=lambda: _picture(look(), note()),
            refresh_per_second=1 / _LOOK_EVERY_S,
            transient=True,
            redirect_stdout=False,
        ):
            yield
        return
    over = threading.Event()
    writer = threading.Thread(target=_write_steps, args=(look, console, over), daemon=True)
    writer.start()
    try:
        yield
    finally:
        over.set()
        writer.join()


def counted(rows: Iterable[T], console: Console) -> Generator[T]:
    """Pass rows through, and show how many have come: for lists, whose length nobody knows.

    Args:
        rows: The rows.
        console: Where to show it: a person sees the number grow, a log gets a line whenever it has doubled.
    """
    count = 0

    def picture() -> Text:
        return Text(f"{count:,} rows", style="dim")

    moving = Live(console=console, get_renderable=picture, transient=True, redirect_stdout=False)
    with moving if console.is_interactive else nullcontext():
        for row in rows:
            count += 1
            if doublings(count) > doublings(count - 1) and not console.is_interactive:
                say(console, f"{count:,} rows")
            yield row


def doublings(rows: int) -> int:
    """How often a number of rows has doubled since the first thousand; 0 before that."""
    return (rows // _FIRST_STEP).bit_length()


def share(progress: Progress) -> float:
    """How much of the work is done, from 0 to 1; may go back when more pages become known."""
    if not progress.pages_done and progress.pages_known <= max(1, progress.windows):
        return 0.0  # one page for each window is what every load begins with: nothing is known yet
    return min(1.0, (progress.pages_done + progress.in_flight / 2) / progress.pages_known)


def counts(progress: Progress) -> list[str]:
    """The counters in words, the most interesting first."""
    windows = f"{progress.windows_done} of {progress.windows} windows"
    return [
        *([windows] if progress.windows > 1 else []),
        f"{progress.pages_done} of {progress.pages_known} pages",
        f"{progress.rows:,} rows",
        f"{progress.requests} requests",
        f"{progress.refusals} refused (429)",
        f"{progress.in_flight} in flight",
    ]


def _time_left(progress: Progress) -> str:
    if not progress.seconds_left:
        return ""
    minutes, seconds = divmod(round(progress.seconds_left), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"about {hours} h {minutes} min left"
    return f"about {minutes} min {seconds} s left" if minutes else f"about {seconds} s left"


def _picture(view: View, note: str) -> RenderableType:
    line = Table.grid(padding=(0, 1), expand=True)
    line.add_column(ratio=1)
    line.add_column(justify="right", no_wrap=True)
    line.add_row(ProgressBar(total=1.0, completed=view.share), f"{view.share:4.0%}  {view.left}".rstrip())
    return Group(line, _Phrases(view.phrases), Text(note, style="dim"))


@dataclass(frozen=True, slots=True)
class _Phrases:
    """Phrases with commas between them, none of which is broken to the next line."""

    phrases: Sequence[str]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        line = ""
        for phrase in self.phrases:
            longer = f"{line}, {phrase}" if line else phrase
            if line and len(longer) >= options.max_width:
                yield Text(f"{line},", style="dim")
                longer = phrase
            line = longer
        yield Text(line, style="dim")


def _write_steps(look: Callable[[], View], console: Console, over: threading.Event) -> None:
    step: tuple[int, ...] = (0, 0)
    ended = False
    while not ended:
        ended = over.wait(_LOOK_EVERY_S)
        view = look()
        if view.step > step:
            step = view.step
            say(console, f"{view.share:.0%}: {', '.join([*view.phrases, *([view.left] if view.left else [])])}")
