"""The archive: transactions and all else, kept for ever as files that any engine reads.

```text
<archive>/
  archive.json                                            says that this is an archive, and how old its files are
  transactions/account=<name>/date=<UTC day>/data.parquet one day, replaced whole
  changes/...        quarantine/...                       what changed, and what fits no column, laid out alike
  archive.duckdb                                          views for BI tools
  .work/                                                  the ledger, the lock, files being made
```

Its way in is `Archive`; `sonnys_data_client.sync` fills it.

```text
archive     the facade                       store      partitions as Parquet files
reading     questions, undisturbed           ledger     index and jobs; index: finding and making it
writing     putting a day away               files      where it all lies; lock: one run at a time
evidence    what we know of a day (pure)     rows, columns, tables, changes: from the API's rows to columns
check       is it sound?                     moved      rows that are in two days
seal        a file tells of itself whether it is whole
layouts     files that an earlier version wrote, under the names of today; mark: how old they may be
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sonnys_data_client.lazy import lazy_names

if TYPE_CHECKING:
    from sonnys_data_client.archive.archive import Archive as Archive
    from sonnys_data_client.archive.archive import Repair as Repair
    from sonnys_data_client.archive.check import Finding as Finding
    from sonnys_data_client.archive.evidence import Coverage as Coverage
    from sonnys_data_client.archive.evidence import Rule as Rule
    from sonnys_data_client.archive.queries import Answer as Answer

_HOMES = {
    "Answer": "archive.queries",
    "Archive": "archive.archive",
    "Coverage": "archive.evidence",
    "Finding": "archive.check",
    "Repair": "archive.archive",
    "Rule": "archive.evidence",
}

# One list of names, not two that must agree; checkers read the imports above.
__all__ = list(_HOMES)  # pyright: ignore[reportUnsupportedDunderAll]
__getattr__, __dir__ = lazy_names(__name__, _HOMES)
