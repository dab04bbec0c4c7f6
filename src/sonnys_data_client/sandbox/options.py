"""The sandbox as a command: every option is written once, as a parameter of `run`.

Its signature holds the names, types and defaults; its docstring holds the help. `python -m
sonnys_data_client.sandbox` makes its arguments from the two, and so can any other command line.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from sonnys_data_client.sandbox.api import all_routes
from sonnys_data_client.sandbox.config import SandboxConfig
from sonnys_data_client.sandbox.faults import RATES, Faults
from sonnys_data_client.sandbox.openapi import describe
from sonnys_data_client.sandbox.quirks import Quirks, spelt
from sonnys_data_client.sandbox.render import Renderer

if TYPE_CHECKING:
    from sonnys_data_client.sandbox.http import RunningSandbox

__all__ = ["list_switches", "openapi", "run"]


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def run(
    *,
    port: int = 0,
    sites: int = 3,
    cars_per_day: int = 350,
    seed: int = 1,
    job_seconds: float = 2.0,
    jitter: float = 0.4,
    latency: float = 0.05,
    speed: float = 1.0,
    workers: int | None = None,
    quirk: Sequence[str] = (),
    fault: Sequence[str] = (),
    say: Callable[[str], None] = _say,
) -> None:
    """Serve a sandbox on this machine until Ctrl-C, and print its address and credentials.

    Args:
        port: TCP port; 0 takes any free one.
        sites: Physical sites of the car wash. With 3 or more there is also a web shop.
        cars_per_day: Washes a day at a typical site; 350 makes about 1,500 rows a day for 3 sites.
        seed: Decides the data, the job durations and the faults.
        job_seconds: How long a batch job runs; with jitter, the median.
        jitter: Spread of job durations (sigma of a log-normal); 0 makes all equally long.
        latency: Seconds that a request and its reply travel, together.
        speed: Sandbox seconds in one real second.
        workers: How many batch jobs run at once; no limit if left out.
        quirk: Answer to an open question about the live service, as name=value; may be repeated; see --list-switches.
        fault: Something that goes wrong, as name=rate; may be repeated; see --list-switches.
        say: Prints each text for the user.

    Raises:
        ValueError: A value is not allowed; the message is one sentence that says what is.
    """
    config = SandboxConfig(
        seed=seed,
        sites=sites,
        cars_per_day=cars_per_day,
        job_s=job_seconds,
        jitter=jitter,
        workers=workers,
        quirks=Quirks.from_text(quirk),
        faults=Faults.from_text(fault),
    )
    try:
        from sonnys_data_client.sandbox.http import serve
    except ModuleNotFoundError as missing:
        raise ValueError(f"Serving needs {missing.name}: run `pip install 'sonnys-data-client[sandbox]'`.") from missing
    try:
        serve(config, port=port, speed=speed, latency=latency, on_ready=lambda served: say(_welcome(served)))
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise ValueError(f"Port {port} cannot be used ({reason}): choose another, or 0 for any free one.") from problem
    say("Stopped.")


def openapi(quirk: Sequence[str] = ()) -> str:
    """Return the OpenAPI document, as JSON, of a sandbox with these quirks.

    Raises:
        ValueError: A quirk is not allowed.
    """
    quirks = Quirks.from_text(quirk)
    return json.dumps(describe(all_routes(quirks, Renderer(quirks))), indent=2)


def list_switches() -> str:
    """Return all quirks with their values and all faults, one a line."""
    lines = ["Quirks (--quirk name=value; the default comes first):"]
    for name, values in Quirks.choices().items():
        lines.append(f"  {name:<22} {' | '.join(map(spelt, values))}")
    lines.append("Faults (--fault name=rate, a rate from 0 to 1):")
    lines += [f"  {name}" for name in RATES]
    lines.append("Fault settings (--fault name=number):")
    lines.append(f"  {'stall_s':<22} how long a stall lasts, in seconds (default {Faults().stall_s:g})")
    lines.append(f"  {'rival':<22} requests per throttle period by another program with the same API ID (default 0)")
    lines.append(f"  {'until':<22} epoch second after which nothing goes wrong any more (default never)")
    return "\n".join(lines)


def _welcome(running: RunningSandbox) -> str:
    site_list = (
        f"curl -H 'X-Sonnys-API-ID: {running.api_id}' -H 'X-Sonnys-API-Key: {running.api_key}' "
        f"{running.base_url}/site/list"
    )
    return "\n".join(
        [
            f"Base URL  {running.base_url}",
            f"API ID    {running.api_id}",
            f"API key   {running.api_key}",
            f"Try       {site_list}",
            "Stop with Ctrl-C.",
        ]
    )
