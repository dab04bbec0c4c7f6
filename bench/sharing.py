"""Several processes on one API ID in real time, over HTTP: refusals, the part of the ceiling, and the shares.

Each process makes one call after the other, as fast as it is let. A person's process comes in between, with one call
now and then. The sandbox counts as the API does, 20 requests in 15 s, by the clock.

The last figure is what a slot costs: one reservation and its end, without others.

Run: python -m bench.sharing [--processes 8] [--periods 6] [--keeper machine]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections import Counter

from sonnys_data_client.engine.throttle import PERIOD_S, SLOTS, ThrottleLimits
from sonnys_data_client.engine.wire import Response
from sonnys_data_client.sandbox import SandboxConfig
from sonnys_data_client.sandbox.http import RunningSandbox, running_sandbox
from sonnys_data_client.throttles.keepers import throttle_at

LATENCY_S = 0.15
PERSON_EVERY_S = 7.0

WORKER = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
from sonnys_data_client import SonnysClient
from sonnys_data_client.engine.call import call
from sonnys_data_client.engine.wire import Request
url, api_id, api_key, keeper, counts_from, ends_at, every_s = sys.argv[1:]
client = SonnysClient(api_id, api_key, base_url=url, throttle_keeper=keeper, call_timeout=600.0)
print("ready", flush=True)
sys.stdin.readline()
longest = sent = 0

def bulk(_):
    global sent
    while time.time() < float(ends_at):
        client.workings.driver.run(call(Request("GET", "/site/list", ()), client.workings.settings.context.policy))
        sent += time.time() > float(counts_from)

if every_s == "0":
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(bulk, range(8)))
else:
    waits = []
    while time.time() < float(ends_at):
        began = time.monotonic()
        client.sites.list()
        waits.append(time.monotonic() - began)
        time.sleep(float(every_s))
    print(*(f"{wait:.3f}" for wait in waits), flush=True)
    sys.exit()
print(sent, flush=True)
"""


def main() -> None:
    """Print a line for each keeper."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--periods", type=int, default=6)
    parser.add_argument("--keeper", action="append", help="process, machine or a Redis address; default: all three")
    asked = parser.parse_args()
    keepers = asked.keeper or ["process", "machine", "redis://127.0.0.1:6379/0"]
    print(f"{asked.processes} processes, {asked.periods} periods of {PERIOD_S:g} s, one API ID")
    print("keeper      429s  of ceiling  off share    person, s: first, longest  a slot, ms")
    for keeper in keepers:
        with tempfile.TemporaryDirectory() as folder, running_sandbox(SandboxConfig(), latency=LATENCY_S) as server:
            here = f"machine:{folder}/throttle" if keeper == "machine" else keeper
            shares, waits = shared(server, here, asked.processes, asked.periods)
            refused = sum(entry.status == 429 for entry in server.sandbox.log)
            full = Counter(entry.period for entry in server.sandbox.log if entry.status == 200)
            middle = [full[period] for period in sorted(filter(None, full))[1:-1]]
            mean = sum(shares) / len(shares)
            off = max(abs(share - mean) for share in shares) / mean
            print(
                f"{keeper.split(':')[0]:10} {refused:5}  {sum(middle) / (SLOTS * len(middle)):10.1%} {off:10.1%} "
                f"{waits[0]:19.2f}, {max(waits[1:], default=0.0):7.2f} {slot_ms(here):11.3f}"
            )


def shared(server: RunningSandbox, keeper: str, processes: int, periods: int) -> tuple[list[int], list[float]]:
    """Let processes share an API ID; returns each one's requests after the first period, and the person's waits."""
    begins_at = time.time() + 0.5 * processes
    times = [str(begins_at + PERIOD_S), str(begins_at + periods * PERIOD_S)]
    everyone = []
    for number in range(processes + 1):
        every_s = str(PERSON_EVERY_S) if number == processes else "0"
        arguments = [server.base_url, server.api_id, server.api_key, keeper, *times, every_s]
        everyone.append(
            subprocess.Popen(
                [sys.executable, "-c", WORKER, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        )
    for process in everyone:
        assert process.stdout is not None
        process.stdout.readline()
    for process in everyone:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    said = [process.communicate()[0].split() for process in everyone]
    return [int(words[0]) for words in said[:-1]], [float(word) for word in said[-1]]


def slot_ms(keeper: str) -> float:
    """What one reservation and its end take, in milliseconds."""
    throttle = throttle_at(keeper, "http://localhost/v1", f"bench-{time.time()}", ThrottleLimits(20, 0.0001, 0.0))
    served, taken, began = Response(200, b"{}", {}), 0, time.perf_counter()
    while taken < 500:
        token = throttle.reserve(time.monotonic()).token
        if token is not None:
            throttle.record_end(token, served, time.monotonic(), time.time())
            taken += 1
    return (time.perf_counter() - began) / taken * 1e3


if __name__ == "__main__":
    main()
