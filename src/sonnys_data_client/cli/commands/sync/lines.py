"""Show the progress of many accounts, a line for each.

A person at a terminal sees the lines of those that run, as far as there is room. A log gets a line whenever an account
begins or ends, and at each step on its way, such as a tenth.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.table import Table

from sonnys_data_client.cli.show.progress import View
from sonnys_data_client.cli.show.screen import moving, say
from sonnys_data_client.sync import SyncProgress
from sonnys_data_client.sync.fleet import Member
from sonnys_data_client.words import counted

__all__ = ["shown_lines"]

_LOOK_EVERY_S = 0.2
_ROOM_BELOW = 3
"""Lines of a terminal that are left free: a display that is higher than the terminal cannot redraw itself."""


@contextmanager
def shown_lines(members: Sequence[Member], look: Callable[[SyncProgress], View], console: Console) -> Generator[None]:
    """Show progress for as long as the `with` block lasts.

    Args:
        members: The accounts; other threads move their counters.
        look: Gives the view of one of them.
        console: Where to show it.
    """
    if console.is_interactive:
        with moving(console, lambda: _picture(members, look, console.height - _ROOM_BELOW), every_s=_LOOK_EVERY_S):
            yield
        return
    over = threading.Event()
    writer = threading.Thread(target=_write_steps, args=(members, look, console, over), daemon=True)
    writer.start()
    try:
        yield
    finally:
        over.set()
        writer.join()


def _picture(members: Sequence[Member], look: Callable[[SyncProgress], View], height: int) -> Table:
    running = [member for member in members if member.state == "running"]
    ended = sum(member.state not in {"running", "waiting"} for member in members)
    table = Table.grid(padding=(0, 2))
    for member in running[: max(1, height)]:
        view = look(member.progress)
        table.add_row(member.name, _percent(view), ", ".join(view.phrases[:3]), style="dim")
    more = len(running) - max(1, height)
    said = f"{ended} of {counted(len(members), 'account')}" + (f"; {more} more at work" if more > 0 else "")
    table.add_row(said)
    return table


def _write_steps(
    members: Sequence[Member], look: Callable[[SyncProgress], View], console: Console, over: threading.Event
) -> None:
    steps: dict[str, tuple[int, ...]] = {}
    ended = False
    while not ended:
        ended = over.wait(_LOOK_EVERY_S)
        for member in members:
            view = look(member.progress)
            if member.state == "running" and view.step > steps.get(member.name, (0, 0)):
                steps[member.name] = view.step
                words = ", ".join([*view.phrases, *([view.left] if view.left else [])])
                say(console, f"{member.name}: {': '.join(filter(None, [_percent(view), words]))}")


def _percent(view: View) -> str:
    return "" if view.share is None else f"{view.share:.0%}"
