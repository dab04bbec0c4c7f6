"""The display of a `Progress`: for a person, and for a log."""

from __future__ import annotations

import io
import threading

import pytest
from rich.console import Console

from sonnys_data_client.cli.show import progress as module
from sonnys_data_client.cli.show.progress import View, counted, counts, share, shown, view_of
from sonnys_data_client.engine.progress import Progress
from tests.waiting import PATIENCE_S, wait_until


@pytest.fixture(autouse=True)
def look_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LOOK_EVERY_S", 0.005)


def console(*, is_terminal: bool, width: int = 80) -> tuple[Console, io.StringIO]:
    file = io.StringIO()
    return Console(file=file, force_terminal=is_terminal, force_interactive=is_terminal, width=width), file


def test_a_job_in_flight_is_half_a_page() -> None:
    assert share(Progress(windows=1, pages_known=10, pages_done=2, in_flight=4)) == 0.4
    assert share(Progress(windows=1, pages_known=10, pages_done=10)) == 1.0


def test_no_share_is_claimed_before_the_first_page() -> None:
    """How many pages there are is a guess until then, even where an earlier run has taught it."""
    assert share(Progress()) is None
    assert share(Progress(windows=3, pages_known=3, in_flight=3)) is None
    assert share(Progress(windows=3, pages_known=30, in_flight=9)) is None
    assert share(Progress(windows=3, pages_known=30, pages_done=1, in_flight=4)) == 0.1


def test_without_a_share_a_person_sees_counters_and_no_percentage() -> None:
    screen, file = console(is_terminal=True, width=60)
    with shown(lambda: view_of(Progress(windows=1, pages_known=1, in_flight=1)), screen):
        wait_until(lambda: "in flight" in file.getvalue())
    assert "0 of 1 page, 0 rows" in file.getvalue()
    assert "%" not in file.getvalue()


def test_windows_are_told_only_where_there_are_several() -> None:
    assert counts(Progress(windows=1))[0] == "0 of 0 pages"
    assert counts(Progress(windows=1, pages_known=1, rows=1, requests=1))[:3] == ["0 of 1 page", "1 row", "1 request"]
    assert counts(Progress(windows=30, windows_done=2))[0] == "2 of 30 windows"


def test_a_log_gets_a_plain_line_a_step() -> None:
    progress = Progress(windows=1, pages_known=40, seconds_left=3725)
    log, file = console(is_terminal=False, width=60)
    seen: list[int] = []

    def look() -> View:
        seen.append(progress.pages_done)
        return view_of(progress)

    with shown(look, log):
        for progress.pages_done in range(41):
            progress.rows = 100 * progress.pages_done
            wait_until(lambda: progress.pages_done in seen)
    text = file.getvalue()
    lines = text.splitlines()
    assert 2 <= len(lines) <= 10
    assert (
        lines[-1] == "100%: 40 of 40 pages, 4,000 rows, 0 requests, 0 refused (429), 0 in flight, about 1 h 2 min left"
    )
    assert text.isprintable() or set(text) - {"\n"} == set(filter(str.isprintable, text))


def test_a_log_gets_a_line_whenever_the_step_grows() -> None:
    views = [
        View(0.0, ["nothing"]),
        View(0.9, ["tenths"], step=(0, 9)),
        View(0.95, ["the same"], step=(0, 9)),
        View(0.1, ["something new"], "about 5 s left", step=(1, 1)),
        View(0.9, ["gone back"], step=(0, 9)),
    ]
    all_seen = threading.Event()

    def look() -> View:
        if len(views) == 1:
            all_seen.set()
        return views.pop(0) if len(views) > 1 else views[0]

    log, file = console(is_terminal=False)
    with shown(look, log):
        assert all_seen.wait(PATIENCE_S)
    assert file.getvalue().splitlines() == ["90%: tenths", "10%: something new, about 5 s left"]


def test_a_person_sees_bar_counts_and_note_and_nothing_stays() -> None:
    progress = Progress(windows=1, pages_known=4, pages_done=1, rows=1234, requests=5, in_flight=2, seconds_left=70)
    screen, file = console(is_terminal=True, width=60)
    with shown(lambda: view_of(progress), screen, note=lambda: "Waiting for rain."):
        wait_until(lambda: "rain" in file.getvalue())
    text = file.getvalue()
    for words in ("50%", "about 1 min 10 s left", "1 of 4 pages", "1,234 rows", "Waiting for rain."):
        assert words in text
    assert text.endswith("\x1b[2K"), "the last thing is that the display's lines are cleared"


@pytest.mark.parametrize("is_terminal", [True, False])
def test_an_error_gets_through_and_the_display_ends(is_terminal: bool) -> None:
    with pytest.raises(KeyboardInterrupt), shown(lambda: view_of(Progress()), console(is_terminal=is_terminal)[0]):
        raise KeyboardInterrupt


def test_a_log_hears_of_a_list_whenever_it_has_doubled() -> None:
    log, file = console(is_terminal=False)
    assert list(counted(range(5000), log)) == list(range(5000))
    assert file.getvalue().splitlines() == ["1,000 rows", "2,000 rows", "4,000 rows"]


def test_a_person_sees_a_list_grow_and_nothing_stays() -> None:
    screen, file = console(is_terminal=True)
    rows = counted(range(3), screen)
    assert [next(rows), next(rows)] == [0, 1]
    wait_until(lambda: "2 rows" in file.getvalue())
    rows.close()  # whoever reads may stop
    assert file.getvalue().endswith("\x1b[2K")
