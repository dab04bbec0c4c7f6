"""One job by hand: submit it, ask for its status, read its rows; by handle and by hash."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sonnys_data_client.cli import main
from tests.cli.conftest import Counter
from tests.sandbox.rig import FETCH, SUBMIT

Open = Callable[..., Counter]


def run(*words: str) -> int:
    return main(["job", *words])


def test_a_job_from_its_submission_to_its_rows(
    counter: Open, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = counter(job_s=30)
    assert run("submit", "2026-11-22", "--timezone", "UTC") == 0
    handle = tmp_path / "job.json"
    handle.write_text(capsys.readouterr().out)
    hash_ = json.loads(handle.read_text())["hash"]
    assert run("status", "--handle", str(handle)) == 0
    assert run("status", hash_) == 0
    assert capsys.readouterr().out == "working\nworking\n"
    assert run("result", hash_) == 2
    assert (
        "The job has not passed; its status is working.\nhint: Run it again later, or give" in capsys.readouterr().err
    )
    assert run("result", "--handle", str(handle)) == 0
    said = capsys.readouterr()
    rows = [json.loads(line) for line in said.out.splitlines()]
    assert said.err == f"{len(rows)} rows.\n"
    assert len(rows) > 0
    assert run("result", hash_) == 0
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == rows
    assert opened.paths.count(SUBMIT) == 1


def test_the_page_and_the_site_are_asked_for(counter: Open) -> None:
    opened = counter()
    assert run("submit", "2026-11-22T06:00..2026-11-22T08:00", "--site", "MAIN", "--page", "3", "--limit", "2") == 0
    query = dict(next(entry.query for entry in opened.sandbox.log if entry.path == SUBMIT))
    assert (query["site"], query["offset"], query["limit"]) == ("MAIN", "3", "2")
    assert int(query["endDate"]) - int(query["startDate"]) == 2 * 3600 + 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("yesterday --page 0", "--page '0' must be a page number from 1 up."),
        ("yesterday --limit 101", "--limit '101' must be a whole number from 1 to 100."),
        ("2026-11-20..2026-11-21 --timezone UTC", "hint: Give 2026-11-20 alone, and submit a job for each day;"),
        ("soon", "must be a date or range such as"),
    ],
)
def test_what_is_wrong_costs_no_request(
    words: str, said: str, counter: Open, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = counter()
    assert run("submit", *words.split()) == 2
    assert said in capsys.readouterr().err
    assert opened.paths == []


@pytest.mark.parametrize("text", ["", "nonsense", "[]", '{"hash": 3}', "\x80"])
def test_what_is_no_handle_is_refused(
    text: str, counter: Open, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = counter()
    handle = tmp_path / "job.json"
    handle.write_text(text, encoding="latin-1")
    assert run("result", "--handle", str(handle)) == 2
    assert (
        f"--handle '{handle}' does not hold a job's handle.\nhint: Give a file with what sonnys job submit"
        in capsys.readouterr().err
    )
    assert opened.paths == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("status", "No job was named.\nhint: Give its HASH, or the file of its handle with --handle."),
        ("status abc --handle job.json", "HASH and --handle both name a job.\nhint: Leave one of the two out."),
        ("result --handle no/job.json", "no/job.json: No such file or directory."),
    ],
)
def test_it_must_be_said_which(words: str, said: str, counter: Open, capsys: pytest.CaptureFixture[str]) -> None:
    opened = counter()
    assert run(*words.split()) == 2
    assert capsys.readouterr().err == f"sonnys: {said}\n"
    assert opened.paths == []


def test_a_hash_that_nobody_knows(counter: Open, capsys: pytest.CaptureFixture[str]) -> None:
    opened = counter()
    assert run("status", "0123") == 1
    assert "The server does not have this job, or no longer" in capsys.readouterr().err
    assert opened.paths == [FETCH]


def test_a_job_covers_a_day_at_most(counter: Open, capsys: pytest.CaptureFixture[str]) -> None:
    opened = counter()
    assert run("submit", "last-7-days", "--timezone", "UTC") == 2
    assert "one job covers at most 24 hours" in capsys.readouterr().err
    assert opened.paths == []
