"""Show progress while work goes on.

A person at a terminal sees a display that redraws itself. A log gets one line a step, such as a tenth of the work, so
the log of nine hours is as short as that of nine seconds. Both read the counters in a thread of their own, and the code
that moves the counters need not know.

A page takes two steps, submitting its job and collecting it. So a job in flight counts as half a page.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import TypeVar

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.progress_bar import ProgressBar
from rich.table import Table

from sonnys_data_client.cli.show.screen import moving, say, styled
from sonnys_data_client.engine.progress import Progress
from sonnys_data_client.words import counted as number_of

__all__ = [
    "View",
    "counted",
    "counts",
    "displayed",
    "doublings",
    "log_line",
    "percent",
    "share",
    "shown",
    "view_of",
]

_LOOK_EVERY_S = 0.1
_STEPS = 10
_FIRST_STEP = 1000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class View:
    """What to show at one moment.

    Attributes:
        share: How much is done, from 0 to 1; None while that cannot be told.
        phrases: The counters in words, the most interesting first.
        left: How long it will take, in words; empty if that cannot be told.
        step: A log gets a line whenever this exceeds all earlier ones; the first is `(0, 0)`.
    """

    share: float | None
    phrases: Sequence[str]
    left: str = ""
    step: tuple[int, ...] = (0, 0)


def view_of(progress: Progress) -> View:
    """Return the view of a load or export. A log gets a line for each tenth."""
    done = share(progress)
    return View(done, counts(progress), _time_left(progress), (0, int((done or 0.0) * _STEPS)))


@contextmanager
def shown(look: Callable[[], View], console: Console, *, note: Callable[[], str] = str) -> Generator[None]:
    """Show progress for as long as the `with` block lasts.

    Args:
        look: Gives the present view; the code in the block moves its counters.
        console: Where to show it.
        note: Gives a last line, such as what is waited for, or nothing. It is called several times a second, and only
            if a person watches.
    """
    with displayed(
        console,
        lambda: _picture(look(), note()),
        lambda over: _write_steps(look, console, over),
        every_s=_LOOK_EVERY_S,
    ):
        yield


@contextmanager
def displayed(
    console: Console,
    picture: Callable[[], RenderableType],
    write_steps: Callable[[threading.Event], None],
    *,
    every_s: float,
) -> Generator[None]:
    """Show a person a moving display, and have a log written for others, as long as the block lasts.

    Args:
        console: Where to show it.
        picture: Gives what a person sees at present.
        write_steps: Writes the log, in a thread of its own, until it finds the event set.
        every_s: How often to draw the picture, in seconds.
    """
    if console.is_interactive:
        with moving(console, picture, every_s=every_s):
            yield
        return
    over = threading.Event()
    writer = threading.Thread(target=write_steps, args=(over,), daemon=True)
    writer.start()
    try:
        yield
    finally:
        over.set()
        writer.join()


def counted(rows: Iterable[T], console: Console) -> Generator[T]:
    """Pass rows through, and show how many have come: for lists, whose length is not known.

    Args:
        rows: The rows.
        console: Where to show it. A person sees the number grow; a log gets a line whenever it has doubled.
    """
    count = 0

    def picture() -> RenderableType:
        return styled(number_of(count, "row"), "dim")

    with moving(console, picture, every_s=_LOOK_EVERY_S) if console.is_interactive else nullcontext():
        for row in rows:
            count += 1
            if doublings(count) > doublings(count - 1) and not console.is_interactive:
                say(console, number_of(count, "row"))
            yield row


def doublings(rows: int) -> int:
    """Return how often a number of rows has doubled since the first thousand; 0 before that."""
    return (rows // _FIRST_STEP).bit_length()


def share(progress: Progress) -> float | None:
    """Return how much of the work is done, from 0 to 1; it may go down when more pages become known.

    Before the first page has come it is None: how many pages there are is only a guess then.
    """
    if not progress.pages_done:
        return None
    return min(1.0, (progress.pages_done + progress.in_flight / 2) / max(1, progress.pages_known))


def counts(progress: Progress) -> list[str]:
    """Return the counters in words, the most interesting first."""
    windows = f"{progress.windows_done} of {number_of(progress.windows, 'window')}"
    return [
        *([windows] if progress.windows > 1 else []),
        f"{progress.pages_done} of {number_of(progress.pages_known, 'page')}",
        number_of(progress.rows, "row"),
        number_of(progress.requests, "request"),
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
    line.add_row(ProgressBar(total=1.0, completed=view.share or 0.0), f"{percent(view):>4}  {view.left}".rstrip())
    return Group(line, _Phrases(view.phrases), styled(note, "dim"))


@dataclass(frozen=True, slots=True)
class _Phrases:
    """Phrases with commas between them. No phrase is broken at the end of a line."""

    phrases: Sequence[str]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        line = ""
        for phrase in self.phrases:
            longer = f"{line}, {phrase}" if line else phrase
            if line and len(longer) >= options.max_width:
                yield styled(f"{line},", "dim")
                longer = phrase
            line = longer
        yield styled(line, "dim")


def _write_steps(look: Callable[[], View], console: Console, over: threading.Event) -> None:
    step: tuple[int, ...] = (0, 0)
    ended = False
    while not ended:
        ended = over.wait(_LOOK_EVERY_S)
        view = look()
        if view.step > step:
            step = view.step
            say(console, log_line(view))


def log_line(view: View) -> str:
    """Return what a log says of a view."""
    words = ", ".join([*view.phrases, *([view.left] if view.left else [])])
    return ": ".join(filter(None, [percent(view), words]))


def percent(view: View) -> str:
    """Return how much is done, in words; empty if that cannot be told."""
    return "" if view.share is None else f"{view.share:.0%}"
