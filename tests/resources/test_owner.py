"""Kept jobs belong to whoever submitted them: two accounts keep theirs on one shelf, and each goes on with its own."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import pytest

from sonnys_data_client import FileShelf, ValidationError
from sonnys_data_client.config import Account
from sonnys_data_client.drivers.seams import Shelf
from sonnys_data_client.sandbox import ApiAccount, Sandbox, SandboxConfig
from sonnys_data_client.shelves import MemoryShelf
from sonnys_data_client.testing import SimulatedClient
from tests.client.virtual import VirtualClient, play
from tests.engine.rig import AnswerShelf
from tests.sandbox.rig import DAY, FETCH, NOW, SITES, SUBMIT, YESTERDAY, wash, world_of

START, END = "2026-11-20", "2026-11-22"
ACCOUNTS = (ApiAccount("alpha", "key-a"), ApiAccount("beta", "key-b"))


def server(first: int) -> Sandbox:
    """A server with 250 rows in three days at two sites; the rows of two servers have nothing in common."""
    rows = [wash(first + n, YESTERDAY - 2 * DAY + n * 1000, SITES[n % 2]) for n in range(250)]
    return Sandbox(SandboxConfig(accounts=ACCOUNTS, job_s=20.0), world_of(rows))


def client(sandbox: Sandbox, name: str, *, at: float = NOW, site: str | None = None) -> SimulatedClient:
    key = {account.api_id: account.api_key for account in ACCOUNTS}[name]
    return SimulatedClient(sandbox, start=at, api_id=name, api_key=key, site_code=site, timezone="UTC")


def killed(ours: SimulatedClient, shelf: Shelf) -> set[str]:
    """Export until a row comes, stop, and return the hashes of the jobs that were submitted."""
    with ours.transactions.export(START, END, shelf=shelf) as export:
        next(export)
    return {kept["hash"] for kept in shelf.live()}


def ids(ours: SimulatedClient, shelf: Shelf) -> set[str]:
    with ours.transactions.export(START, END, shelf=shelf) as export:
        found = [row.id for row in export]
    assert export.report.complete
    assert len(found) == len(set(found))
    return set(found)


def truth(sandbox: Sandbox, site: str | None = None) -> set[str]:
    return {row.id for row in sandbox.truth(YESTERDAY - 2 * DAY, YESTERDAY + DAY, site=site)}


def hashes_asked_for(sandbox: Sandbox) -> set[str]:
    return {dict(entry.query)["hash"] for entry in sandbox.log if entry.path == FETCH}


@pytest.fixture(params=[MemoryShelf, AnswerShelf, FileShelf])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Shelf:
    made: Shelf = FileShelf(tmp_path / "jobs") if request.param is FileShelf else request.param()
    return made


def test_another_account_on_the_same_shelf_gets_its_own_rows_and_takes_nothing_away(shelf: Shelf) -> None:
    alphas, betas = server(1000), server(5000)
    submitted = killed(client(alphas, "alpha"), shelf)
    assert submitted
    beta = client(betas, "beta", at=NOW + 40)
    assert ids(beta, shelf) == truth(betas)
    assert not hashes_asked_for(betas) & submitted
    assert {kept["hash"] for kept in shelf.live()} >= submitted
    seen = len(alphas.log)
    alpha = client(alphas, "alpha", at=NOW + 80)
    assert ids(alpha, shelf) == truth(alphas)
    assert not {entry.hash for entry in alphas.log[seen:] if entry.path == SUBMIT} & submitted
    assert hashes_asked_for(alphas) >= submitted


def test_it_is_the_owner_that_keeps_them_apart() -> None:
    with patch.object(Account, "owner", "everybody"), pytest.raises(AssertionError):
        test_another_account_on_the_same_shelf_gets_its_own_rows_and_takes_nothing_away(AnswerShelf())


def test_so_does_another_site_code_on_the_same_server(shelf: Shelf) -> None:
    sandbox = server(1000)
    submitted = killed(client(sandbox, "alpha"), shelf)
    at_site = client(sandbox, "alpha", at=NOW + 40, site="NORTH")
    seen = len(sandbox.log)
    assert ids(at_site, shelf) == truth(sandbox, "NORTH")
    asked = {dict(entry.query)["hash"] for entry in sandbox.log[seen:] if entry.path == FETCH}
    assert not asked & submitted
    assert {kept["hash"] for kept in shelf.live()} >= submitted


def test_the_owner_is_the_server_the_api_id_and_the_site_code_and_not_the_key() -> None:
    owner = Account("alpha", "key", "MAIN", "https://one.example/v1").owner
    assert owner == Account("alpha", "new key", "MAIN", "https://one.example/v1/").owner
    others = [
        Account("beta", "key", "MAIN", "https://one.example/v1"),
        Account("alpha", "key", "WEST", "https://one.example/v1"),
        Account("alpha", "key", None, "https://one.example/v1"),
        Account("alpha", "key", "MAIN", "https://two.example/v1"),
        Account("alpha", "key", "MAIN", "https://one.example:444/v1"),
        Account("alpha", "key", "MAIN", "https://one.example/v2"),
    ]
    assert owner not in {other.owner for other in others}
    assert len({other.owner for other in others}) == len(others)
    assert "alpha" not in owner


def test_a_job_is_gone_on_with_by_its_own_account_alone() -> None:
    sandbox = server(1000)
    handle = client(sandbox, "alpha").transactions.submit_job(startDate=END, endDate=END).to_dict()
    assert handle["owner"]
    assert "alpha" not in str(handle)
    for other in (client(sandbox, "beta"), client(sandbox, "alpha", site="MAIN")):
        with pytest.raises(ValidationError, match="another account, site code or server"):
            other.transactions.job(handle)

    async def scenario(other: VirtualClient) -> None:
        with pytest.raises(ValidationError, match="another account, site code or server"):
            other.transactions.job(handle)

    play(sandbox, scenario)
    seen = len(sandbox.log)
    assert client(sandbox, "alpha", at=NOW + 30).transactions.job(handle).result()
    assert all(entry.path == FETCH for entry in sandbox.log[seen:])


def test_jobs_that_an_earlier_version_kept_are_left_alone() -> None:
    sandbox, shelf = server(1000), MemoryShelf()
    handle = client(sandbox, "alpha").transactions.submit_job(startDate=END, endDate=END).to_dict()
    del handle["owner"]
    shelf.store(handle)
    assert ids(client(sandbox, "alpha", at=NOW + 30), shelf) == truth(sandbox)
    assert list(shelf.live()) == [handle]
