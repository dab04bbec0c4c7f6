"""Pages on their way: what they ask for, and whether they are wanted."""

from __future__ import annotations

from sonnys_data_client.engine.export.pages import Work
from sonnys_data_client.engine.export.window_read import Scope, WindowRead
from sonnys_data_client.engine.jobs import Page
from sonnys_data_client.engine.report import WindowReport
from sonnys_data_client.engine.windows import Window

WINDOW = Window(0, 86_400, "MAIN")


def new_read() -> WindowRead:
    return WindowRead(Scope(WindowReport(WINDOW), 0, 9), WINDOW, 100)


def test_a_work_names_its_page() -> None:
    assert Work(new_read(), 3).page == Page(WINDOW, 3, 100)


def test_a_page_is_wanted_while_it_may_exist_and_its_read_lives() -> None:
    one = new_read()
    first, third = Work(one, 1), Work(one, 3)
    assert first.wanted
    assert not third.wanted
    one.pages_guessed = 3
    assert third.wanted
    one.accept(1, [{"id": 1}], 1, set())
    assert not third.wanted
    one.live = False
    assert not first.wanted


def test_any_page_reveals_the_size_until_one_has() -> None:
    one = new_read()
    first, second = Work(one, 1), Work(one, 2)
    assert first.reveals
    assert second.reveals
    one.accept(2, [], None, set())
    assert not first.reveals


def test_a_job_counts_as_polled_once_it_was_found_working() -> None:
    work = Work(new_read(), 1)
    assert work.never_polled()
    work.working_age_s = 1e-9
    assert not work.never_polled()
