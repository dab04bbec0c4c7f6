"""The file that makes a folder an archive: `archive.json`.

```json
{"format": 3, "oldest_layout": 1}
```

A version of this package reads and writes the formats that it knows, and leaves an archive of a later one alone.

```text
format 1   all files have layout 1
format 2   files have any layout from `oldest_layout` on
format 3   the same; a partition may hold rows back, of which an earlier version would let go
format 4   the same; rows are redacted as `redaction.json` says, of which an earlier version knows nothing
```

Files of layout 1 are read as they are (`layouts`). The first run that writes raises the format to today's, because an
earlier version of this package would find NULL where it looks for a renamed column.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from sonnys_data_client.archive.evidence import LAYOUT
from sonnys_data_client.archive.files import Files, explained
from sonnys_data_client.archive.tables import WEB_SHOP
from sonnys_data_client.archive.turn_file import taking_turns
from sonnys_data_client.errors import ArchiveError
from sonnys_data_client.modes import GROUP, OWNER

MARK = "archive.json"
FORMAT = 3
"""The format of an archive that is written today."""
REDACTED_FORMAT = 4
"""The format of one that redacts: see `privacy`."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What the file says.

    Attributes:
        format: Version of the archive as a whole.
        oldest_layout: The oldest layout that a file of the archive may have.
        web_shop: What queries call a site without a code. The file has it only if it is another than `WEB`.
        shared: Whether the group of the archive's folder may read it. The file has it only if it is so.
    """

    format: int = FORMAT
    oldest_layout: int = LAYOUT
    web_shop: str = WEB_SHOP
    shared: bool = False

    @property
    def redacted(self) -> bool:
        """Whether there must be a file `redaction.json`."""
        return self.format >= REDACTED_FORMAT


def read_mark(files: Files) -> Mark:
    """Read the mark of an archive. Files that `files` makes from then on are open to whom the mark says.

    Raises:
        ArchiveError: It cannot be read, or a later version of this package wrote the archive.
    """
    text = files.read(MARK)
    try:
        said = json.loads(text or "")
        mark = Mark(
            int(said["format"]),
            int(said.get("oldest_layout", 1)),
            str(said.get("web_shop", WEB_SHOP)),
            shared=said.get("shared") is True,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise ArchiveError(
            f"{files.address}/{MARK} is damaged.", remedy="If this is an archive, remove that file and run sonnys sync."
        ) from problem
    if mark.format > REDACTED_FORMAT:
        raise ArchiveError(
            f"A later version of this package wrote {files.address}.", remedy="Update sonnys-data-client."
        )
    files.access = GROUP if mark.shared else OWNER
    return mark


def write_mark(files: Files, mark: Mark) -> None:
    """Replace the mark of an archive. Files that `files` makes from then on are open to whom the mark says.

    Raises:
        ArchiveError: It cannot be written.
    """
    files.access = GROUP if mark.shared else OWNER
    made = files.scratch()
    usual = {"web_shop": WEB_SHOP, "shared": False}
    said = {name: value for name, value in asdict(mark).items() if (name, value) not in usual.items()}
    with explained(f"{files.address} cannot be written"):
        made.write_text(json.dumps(said), encoding="utf-8")
    files.publish(made, MARK)


def change_mark(files: Files, change: Callable[[Mark], Mark]) -> Mark:
    """Change what the mark says, while other runs may change it, too.

    Args:
        files: The archive's files.
        change: Returns what the mark should say; the same again if it says that already.

    Returns:
        What it says now.

    Raises:
        ArchiveError: It cannot be read or written.
    """
    with taking_turns(files):
        while (mark := read_mark(files)) != (wanted := change(mark)):
            write_mark(files, wanted)  # in a store, another run may have written what it read before: look again
    return mark


def lower_mark(files: Files, layout: int) -> None:
    """Make the mark say that files may have an older layout, if it does not say so yet.

    Raises:
        ArchiveError: It cannot be read or written.
    """
    if layout < read_mark(files).oldest_layout:
        change_mark(files, lambda mark: replace(mark, oldest_layout=min(layout, mark.oldest_layout)))
