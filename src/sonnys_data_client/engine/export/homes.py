"""Which window of the plan a row belongs to, by its own time and site: its home.

The server says which rows a window has, and it is right about a few that seem to lie elsewhere: rows move from day to
day. But where *most* rows of a page have their home in another window of the plan, the reply is that window's. A
gateway may give two jobs one hash, or one poll the other's reply.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import Any

from sonnys_data_client.engine.jobs import Handle, JobAnswer, check_rows
from sonnys_data_client.engine.mismatch import mismatch_error
from sonnys_data_client.engine.windows import Window, row_second
from sonnys_data_client.errors import MismatchError


class Homes:
    """The windows of a plan, to look a row's home up in.

    Args:
        windows: The windows; those of one site do not overlap.
    """

    def __init__(self, windows: Iterable[Window]) -> None:
        self._windows: dict[str | None, list[Window]] = {}
        for window in sorted(set(windows), key=lambda window: window.start):
            self._windows.setdefault(_code(window.site), []).append(window)

    def are_elsewhere(self, rows: Iterable[Any], window: Window) -> bool:
        """Whether most of the rows that tell their place have their home in another window of the plan, or part of one.

        Args:
            rows: Raw rows of one page.
            window: The window that they came for: one of the plan, or a part of one.
        """
        own = _code(window.site)
        away = here = 0
        for row in rows:
            second = row_second(row) if isinstance(row, dict) else None
            if second is None or not window.owns(second):
                continue  # a row of the edge second is the next window's, and comes with both
            site = self._site(row, own)
            if site == own and window.covers(second):
                here += 1
            else:
                away += self._is_home(site, second)
        return away > here

    def _site(self, row: dict[str, Any], own: str | None) -> str | None:
        """The site of a row: the one that it names, if that is one of the plan's; else that of its window."""
        named = row.get("locationCode")
        code = _code(named) if isinstance(named, str) else None
        return code if own is not None and code in self._windows else own

    def _is_home(self, site: str | None, second: int) -> bool:
        """Whether a window of the plan covers a second at a site."""
        windows = self._windows.get(site, [])
        place = bisect_right(windows, second, key=lambda window: window.start) - 1
        return place >= 0 and windows[place].covers(second)


def _code(site: str | None) -> str | None:
    return None if site is None else site.strip().casefold()


def misplaced(handle: Handle, answer: JobAnswer, homes: Homes) -> MismatchError | None:
    """The error for a page whose rows belong to another window than its job's; None if they do not."""
    window = handle.page.window
    try:
        check_rows(handle, answer)
    except MismatchError as error:
        return error
    if not homes.are_elsewhere(answer.rows, window):
        return None
    return mismatch_error(handle.poll(), f"rows from {window}", "rows of another window of this export")
