"""How we know what a day's partition holds, and what follows from it. Pure.

A day is read whole, and the reading is *proved* when as many different ids came as the server counts. One proof is
enough for a day long past; rows of a recent day may still arrive or vanish, so it takes two proofs of the same ids,
some hours apart. That leaves each day in one of these states:

```text
missing    nothing was read                     can still be had
partial    rows are here, and perhaps not all   can still be had, unless `why` says otherwise
complete   proved, and closed                   nothing to do
aged out   nothing was read, or not all         the server has forgotten it: gone for ever
```

The evidence lies in the partition's own file, as Parquet metadata, so the ledger that indexes it can be made again.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from dataclasses import fields as dataclass_fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal

from sonnys_data_client.engine.windows import CACHE_S, DAY_S

State = Literal["missing", "partial", "complete", "aged out"]

LAYOUT = 2
"""Version of the tables' columns, raised when `compact` has something to write again: see `layouts`."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of one partition.

    Attributes:
        rows: Rows in it.
        quarantined: Rows of it that lie in quarantine.
        total: What the server counted, over all its windows; None where it did not say.
        read_at: Epoch seconds at which it was written.
        through: Epoch second up to which the day was read.
        proved_first: Epoch seconds as of which these ids were proved complete for the first time; None if never.
        proved_last: The same, for the last time.
        gaps: What is missing, a line each.
        version: Counts the times that the partition was replaced.
        source: Which account's rows these are: a mark made from the API ID, not the ID.
        written_by: Version of this package's table layout.
        shared: Ids of rows that are in another partition, too, and for which this one was, or is to be, read again.
        requests: Requests that the reading took, which may have brought other days of the table, too; 0 if not counted.
        surplus: Rows by which the server's list of the day exceeds what its jobs give. It takes two readings that bring
            nothing new to believe that.
        suspected: The same, after the first of these readings.
        doubt: Why it is to be read again though it was proved, in a clause; empty if it is not.
    """

    rows: int
    quarantined: int
    total: int | None
    read_at: float
    through: float
    proved_first: float | None = None
    proved_last: float | None = None
    gaps: tuple[str, ...] = ()
    version: int = 1
    source: str = ""
    written_by: int = LAYOUT
    shared: tuple[str, ...] = ()
    surplus: int = 0
    suspected: int = 0
    doubt: str = ""
    requests: int = 0

    @property
    def edge(self) -> int:
        """Rows that the server counted in the first second of the next day: it may take both ends of a range in."""
        return 0 if self.total is None else max(0, self.total - self.rows - self.quarantined)

    def to_json(self) -> str:
        """As text, for the file's metadata."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Evidence:
        """Read what `to_json` wrote, of a later version too: what it knows besides, this one does not need.

        Raises:
            ValueError: It is something else.
        """
        try:
            said: dict[str, Any] = json.loads(text)
            said.setdefault("written_by", 1)
            fields = {field.name: said[field.name] for field in dataclass_fields(cls) if field.name in said}
            fields |= {name: tuple(fields[name]) for name in ("gaps", "shared") if name in fields}
            return cls(**fields)
        except (KeyError, TypeError, AttributeError) as problem:
            raise ValueError(f"no evidence of this archive's: {problem}") from None


