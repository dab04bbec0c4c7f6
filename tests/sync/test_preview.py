"""A plan says what a sync would read, sends nothing, and is about right."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from sonnys_data_client import sync
from sonnys_data_client.archive import Archive
from sonnys_data_client.sync import SyncSettings
from sonnys_data_client.sync.preview import archive_warnings
from tests.sync.rig import NOON, SETTINGS, archive_in, client_of, sales, sandbox_of


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return archive_in(tmp_path)


def test_a_plan_spends_nothing_and_the_sync_costs_about_what_it_said(archive: Archive) -> None:
    sandbox = sandbox_of(sales())
    client = client_of(sandbox)
    sync.run(client, archive, replace(SETTINGS, start=date(2026, 3, 30)))
    spent = len(sandbox.log)
    plan = sync.plan(client, archive, SETTINGS)
    assert len(sandbox.log) == spent
    assert [day.reason for day in plan.days] == ["recent"] + ["gap"] * 5
    assert plan.learnt
    report = sync.run(client, archive, SETTINGS)
    assert report.requests == pytest.approx(plan.requests, rel=0.35)


def test_before_there_is_an_archive_a_plan_assumes_a_typical_site(archive: Archive) -> None:
    plan = sync.plan(client_of(sandbox_of([])), archive)
    assert not plan.learnt
    assert len(plan.days) == 182
    assert plan.warnings == []
    assert not archive.exists()


def test_warnings_are_of_the_days_that_the_settings_ask_for(archive: Archive) -> None:
    assert archive_warnings(archive, SyncSettings(), NOON) == [], "there is no archive yet"
    sync.run(client_of(sandbox_of([])), archive, replace(SETTINGS, max_requests=2))
    (warning,) = archive_warnings(archive, SyncSettings(), NOON)
    assert warning.startswith("main: the server forgets 2025-10-02 today, and it and 13 later days are not complete")
    assert archive_warnings(archive, SETTINGS, NOON) == []
