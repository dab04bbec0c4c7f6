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

from sonnys_data_client.cli.show.progress import View, displayed, log_line, percent
from sonnys_data_client.cli.show.screen import say
from sonnys_data_client.sync import SyncProgress
from sonnys_data_client.sync.fleet import FleetAccount
from sonnys_data_client.words import counted

__all__ = ["shown_lines"]

_LOOK_EVERY_S = 0.2
_ROOM_BELOW = 3
"""Lines of a terminal that are left free: a display that is higher than the terminal cannot redraw itself."""


@contextmanager
def shown_lines(
    accounts: Sequence[FleetAccount], look: Callable[[SyncProgress], View], console: Console
) -> Generator[None]:
    """Show progress for as long as the `with` block lasts.

    Args:
        accounts: The accounts; other threads move their counters.
        look: Gives the view of one of them.
        console: Where to show it.
    """
    with displayed(
        console,
        lambda: _picture(accounts, look, console.height - _ROOM_BELOW),
        lambda over: _write_steps(accounts, look, console, over),
        every_s=_LOOK_EVERY_S,
    ):
        yield


def _picture(accounts: Sequence[FleetAccount], look: Callable[[SyncProgress], View], height: int) -> Table:
    running = [account for account in accounts if account.state == "running"]
    ended = sum(account.state not in {"running", "waiting"} for account in accounts)
    table = Table.grid(padding=(0, 2))
    for account in running[: max(1, height)]:
        view = look(account.progress)
        table.add_row(account.name, percent(view), ", ".join(view.phrases[:3]), style="dim")
    more = len(running) - max(1, height)
    said = f"{ended} of {counted(len(accounts), 'account')}" + (f"; {more} more at work" if more > 0 else "")
    table.add_row(said)
    return table


def _write_steps(
    accounts: Sequence[FleetAccount], look: Callable[[SyncProgress], View], console: Console, over: threading.Event
) -> None:
    steps: dict[str, tuple[int, ...]] = {}
    ended = False
    while not ended:
        ended = over.wait(_LOOK_EVERY_S)
        for account in accounts:
            view = look(account.progress)
            if account.state == "running" and view.step > steps.get(account.name, (0, 0)):
                steps[account.name] = view.step
                say(console, f"{account.name}: {log_line(view)}")
