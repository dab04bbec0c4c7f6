"""The order in which pages are submitted."""

from __future__ import annotations

from itertools import pairwise

from sonnys_data_client.engine.export.pages import Work
from sonnys_data_client.engine.export.queue import PageQueue
from sonnys_data_client.engine.export.window_read import Scope, WindowRead
from sonnys_data_client.engine.jobs import Handle
from sonnys_data_client.engine.report import WindowReport
from sonnys_data_client.engine.windows import Window


def works(index: int, pages: int = 1) -> list[Work]:
    window = Window(index * 86_400, (index + 1) * 86_400)
    read = WindowRead(Scope(WindowReport(window), index, 9), window, 100, pages_known=pages)
    return [Work(read, number) for number in range(1, pages + 1)]


def queue_of(*pieces: Work) -> PageQueue:
    queue = PageQueue()
    for work in pieces:
        queue.add(work)
    return queue


def drain(queue: PageQueue, oldest_open: int = 0) -> list[tuple[int, int]]:
    order: list[tuple[int, int]] = []
    while (work := queue.fresh(oldest_open)) is not None:
        queue.take(work)
        order.append((work.read.scope.index, work.number))
    return order


def test_first_pages_come_first_then_the_oldest_window() -> None:
    old, new = works(0, 3), works(1, 2)
    assert drain(queue_of(*new, *old)) == [(0, 1), (1, 1), (0, 2), (0, 3), (1, 2)]


def test_first_pages_far_ahead_wait_for_the_oldest_window() -> None:
    far = works(300)[0]
    later = works(0, 2)[1]
    queue = queue_of(far, later)
    assert queue.fresh(0) is later
    assert queue.fresh(100) is far
    queue.take(far)
    queue.take(later)
    assert queue.fresh(0) is None


def test_nothing_else_is_open_beside_a_far_window() -> None:
    queue = queue_of(works(300)[0])
    assert queue.fresh(0) is None
    assert queue.fresh(49) is None
    assert queue.fresh(50) is not None


def test_pages_that_turned_out_not_to_exist_are_passed_over() -> None:
    first, second, third = works(0, 3)
    queue = queue_of(first, second, third)
    first.read.accept(1, [{"id": 1}], 1, set())
    assert drain(queue) == [(0, 1)]


def test_pages_of_a_read_that_was_given_up_are_passed_over() -> None:
    gone, stays = works(0, 2), works(1)
    queue = queue_of(*gone, *stays)
    gone[0].read.live = False
    assert drain(queue) == [(1, 1)]


def test_a_page_to_be_asked_for_again_waits_for_its_time() -> None:
    queue = PageQueue()
    soon, late = works(0)[0], works(1)[0]
    soon.due_at, late.due_at = 5.0, 9.0
    queue.add_again(late)
    queue.add_again(soon)
    assert queue.again(4.9) is None
    assert queue.again_at() == 5.0
    assert queue.again(5.0) is soon
    queue.take(soon)
    assert queue.again(5.0) is None
    assert queue.again_at() == 9.0


def test_a_page_to_be_asked_for_again_may_no_longer_be_wanted() -> None:
    queue = PageQueue()
    work = works(0)[0]
    queue.add_again(work)
    work.read.live = False
    assert queue.again(100.0) is None
    assert queue.again_at() is None


def test_pages_that_have_a_job_already_leave_the_queue() -> None:
    pieces = [works(index)[0] for index in range(4)]
    queue = queue_of(*pieces)
    pieces[0].handle = Handle("a", pieces[0].page, 0.0)
    pieces[2].handle = Handle("b", pieces[2].page, 0.0)
    assert queue.first_pages() == pieces[:1] + [work for work in queue.first_pages() if work is not pieces[0]]
    queue.drop_submitted()
    assert drain(queue) == [(1, 1), (3, 1)]


def test_the_queue_knows_its_length() -> None:
    queue = queue_of(*works(0, 3))
    queue.add_again(works(1)[0])
    assert len(queue) == 4
    lengths = [len(queue)]
    while (work := queue.again(0.0) or queue.fresh(0)) is not None:
        queue.take(work)
        lengths.append(len(queue))
    assert all(after == before - 1 for before, after in pairwise(lengths))
    assert lengths[-1] == 0


def test_no_page_of_a_window_beyond_the_lookahead_is_submitted() -> None:
    """A count may reveal later pages of a window before its first page is submitted."""
    queue = PageQueue(lookahead=1)
    first, second = works(1, 2)
    far_first, far_second = works(2, 2)
    for work in (first, second, far_first, far_second):
        queue.add(work)
    assert drain(queue) == [(1, 1), (1, 2)]
    assert drain(queue, 1) == [(2, 1), (2, 2)]
