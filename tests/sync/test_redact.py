"""A sync writes no personal data that it was told to leave out, however often it runs and wherever it stops."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from sonnys_data_client import sync
from sonnys_data_client.archive import Archive
from sonnys_data_client.archive.evidence import day_of
from sonnys_data_client.archive.personal import PERSONAL
from sonnys_data_client.archive.tables import TABLES
from sonnys_data_client.engine.windows import DAY_S
from sonnys_data_client.redaction import Redaction
from sonnys_data_client.sandbox import Sandbox, SandboxConfig
from sonnys_data_client.sync import SyncSettings
from sonnys_data_client.testing.client import SimulatedClient
from tests.sandbox.rig import NOW
from tests.sync.rig import HOUR

DROP = Redaction("drop", "drop", "drop", "drop")
HASH = Redaction("hash", "hash", "hash", "hash")


class Operator:
    """A car wash and its archive. It always has the same rows; each sync comes eight hours after the one before."""

    def __init__(self, folder: Path) -> None:
        self.archive = Archive(folder)
        self._sandbox = Sandbox(SandboxConfig(cars_per_day=30, sites=2))
        self._times = count(NOW, 8 * HOUR)

    def sync(self, redact: Redaction | None = None, **settings: Any) -> None:
        """Sync the last two days, and other tables."""
        client = SimulatedClient(self._sandbox, start=next(self._times), api_id="sandbox-id", api_key="sandbox-key")
        first, since = day_of(NOW - 2 * DAY_S), day_of(NOW - 90 * DAY_S)
        sync.run(client, self.archive, SyncSettings(start=first, members_since=since, redact=redact, **settings))

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Query the archive."""
        return self.archive.sql(query).fetchall()

    def texts(self) -> str:
        """Return all raw rows, the change log, quarantine, and the bytes of the ledger with the pages it keeps."""
        shown = [str(self.ask(f'SELECT * FROM "{view}"')) for view in (*TABLES, "changes", "quarantine")]  # noqa: S608
        ledger = Path(self.archive.address, ".work").glob("ledger.sqlite*")
        return "".join([*shown, *(path.read_bytes().decode(errors="replace") for path in ledger)])

    def persons(self) -> set[str]:
        """Return every text that its raw rows have in a field of a person."""
        found = set[str]()
        for table, paths in PERSONAL.items():
            for path in paths:
                for (raw,) in self.ask(f"SELECT raw FROM {table}"):  # noqa: S608
                    found |= set(_texts_at(json.loads(raw), path.split(".")))
        return found


def held(names: set[str], seen: str) -> list[str]:
    """Return the names that stand alone between quotation marks: `Eli` is a part of other words."""
    return [name for name in names if any(f"{mark}{name}{mark}" in seen for mark in ("'", '"', '\\"'))]


def _texts_at(value: Any, path: list[str]) -> Iterator[str]:
    if isinstance(value, list):
        for part in value:
            yield from _texts_at(part, path)
    elif path and isinstance(value, dict):
        yield from _texts_at(value.get(path[0]), path[1:])
    elif value:
        yield str(value)


@pytest.mark.parametrize("redact", [DROP, HASH])
def test_nothing_of_a_person_is_written_and_no_later_sync_sees_a_change(redact: Redaction, tmp_path: Path) -> None:
    clear, hidden = Operator(tmp_path / "clear"), Operator(tmp_path / "hidden")
    for _ in range(2):
        clear.sync()
        hidden.sync(redact)
    names = clear.persons() - {"Recurring Billing"}  # a program: tills are called like it, too
    seen = hidden.texts()
    assert len(names) > 50
    assert held(names, seen) == []
    for table in TABLES:
        counted = f'SELECT count(*) FROM "{table}"'  # noqa: S608
        assert hidden.ask(counted) == clear.ask(counted)
    changed = 'SELECT "table", id, field FROM changes ORDER BY ALL'
    assert hidden.ask(changed) == clear.ask(changed), "hiding makes no change"
    assert hidden.archive.disputes() == clear.archive.disputes() == []
    assert hidden.archive.check() == []
    left = hidden.persons()
    assert not left if redact is DROP else all(text.startswith("hash:") for text in left)


def test_a_later_sync_that_does_not_say_so_redacts_too(tmp_path: Path) -> None:
    operator = Operator(tmp_path)
    operator.sync(DROP, tables=())
    operator.sync(tables=())
    assert operator.persons() == set()


def test_a_page_that_a_run_keeps_is_redacted(tmp_path: Path) -> None:
    clear, hidden = Operator(tmp_path / "clear"), Operator(tmp_path / "hidden")
    clear.sync(tables=(), statuses=False)
    hidden.sync(DROP, tables=(), statuses=False, max_requests=6)
    seen = hidden.texts()
    assert "vehicleLicensePlate" in seen, "a page is kept"
    assert held(clear.persons(), seen) == []
    hidden.sync(tables=(), statuses=False)
    assert hidden.persons() == set()
    assert hidden.archive.check() == []
