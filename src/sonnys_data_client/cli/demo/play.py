"""The demo, step by step: serve, read, compare, show, write."""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console

from sonnys_data_client import Progress, SonnysClient, ThrottleLimits
from sonnys_data_client.cli.demo.figures import read_figures
from sonnys_data_client.cli.demo.summary import show
from sonnys_data_client.cli.errors import Refusal, Stopped
from sonnys_data_client.cli.files import Format, write_file
from sonnys_data_client.cli.layouts import Layout, nested, whole
from sonnys_data_client.cli.progress import shown
from sonnys_data_client.cli.screen import say, screen
from sonnys_data_client.errors import IncompleteError
from sonnys_data_client.models import Site, TransactionJobItem
from sonnys_data_client.sandbox import SandboxConfig
from sonnys_data_client.sandbox.http import RunningSandbox, SandboxClock, running_sandbox

__all__ = ["Day", "compare", "play", "yesterday"]

_LATENCY_S = 0.05
_JITTER = 0.4
_POLL_INTERVAL_S = 2.0
_ONE_DAY = timedelta(days=1)
_FILES: dict[Format, Layout] = {"ndjson": whole(), "parquet": nested()}


@dataclass(frozen=True, slots=True)
class Day:
    """One day by somebody's clock.

    Attributes:
        date: Which day.
        zone: Whose midnights bound it.
    """

    date: date
    zone: tzinfo

    def __str__(self) -> str:
        return f"{self.date:%A} {self.date.day} {self.date:%B %Y} ({self.zone})"

    @property
    def start(self) -> int:
        """Its first second, epoch."""
        return int(datetime(self.date.year, self.date.month, self.date.day, tzinfo=self.zone).timestamp())

    @property
    def stop(self) -> int:
        """The second after its last, epoch."""
        return Day(self.date + _ONE_DAY, self.zone).start


def yesterday(sites: Sequence[Site], now: datetime) -> Day:
    """The last whole day at the first site that has a time zone.

    Args:
        sites: The account's sites.
        now: Any aware moment.
    """
    zone: tzinfo = next((ZoneInfo(site.timezone) for site in sites if site.timezone), UTC)
    return Day(now.astimezone(zone).date() - _ONE_DAY, zone)


def play(out: Path, *, speed: float, sites: int, seed: int) -> None:
    """Play the demo; see `demo` for the arguments.

    Raises:
        Refusal: A value is not allowed.
        OSError: The files cannot be written.
        IncompleteError: The rows read are not those in the sandbox's books.
        Stopped: Ctrl-C.
    """
    try:
        config = SandboxConfig(seed=seed, sites=sites, jitter=_JITTER)
        SandboxClock(speed)
    except ValueError as problem:
        raise Refusal(str(problem)) from problem
    out.mkdir(parents=True, exist_ok=True)
    if not os.access(out, os.W_OK):
        raise Refusal(f"{out} cannot be written to: give another directory with --out.")
    progress = Progress()
    try:
        _play(out, speed, config, progress, screen())
    except KeyboardInterrupt:
        again = shlex.join(
            ["sonnys", "demo", f"--out={out}", f"--speed={speed:g}", f"--sites={sites}", f"--seed={seed}"]
        )
        pages = f"{progress.pages_done} of {progress.pages_known} pages had been read"
        kept = f"{pages}; files are written when all is in, and whole, so {out} holds no half of them"
        raise Stopped(kept, again) from None


def _play(out: Path, speed: float, config: SandboxConfig, progress: Progress, console: Console) -> None:
    limits = ThrottleLimits(limit=config.limit, window_s=config.window_s / speed)
    with running_sandbox(config, speed=speed, latency=_LATENCY_S) as local:
        say(console, f"A sandbox with made-up data answers at {local.base_url}.")
        if speed != 1:
            say(
                console,
                f"The sandbox runs at {speed:g}x real time: {config.window_s:g} s windows take {limits.window_s:g} s.",
            )
        with SonnysClient(local.api_id, local.api_key, base_url=local.base_url, throttle=limits) as client:
            sites = client.sites.list()
        day = yesterday(sites, datetime.now(UTC))
        say(console, f"Reading {day}: {', '.join(str(site.name) for site in sites)}.")
        say(console, f"The throttle serves {limits.limit} requests in {limits.window_s:g} s, so pages come in bursts.")
        began_s, asked_at = time.monotonic(), local.clock.now()
        with (
            SonnysClient(
                local.api_id, local.api_key, base_url=local.base_url, throttle=limits, timezone=day.zone
            ) as client,
            shown(lambda: progress, console, note=lambda: _wait(local)),
        ):
            rows = client.transactions.load_job(
                startDate=day.date, endDate=day.date, poll_interval=_POLL_INTERVAL_S / speed, progress=progress
            )
        took_s = time.monotonic() - began_s
        compare(rows, local, day, asked_at)
    say(
        console,
        f"Read {len(rows):,} transactions in {took_s:.1f} s; every one agrees with the sandbox's own books.",
        style="bold",
    )
    say(console, _cost(progress))
    zones: dict[str | None, tzinfo] = {site.code: ZoneInfo(site.timezone) for site in sites if site.timezone}
    show(read_figures(rows, zones, day.zone), console)
    for kind, layout in _FILES.items():
        file = out / f"transactions-{day.date}.{kind}"
        write_file((shaped for row in rows for shaped in layout.rows(row.to_api())), layout.columns, file, kind)
        say(console, f"Wrote {file} ({file.stat().st_size / 1000:,.0f} kB).")


def _wait(local: RunningSandbox) -> str:
    """What is being waited for, if it is the throttle."""
    windows = local.sandbox.windows()
    left_s = (windows[-1].resets_at - local.clock.now()) / local.clock.speed if windows else 0.0
    if left_s <= 0 or windows[-1].count < local.sandbox.config.limit:
        return ""
    return f"All {local.sandbox.config.limit} requests of this window are spent; the next opens in {left_s:.0f} s."


def _cost(progress: Progress) -> str:
    pages, requests = progress.pages_done, progress.requests
    return (
        f"{pages} pages took {requests} requests: {requests / max(1, pages):.2f} a page, where 2 is the least. "
        f"429s met: {progress.refusals}."
    )


def compare(rows: Sequence[TransactionJobItem], local: RunningSandbox, day: Day, asked_at: float) -> None:
    """Hold rows against the sandbox's own books.

    Args:
        rows: What was read.
        local: Where it was read.
        day: Which day.
        asked_at: When the reading began, by the sandbox's clock. Rows that became known since may be there or not.

    Raises:
        IncompleteError: Rows are missing, there twice, made up, or have another amount.
    """
    early, late = (
        {row.id: Decimal(row.total_cents) / 100 for row in local.sandbox.truth(day.start, day.stop, as_of=as_of)}
        for as_of in (asked_at, local.clock.now())
    )
    read = {row.id: row.total for row in rows}
    wrong = {
        "missing": len(early.keys() - read.keys()),
        "there twice": len(rows) - len(read),
        "unknown": len(read.keys() - late.keys()),
        "of another amount": sum(
            total not in (early.get(id_, total), late.get(id_, total)) for id_, total in read.items()
        ),
    }
    gaps = [f"{count} {what}" for what, count in wrong.items() if count]
    if gaps:
        raise IncompleteError(f"The rows are not those in the sandbox's books: {', '.join(gaps)}.", gaps=gaps)
