"""Which of the jobs that an earlier run left are still of use. Sends nothing and strikes no handle out.

A job without a kept answer is of use as long as the server has its result. A kept answer is of use in two cases:

* It is younger than the server's cache lasts. Asked again, the server might have given the same answer, so the page may
  stand beside fresh pages of its window.
* All pages of its window were kept, and together they prove it whole. Then they are one finished read, however old.

The jobs of another account are that account's to go on with. Nobody else polls them, takes their pages or strikes them
out, even if both accounts keep their jobs in one place.

Any other kept answer is a page of another time. Beside fresh pages it could hold a row that was withdrawn since, while
a fresh page lacks one that has moved up. Then the total and the number of ids may agree by chance, and the window would
be proved wrongly.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sonnys_data_client.engine.export.window_read import Scope, WindowRead
from sonnys_data_client.engine.jobs import Handle
from sonnys_data_client.engine.report import WindowReport
from sonnys_data_client.engine.windows import CACHE_S, Window

_LIVE_S = CACHE_S - 90.0
"""Until what age a job of another run is polled: 90 s less than results live, so that none is lost meanwhile."""


class Sifted(NamedTuple):
    """Kept jobs, in the order in which they came.

    Attributes:
        useful: To go on with.
        useless: To strike out. Another account's jobs are in neither list.
    """

    useful: list[Handle]
    useless: list[Handle]


def sift(handles: Iterable[Handle], limits: Mapping[Window, int], wall: float, owner: str) -> Sifted:
    """Split the kept jobs into those that are of use to this run and the others.

    Args:
        handles: What an earlier run left.
        limits: The windows that this run reads, and how many rows it wants on a page of each.
        wall: Epoch seconds at which it begins.
        owner: Digest of the account that runs it.
    """
    found = Sifted([], [])
    answered: dict[Window, list[Handle]] = defaultdict(list)
    ours: list[Handle] = []
    for handle in handles:
        window = handle.page.window
        if handle.owner != owner:
            continue
        if handle.page.limit == limits.get(window) and wall >= handle.submitted_at:
            ours.append(handle)
            if handle.answer is not None:
                answered[window].append(handle)
        else:
            found.useless.append(handle)
    whole = {window for window, pages in answered.items() if _prove(window, pages)}
    for handle in ours:
        bound_s = _LIVE_S if handle.answer is None else CACHE_S
        proved = handle.answer is not None and handle.page.window in whole
        useful = proved or wall - handle.submitted_at < bound_s
        (found.useful if useful else found.useless).append(handle)
    return found


def _prove(window: Window, handles: list[Handle]) -> bool:
    """Whether these answers are all pages of a window, and prove it whole."""
    trial = WindowRead(Scope(WindowReport(window), 0, 0), window, handles[0].page.limit)
    for handle in handles:
        if handle.answer is not None:
            answer = handle.answer
            trial.accept(handle.page.number, answer.rows, answer.total, set(), answer.size)
    return trial.all_in and trial.torn() is None
