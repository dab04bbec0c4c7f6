"""`sonnys sync`: what it prints, what it keeps, and its exit codes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sonnys_data_client import SonnysClient, sync
from sonnys_data_client.archive import Archive
from sonnys_data_client.cli import main
from sonnys_data_client.cli.commands.sync.run import view_of_sync
from sonnys_data_client.cli.show import progress
from sonnys_data_client.engine.wire import Request, Response
from sonnys_data_client.sandbox import Faults
from sonnys_data_client.sandbox.faults import Scripted
from sonnys_data_client.sync import SyncProgress, SyncReport, runner
from sonnys_data_client.sync.lists import TableCall, read_list
from tests.cli.conftest import Archived, Counter
from tests.sandbox.rig import SUBMIT
from tests.waiting import wait_until

Open = Callable[..., Counter]
SMALL = {"cars_per_day": 40, "sites": 1}
WORDS = ["sync", "--since", "last-2-days", "--only-transactions"]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SONNYS_ARCHIVE", str(tmp_path / "archive"))
    return tmp_path / "archive"


def ids(place: Path) -> set[str]:
    with Archive(place).sql("SELECT id FROM transactions") as answer:
        return {id_ for (id_,) in answer.fetchall()}


def test_a_sync_fills_the_archive_and_says_what_it_did(
    place: Path, counter: Open, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = counter(**SMALL)
    assert main(WORDS) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert f"Syncing main into {place}.\n" in said.err
    assert "3 days to read: about " in said.err
    assert "3 of 3 days archived: " in said.err
    start = 1_795_435_200 - 43_200 - 2 * 86_400
    assert ids(place) == {row.id for row in opened.sandbox.truth(start, start + 216_000 - 600, as_of=opened.wall)}


def test_a_plan_costs_one_request_and_makes_nothing(
    place: Path, counter: Open, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = counter(**SMALL)
    assert main([*WORDS, "--plan"]) == 0
    assert capsys.readouterr().out.startswith("3 days to read: about ")
    assert opened.paths == ["/site/list"], "for the number of sites, and their zones"
    assert not place.exists()


@pytest.mark.parametrize("words", [["--max-requests", "0"], ["--max-minutes", "nan"], ["--account", ""]])
def test_what_makes_no_sense_is_said_before_all_else(
    words: list[str], place: Path, counter: Open, capsys: pytest.CaptureFixture[str]
) -> None:
    counter(**SMALL)
    assert main([*WORDS, *words]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"sonnys: {words[0]} '{words[1]}' ")
    assert said.count("\n") == 1 + said.count("\nhint: ")
    assert not place.exists()


def test_a_budget_stops_it_and_the_next_run_goes_on(
    place: Path, counter: Open, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = counter(**SMALL)
    assert main([*WORDS, "--max-requests", "5"]) == 0
    said = capsys.readouterr().err
    assert "Stopped: " in said
    assert "hint: Go on with: sonnys sync --since last-2-days --only-transactions --max-requests 5\n" in said
    assert len(opened.paths) <= 1 + 5, "one is for the plan"
    assert main(WORDS) == 0
    assert "days archived: " in capsys.readouterr().err


def test_days_that_could_not_be_read_whole_are_a_failure(
    place: Path, counter: Open, capsys: pytest.CaptureFixture[str]
) -> None:
    noon = str(1_795_435_200 - 86_400)
    early = Scripted("job_fail", SUBMIT, lambda asked: dict(asked.query)["endDate"] <= noon, times=10**6)
    counter(**SMALL, faults=Faults(script=(early,)))
    assert main(WORDS) == 1
    said = capsys.readouterr().err
    assert "sonnys: Not read whole: 1 day (2026-11-2" in said
    assert "The rows that came are archived.\nhint: Run it again later: the next sync reads these again.\n" in said


def test_ctrl_c_says_what_is_put_away_and_how_to_go_on(
    place: Path, counter: Open, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    counter(**SMALL)

    def interrupted(*_: Any, progress: SyncProgress, **_more: Any) -> None:
        progress.days, progress.days_done = 8, 3
        raise KeyboardInterrupt

    monkeypatch.setattr(sync, "run", interrupted)
    assert main(WORDS) == 130
    assert capsys.readouterr().err.endswith(
        "sonnys: Stopped: 3 of 8 days are archived, and what came of other days is kept.\n"
        "hint: Run it again with: sonnys sync --since last-2-days --only-transactions\n"
    )


def test_two_at_once_is_said(place: Path, counter: Open, capsys: pytest.CaptureFixture[str]) -> None:
    counter(**SMALL)
    with Archive(place).writing():
        assert main(WORDS) == 1
    assert "sonnys: " in capsys.readouterr().err


def test_a_folder_of_something_else_is_refused(place: Path, counter: Open, capsys: pytest.CaptureFixture[str]) -> None:
    opened = counter(**SMALL)
    place.mkdir()
    (place / "holiday.jpg").touch()
    assert main(WORDS) == 1
    assert "is not an archive, and not empty" in capsys.readouterr().err
    assert opened.paths == []


def test_closed_days_are_counted_again_and_what_came_of_that_is_said(
    place: Path, counter: Open, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = counter(**SMALL)
    words = ["sync", "--since", "2026-11-15", "--only-transactions"]
    assert main(words) == 0
    assert "counted again" not in capsys.readouterr().err
    simulation = opened.clients[-1].simulation
    simulation.at(simulation.now + 3600, lambda: None)
    simulation.run()
    assert main([*words, "--no-recount"]) == 0
    assert "counted again" not in capsys.readouterr().err
    assert main([*words, "--audit"]) == 0
    said = capsys.readouterr().err
    assert ", 5 closed days to count again, 5 days to compare with the list: about " in said
    assert "5 closed days were compared with the server's list: nothing has changed.\n" in said
    assert "5 closed days were counted again: the server has as many rows as the archive.\n" in said


def test_other_tables_come_too(place: Path, counter: Open, capsys: pytest.CaptureFixture[str]) -> None:
    counter(**SMALL)
    assert main(["sync", "--since", "yesterday", "--table", "sites", "--table", "customers"]) == 0
    said = capsys.readouterr().err
    assert "other tables, cost not known yet: sites, customers\n" in said
    assert " transactions, 1 sites, " in said
    assert main(["sql", "SELECT code FROM sites"]) == 0
    assert capsys.readouterr().out == '{"code": "MAIN"}\n'


def test_a_log_gets_a_line_for_each_table(place: Path, counter: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    counter(**SMALL)
    monkeypatch.setattr(progress, "_LOOK_EVERY_S", 0.005)
    lines: list[str] = []
    monkeypatch.setattr(progress, "say", lambda _, text: lines.append(text))

    def watched(client: SonnysClient, call: TableCall, *more: Any) -> Any:
        wait_until(lambda: any(line.endswith(f"now {call.table.name}") for line in lines))
        return read_list(client, call, *more)

    monkeypatch.setattr(runner, "read_list", watched)
    assert main(["sync", "--since", "yesterday", "--table", "sites", "--table", "items"]) == 0
    first, second, *_, last = [line for line in lines if " other tables, " in line]
    assert first.startswith("0%: 0 of 2 other tables, 0 rows, ")
    assert second.startswith("50%: 1 of 2 other tables, 1 row, ")
    assert second.endswith(" requests in all, now items")
    assert last.startswith("100%: 2 of 2 other tables, ")
    assert last.endswith(" requests in all")


def test_while_other_tables_are_read_the_view_is_of_them() -> None:
    counters = SyncProgress(days=3, days_done=3, table="recurring_accounts", tables=11, tables_done=5, rows=4200)
    counters.budget.spent = 1234
    view = view_of_sync(counters)
    assert view.share == 5 / 11
    assert view.phrases == ["5 of 11 other tables", "4,200 rows", "1,234 requests in all", "now recurring accounts"]
    counters.rows = 7999
    assert view_of_sync(counters).step == view.step, "in a log, a long table tells when the rows have doubled"
    counters.rows = 8000
    assert view_of_sync(counters).step > view.step
    counters.tables_done = 6
    assert view_of_sync(counters).step > view.step
    assert view_of_sync(SyncProgress(days=3, tables=1)).step > view_of_sync(SyncProgress(days=3)).step


def test_a_table_that_the_server_does_not_give_is_told(
    place: Path, counter: Open, capsys: pytest.CaptureFixture[str]
) -> None:
    def without(request: Request, response: Response) -> Response:
        return Response(403, b'{"type": "NotAuthorizedError"}') if request.path == "/customer" else response

    opened = counter(tamper=without)
    assert main(["sync", "--since", "yesterday", "--table", "customers"]) == 1
    said = capsys.readouterr().err
    assert "Not read whole: customers (GET /customer answered 403" in said
    assert "To leave out a table that the server refuses, name the others with --table." in said
    assert "/customer" in opened.paths


def test_a_server_that_answers_with_less_is_an_alarm_and_costs_no_row(
    archived: Archived, disputed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "sonnys: No row has left the archive, but transactions of main on 2026-11-21 is disputed (no row" in disputed
    assert disputed.endswith("and sonnys archive accept DAY lets go of them.\n")
    assert len(ids(archived.place)) > 50
    assert main(["status", "--warn-days", "0"]) == 3
    said = capsys.readouterr()
    assert "! 3 disputed" in said.out
    assert "is disputed (no row came: 0 rows came, and the archive has " in said.err
    assert "hint: If the rows come again, the next sync settles it." in said.err


def test_what_could_not_be_read_comes_before_what_is_disputed(
    archived: Archived, disputed: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SyncReport, "failed_tables", property(lambda _: {"items": "it failed."}, lambda *_: None))
    assert disputed
    assert main(WORDS) == 1
    said = capsys.readouterr().err
    assert "No row has left the archive, but " in said
    assert "sonnys: Not read whole: items (it failed)" in said
    assert archived.place.exists()
