"""What a command keeps for itself is its user's alone; what the user asked for follows the umask."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sonnys_data_client.cli import main
from tests.cli.conftest import Counter

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows has no modes")


@pytest.fixture(autouse=True, params=[0o000, 0o027])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def modes_below(root: Path) -> set[int]:
    return {stat.S_IMODE(path.stat().st_mode) for path in [root, *root.rglob("*")] if path.name != "lock"}


@pytest.mark.parametrize(("words", "modes"), [([], {0o700, 0o600}), (["--shared"], {0o2750, 0o640})])
def test_a_sync_makes_an_archive_that_nobody_else_may_open(
    words: list[str],
    modes: set[int],
    tmp_path: Path,
    counter: Callable[..., Counter],
    capsys: pytest.CaptureFixture[str],
) -> None:
    counter(cars_per_day=10, sites=1)
    place = str(tmp_path / "archive")
    assert main(["sync", "--since", "yesterday", "--table", "customers", "--archive", place, *words]) == 0
    assert modes_below(tmp_path / "archive") == modes
    capsys.readouterr()
    assert main(["archive", "check", "--archive", place]) == 0
    Path(place).chmod(0o777)
    assert main(["archive", "check", "--archive", place]) == 1
    said = capsys.readouterr()
    assert said.out.startswith("the archive's folder can be opened by others than its owner")
    assert "hint: Run sonnys archive repair, which closes it; sonnys sync --shared" in said.err
    assert main(["archive", "repair", "--archive", place]) == 0
    assert "1 file or folder is closed to other users now." in capsys.readouterr().err
    assert modes_below(tmp_path / "archive") == modes


@pytest.mark.parametrize("ending", ["csv", "json", "ndjson", "xlsx", "parquet"])
def test_a_file_that_was_asked_for_follows_the_umask(
    ending: str, umask: int, tmp_path: Path, counter: Callable[..., Counter]
) -> None:
    counter(cars_per_day=10, sites=1)
    (tmp_path / "out").mkdir()
    exported, got = (tmp_path / "out" / f"{name}.{ending}" for name in ("exported", "got"))
    assert main(["export", "yesterday", "--out", str(exported)]) == 0
    assert main(["get", "customers", "--out", str(got)]) == 0
    assert [stat.S_IMODE(path.stat().st_mode) for path in (exported, got)] == [0o666 & ~umask] * 2
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [exported.name, got.name]
