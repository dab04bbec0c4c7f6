"""A process that meets hostile servers with one of our clients, and says how it went and what it cost.

Run: python -m tests.hostile.client sync|async, with the base URL of each case as JSON on standard input.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from resource import RUSAGE_SELF, getrusage
from typing import Any

from sonnys_data_client import AsyncSonnysClient, SonnysClient, ThrottleLimits
from sonnys_data_client.errors import SonnysError
from tests.hostile.forms import CASES

KEY = "sk-very-secret"
AT_ONCE = 12
_PAUSE_S = 0.3
"""Between two calls: then what a server says a little later has come."""


def options(name: str) -> dict[str, Any]:
    """A client that tries once, and that no throttle slows down."""
    return {
        "timeout": CASES[name].timeout_s,
        "max_retries": 0,
        "call_timeout": 0.5,
        "throttle": ThrottleLimits(1000, 1.0),
    }


def meet(name: str, base_url: str) -> dict[str, Any]:
    """Meet one server with the sync client."""
    began, ends = time.monotonic(), []
    with SonnysClient("id", KEY, base_url=base_url, **options(name)) as client:
        for call in range(CASES[name].calls):
            time.sleep(_PAUSE_S if call else 0)
            try:
                ends.append(["right", str(client.sites.list())])
            except SonnysError as error:
                ends.append([type(error).__name__, str(error)])
    return {"ends": ends, "took_s": time.monotonic() - began}


async def meet_async(name: str, base_url: str) -> dict[str, Any]:
    """Meet one server with the async client."""
    began, ends = time.monotonic(), []
    async with AsyncSonnysClient("id", KEY, base_url=base_url, **options(name)) as client:
        for call in range(CASES[name].calls):
            await asyncio.sleep(_PAUSE_S if call else 0)
            try:
                ends.append(["right", str(await client.sites.list())])
            except SonnysError as error:
                ends.append([type(error).__name__, str(error)])
    return {"ends": ends, "took_s": time.monotonic() - began}


def meet_all(urls: Mapping[str, str], told: dict[str, Any]) -> None:
    """Meet the servers, those that are after our memory one at a time."""
    light = [name for name in urls if not CASES[name].is_heavy]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        told |= zip(light, pool.map(lambda name: meet(name, urls[name]), light), strict=True)
    for name in urls.keys() - set(light):
        told[name] = weighed(lambda name=name: meet(name, urls[name]))


async def meet_all_async(urls: Mapping[str, str], told: dict[str, Any]) -> None:
    """The same in one event loop."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(name: str) -> None:
        async with room:
            told[name] = await meet_async(name, urls[name])

    await asyncio.gather(*(one(name) for name in urls if not CASES[name].is_heavy))
    for name in urls:
        if CASES[name].is_heavy:
            before = peak_bytes()
            told[name] = await meet_async(name, urls[name])
            told[name]["grew_bytes"] = peak_bytes() - before


def weighed(call: Any) -> dict[str, Any]:
    """Do something, and note how far the process grew beyond its largest size so far."""
    before = peak_bytes()
    told: dict[str, Any] = call()
    told["grew_bytes"] = peak_bytes() - before
    return told


def peak_bytes() -> int:
    """The most memory that this process has had."""
    return getrusage(RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main() -> None:
    """Meet all servers, and print what came of it."""
    urls: dict[str, str] = json.load(sys.stdin)
    told: dict[str, Any] = {}
    before = peak_bytes()
    if sys.argv[1] == "async":
        asyncio.run(meet_all_async(urls, told))
    else:
        meet_all(urls, told)
    print(json.dumps({"cases": told, "grew_bytes": peak_bytes() - before}))


if __name__ == "__main__":
    main()
