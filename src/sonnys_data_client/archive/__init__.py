"""The archive: all rows of the API, kept as Parquet files that any engine reads.

```text
<archive>/
  archive.json                                            says that this is an archive, and how old its files are
  transactions/account=<name>/date=<UTC day>/data.parquet one day, replaced whole
  changes/...        quarantine/...                       what changed, and rows that could not be parsed, likewise
  archive.duckdb                                          views for BI tools
  .work/                                                  ledgers and locks of accounts, files being written
```

`Archive` is the way in for readers; `filling` is the one for writers, which is `sonnys_data_client.sync`.

```text
archive    for users; reader: its reading half   filling    for writers
queries    answer SQL while a sync writes        view_queries   what each view asks of the files
writer     put a day's rows into the archive     descriptions   what each view and column holds, in words
evidence   what is known of a day (pure)         merge      a reading with what is there (pure)
layouts    read files of earlier versions        aged_out   rows that the server forgot (pure)
check      find what is wrong                    changes    differences between two readings (pure)
moved      rows that are in two days             rows       parse and encode the API's rows
views      archive.duckdb                        columns    columns from models; tables: all tables, as data
store      partitions as Parquet files           ledger     the index and the jobs; index: open the ledger
files      files here; remote_files: far away    lock       one run at a time, for each account
seal       a digest in each file                 mark       archive.json; database: open DuckDB
dispute    may a reading take rows away (pure)   losses     rows that a reading lacks (pure)
disputed   what waits for a person (pure)        decision   what the person decided (pure)
stamps     is it still the file we know?         account_names  which names an account may have
joined     a column from another list (pure)     closing        what others may open, and closing it
personal   the fields of persons, as data        hiding         hide them in a row (pure)
redacted   hide them in a partition (pure)       erasing        in all files, with a receipt
privacy    redaction.json                        landed         what became of a partition
turn_file  files that all accounts share         links          a second name for a file
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sonnys_data_client.lazy import lazy_names

if TYPE_CHECKING:
    from sonnys_data_client.archive.archive import Archive as Archive
    from sonnys_data_client.archive.archive import Repair as Repair
    from sonnys_data_client.archive.check import Problem as Problem
    from sonnys_data_client.archive.dispute import LossLimits as LossLimits
    from sonnys_data_client.archive.disputed import Disputed as Disputed
    from sonnys_data_client.archive.erasing import Receipt as Receipt
    from sonnys_data_client.archive.evidence import Coverage as Coverage
    from sonnys_data_client.archive.evidence import Rule as Rule
    from sonnys_data_client.archive.queries import Answer as Answer
    from sonnys_data_client.redaction import Redaction as Redaction

_HOMES = {
    "Answer": "archive.queries",
    "Archive": "archive.archive",
    "Coverage": "archive.evidence",
    "Disputed": "archive.disputed",
    "LossLimits": "archive.dispute",
    "Problem": "archive.check",
    "Receipt": "archive.erasing",
    "Redaction": "redaction",
    "Repair": "archive.archive",
    "Rule": "archive.evidence",
}

# One list of names, not two that must agree; checkers read the imports above.
__all__ = list(_HOMES)  # pyright: ignore[reportUnsupportedDunderAll]
__getattr__, __dir__ = lazy_names(__name__, _HOMES)
