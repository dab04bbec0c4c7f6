"""What an archive must not hold is written down once, for good, and for nobody else to read."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from sonnys_data_client.archive import Archive, Redaction
from sonnys_data_client.archive.privacy import PrivacyFile
from sonnys_data_client.errors import ArchiveError
from tests.archive.rig import archive_at, put, rows


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    archive = archive_at(tmp_path)
    put(archive, rows(1))
    return archive


def privacy_of(archive: Archive) -> PrivacyFile:
    return PrivacyFile(archive._files)


def test_an_archive_without_it_hides_nothing(archive: Archive) -> None:
    privacy = privacy_of(archive)
    assert not privacy.of("main")
    privacy.hide("main", None)
    assert not Path(archive.address, "redaction.json").exists()
    assert json.loads(Path(archive.address, "archive.json").read_text())["format"] == 3


def test_a_run_hides_what_earlier_runs_hid_and_keeps_the_key(archive: Archive) -> None:
    privacy_of(archive).hide("main", Redaction(names="drop"))
    key = privacy_of(archive).of("main").key
    assert len(key) == 32
    privacy_of(archive).hide("main", Redaction(plates="hash"))
    assert privacy_of(archive).of("main").redaction == Redaction(names="drop", plates="hash")
    digest = privacy_of(archive).forget("main", "1:2")
    known = privacy_of(archive).of("main")
    assert (known.key, known.forgotten) == (key, frozenset({digest}))
    assert privacy_of(archive).forget("main", "1:2") == digest
    privacy_of(archive).hide("other", Redaction(names="hash"))
    assert privacy_of(archive).of("other").key != key
    text = Path(archive.address, "redaction.json").read_text()
    assert "1:2" not in text
    assert key.hex() not in repr(known)


def test_an_earlier_version_of_this_package_leaves_the_archive_alone(archive: Archive) -> None:
    privacy_of(archive).hide("main", Redaction(names="drop"))
    assert json.loads(Path(archive.address, "archive.json").read_text())["format"] == 4
    put(archive, rows(2))
    assert json.loads(Path(archive.address, "archive.json").read_text())["format"] == 4


@pytest.mark.parametrize(
    "text", [None, "", "{", "[]", '{"main": {}}', '{"main": {"redact": "x", "key": "", "forgotten": []}}']
)
def test_without_the_file_nobody_writes(archive: Archive, text: str | None) -> None:
    privacy_of(archive).hide("main", Redaction(names="drop"))
    path = Path(archive.address, "redaction.json")
    path.unlink()
    if text is not None:
        path.write_text(text)
    with pytest.raises(ArchiveError, match=r"redaction\.json is (missing, by which|damaged)"):
        put(archive, rows(1, customerName="Ann"))
    assert "Ann" not in str(archive.transactions().fetchall()), "whoever reads needs no such file"


@pytest.mark.skipif(os.name != "posix", reason="Windows has no modes")
def test_a_group_that_may_read_the_archive_may_not_read_the_key(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive", shared=True)
    put(archive, rows(1))
    with archive.writing() as writer:
        writer.privacy.hide("main", Redaction(names="hash"))
    path = Path(archive.address, "redaction.json")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert archive.check() == []
    path.chmod(0o640)
    assert [str(problem) for problem in archive.check()] == ["redaction.json can be opened by others than its owner"]
    archive.repair()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