@dataclass(frozen=True, slots=True)
class Rule:
    """When a day counts as closed.

    Attributes:
        settle_days: Days after its end in which rows of a day may still change; a proof after them is final.
        proofs_apart_s: Seconds between the two proofs of a day that was read before that.
    """

    settle_days: float = 3.0
    proofs_apart_s: float = 6 * 3600.0


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the archive has of one day of an account.

    Attributes:
        account: The account.
        day: The UTC day.
        state: See the module.
        rows: Rows in the archive.
        total: Rows by the server's count; None where it did not say or nothing was read.
        quarantined: Rows that fit no table and are kept raw.
        why: How we know, in one clause.
        ages_out_in: Whole days until the server forgets the day; below 0 once it has.
    """

    account: str
    day: date
    state: State
    rows: int
    total: int | None
    quarantined: int
    why: str
    ages_out_in: int


def day_start(day: date) -> int:
    """First second of a UTC day, in epoch seconds."""
    return int(datetime.combine(day, time(), UTC).timestamp())


def day_of(second: float) -> date:
    """The UTC day of an epoch second."""
    return datetime.fromtimestamp(second, UTC).date()


def closed(evidence: Evidence, day: date, rule: Rule, now: float) -> bool:
    """Whether nothing of this day needs to be read any more.

    A proof of the future comes from a clock that was wrong, and proves nothing.
    """
    end = day_start(day) + DAY_S
    first, last = evidence.proved_first, evidence.proved_last
    if evidence.gaps or evidence.doubt or evidence.through < end or first is None or last is None:
        return False
    if last > now + CACHE_S:
        return False
    return last >= end + rule.settle_days * DAY_S or (first >= end and last - first >= rule.proofs_apart_s)


def judge(account: str, day: date, evidence: Evidence | None, *, rule: Rule, now: float, oldest: float) -> Coverage:
    """Say what is there of a day, and how we know.

    Args:
        account: The account.
        day: The UTC day.
        evidence: What is known of its partition; None if there is none.
        rule: When a day is closed.
        now: Epoch seconds.
        oldest: The oldest second that the server still has.
    """
    left = int((day_start(day) - oldest) // DAY_S)
    if evidence is None:
        state: State = "missing" if left >= 0 else "aged out"
        return Coverage(account, day, state, 0, None, 0, "nothing was read", left)
    state = "complete" if closed(evidence, day, rule, now) else "partial" if left >= 0 else "aged out"
    proved_once = evidence.proved_last is not None and evidence.through >= _end(day)
    if state == "aged out" and proved_once and not (evidence.gaps or evidence.doubt):
        state = "complete"  # and nothing can prove it again
    why = _why(evidence, day, state, now)
    return Coverage(account, day, state, evidence.rows, evidence.total, evidence.quarantined, why, left)


def _why(evidence: Evidence, day: date, state: State, now: float) -> str:
    return _what_is_missing(evidence, day) or _what_is_proved(evidence, day, state, now)


def _what_is_missing(evidence: Evidence, day: date) -> str:
    if evidence.gaps:
        gap, *others = evidence.gaps
        more = f" and {len(others)} more" if others else ""
        return f"not all of it could be read: {gap}{more}"
    if evidence.doubt:
        return f"{evidence.doubt}, so it is to be read again"
    if evidence.through < _end(day):
        return f"read up to {datetime.fromtimestamp(evidence.through, UTC):%H:%M} UTC"
    return ""


def _what_is_proved(evidence: Evidence, day: date, state: State, now: float) -> str:
    first, last = evidence.proved_first, evidence.proved_last
    if first is None or last is None:
        return "read, and not shown to be complete"
    how = _count(evidence)
    if last - first >= 60:
        return f"{how}, by two counts {_length(last - first)} apart"
    if state == "complete":
        return f"{how}, {_length(last - _end(day))} after the day's end"
    return f"{how}, {_length(now - last)} ago; a second count is due"


def _count(evidence: Evidence) -> str:
    if evidence.total is None:
        return "the server gave no count, and its last page was not full"
    edge = evidence.edge
    theirs = f" and {edge} in the first second of the next day" if edge else ""
    surplus = evidence.surplus
    later = f" (its list has {abs(surplus)} {'more' if surplus > 0 else 'fewer'} by now)" if surplus else ""
    return f"the server counts {evidence.total - edge}{theirs}, too{later}"


def _end(day: date) -> int:
    return day_start(day) + DAY_S


def _length(seconds: float) -> str:
    hours = seconds / 3600
    return f"{timedelta(seconds=seconds).days} days" if hours >= 48 else f"{max(hours, 0):.1f} h"


def proofs(
    before: Evidence | None, as_of: float | None, through: float, *, same_ids: bool
) -> tuple[float | None, float | None]:
    """The first and the last proof of a partition that is being replaced.

    Args:
        before: What was known.
        as_of: Epoch seconds as of which the new reading is proved; None if it is not.
        through: Epoch second up to which it was read.
        same_ids: Whether the new reading has the same ids as the partition.
    """
    if as_of is None:
        return None, None
    first = before.proved_first if before is not None and same_ids and before.through >= through else None
    return as_of if first is None else min(first, as_of), as_of
