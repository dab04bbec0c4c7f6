"""Which files below an archive are its own, which of them are too open, and closing them.

Only those of an archive in a folder. Who may read an object is said at its store.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from sonnys_data_client.archive.columns import SIDE_COLUMNS
from sonnys_data_client.archive.files import REDACTION, WORK_FOLDER, LocalFiles
from sonnys_data_client.archive.mark import MARK
from sonnys_data_client.archive.store import partition_of
from sonnys_data_client.archive.tables import TABLES
from sonnys_data_client.archive.views import NAME
from sonnys_data_client.modes import keeps_modes, set_mode

_LOCKS = f"{WORK_FOLDER}/lock"
_SCRATCH = f"{WORK_FOLDER}/scratch/"


def is_own(name: str) -> bool:
    """Tell whether a file below an archive is its own. Anybody else's is a stranger.

    Args:
        name: Its name in the archive.
    """
    if name in {MARK, NAME, REDACTION} or name.startswith(f"{WORK_FOLDER}/"):
        return True
    partition = partition_of(name)
    return partition is not None and partition.table in {*TABLES, *SIDE_COLUMNS}


def set_modes(files: LocalFiles) -> int:
    """Give every file and folder of an archive its mode. Strangers, and what is behind links, are left alone.

    Returns:
        How many had another mode.
    """
    return sum(set_mode(files.root / name, files.access_to(name)) for name in _own_names(files.root))


def too_open(files: LocalFiles) -> list[str]:
    """List the files and folders of an archive that more people may open than `files.access` says.

    Strangers and what is behind links are not among them.
    """
    found = [name for name in _own_names(files.root) if _is_too_open(files, name)]
    if not found:
        return []
    tried = files.link_path()
    here = tried.is_relative_to(files.work_folder)  # else the folder may lie in another file system
    return [] if here and not keeps_modes(tried) else found


def _is_too_open(files: LocalFiles, name: str) -> bool:
    try:
        mode = (files.root / name).lstat().st_mode
    except FileNotFoundError:  # a run has removed it meanwhile
        return False
    return files.access_to(name).is_exceeded_by(mode)


def _own_names(root: Path) -> Iterator[str]:
    """Yield the names of an archive's own files and folders, each folder before what is in it; `.` is the archive.

    Locks are not among them: they name a process and nothing else. Nor is what is being written in the scratch folder:
    other programs write it by the umask. The folder itself is closed, and a file gets its mode before it gets its name.
    """
    for folder, folders, names in os.walk(root):
        folders.sort()
        name = Path(folder).relative_to(root).as_posix()
        if _is_own_folder(name):
            yield name
        for file in sorted(names):
            path = Path(folder, file)
            own = path.relative_to(root).as_posix()
            if is_own(own) and not own.startswith((_LOCKS, _SCRATCH)) and not path.is_symlink():
                yield own


def _is_own_folder(name: str) -> bool:
    top, *below = name.split("/")
    if top in {*TABLES, *SIDE_COLUMNS}:  # a folder of a table may be empty, once its rows have left quarantine
        return all(part.startswith(("account=", "date=")) for part in below)
    return top in {".", WORK_FOLDER} and not name.startswith(_SCRATCH)
