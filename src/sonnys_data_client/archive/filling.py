"""The one way in for code that fills an archive, which is `sonnys_data_client.sync`. `Archive` is the one to read it.

```python
with archive.writing("main") as writer:                        # holds the account; makes the archive if there is none
    shelf = writer.shelf(owner)                                # keeps an export's jobs and their answers
    rows = encode_rows(table, page, calendars)                 # parses a page as it comes
    writer.put(partition, PartitionRead(rows, ...), calendars)  # stores a day, once it was read
    writer.doubt(partition, "the server counts 1 row more")    # makes a day due to be read again
```

A writer needs these names and no others of the archive, besides its tables (`tables`) and what is known of a partition
(`evidence`).
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from sonnys_data_client.archive import index
from sonnys_data_client.archive.changes import Change
from sonnys_data_client.archive.closing import set_modes
from sonnys_data_client.archive.evidence import LAYOUT
from sonnys_data_client.archive.files import WORK_FOLDER, LocalFiles, explained
from sonnys_data_client.archive.landed import Landed
from sonnys_data_client.archive.ledger import JobShelf
from sonnys_data_client.archive.lock import Lease, Renew, hold
from sonnys_data_client.archive.mark import FORMAT, MARK, Mark, change_mark, read_mark, write_mark
from sonnys_data_client.archive.merge import PartitionRead
from sonnys_data_client.archive.remote_files import RemoteFiles
from sonnys_data_client.archive.rows import Calendars, ParsedRows, encode_rows
from sonnys_data_client.archive.store import Partition, PartitionStore
from sonnys_data_client.archive.tables import CHANGES, QUARANTINE, TABLES, TRANSACTIONS
from sonnys_data_client.archive.turn_file import taking_turns
from sonnys_data_client.archive.views import write_views
from sonnys_data_client.archive.writer import Writer
from sonnys_data_client.errors import ArchiveError
from sonnys_data_client.modes import GROUP, OWNER

__all__ = [
    "Calendars",
    "Change",
    "JobShelf",
    "Landed",
    "Lease",
    "ParsedRows",
    "Partition",
    "PartitionRead",
    "Writer",
    "check_empty",
    "encode_rows",
    "holding",
    "open_writer",
    "writing",
]


@contextmanager
def writing(
    files: LocalFiles | RemoteFiles,
    account: str | None = None,
    lease: Lease | None = None,
    *,
    shared: bool | None = None,
) -> Generator[Writer]:
    """Hold an account for writing, or the whole archive (None). Make the archive if there is none.

    Args:
        files: The archive's files.
        account: The account.
        lease: Its lease, if there are leases.
        shared: Whether its group may read it from now on; None for as it is, and not if it is new.

    Raises:
        ArchiveHeldError: Another run holds it; the message says who.
        ArchiveError: The folder is something else, or cannot be written.
    """
    if files.exists(MARK):
        read_mark(files)
    else:
        _make(files, shared=bool(shared))
    with holding(files, account, lease) as renew:
        files.clean()
        if shared is not None:
            _share(files, shared=shared)
        with open_writer(files, renew, account) as writer:
            yield writer


@contextmanager
def holding(
    files: LocalFiles | RemoteFiles, account: str | None = None, lease: Lease | None = None
) -> Generator[Renew]:
    """Hold an account, or an archive (None), whose mark was read: see `lock`. The work folder is closed first."""
    files.close_work_folder()
    with hold(files, account, lease) as renew:
        yield renew


@contextmanager
def open_writer(files: LocalFiles | RemoteFiles, renew: Renew, account: str | None = None) -> Generator[Writer]:
    """Open an account, or a whole archive (None), that this run holds already."""
    _raise_format(files)
    with closing(PartitionStore(files)) as store, index.writing(files, store, renew, account) as ledgers:
        yield Writer(files, ledgers, store, renew)


def _make(files: LocalFiles | RemoteFiles, *, shared: bool) -> None:
    if isinstance(files, LocalFiles):
        check_empty(files)
        files.access = GROUP if shared else OWNER
        files.close_root()
    with taking_turns(files):
        if not files.exists(MARK):  # of several runs that begin at once, one makes it
            # An archive that has lost its mark may have files of any layout.
            lost = any(files.names(table) for table in (*TABLES, CHANGES, QUARANTINE))
            write_mark(files, Mark(oldest_layout=1 if lost else LAYOUT, shared=shared))


def _share(files: LocalFiles | RemoteFiles, *, shared: bool) -> None:
    """Let the group read the archive, or no longer, if that is another wish than before."""
    if read_mark(files).shared != shared:
        change_mark(files, lambda mark: replace(mark, shared=shared))
        if isinstance(files, LocalFiles):
            set_modes(files)


def check_empty(files: LocalFiles) -> None:
    """Refuse a folder that has something else in it.

    Raises:
        ArchiveError: It has.
    """
    root = Path(files.address)
    if root.is_file():
        raise ArchiveError(f"{root} is a file, and an archive is a folder.", remedy="Name a folder.")
    if root.exists():
        with explained(f"{root} cannot be used"):
            others = [path for path in root.iterdir() if path.name != WORK_FOLDER]
        # With transactions, it is an archive that lost its mark; and another run may have made one just now.
        if others and not files.names(TRANSACTIONS.name) and not files.exists(MARK):
            raise ArchiveError(
                f"{root} is not an archive, and not empty.", remedy="Name a new folder, or the folder of the archive."
            )


def _raise_format(files: LocalFiles | RemoteFiles) -> None:
    """Tell earlier versions of this package not to read an archive that will have files of today's layout."""
    if read_mark(files).format >= FORMAT:
        return
    mark = change_mark(files, lambda mark: replace(mark, format=FORMAT))
    with suppress(ArchiveError):  # on Windows, a tool may have the file open; a sync writes it again at its end
        write_views(files, mark)
