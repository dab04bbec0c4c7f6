"""The progress of many accounts: a line each, and never more than there is room for."""

from __future__ import annotations

import io

from rich.console import Console

from sonnys_data_client.cli.commands.sync.lines import _picture, shown_lines
from sonnys_data_client.cli.commands.sync.run import view_of_sync
from sonnys_data_client.cli.show.progress import View
from sonnys_data_client.sync import SyncProgress
from sonnys_data_client.sync.fleet import FleetAccount, State
from tests.waiting import wait_until


def account(name: str, state: State) -> FleetAccount:
    return FleetAccount(name, state=state)


def picture(accounts: list[FleetAccount], height: int) -> list[str]:
    file = io.StringIO()
    Console(file=file, width=60).print(_picture(accounts, lambda _: View(0.5, ["3 of 6 pages", "300 rows"]), height))
    return [line.rstrip() for line in file.getvalue().splitlines()]


def test_those_that_run_have_a_line_each_as_far_as_there_is_room() -> None:
    accounts = [
        account("done-1", "done"),
        *(account(f"west-{n}", "running") for n in range(5)),
        account("z", "waiting"),
    ]
    shown = picture(accounts, 10)
    assert [line.split()[0] for line in shown[:-1]] == [f"west-{n}" for n in range(5)]
    assert "50%" in shown[0]
    assert shown[-1] == "1 of 7 accounts"
    shown = picture(accounts, 2)
    assert len(shown) == 3
    assert shown[-1].startswith("1 of 7 accounts; 3 more")


def test_a_log_gets_a_line_for_each_step_of_each_account() -> None:
    accounts = [account("east", "running"), account("west", "running"), account("north", "waiting")]
    file = io.StringIO()

    def look(progress: SyncProgress) -> View:
        return View(0.1 * progress.days_done, [f"{progress.days_done} days"], step=(0, progress.days_done))

    with shown_lines(accounts, look, Console(file=file, width=60)):
        accounts[0].progress.days_done = 3
        wait_until(lambda: "east" in file.getvalue())
        accounts[1].progress.days_done = 1
    assert file.getvalue().splitlines() == ["east: 30%: 3 days", "west: 10%: 1 days"]


def test_an_account_that_has_not_begun_can_be_shown() -> None:
    assert view_of_sync(SyncProgress()).share is None
