"""Leases: leave to work on an account, for workers on several machines. Kept in Redis.

Identical workers each have all accounts. Whoever takes the lease of an account syncs it, and renews the lease
meanwhile. A worker that dies renews nothing, so its leases run out after 15 seconds, and another worker takes them. A
worker that could not renew a lease in time has lost it, and writes nothing more: every write asks first.

Each lease has a *fence*, a number higher than all before. The archive's lock keeps it, so that a later lease takes over
from an earlier one at once (`archive.lock`). If Redis has lost its data, the numbers begin again. Then a lock is taken
over as one without a lease is.

An account that was synced to its end is *done* for an hour: no worker takes it again in the same night.

Three keys for each account, below `sonnys:lease:`. They hold no secret: the account's name and the archive's address as
a digest, random tokens and numbers.
"""

from __future__ import annotations

import hashlib
import threading
import time
import uuid
from contextlib import suppress
from importlib import import_module
from typing import Any, Literal

from sonnys_data_client.errors import ArchiveHeldError, ConfigurationError, SonnysError

TTL_S = 15.0
"""A lease that was not renewed for this long is free."""
DONE_S = 3600.0
_SOCKET_S = 5.0
_DRIFT_S = 1.0
"""A worker gives a lease up so long before Redis does: two clocks never run equally fast."""
_PREFIX = "sonnys:lease"

_TAKE = """
if redis.call('EXISTS', KEYS[3]) == 1 then return -1 end
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return redis.call('INCR', KEYS[2]) end
return 0
"""
_RENEW = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0"
_RELEASE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[2] ~= '0' then redis.call('SET', KEYS[3], '1', 'PX', ARGV[2]) end
return redis.call('DEL', KEYS[1])
"""


class RedisLease:
    """The lease of one account.

    Args:
        name: The account, as `lease_name` calls it.
        token: What tells this lease from others.
        fence: A number higher than that of every earlier lease of the account.
        until: Until when it is held, in monotonic seconds.
    """

    def __init__(self, name: str, token: str, fence: int, until: float) -> None:
        self.name = name
        self.token = token
        self.until = until
        self._fence = fence

    @property
    def fence(self) -> int:
        """A number higher than that of every earlier lease of the account."""
        return self._fence

    @property
    def lost(self) -> bool:
        """Whether another worker may have the account by now."""
        return time.monotonic() >= self.until

    def check(self) -> None:
        """Check that the lease is still held.

        Raises:
            ArchiveHeldError: It is not.
        """
        if self.lost:
            raise ArchiveHeldError(
                "The lease of this account was lost: it could not be renewed in time.",
                remedy="Another worker goes on, or this one once it has the lease again.",
            )


class RedisLeases:
    """The leases that a worker takes. Safe from any thread.

    Args:
        url: Where Redis is: `redis://host:6379/0`; it may hold a password, which is never shown.
        ttl_s: A lease that was not renewed for this long is free, in seconds. Give all workers the same.
        done_s: How long an account that was synced is not taken again, in seconds.
        prefix: How the names of the keys begin. Give all workers the same.

    Raises:
        ConfigurationError: The address is not understood, or the extra `redis` is not installed.
    """

    def __init__(self, url: str, *, ttl_s: float = TTL_S, done_s: float = DONE_S, prefix: str = _PREFIX) -> None:
        try:
            redis: Any = import_module("redis")
        except ModuleNotFoundError:
            raise ConfigurationError(
                "Leases need redis, which is not installed.", remedy="Run pip install 'sonnys-data-client[redis]'."
            ) from None
        try:
            self._redis = redis.Redis.from_url(url, socket_timeout=_SOCKET_S, socket_connect_timeout=_SOCKET_S)
        except ValueError:  # its words may quote the password
            raise ConfigurationError(parameter="lease", allowed="an address such as redis://host:6379/0") from None
        about = self._redis.connection_pool.connection_kwargs
        self._place = f"{about.get('host', about.get('path'))}:{about.get('port', '')}".rstrip(":")
        self._problems: tuple[type[Exception], ...] = (redis.RedisError, OSError)
        self._ttl_ms, self._done_ms, self._prefix = int(ttl_s * 1000), int(done_s * 1000), prefix
        self._held: dict[str, RedisLease] = {}
        self._closed = threading.Event()
        self._renewing: threading.Thread | None = None
        self._lock = threading.Lock()

    def take(self, name: str) -> RedisLease | Literal["held", "done"]:
        """Take the lease of an account, and renew it from now on.

        Args:
            name: The account, as `lease_name` calls it.

        Returns:
            The lease; or that another worker holds it, or that the account is done.

        Raises:
            SonnysError: Redis does not answer.
        """
        token, asked_at = uuid.uuid4().hex, time.monotonic()
        fence = int(self._run(_TAKE, name, token, self._ttl_ms))
        if fence <= 0:
            return "held" if fence == 0 else "done"
        lease = RedisLease(name, token, fence, self._until(asked_at))
        with self._lock:
            self._held[name] = lease
            if self._renewing is None:
                self._renewing = threading.Thread(target=self._renew, name="sonnys-leases", daemon=True)
                self._renewing.start()
        return lease

    def release(self, lease: RedisLease, *, done: bool) -> None:
        """Let an account go; without Redis, its lease runs out by itself.

        Args:
            lease: Its lease.
            done: Whether it was synced to its end.
        """
        with self._lock:
            self._held.pop(lease.name, None)
        with suppress(SonnysError):
            self._run(_RELEASE, lease.name, lease.token, self._done_ms if done else 0)

    def close(self) -> None:
        """Let all accounts go."""
        for lease in list(self._held.values()):
            self.release(lease, done=False)
        self._closed.set()
        if self._renewing is not None:
            self._renewing.join()
        self._redis.close()

    def _renew(self) -> None:
        while not self._closed.wait(self._ttl_ms / 3000):
            with self._lock:
                held = list(self._held.values())
            for lease in held:
                asked_at = time.monotonic()
                with suppress(SonnysError):  # it is lost only if this goes on until it runs out
                    if int(self._run(_RENEW, lease.name, lease.token, self._ttl_ms)):
                        lease.until = self._until(asked_at)
                    else:
                        lease.until = asked_at

    def _until(self, asked_at: float) -> float:
        return asked_at + self._ttl_ms / 1000 - min(_DRIFT_S, self._ttl_ms / 5000)

    def _run(self, script: str, name: str, *values: str | int) -> Any:
        # In braces is what decides where a cluster keeps a key: the three belong together.
        keys = [f"{self._prefix}:{{{name}}}:{kind}" for kind in ("holder", "fence", "done")]
        try:
            return self._redis.eval(script, len(keys), *keys, *values)
        except self._problems as problem:
            # Not its words: they may quote the address with the password.
            raise SonnysError(
                f"Redis at {self._place} does not answer ({type(problem).__name__}).",
                remedy="Check that it runs and can be reached, and run it again.",
            ) from None


def lease_name(archive: str, account: str) -> str:
    """Return what a lease calls an account: the same on every machine that has the archive at the same address."""
    return f"{account}-{hashlib.sha256(archive.encode()).hexdigest()[:16]}"
