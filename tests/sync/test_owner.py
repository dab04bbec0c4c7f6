"""An archive whose first sync died before a day was down, and another operator's sync into it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from sonnys_data_client import sync
from sonnys_data_client.archive import Archive
from sonnys_data_client.archive.evidence import day_start
from sonnys_data_client.config import Account
from sonnys_data_client.engine.jobs import POLL_PATH, SUBMIT_PATH
from sonnys_data_client.engine.windows import DAY_S, Window
from sonnys_data_client.errors import ArchiveError
from sonnys_data_client.sandbox import ApiAccount, Sandbox, SandboxConfig
from sonnys_data_client.sandbox.world.facts import Transaction
from sonnys_data_client.sandbox.world.listed import ListWorld
from sonnys_data_client.sync.feed import Feed
from sonnys_data_client.testing.client import SimulatedClient
from tests.sync.rig import FIRST, NOON, SETTINGS, SITES, archive_in, client_of, held, sold

DAYS, PAGES = 5, 6
FIVE_DAYS = replace(SETTINGS, end=FIRST + timedelta(days=DAYS - 1), recount=False)


def operator(name: str, first: int) -> tuple[Sandbox, set[str]]:
    """A server of one operator, and the ids of its rows: one page a day, and two on the first."""
    counts = [120, 60, 60, 60, 60]
    rows: list[Transaction] = [
        sold(first + day * 1000 + n, day_start(FIRST) + day * DAY_S + 60 + n * 500)
        for day, count in enumerate(counts)
        for n in range(count)
    ]
    config = SandboxConfig(job_s=3.0, accounts=(ApiAccount(name, f"key of {name}"),))
    return Sandbox(config, ListWorld(SITES, rows)), {row.id for row in rows}


def client(sandbox: Sandbox, name: str, at: float, site: str | None = None) -> SimulatedClient:
    return client_of(sandbox, at=at, api_id=name, api_key=f"key of {name}", site_code=site)


def die_before_a_day_is_down(ours: SimulatedClient, archive: Archive) -> None:
    """Read all days as a sync does, and store none of them: their pages are kept."""
    windows = [Window(day_start(FIRST) + day * DAY_S, day_start(FIRST) + (day + 1) * DAY_S) for day in range(DAYS)]
    with archive.writing("main") as writer:
        shelf = writer.shelf(ours.workings.settings.account.owner)
        list(Feed(ours, windows, shelf))
        assert len(shelf.live()) == PAGES


def test_the_pages_of_an_operator_never_become_anothers(tmp_path: Path) -> None:
    (alphas, alpha_ids), (betas, beta_ids) = operator("alpha", 10_000), operator("beta", 50_000)
    archive = archive_in(tmp_path)
    die_before_a_day_is_down(client(alphas, "alpha", NOON), archive)
    assert sync.run(client(betas, "beta", NOON + 60), archive, FIVE_DAYS).complete
    assert {id for id, _ in held(archive)} == beta_ids
    polled = {dict(entry.query)["hash"] for entry in betas.log if entry.path == POLL_PATH}
    assert not polled & {entry.hash for entry in alphas.log}
    with pytest.raises(ArchiveError, match="account="):
        sync.run(client(alphas, "alpha", NOON + 120), archive, FIVE_DAYS)
    assert sync.run(client(alphas, "alpha", NOON + 180), archive, replace(FIVE_DAYS, account="alpha")).complete
    assert {id for id, _ in held(archive)} == alpha_ids | beta_ids


def test_the_pages_of_a_run_that_died_are_its_owners_on_the_next_run(tmp_path: Path) -> None:
    alphas, ids = operator("alpha", 10_000)
    archive = archive_in(tmp_path)
    die_before_a_day_is_down(client(alphas, "alpha", NOON), archive)
    seen = len(alphas.log)
    assert sync.run(client(alphas, "alpha", NOON + 60), archive, FIVE_DAYS).complete
    assert {id for id, _ in held(archive)} == ids
    assert SUBMIT_PATH not in {entry.path for entry in alphas.log[seen:]}, "nothing of alpha's was lost"


def test_it_is_the_owner_that_keeps_them_apart(tmp_path: Path) -> None:
    with patch.object(Account, "owner", "everybody"), pytest.raises(AssertionError):
        test_the_pages_of_an_operator_never_become_anothers(tmp_path)


def test_nor_do_they_become_those_of_another_site_code(tmp_path: Path) -> None:
    sandbox, _ = operator("alpha", 10_000)
    archive = archive_in(tmp_path)
    die_before_a_day_is_down(client(sandbox, "alpha", NOON), archive)
    assert sync.run(client(sandbox, "alpha", NOON + 60, "WEST"), archive, FIVE_DAYS).complete
    stop = day_start(FIRST) + DAYS * DAY_S
    assert {id for id, _ in held(archive)} == {row.id for row in sandbox.truth(day_start(FIRST), stop, site="WEST")}


def test_jobs_that_an_earlier_version_kept_are_nobodys_and_go(tmp_path: Path) -> None:
    sandbox, ids = operator("alpha", 10_000)
    archive = archive_in(tmp_path)
    ours = client(sandbox, "alpha", NOON)
    die_before_a_day_is_down(ours, archive)
    with closing(sqlite3.connect(next(tmp_path.rglob("ledger*")), isolation_level=None)) as ledger:
        ledger.execute("UPDATE jobs SET account = 'main', handle = json_remove(handle, '$.owner')")
    assert sync.run(client(sandbox, "alpha", NOON + 60), archive, FIVE_DAYS).complete
    assert {id for id, _ in held(archive)} == ids
    with closing(sqlite3.connect(next(tmp_path.rglob("ledger*")), isolation_level=None)) as ledger:
        assert ledger.execute("SELECT count(*) FROM jobs").fetchone() == (0,)
