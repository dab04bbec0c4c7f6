"""Decide which days of transactions a sync reads, in which order, and why.

```text
expiring  not closed, and the server forgets it within `warn_days`    first, oldest first
recent    ended at most `reread_days` ago, closed or not              second, because rows change late
gap       any other day that is not closed                            last, oldest first
```

A day is closed once it is proved complete, late enough or twice: `archive.evidence` has the rule. A disputed day is not
closed, so every sync reads it once more, until its rows come again or a person decides.

Today is read up to the last full ten minutes, so that a run that starts again soon asks for the same range.

Pure: the caller passes what the archive has, and the time.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from statistics import fmean
from typing import Literal, get_args

from sonnys_data_client.archive.account_names import ACCOUNT, ALLOWED
from sonnys_data_client.archive.dispute import LossLimits
from sonnys_data_client.archive.evidence import (
    Coverage,
    Evidence,
    Rule,
    closed,
    day_end,
    day_of,
    day_start,
    oddly_empty,
)
from sonnys_data_client.engine.windows import CACHE_S, DAY_S, SKEW_S, Window, history_start
from sonnys_data_client.errors import ValidationError
from sonnys_data_client.notebook import facts
from sonnys_data_client.redaction import Redaction
from sonnys_data_client.sync.lists import SOURCES, TableCall, calls_due
from sonnys_data_client.words import counted

Reason = Literal["expiring", "recent", "gap"]
"""Why a day is read; the module explains each."""

Audit = Literal["weekly", "now", "off"]
"""When closed days are compared with the server's list: see `SyncSettings`."""

