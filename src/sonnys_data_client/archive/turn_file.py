"""Runs that change a file of all accounts, such as `archive.json`, take turns."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager

from sonnys_data_client.archive.files import Files, LocalFiles, explained
from sonnys_data_client.errors import ArchiveError
from sonnys_data_client.file_lock import take
from sonnys_data_client.modes import make_folder, own_file

_TURN_S_MAX = 60.0
"""What is done in a turn takes seconds, even with hundreds of accounts."""
_LOOK_EVERY_S = 0.02


@contextmanager
def taking_turns(files: Files) -> Generator[None]:
    """Change a file that all accounts share, such as `archive.json`, while no other run changes one.

    A store has no such lock: there, whoever writes `archive.json` looks whether it says what it should.

    Raises:
        ArchiveError: Another run has not finished within a minute, or the archive cannot be written.
    """
    if not isinstance(files, LocalFiles):
        yield
        return
    path = files.work_folder / "turn"
    with explained(f"{files.address} cannot be written"):
        make_folder(path.parent, files.access)
        own_file(path, files.access)
        file = path.open("a+", encoding="utf-8")
    with file:
        deadline = time.monotonic() + _TURN_S_MAX
        while not take(file):
            if time.monotonic() > deadline:
                raise ArchiveError(
                    f"Another run has been changing {files.address} for more than a minute.", remedy="Run it again."
                )
            time.sleep(_LOOK_EVERY_S)
        yield
