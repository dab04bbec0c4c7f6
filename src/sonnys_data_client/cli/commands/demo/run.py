"""What `sonnys demo` does: serve a sandbox, sync, kill the sync, sync again, compare, show."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from rich.console import Console

from sonnys_data_client import ThrottleLimits
from sonnys_data_client.archive import Archive
from sonnys_data_client.archive.evidence import day_start
from sonnys_data_client.cli.commands.demo.books import compare
from sonnys_data_client.cli.commands.sql import run as asking
from sonnys_data_client.cli.commands.status import run as coverage
from sonnys_data_client.cli.errors import Failure, Refusal, Stopped
from sonnys_data_client.cli.session import Session
from sonnys_data_client.cli.show.screen import say, screen
from sonnys_data_client.cli.wording import quoted
from sonnys_data_client.errors import ValidationError
from sonnys_data_client.sandbox import SandboxConfig
from sonnys_data_client.sandbox.clock import SandboxClock
from sonnys_data_client.sandbox.http import RunningSandbox, running_sandbox
from sonnys_data_client.words import counted

__all__ = ["Scene", "play"]

_ACCOUNT = "demo"
_LATENCY_S = 0.05
_JITTER = 0.4
_LOOK_EVERY_S = 0.02
_DAY = timedelta(days=1)
_OTHER_DIRECTORY = "Give another directory with --out."
_QUESTION = """\
SELECT business_date AS day, count(*) AS transactions,
       count(*) FILTER (is_recurring_redemption) AS of_members,
       round(sum(total) FILTER (NOT is_recurring_redemption), 2) AS money
