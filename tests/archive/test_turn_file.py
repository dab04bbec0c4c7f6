"""Runs that change a file of all accounts take turns."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from sonnys_data_client.archive import turn_file
from sonnys_data_client.archive.files import files_at
from sonnys_data_client.archive.mark import Mark, change_mark, read_mark, write_mark
from sonnys_data_client.archive.turn_file import taking_turns
from sonnys_data_client.errors import ArchiveError


def test_threads_that_change_one_file_lose_no_change(tmp_path: Path) -> None:
    files = files_at(tmp_path)
    write_mark(files, Mark(oldest_layout=0))
    begin = threading.Barrier(8)

    def add() -> None:
        begin.wait()
        for _ in range(5):
            done: list[Mark] = []

            def one_more(mark: Mark, done: list[Mark] = done) -> Mark:
                if not done:
                    done.append(Mark(oldest_layout=mark.oldest_layout + 1))
                return done[0]

            change_mark(files_at(tmp_path), one_more)

    threads = [threading.Thread(target=add) for _ in range(begin.parties)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read_mark(files).oldest_layout == 8 * 5


def test_whoever_takes_too_long_is_no_reason_to_wait_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn_file, "_TURN_S_MAX", 0.05)
    files = files_at(tmp_path)
    with taking_turns(files), pytest.raises(ArchiveError, match="has been changing"), taking_turns(files):
        pass
