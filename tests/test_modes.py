"""What this package makes is its owner's, whatever the umask."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from sonnys_data_client import modes
from sonnys_data_client.modes import GROUP, OWNER, keeps_modes, make_file, make_folder, own_file, set_mode

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows has no modes")


@pytest.fixture(params=[0o000, 0o022, 0o077, 0o777])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("umask")
def test_modes_do_not_depend_on_the_umask(tmp_path: Path) -> None:
    for access, folder, file in ((OWNER, 0o700, 0o600), (GROUP, 0o2750, 0o640)):
        top = tmp_path / f"{folder}"
        make_folder(top / "a" / "b", access)
        assert [mode(path) for path in (top, top / "a", top / "a" / "b")] == [folder] * 3
        make_file(top / "new", access)
        own_file(top / "other", access)
        assert [mode(top / "new"), mode(top / "other")] == [file, file]


def test_what_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a").chmod(0o755)
    make_folder(tmp_path / "a" / "b")
    make_folder(tmp_path / "a" / "b")
    assert (mode(tmp_path / "a"), mode(tmp_path / "a" / "b")) == (0o755, 0o700)
    (tmp_path / "file").write_text("text")
    (tmp_path / "file").chmod(0o666)
    with pytest.raises(FileExistsError):
        make_file(tmp_path / "file")
    own_file(tmp_path / "file")
    assert ((tmp_path / "file").read_text(), mode(tmp_path / "file")) == ("text", 0o600)
    with pytest.raises(FileExistsError):
        make_folder(tmp_path / "file")
    with pytest.raises(NotADirectoryError):
        make_folder(tmp_path / "file" / "b")


def test_a_link_that_somebody_placed_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError):
        make_file(tmp_path / "link")
    assert not (tmp_path / "elsewhere").exists()
    (tmp_path / "elsewhere").write_text("")
    (tmp_path / "elsewhere").chmod(0o644)
    assert not set_mode(tmp_path / "link", OWNER)
    assert mode(tmp_path / "elsewhere") == 0o644


@pytest.mark.parametrize(
    ("bits", "owner", "group"),
    [
        (stat.S_IFREG | 0o600, False, False),
        (stat.S_IFREG | 0o640, True, False),
        (stat.S_IFREG | 0o644, True, True),
        (stat.S_IFREG | 0o660, True, True),
        (stat.S_IFDIR | 0o2750, True, False),
        (stat.S_IFDIR | 0o701, True, True),
        (stat.S_IFDIR | 0o500, False, False),
    ],
)
def test_a_mode_is_too_open_if_it_lets_somebody_in(bits: int, owner: bool, group: bool) -> None:
    assert (OWNER.is_exceeded_by(bits), GROUP.is_exceeded_by(bits)) == (owner, group)


def test_a_file_of_another_user_and_a_missing_one_are_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError("not yours")

    assert not set_mode(tmp_path / "none", OWNER)
    monkeypatch.setattr(Path, "chmod", refuse)
    assert not set_mode(tmp_path / "file", OWNER)


def test_a_file_system_without_modes_is_told_by_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert keeps_modes(tmp_path / "tried")
    make = modes.make_file

    def as_fat(path: Path, access: modes.Access = OWNER) -> None:
        make(path, access)
        path.chmod(0o755)

    monkeypatch.setattr(modes, "make_file", as_fat)
    assert not keeps_modes(tmp_path / "tried")
    assert list(tmp_path.iterdir()) == []


def test_windows_gets_no_modes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(modes, "_POSIX", False)
    before = os.umask(0o022)
    try:
        make_folder(tmp_path / "a" / "b")
    finally:
        os.umask(before)
    assert mode(tmp_path / "a" / "b") == 0o755
    assert not set_mode(tmp_path / "a", OWNER)
    assert not keeps_modes(tmp_path / "tried")