FROM transactions WHERE business_date >= '{first}'
GROUP BY ALL ORDER BY ALL"""


@dataclass(frozen=True, slots=True)
class Scene:
    """The settings of a demo; `demo` in `options` says what each is."""

    out: Path
    speed: float
    sites: int
    days: int
    seed: int

    @property
    def archive(self) -> Path:
        """Folder of the archive."""
        return self.out / "archive"

    @property
    def command(self) -> str:
        """The command that runs the demo again."""
        settings = {
            "out": self.out,
            "speed": f"{self.speed:g}",
            "sites": self.sites,
            "days": self.days,
            "seed": self.seed,
        }
        return shlex.join(["sonnys", "demo", *(f"--{name}={value}" for name, value in settings.items())])


def play(scene: Scene) -> None:
    """Run the demo.

    Raises:
        Refusal, ValidationError: An option is wrong, or the folder holds something else.
        OSError: The archive cannot be written.
        IncompleteError: The rows in the archive differ from those in the sandbox's books.
        Failure: A sync did not end as it should.
        Stopped: Ctrl-C.
    """
    try:
        config = SandboxConfig(seed=scene.seed, sites=scene.sites, jitter=_JITTER)
        SandboxClock(scene.speed)
    except ValueError as problem:
        raise Refusal(str(problem)) from problem
    if not 1 <= scene.days <= 180:
        raise ValidationError(parameter="days", value=scene.days, allowed="a whole number from 1 to 180")
    _clear(scene)
    with running_sandbox(config, speed=scene.speed, latency=_LATENCY_S) as local:
        try:
            _play(scene, local, screen())
        except KeyboardInterrupt:
            raise Stopped(f"the rows that came are in {scene.archive}", scene.command) from None


def _clear(scene: Scene) -> None:
    """Remove the archive of an earlier demo. Anything else in the folder stays."""
    scene.out.mkdir(parents=True, exist_ok=True)
    if not os.access(scene.out, os.W_OK):
        raise Refusal(f"--out {quoted(scene.out)} is a directory that is read-only.", _OTHER_DIRECTORY)
    archive = Archive(scene.archive)
    if not archive.exists():
        return
    if not set(archive.accounts()) <= {_ACCOUNT}:
        raise Refusal(f"{scene.archive} holds an archive of other accounts.", _OTHER_DIRECTORY)
    shutil.rmtree(scene.archive)


def _play(scene: Scene, local: RunningSandbox, talk: Console) -> None:
    limits = ThrottleLimits(limit=local.sandbox.config.limit, period_s=local.sandbox.config.period_s / scene.speed)
    say(talk, f"A sandbox with made-up data answers at {local.base_url}.")
    if scene.speed != 1:
        say(
            talk,
            f"Its clock runs {scene.speed:g} times as fast as this machine's: 15 s of its throttle take "
            f"{limits.period_s:g} s.",
        )
    began, today = local.clock.now(), datetime.fromtimestamp(local.clock.now(), UTC).date()
    span = (today - scene.days * _DAY, today)
    sync = _Sync(
        ["sync", "--only-transactions", f"--since={span[0]}", f"--account={_ACCOUNT}", f"--archive={scene.archive}"],
        {
            # The user's own settings must not reach the sync.
            **{name: value for name, value in os.environ.items() if not name.startswith("SONNYS_")},
            "SONNYS_API_ID": local.api_id,
            "SONNYS_API_KEY": local.api_key,
            "SONNYS_BASE_URL": local.base_url,
            "SONNYS_THROTTLE": f"{limits.limit}/{limits.period_s:g}",
        },
        talk,
    )
    books = _books(local, span, began)
    log = local.sandbox.log
    half = 3 * len(books) // 200  # of the requests, which are three for each page of 100 rows
    if not sync.run_until(lambda: len(log) >= half):
        raise Failure("The sync ended before it could be killed.", "Give the demo more --days.")
    say(talk, f"Killed the sync (SIGKILL) after {len(log)} requests. The same command goes on:", style="bold")
    sync.run_until(lambda: False)
    archive = Archive(scene.archive)
    with archive.sql("SELECT id, total FROM transactions WHERE date < ?", [today]) as answer:
        rows = answer.fetchall()
    compare(rows, books, _books(local, span, local.clock.now()))
    say(
        talk,
        f"All {len(rows):,} transactions of {counted(scene.days, 'day')} are as in the sandbox's books.",
        style="bold",
    )
    pages = sum(-(-evidence.rows // 100) for evidence in archive.evidence().values())
    refused = sum(entry.status == 429 for entry in log)
    say(
        talk,
        f"Both syncs together took {len(log)} requests for {pages} pages: {len(log) / pages:.2f} a page, and 3 is the "
        f"least possible. 429s met: {refused}.",
    )
    _ask(scene, span, talk)


def _ask(scene: Scene, span: tuple[date, date], talk: Console) -> None:
    session = Session(archive=str(scene.archive))
    when = f"{span[0]}..{span[1]}"
    _prompt(talk, ["status", "--when", when, "--archive", session.archive_address])
    coverage.run(session, account=None, when=when, warn_days=0, as_json=False)
    question = _QUESTION.format(first=span[0])
    _prompt(talk, ["sql", question, "--archive", session.archive_address])
    asking.run(session, question, out=None, wish="table")


@dataclass(frozen=True, slots=True)
class _Sync:
    """A sync in another process, which writes to this terminal."""

    words: list[str]
    environment: Mapping[str, str]
    talk: Console

    def run_until(self, is_enough: Callable[[], bool]) -> bool:
        """Run the sync to its end, or kill it as soon as `is_enough` says so.

        Returns:
            Whether it was killed.

        Raises:
            Failure: It ended with an error.
        """
        _prompt(self.talk, self.words)
        # In a session of its own, so that Ctrl-C reaches only this process, which says how to go on.
        process = subprocess.Popen(  # noqa: S603 - a command of our own
            [sys.executable, "-m", "sonnys_data_client", *self.words],
            env=self.environment,
            start_new_session=True,
        )
        try:
            while process.poll() is None and not is_enough():
                time.sleep(_LOOK_EVERY_S)
        finally:
            was_killed = process.poll() is None
            process.kill()
            process.wait()
        if was_killed:
            self.talk.show_cursor()  # the killed sync had hidden it
            self.talk.print()
        elif process.returncode:
            raise Failure("The sync ended with an error.", "See above for what to do.")
        return was_killed


def _books(local: RunningSandbox, span: tuple[date, date], as_of: float) -> dict[str, Decimal]:
    """Return the sandbox's own amounts by id, for some UTC days, as of a moment."""
    start, stop = (day_start(day) for day in span)
    return {row.id: Decimal(row.total_cents) / 100 for row in local.sandbox.truth(start, stop, as_of=as_of)}


def _prompt(talk: Console, words: Sequence[str]) -> None:
    talk.print()
    say(talk, f"$ sonnys {' '.join(map(_quoted, words))}", style="cyan")


def _quoted(word: str) -> str:
    """Quote a word as a person would type it: SQL is easier to read in double quotes."""
    return f'"{word}"' if "'" in word and not set('"$`\\\\!') & set(word) else shlex.quote(word)