_ORDER: Mapping[Reason, int] = {"expiring": 0, "recent": 1, "gap": 2}
_TODAY_STEP_S = 600
_LIMITS = LossLimits()
_ACCOUNT = re.compile(ACCOUNT)


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncSettings:
    """How to sync: which days and tables to read, and how much to spend.

    Attributes:
        account: Name of the account in the archive, such as a profile's: letters, digits, `.`, `_` and `-`.
        start: First day to read, by the sites' clocks; None for the oldest that the server has.
        end: Last day to read, likewise; None for today.
        reread_days: Each sync reads a day again until so many days after its end, because rows change late. Days of
            some other tables have a longer window of their own: see `sync.lists.SOURCES`.
        proof_hours: A day read within `reread_days` of its end is closed after two proofs, so many hours apart.
        recount: Whether to have the server count closed days again, and to read those whose count has changed. The
            counts take about one request for each month, of transactions and of each table of events that has counts.
        statuses: Whether to join statuses to the transactions of each day that is read, from a list: half as many
            requests more. Without, only the audit joins those that it reads.
        audit: When to compare closed days with the server's list of ids, totals and statuses, and to read again those
            that differ: `weekly`, a seventh of the days each night; all of them `now`; or `off`.
        audit_days: Days after its end in which a day is audited.
        warn_days: So many days before the server forgets a day that is not closed, the day is read first, and a
            warning names it.
        max_requests: Most requests to send; None for no limit.
        max_minutes: Most minutes to take; None for no limit.
        timezone: Time zone of `start` and `end`, and of sites that name none. None for the client's, else each site's
            own, else that of most sites.
        timeout: Longest time for one job, in seconds.
        tables: Which tables to read besides transactions; None for all.
        members_since: First day of sign-ups to read: of the snapshots of recurring accounts and of wash books.
        adopt: Go on although the account's rows in the archive came with another API ID or site code.
        loss_rows: So many rows may leave a day without a person's consent, or so many as a person accepted before.
        loss_share: Likewise, as a share of the day's rows from 0 to 1. The greater number counts.
        snapshot_loss_share: Likewise, as a share of a snapshot's rows.
        redact: Personal data to hide in what is written from now on, besides what the archive hides already. None for
            no more than that. `Archive.redact` hides it in what is there.
    """

    account: str = "main"
    start: date | None = None
    end: date | None = None
    reread_days: float = 3.0
    proof_hours: float = 6.0
    recount: bool = True
    statuses: bool = True
    audit: Audit = "weekly"
    audit_days: int = 35
    warn_days: int = 14
    max_requests: int | None = None
    max_minutes: float | None = None
    timezone: tzinfo | None = None
    timeout: float = 300.0
    tables: Collection[str] | None = None
    members_since: date = date(2015, 1, 1)
    adopt: bool = False
    loss_rows: int = _LIMITS.rows
    loss_share: float = _LIMITS.share
    snapshot_loss_share: float = _LIMITS.snapshot_share
    redact: Redaction | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.account, str) or not _ACCOUNT.fullmatch(self.account):
            raise ValidationError(
                "cannot name a folder",
                parameter="account",
                value=self.account,
                allowed=ALLOWED,
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
        if self.audit not in get_args(Audit):
            raise ValidationError(parameter="audit", value=self.audit, allowed=list(get_args(Audit)))
        check_days("reread_days", self.reread_days)
        check_days("audit_days", self.audit_days)
        check_days("warn_days", self.warn_days)
        if not self.loss_rows >= 0:
            raise ValidationError(parameter="loss_rows", value=self.loss_rows, allowed="a number of rows, 0 or more")
        for name in ("loss_share", "snapshot_loss_share"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValidationError(parameter=name, value=getattr(self, name), allowed="a share from 0 to 1")

    @property
    def other_tables(self) -> list[str]:
        """Names of the tables to read besides transactions, in the order in which they are read."""
        return [name for name in SOURCES if self.tables is None or name in self.tables]

    @property
    def rule(self) -> Rule:
        """The archive's rule for when a day is closed, with these settings."""
        return Rule(self.reread_days, self.proof_hours * 3600)

    def limits(self, known: Iterable[Evidence]) -> LossLimits:
        """Return how many rows may leave a day or a snapshot, given what a person accepted before.

        Args:
            known: What the archive has of the table.
        """
        given = LossLimits(self.loss_rows, self.loss_share, self.snapshot_loss_share)
        return given.learnt(evidence.accepted_loss for evidence in known)


def check_days(name: str, value: float) -> None:
    """Check a number of days within the history that the server keeps.

    Raises:
        ValidationError: It is not from 0 to 180.
    """
    if not 0 <= value <= 180:
        raise ValidationError(parameter=name, value=value, allowed="a number of days from 0 to 180")


@dataclass(frozen=True, slots=True)
class DueDay:
    """A day of transactions to read.

    Attributes:
        day: The UTC day.
        window: What to ask the server for: the whole day, or today so far.
        reason: Why it is read.
    """

    day: date
    window: Window
    reason: Reason


@dataclass(frozen=True, slots=True)
class SyncPlan:
    """What a sync will read, and what that should cost. `str()` says it in a few lines.

    Attributes:
        days: Days of transactions to read, in this order.
        days_to_recount: How many closed days the server is asked to count again.
        other_tables: Other tables to read, each with the requests that the last reading suggests; None for a table
            that was not read yet.
        pages: Expected pages of 100 transactions.
        requests: Expected requests for everything, except for tables whose cost is not known yet.
        minutes: Expected minutes at the throttle's pace.
        learnt: Whether the expected rows come from what the archive has; else from a typical site.
        warnings: Incomplete days that the server is about to forget, a line for each account.
        days_to_list: How many days that are here already are compared with the server's list, or given statuses.
    """

    days: Sequence[DueDay]
    days_to_recount: int
    other_tables: Mapping[str, int | None]
    pages: int
    requests: int
    minutes: float
    learnt: bool
    warnings: Sequence[str]
    days_to_list: int = 0

    def __str__(self) -> str:
        return "\n".join([self._transactions_line(), *self._other_tables_lines(), *self.warnings])

    def __repr__(self) -> str:
        return f"SyncPlan({'; '.join(str(self).splitlines())})"

    def _repr_html_(self) -> str:
        return facts(
            "Plan of a sync",
            {
                "days to read": f"{len(self.days):,}",
                "closed days to count again": f"{self.days_to_recount:,}",
                "days to compare with the list": f"{self.days_to_list:,}",
                "other tables": ", ".join(self.other_tables),
                "pages, about": f"{self.pages:,}",
                "requests, about": f"{self.requests:,}",
                "minutes, about": f"{self.minutes:.1f}",
                "warnings": "; ".join(self.warnings),
            },
        )

    def _transactions_line(self) -> str:
        besides = [
            *([f"{counted(self.days_to_recount, 'closed day')} to count again"] if self.days_to_recount else []),
            *([f"{counted(self.days_to_list, 'day')} to compare with the list"] if self.days_to_list else []),
        ]
        if not self.days:
            cost = f": about {counted(self.requests, 'request')}" if self.requests else ""
            return f"{', '.join(['No day to read', *besides])}{cost}"
        what = " and ".join([f"{counted(len(self.days), 'day')} to read", *besides])
        source = "as seen before" if self.learnt else "assuming a typical site"
        cost = f"{counted(self.pages, 'page')}, {counted(self.requests, 'request')}, {self.minutes:.1f} min"
        return f"{what}: about {cost} ({source})"

    def _other_tables_lines(self) -> Iterator[str]:
        known = {name: cost for name, cost in self.other_tables.items() if cost is not None}
        unknown = [name for name in self.other_tables if name not in known]
        if known:
            yield f"other tables: {', '.join(known)}: {counted(sum(known.values()), 'request')}, as last time"
        if unknown:
            yield f"other tables, cost not known yet: {', '.join(unknown)}"


def due_days(known: Mapping[date, Evidence], settings: SyncSettings, now: float) -> list[DueDay]:
    """Return the days to read, in the order in which to read them.

    Args:
        known: What the archive has, by UTC day.
        settings: How to sync, with UTC days as `start` and `end`.
        now: Epoch seconds.
    """
    due = _due(known, settings, now)
    return sorted(due, key=lambda day: (_ORDER[day.reason], day.day))


def due_calls(name: str, known: Mapping[date, Evidence], settings: SyncSettings, now: float) -> list[TableCall]:
    """Return the calls that bring a table other than transactions up to date; none if it is.

    Args:
        name: The table.
        known: What the archive has of it, by UTC day.
        settings: How to sync.
        now: Epoch seconds.
    """
    return calls_due(
        name,
        known,
        start=settings.start,
        members_since=settings.members_since,
        reread_days=settings.reread_days,
        now=now,
    )


def _due(known: Mapping[date, Evidence], settings: SyncSettings, now: float) -> Iterator[DueDay]:
    odd = oddly_empty(known, settings.rule)
    last_second = int(now - SKEW_S) // _TODAY_STEP_S * _TODAY_STEP_S
    for day in _days_in_reach(settings, now, day_of(last_second)):
        window = Window(day_start(day), min(day_end(day), last_second))
        evidence = known.get(day)
        if window.length_s <= 0 or (
            evidence is not None and _may_wait(evidence, window, settings, now, odd=day in odd)
        ):
            continue
        yield DueDay(day, window, _reason(day, settings, now))


def _days_in_reach(settings: SyncSettings, now: float, today: date) -> Iterator[date]:
    """Yield the days that the settings ask for and that the server has whole, oldest first."""
    first = day_of(history_start(now) + DAY_S - 1)
    if settings.start is not None:
        first = max(first, settings.start)
    last = today if settings.end is None else min(settings.end, today)
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def _reason(day: date, settings: SyncSettings, now: float) -> Reason:
    if _is_recent(day, settings, now):
        return "recent"
    days_left = (day_start(day) - history_start(now)) // DAY_S
    return "expiring" if days_left < settings.warn_days else "gap"


def _is_recent(day: date, settings: SyncSettings, now: float) -> bool:
    """Whether rows of a day may still change, so that every sync reads it."""
    return day_end(day) > now - settings.reread_days * DAY_S


def _may_wait(evidence: Evidence, window: Window, settings: SyncSettings, now: float, *, odd: bool) -> bool:
    """Whether reading a day now would bring nothing new.

    Args:
        evidence: What the archive has of it.
        window: What would be read.
        settings: How to sync.
        now: Epoch seconds.
        odd: Whether it is oddly empty.
    """
    day = day_of(window.start)
    # The server caches its answers: it would only repeat what was read less than `CACHE_S` ago.
    repeats = evidence.proved_last is not None and 0 <= now - evidence.proved_last < CACHE_S
    same = repeats and evidence.through >= window.stop and not evidence.gaps and not evidence.doubt
    if _is_recent(day, settings, now) or evidence.dispute or odd:
        return same
    return closed(evidence, day, settings.rule, now)


def rows_a_day(known: Mapping[date, Evidence]) -> float | None:
    """Return the mean rows of the days that were read to their end; None if there is none.

    Args:
        known: What the archive has of one account, by UTC day.
    """
    whole = [evidence.rows for day, evidence in known.items() if evidence.through >= day_end(day)]
    return fmean(whole) if whole else None


def expiry_warnings(coverage: Iterable[Coverage], warn_days: int = 14) -> list[str]:
    """Warn of incomplete days that the server is about to forget: a line for each account.

    Args:
        coverage: What the archive has, as `Archive.coverage` returns it.
        warn_days: How many days before the server forgets a day to warn of it.
    """
    expiring: dict[str, list[Coverage]] = {}
    for day in coverage:
        if day.state in {"missing", "partial"} and 0 <= day.ages_out_in < warn_days:
            expiring.setdefault(day.account, []).append(day)
    return [_expiry_warning(account, days) for account, days in expiring.items()]


def _expiry_warning(account: str, days: Sequence[Coverage]) -> str:
    first = min(days, key=lambda day: day.day)
    when = f"in {counted(first.ages_out_in, 'day')}" if first.ages_out_in else "today"
    later = len(days) - 1
    which = f"it and {counted(later, 'later day')} are" if later else "it is"
    return f"{account}: the server forgets {first.day.isoformat()} {when}, and {which} not complete"
