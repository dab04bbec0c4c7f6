"""A file is replaced whole and durably, or not at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from sonnys_data_client.atomic import is_running, move, replacing

KILLED = """
import os, signal, sys
from pathlib import Path
from sonnys_data_client.atomic import replacing
with replacing(Path(sys.argv[1])) as part:
    part.write_text("half")
    part.with_name(f"{part.name}.ndjson").write_text("half of what becomes Parquet")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_file_is_replaced_whole_or_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_text("old")
    with pytest.raises(TypeError, match="data must be str"), replacing(target) as part:
        part.write_text(cast("str", 7))
    assert target.read_text() == "old"
    with replacing(target) as part:
        part.write_text("new")
        assert target.read_text() == "old"
    assert target.read_text() == "new"
    assert list(tmp_path.iterdir()) == [target]


def test_bytes_go_to_the_disk_before_the_name_and_the_folders_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "new" / "folder" / "file"
    target.parent.mkdir(parents=True)
    steps: list[str] = []

    def fsync(descriptor: int) -> None:
        here = {path.stat().st_ino: path for path in (tmp_path, *tmp_path.rglob("*"))}
        path = here[os.fstat(descriptor).st_ino].relative_to(tmp_path)
        steps.append(f"{path} {'new' if target.exists() else 'old'}")

    monkeypatch.setattr(os, "fsync", fsync)
    made = tmp_path / "made"
    made.write_text("new")
    move(made, target, top=tmp_path)
    assert steps == ["made old", "new/folder new", "new new", ". new"]
    steps.clear()
    with replacing(target) as part:
        part.write_text("newer")
    assert steps == [f"new/folder/.file.{os.getpid()}.part new", "new/folder new"]


@pytest.mark.machine_times
@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot be asked whether a process runs")
def test_what_a_killed_process_left_goes_and_nothing_else_does(tmp_path: Path) -> None:
    target = tmp_path / "it's [a] *?"
    killed = subprocess.run([sys.executable, "-c", KILLED, str(target)], check=False)
    assert killed.returncode == -signal.SIGKILL
    part, text = sorted(tmp_path.iterdir())
    gone = part.name.removeprefix(f".{target.name}.").removesuffix(".part")
    assert text.name == f"{part.name}.ndjson"
    assert (is_running(int(gone)), is_running(os.getpid())) == (False, True)
    others = {
        f".{target.name}.{os.getppid()}.part",  # it runs
        f".another.{gone}.part",
        f".{target.name}.{gone}.part2",
        f".{target.name}.today.part",
        f".{target.name}.{'9' * 30}.part",  # no number of a process
    }
    for name in others:
        (tmp_path / name).touch()
    (tmp_path / f".{target.name}.{gone.zfill(9)}.part").mkdir()  # nothing of ours: it stays, and is no trouble
    with replacing(target) as new:
        new.touch()
    assert {path.name for path in tmp_path.iterdir() if path.is_file()} == {target.name, *others}


def test_a_process_with_the_number_of_a_killed_one_starts_anew(tmp_path: Path) -> None:
    target = tmp_path / "file"
    mine = tmp_path / f".file.{os.getpid()}.part"
    mine.write_text("left")
    with replacing(target) as part:
        assert part == mine
        assert not mine.exists()
        part.write_text("new")
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.machine_times
def test_what_nobody_has_written_to_for_hours_goes_whoever_runs(tmp_path: Path) -> None:
    left, fresh = (tmp_path / f".file.{number}.part" for number in (os.getppid(), 1))
    for path in (left, fresh):
        path.touch()
    os.utime(left, (0, 0))
    with replacing(tmp_path / "file") as part:
        part.touch()
    assert sorted(path.name for path in tmp_path.iterdir()) == [fresh.name, "file"]


def test_a_folder_that_cannot_be_listed_can_still_be_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(_: Path) -> Iterator[Path]:
        raise PermissionError

    monkeypatch.setattr(Path, "iterdir", denied)
    with replacing(tmp_path / "file") as part:
        part.touch()
    assert (tmp_path / "file").exists()
