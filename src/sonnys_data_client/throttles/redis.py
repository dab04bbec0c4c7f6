"""The throttle of several machines: the ledger lies in a Redis server that all of them reach (extra `redis`).

The server's own clock counts, so it does not matter how the clocks of the machines differ. A reservation is noted at a
time before the request starts, and an end at a time after it: what the network takes is on the safe side in both.

The ledger is read, changed here, and written back only if nobody else has changed it meanwhile.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Collection
from typing import Any, TypeVar

from sonnys_data_client.errors import ConfigurationError
from sonnys_data_client.throttles.shared import Keeper, KeeperAwayError, ledger_name, read_json

T = TypeVar("T")

_TIMEOUT_S = 1.0
_TRIES = 100
_CALM_TRIES = 3
"""After so many lost races each further try waits for a moment."""
_LIVES_S = 10
"""How long a process counts as alive after it last said so."""
_SAYS_SO_EVERY_S = 3.0
_KEPT_S = 3600
"""How long the server keeps a ledger that nobody uses."""
_SWAP = """
if (redis.call('GET', KEYS[1]) or '') == ARGV[1] then
    redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
    return 1
end
return 0
"""


class RedisKeeper(Keeper):
    """A ledger in a Redis server.

    Args:
        url: The server's address, such as `redis://host:6379/0`. It may hold a password, so it is never shown.
        base_url: Address of the API.
        api_id: The API ID. Only a digest of it reaches the server.

    Raises:
        ConfigurationError: The extra is missing, or the address is none.
    """

    def __init__(self, url: str, base_url: str, api_id: str) -> None:
        try:
            import redis
        except ImportError:
            raise ConfigurationError(
                "A throttle in Redis needs the package redis, which is not installed.",
                remedy="Install it: pip install 'sonnys-data-client[redis]'.",
            ) from None
        try:
            self._server = redis.Redis.from_url(url, socket_timeout=_TIMEOUT_S, socket_connect_timeout=_TIMEOUT_S)
        except ValueError:
            raise ConfigurationError(
                "The address of the throttle's Redis server cannot be read.",
                remedy="Give it as redis://host:6379/0 or rediss://user:password@host:6379/0.",
            ) from None
        self._failure = redis.RedisError
        self._swap = self._server.register_script(_SWAP)
        self._key = f"sonnys:throttle:{ledger_name(base_url, api_id)}"
        self._sign_stop = threading.Event()

    def step(self, change: Callable[[Any, float], tuple[Any, T]]) -> T:
        """Change the ledger, again and again until nobody has come between."""
        try:
            for number in range(_TRIES):
                with self._server.pipeline(transaction=False) as pipeline:
                    pipeline.time()
                    pipeline.get(self._key)
                    (seconds, micros), read = pipeline.execute()
                changed, found = change(None if read is None else read_json(read), seconds + micros / 1e6)
                text = json.dumps(changed, separators=(",", ":"))
                if self._swap(keys=[self._key], args=[read or b"", text, _KEPT_S]):
                    return found
                if number >= _CALM_TRIES:
                    time.sleep(random.uniform(0.0, 0.01))  # noqa: S311 - spreads tries, and hides nothing
        except self._failure as problem:
            raise KeeperAwayError(type(problem).__name__) from None  # its text may hold the address
        raise KeeperAwayError("too many others write at the same time")

    def enter(self, process: str) -> None:
        """Say every three seconds that this process lives, in a thread of its own."""
        self._say_so(process)
        self._sign_stop.set()
        stop = self._sign_stop = threading.Event()

        def keep_saying_so() -> None:
            while not stop.wait(_SAYS_SO_EVERY_S):
                try:
                    self._say_so(process)
                except KeeperAwayError:  # the next step hears of it
                    return

        threading.Thread(target=keep_saying_so, name="sonnys-throttle-alive", daemon=True).start()

    def dead(self, processes: Collection[str]) -> set[str]:
        """Those that have not said for ten seconds that they live."""
        listed = list(processes)
        if not listed:
            return set()
        try:
            said: Any = self._server.mget([self._sign(process) for process in listed])
        except self._failure as problem:
            raise KeeperAwayError(type(problem).__name__) from None
        return {process for process, sign in zip(listed, said, strict=True) if sign is None}

    def _say_so(self, process: str) -> None:
        try:
            self._server.set(self._sign(process), b"1", ex=_LIVES_S)
        except self._failure as problem:
            raise KeeperAwayError(type(problem).__name__) from None

    def _sign(self, process: str) -> str:
        return f"{self._key}:alive:{process}"
