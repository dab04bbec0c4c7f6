"""A user without a home folder: what needs none works, and the rest says what to set."""

from __future__ import annotations

import pwd
from pathlib import Path

import platformdirs
import pytest

from sonnys_data_client.archive.files import files_at
from sonnys_data_client.cli import main
from sonnys_data_client.errors import ArchiveError, ConfigurationError
from sonnys_data_client.home import config_folder, data_folder
from sonnys_data_client.profiles import archive_place, config_path, read_profile


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(number: int) -> None:
        raise KeyError(f"getpwuid(): uid not found: {number}")

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "SONNYS_CONFIG"):
        monkeypatch.delenv(name, raising=False)


def test_an_account_of_the_environment_needs_none() -> None:
    assert read_profile(environ={"SONNYS_API_ID": "id", "SONNYS_API_KEY": "key"}).name == "main"
    with pytest.raises(ConfigurationError, match="No account is set up"):
        read_profile(environ={})
    assert archive_place(environ={}) is None


def test_what_needs_one_says_what_to_set(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no home folder.*SONNYS_CONFIG"):
        config_path()
    with pytest.raises(ConfigurationError, match=r"no home folder.*SONNYS_CONFIG"):
        read_profile("acme")
    with pytest.raises(ConfigurationError, match=r"no home folder.*SONNYS_ARCHIVE"):
        data_folder("SONNYS_ARCHIVE")
    with pytest.raises(ArchiveError, match="no such home folder"):
        files_at("~/archive")


def test_an_earlier_platformdirs_gives_a_path_that_leads_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platformdirs, "user_config_path", lambda name: Path("~/.config", name))
    with pytest.raises(ConfigurationError, match="no home folder"):
        config_folder("SONNYS_CONFIG")


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder, in which the test runs."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("profile path", 2, "Set HOME, or set SONNYS_CONFIG to a file."),
        ("profile list", 2, "Set HOME, or set SONNYS_CONFIG to a file."),
        ("sync", 2, "SONNYS_API_ID"),
        ("status", 2, "Set HOME, or set SONNYS_ARCHIVE to a folder."),
        ("status --archive here", 2, "There is no archive at here."),
        ("archive check", 2, "Set HOME, or set SONNYS_ARCHIVE to a folder."),
        ("sql", 2, "Set HOME, or set SONNYS_ARCHIVE to a folder."),
        ("get sites", 2, "SONNYS_API_ID"),
        ("export yesterday --out a.csv", 2, "SONNYS_API_ID"),
        ("completion bash", 0, ""),
        ("--help", 0, ""),
    ],
)
def test_every_command_works_or_says_what_to_set(
    words: str, code: int, said: str, nowhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words.split()) == code
    assert said in " ".join(capsys.readouterr().err.split())
    assert list(nowhere.iterdir()) == [], "no folder that is called ~"
