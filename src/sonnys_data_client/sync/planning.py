"""Which days a sync reads, in which order, and why. Pure: it is told what the archive has, and the time.

```text
closing   not complete, and the server forgets it within `warn_days`    first, the oldest before the others
recent    ended within `reread_days`: rows change late                  then these, complete or not
gap       anything else that is not complete                            then the rest, oldest first
```

Today is read up to the last full ten minutes, so that a run that is begun again soon asks for the same.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from statistics import fmean
from typing import Literal

from sonnys_data_client.archive.evidence import Coverage, Evidence, Rule, closed, day_of, day_start
from sonnys_data_client.engine.windows import CACHE_S, DAY_S, SKEW_S, Window, history_start
from sonnys_data_client.errors import ValidationError
from sonnys_data_client.notebook import facts
from sonnys_data_client.sync.lists import SOURCES
from sonnys_data_client.words import plural

Reason = Literal["closing", "recent", "gap"]

_ORDER: Mapping[Reason, int] = {"closing": 0, "recent": 1, "gap": 2}
_TODAY_STEP_S = 600
_ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncSettings:
    """How to sync.

    Attributes:
        account: Name of the account in the archive, such as a profile's: letters, digits, `.`, `_` and `-`.
        start: First UTC day to read; None for all that the server has.
        stop: Last UTC day to read; None for today.
        reread_days: Days after its end in which a day is read again by every sync.
        proof_hours: Hours between the two proofs of a day that was read within `reread_days`.
        recount: Whether to have the server count the days again that are closed, and to read those whose count changed.
        warn_days: How many days before the server forgets a day that is not complete it comes first, and is warned of.
        max_requests: Most requests to send; None for no bound.
        max_minutes: Most minutes to take; None for no bound.
        timezone: Zone of sites that name none; None for UTC.
        timeout: Longest time for one job, in seconds.
        tables: Which tables to read besides transactions; None for all.
        since: First day of sign-ups that snapshots reach back to.
        adopt: Go on although the account was filled with another API ID or site code.
    """

    account: str = "main"
    start: date | None = None
    stop: date | None = None
    reread_days: float = 3.0
    proof_hours: float = 6.0
    recount: bool = True
    warn_days: int = 14
    max_requests: int | None = None
    max_minutes: float | None = None
    timezone: tzinfo | None = None
    timeout: float = 300.0
    tables: Collection[str] | None = None
    since: date = date(2015, 1, 1)
    adopt: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.account, str) or not _ACCOUNT.fullmatch(self.account):
            raise ValidationError(
                "cannot name a folder",
                parameter="account",
                value=self.account,
                allowed="1 to 64 letters, digits, '.', '_' and '-', of which the first is a letter or digit",
            )
        least = CACHE_S / 3600
        if not self.proof_hours > least:
            raise ValidationError(
                "is too short: the server repeats its answers for 20 minutes, so two counts closer than that may be "
                "one",
                parameter="proof_hours",
                value=self.proof_hours,
                allowed=f"above {least:.2f}",
            )
        unknown = set(self.tables or ()) - set(SOURCES)
        if unknown:
            raise ValidationError(
                "is not a table that can be read besides transactions",
                parameter="tables",
                value=", ".join(sorted(unknown)),
                allowed=list(SOURCES),
            )
        check_days("reread_days", self.reread_days)
        check_days("warn_days", self.warn_days)

    @property
    def others(self) -> list[str]:
        """The tables to read besides transactions, in their order."""
        return [name for name in SOURCES if self.tables is None or name in self.tables]

    @property
    def rule(self) -> Rule:
        """When a day is closed."""
        return Rule(self.reread_days, self.proof_hours * 3600)


def check_days(name: str, value: float) -> None:
    """Check a number of days within the history that the server keeps.

    Raises:
        ValidationError: It is not from 0 to 180.
    """
    if not 0 <= value <= 180:
        raise ValidationError(parameter=name, value=value, allowed="a number of days from 0 to 180")


@dataclass(frozen=True, slots=True)
class DueDay:
    """A day to read.

    Attributes:
        day: The UTC day.
        window: What to ask for: the whole day, or today so far.
        reason: Why.
    """

    day: date
    window: Window
    reason: Reason


@dataclass(frozen=True, slots=True)
class SyncPlan:
    """What a sync will read, and what it should cost. `str()` says it in a line or two.

    Attributes:
        days: The days of transactions to read, in this order.
        recounted: How many closed days the server is asked to count again.
        others: Other tables that are due, each with the requests that it should cost; None where it was not read yet.
        pages: Expected pages of 100 rows of transactions.
        requests: Expected requests, those for other tables included, as far as they are known.
        minutes: Expected minutes at the throttle's pace.
        learnt: Whether the expected rows are what the archive has seen, not a typical site's figure.
        warnings: What the operator should know: days that the server is about to forget.
    """

    days: Sequence[DueDay]
    recounted: int
    others: Mapping[str, int | None]
    pages: int
    requests: int
    minutes: float
    learnt: bool
    warnings: Sequence[str]

    def __str__(self) -> str:
        return "\n".join([self._of_transactions(), *self._of_others(), *self.warnings])

    def __repr__(self) -> str:
        return f"SyncPlan({'; '.join(str(self).splitlines())})"

    def _repr_html_(self) -> str:
        return facts(
            "Plan of a sync",
            {
                "days to read": f"{len(self.days):,}",
                "closed days to count again": f"{self.recounted:,}",
                "other tables": ", ".join(self.others),
                "pages, about": f"{self.pages:,}",
                "requests, about": f"{self.requests:,}",
                "minutes, about": f"{self.minutes:.1f}",
                "warnings": "; ".join(self.warnings),
            },
        )

    def _of_others(self) -> Iterator[str]:
        known = {name: cost for name, cost in self.others.items() if cost is not None}
        if known:
            yield f"besides: {', '.join(known)}: {_count(sum(known.values()), 'request')} of these, as the last time"
        if len(known) < len(self.others):
            yield f"besides, at a cost not known yet: {', '.join(name for name in self.others if name not in known)}"

    def _of_transactions(self) -> str:
        recount = f"{_count(self.recounted, 'closed day')} to count again" if self.recounted else ""
        if not self.days:
            cost = f": about {_count(self.requests, 'request')}" if self.requests else ""
            return f"No day to read{', ' if recount else ''}{recount}{cost}"
        what = f"{_count(len(self.days))} to read" + (f" and {recount}" if recount else "")
        source = "as seen before" if self.learnt else "assuming a typical site"
        return f"{what}: about {self.pages} pages, {self.requests} requests, {self.minutes:.1f} min ({source})"


def due_days(known: Mapping[date, Evidence], settings: SyncSettings, now: float) -> list[DueDay]:
    """Say which days to read, in order.

    Args:
        known: What the archive has, by UTC day.
        settings: How to sync.
        now: Epoch seconds.
    """
    due = _due(known, settings, now)
    return sorted(due, key=lambda day: (_ORDER[day.reason], day.day))


def _due(known: Mapping[date, Evidence], settings: SyncSettings, now: float) -> Iterator[DueDay]:
    oldest = history_start(now)
    last_second = int(now - SKEW_S) // _TODAY_STEP_S * _TODAY_STEP_S
    first = day_of(oldest + DAY_S - 1)
    if settings.start is not None:
        first = max(first, settings.start)
    last = day_of(last_second) if settings.stop is None else min(settings.stop, day_of(last_second))
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        window = Window(day_start(day), min(day_start(day) + DAY_S, last_second))
        evidence = known.get(day)
        if window.length_s <= 0 or (evidence is not None and _may_wait(evidence, day, window, settings, now)):
            continue
        recent = day_start(day) + DAY_S > now - settings.reread_days * DAY_S
        days_left = (window.start - oldest) // DAY_S
        yield DueDay(day, window, "recent" if recent else "closing" if days_left < settings.warn_days else "gap")


def _may_wait(evidence: Evidence, day: date, window: Window, settings: SyncSettings, now: float) -> bool:
    """Whether there is nothing to win by reading a day now."""
    if day_start(day) + DAY_S <= now - settings.reread_days * DAY_S:
        return closed(evidence, day, settings.rule, now)
    # The server would only repeat what it said.
    read_now = evidence.through >= window.stop and not evidence.gaps and not evidence.doubt
    return read_now and evidence.proved_last is not None and 0 <= now - evidence.proved_last < CACHE_S


def rows_a_day(known: Mapping[date, Evidence]) -> float | None:
    """Rows of a day of this account, by the days that were read whole; None if there is none."""
    whole = [evidence.rows for day, evidence in known.items() if evidence.through >= day_start(day) + DAY_S]
    return fmean(whole) if whole else None


def closing_history(coverage: Iterable[Coverage], warn_days: int = 14) -> list[str]:
    """Warnings of days that are not complete and that the server is about to forget: a line for each account.

    Args:
        coverage: What the archive has, as `Archive.coverage` says it.
        warn_days: How many days before.
    """
    closing: dict[str, list[Coverage]] = {}
    for day in coverage:
        if day.state in {"missing", "partial"} and 0 <= day.ages_out_in < warn_days:
            closing.setdefault(day.account, []).append(day)
    lines: list[str] = []
    for account, days in closing.items():
        first = min(days, key=lambda day: day.day)
        more = f" and on {_count(len(days) - 1)} after it" if len(days) > 1 else ""
        when = f"in {_count(first.ages_out_in)}" if first.ages_out_in else "today"
        lines.append(f"{account}: history closes {when} on {first.day.isoformat()}{more}: not complete")
    return lines


def _count(count: int, noun: str = "day") -> str:
    return f"{count} {plural(count, noun)}"
