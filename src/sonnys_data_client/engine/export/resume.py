"""Which of the jobs that an earlier run left are still of use. Sends nothing and strikes nothing out.

A job without an answer is of use as long as the server has its result. An answer that was kept with its job is of use
in one of two cases:

* It is younger than the server's own cache. Asked again, the server might have repeated it, so it may stand beside
  fresh pages of its window.
* All pages of its window were kept, and together they settle it. They are one reading that came to its end, whenever
  that was.

Any other is a page of another time. Beside fresh ones it could hold a row that was withdrawn since while a fresh page
lacks one that has moved up: the total and the number of ids may agree by luck, and the window be proved wrongly.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sonnys_data_client.engine.export.window_read import Reading, Scope
from sonnys_data_client.engine.jobs import CACHE_S, Handle
from sonnys_data_client.engine.report import WindowReport
from sonnys_data_client.engine.windows import Window

_LIVE_S = CACHE_S - 90.0
"""How long a job is polled that another run submitted: its result must not be lost before all is asked."""


class Sifted(NamedTuple):
    """Kept jobs, each in the order in which they came.

    Attributes:
        useful: To go on with.
        useless: To strike out.
    """

    useful: list[Handle]
    useless: list[Handle]


def sift(handles: Iterable[Handle], limits: Mapping[Window, int], wall: float) -> Sifted:
    """Tell the jobs that are of use to this run from the others.

    Args:
        handles: What an earlier run left.
        limits: The windows that this run reads, and how many rows it wants on a page of each.
        wall: Epoch seconds at which it begins.
    """
    found = Sifted([], [])
    answered: dict[Window, list[Handle]] = defaultdict(list)
    ours: list[Handle] = []
    for handle in handles:
        window = handle.page.window
        if handle.page.limit == limits.get(window) and wall >= handle.submitted_at:
            ours.append(handle)
            if handle.answer is not None:
                answered[window].append(handle)
        else:
            found.useless.append(handle)
    settled = {window for window, pages in answered.items() if _settle(window, pages)}
    for handle in ours:
        bound_s = _LIVE_S if handle.answer is None else CACHE_S
        proved = handle.answer is not None and handle.page.window in settled
        useful = proved or wall - handle.submitted_at < bound_s
        (found.useful if useful else found.useless).append(handle)
    return found


def _settle(window: Window, handles: list[Handle]) -> bool:
    """Whether these answers are all of a window's pages, and prove it whole."""
    trial = Reading(Scope(WindowReport(window), 0, 0), window, handles[0].page.limit)
    for handle in handles:
        if handle.answer is not None:
            trial.accept(handle.page.number, handle.answer.rows, handle.answer.total, set())
    return trial.all_in and trial.torn() is None
