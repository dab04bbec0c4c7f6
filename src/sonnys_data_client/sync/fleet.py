"""Sync many accounts side by side, each in a thread.

The accounts of one archive, or of several, have nothing in common but the machine. So one that fails, or that another
run holds, costs no other. Clients of one API ID share its throttle (`throttles.process`).

With leases, identical workers on several machines share the accounts: see `leases`. A worker takes what is free, and
waits for what others hold until it is done or free again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeVar

from sonnys_data_client import keys
from sonnys_data_client.archive.archive import Archive
from sonnys_data_client.client.sync import SonnysClient
from sonnys_data_client.errors import AuthenticationError, SiteAuthorizationError, SonnysError
from sonnys_data_client.profiles import archive_address
from sonnys_data_client.sync.leases import RedisLease, RedisLeases
from sonnys_data_client.sync.planning import SyncSettings
from sonnys_data_client.sync.report import SyncProgress, SyncReport
from sonnys_data_client.sync.runner import run

T = TypeVar("T")

_LOOK_EVERY_S = 2.0
"""How often a worker looks whether an account that another holds is free or done."""
_PATIENCE_S = 60.0
"""How long Redis may be away before a worker gives up on accounts that it has not begun."""

State = Literal["waiting", "running", "done", "elsewhere", "stopped", "failed"]
"""What became of an account. `elsewhere`: another worker has synced it. `stopped`: the next run goes on with it."""


def sync_account(profile: str, settings: SyncSettings | None = None, *, archive: str | None = None) -> SyncReport:
    """Sync the account of a profile: one task for any executor, such as those of `concurrent.futures`, or for dask.

    It may be run again at any time, killed or not: it goes on where the last run stopped, and a row is never doubled.
    Arguments, report and errors can be pickled, and none of them holds a key: each process finds the key where the
    profile says. The report's `changes` hold values of rows, which may be names and plates.

    Args:
        profile: The profile's name, which is also what the account is called in the archive.
        settings: How to sync; the defaults if not given. Its `account` is not used.
        archive: Folder or address of the archive; if not given, that of the profile.

    Returns:
        What was done.

    Raises:
        ConfigurationError: There is no such profile, or its key cannot be read.
        ArchiveHeldError: Another run works on this account.
        SonnysError: As for `run`.

    Cost: as for `run`.
    """
    target = Archive(archive or archive_address(profile))
    chosen = replace(settings or SyncSettings(), account=profile)
    return with_fresh_key(lambda: SonnysClient.from_profile(profile), lambda client: run(client, target, chosen))


def with_fresh_key(open_client: Callable[[], SonnysClient], work: Callable[[SonnysClient], T]) -> T:
    """Work with a client; if its key is refused, and its source has another by now, work with that one.

    Args:
        open_client: Makes a client with the key that its source has now.
        work: What to do with it; it may be done twice.

    Raises:
        AuthenticationError: The key is refused, and the source has no other.
    """
    with open_client() as client:
        refused = client.workings.settings.account.api_key
        try:
            return work(client)
        except SiteAuthorizationError:
            raise
        except AuthenticationError:
            keys.forget_commands()
            with open_client() as fresh:
                if fresh.workings.settings.account.api_key == refused:
                    raise
                return work(fresh)


@dataclass(slots=True)
class FleetAccount:
    """One account of a fleet.

    Attributes:
        name: The profile's name.
        lease_name: What leases call the account.
        progress: Live counters.
        state: What became of it.
        report: What its sync did; None before its end, and if it failed.
        problem: Why it failed.
    """

    name: str
    lease_name: str = ""
    progress: SyncProgress = field(default_factory=SyncProgress)
    state: State = "waiting"
    report: SyncReport | None = None
    problem: Exception | None = None


Work = Callable[[FleetAccount, float | None, RedisLease | None], SyncReport]
"""Syncs an account, within so many minutes, under its lease."""


class Fleet:
    """Accounts that are synced side by side.

    Args:
        accounts: The accounts, in the order in which they begin.
        work: Syncs one of them. What it raises is its account's `problem`.
        jobs: How many at once.
        max_minutes: Minutes for all together; None for no limit.
        leases: Where workers on several machines take their accounts; None if there is only this one.
    """

    def __init__(
        self,
        accounts: Sequence[FleetAccount],
        work: Work,
        *,
        jobs: int,
        max_minutes: float | None = None,
        leases: RedisLeases | None = None,
    ) -> None:
        self.accounts = accounts
        self._work = work
        self._jobs = min(jobs, len(accounts))
        self._deadline = None if max_minutes is None else time.monotonic() + 60 * max_minutes
        self._leases = leases
        self._taking = threading.Lock()
        self._stopping = threading.Event()
        self._silent_since: float | None = None

    def run(self) -> None:
        """Sync all accounts. Ctrl-C stops them, and waits for them; a second one does not wait.

        Raises:
            KeyboardInterrupt: It was stopped so. Every account that had ended says how.
        """
        threads = [
            threading.Thread(target=self._serve, name=f"sonnys-fleet-{number}", daemon=True)
            for number in range(self._jobs)
        ]
        for thread in threads:
            thread.start()
        try:
            _join(threads)
        except KeyboardInterrupt:
            self.stop()
            _join(threads)
            raise
        finally:
            for account in self.accounts:
                if account.state == "waiting":
                    account.state = "stopped"

    def stop(self) -> None:
        """Have every account stop soon, and begin no other one: see `SyncProgress.stop`."""
        self._stopping.set()
        for account in self.accounts:
            account.progress.stop.set()

    def _serve(self) -> None:
        while (taken := self._take()) is not None:
            account, lease = taken
            try:
                account.report = self._work(account, self._minutes_left(), lease)
                account.state = "done" if account.report.stopped is None else "stopped"
            except Exception as problem:  # noqa: BLE001 - whatever it is, it is this account's, and costs no other
                if lease is not None and lease.lost:
                    account.state, account.progress = "waiting", SyncProgress()
                else:
                    account.state, account.problem = "failed", problem
            if lease is not None and self._leases is not None:
                self._leases.release(lease, done=account.state == "done")

    def _take(self) -> tuple[FleetAccount, RedisLease | None] | None:
        """Return the next account and its lease; None if there is nothing left to do."""
        while not self._over():
            with self._taking:
                waiting = [account for account in self.accounts if account.state == "waiting"]
                if not waiting:
                    return None
                for account in waiting:
                    lease = self._lease(account)
                    if lease != "held" and account.state == "waiting":
                        account.state = "running"
                        return account, lease
            self._stopping.wait(_LOOK_EVERY_S)
        return None

    def _lease(self, account: FleetAccount) -> RedisLease | Literal["held"] | None:
        """Take a lease, if there are leases; "held" also if the account needs none, and its state says why."""
        if self._leases is None:
            return None
        try:
            lease = self._leases.take(account.lease_name)
        except SonnysError as problem:
            self._silent_since = self._silent_since or time.monotonic()
            if time.monotonic() - self._silent_since > _PATIENCE_S:
                account.state, account.problem = "failed", problem
            return "held"
        self._silent_since = None
        if lease == "done":
            account.state = "elsewhere"
            return "held"
        return lease

    def _minutes_left(self) -> float | None:
        return None if self._deadline is None else max((self._deadline - time.monotonic()) / 60, 1e-3)

    def _over(self) -> bool:
        return self._stopping.is_set() or (self._deadline is not None and time.monotonic() >= self._deadline)


def _join(threads: Sequence[threading.Thread]) -> None:
    for thread in threads:
        while thread.is_alive():
            thread.join(0.2)  # a wait without end would not hear Ctrl-C on Windows
