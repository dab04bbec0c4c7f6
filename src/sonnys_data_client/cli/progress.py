"""A `Progress`, shown while it moves.

A person at a terminal gets a display that redraws itself; a log gets one line for each tenth of the way, so
that nine hours of it are as short as nine seconds. Both read the counters from a thread of their own: whoever
moves them knows nothing of it.

How far it is: a page takes two steps, a submission and a collection. So a job in flight is half a page.
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

from sonnys_data_client.cli.screen import say
from sonnys_data_client.engine.progress import Progress

__all__ = ["counted", "counts", "share", "shown"]

_LOOK_EVERY_S = 0.1
_STEPS = 10
_FIRST_STEP = 1000

T = TypeVar("T")


@contextmanager
def shown(look: Callable[[], Progress], console: Console, *, note: Callable[[], str] = str) -> Generator[None]:
    """Show counters for as long as the `with` block lasts.

    Args:
        look: Gives the counters, which whatever runs in the block moves.
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
    count, step = 0, _FIRST_STEP

    def picture() -> Text:
        return Text(f"{count:,} rows", style="dim")

    moving = Live(console=console, get_renderable=picture, transient=True, redirect_stdout=False)
    with moving if console.is_interactive else nullcontext():
        for row in rows:
            count += 1
            if count == step and not console.is_interactive:
                say(console, f"{count:,} rows")
                step *= 2
            yield row


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


def _picture(progress: Progress, note: str) -> RenderableType:
    done = share(progress)
    line = Table.grid(padding=(0, 1), expand=True)
    line.add_column(ratio=1)
    line.add_column(justify="right", no_wrap=True)
    line.add_row(ProgressBar(total=1.0, completed=done), f"{done:4.0%}  {_time_left(progress)}".rstrip())
    return Group(line, _Phrases(counts(progress)), Text(note, style="dim"))


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


def _write_steps(look: Callable[[], Progress], console: Console, over: threading.Event) -> None:
    step = 0
    ended = False
    while not ended:
        ended = over.wait(_LOOK_EVERY_S)
        progress = look()
        done = share(progress)
        if int(done * _STEPS) > step:
            step = int(done * _STEPS)
            left = _time_left(progress)
            say(console, f"{done:.0%}: {', '.join([*counts(progress), *([left] if left else [])])}")
