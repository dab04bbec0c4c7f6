"""Evidence: how we know what a day's partition holds, and which state the day is in. Pure.

A reading of a day is *proved* when as many different ids came as the server counts. One proof is enough for a day long
past. Rows of a recent day may still be added or withdrawn, so such a day needs two proofs of the same ids, some hours
apart. Each day is in one of these states:

```text
missing    nothing was read                           the server still has it
partial    there are rows, but perhaps not all        the server still has it, unless `why` says otherwise
disputed   a reading lacked rows that are here        they stay until they come again, or a person decides
complete   proved and closed                          nothing to do
aged out   nothing was read, or not everything        the server has forgotten it: it is lost
```

The evidence is in the partition's own file, as Parquet metadata. So the ledger that indexes it can be made again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from dataclasses import fields as dataclass_fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal

from sonnys_data_client.archive.dispute import Dispute
from sonnys_data_client.engine.windows import CACHE_S, DAY_S

State = Literal["missing", "partial", "disputed", "complete", "aged out"]

LAYOUT = 3
"""Version of the tables' columns, raised when `compact` has something to write again: see `layouts`."""

BUSY_ROWS = 50
"""Fewest rows of a busy day. Between busy days, a day without any row needs two proofs."""
_NEIGHBOURS = (-7, -1, 1, 7)
"""Days from a day to those that it is compared with. The same weekday shows a site that is closed every Sunday."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about one partition.

    Attributes:
        rows: Its rows.
        quarantined: Its rows in quarantine.
        total: The server's count, over all windows; None where it gave none.
        read_at: Epoch seconds at which it was written.
        through: Epoch second up to which the day was read.
        proved_first: Epoch seconds of the first proof that these ids are complete; None if there is none.
        proved_last: Epoch seconds of the last such proof.
        gaps: What is missing, one line for each gap.
        version: How many times the partition has been written.
        source: The account that the rows came from: a fingerprint of the API ID, not the ID.
        written_by: The layout that its file has.
        shared: Ids of rows that another partition has too, and for which this one was, or is to be, read again.
        requests: Requests that the reading cost. They may have brought other days of the table as well. 0 if they were
            not counted.
        surplus: How many rows more the server's list of the day counts than its jobs deliver. Two readings that bring
            nothing new confirm it.
        suspected: The same number after the first of these two readings.
        doubt: Why it is to be read again although it was proved, as a clause; empty if it is not.
        unparsed_values: Values in its rows that could not be parsed, by field: see `Record.unparsed_fields`.
        withheld: How many of its rows and quarantined rows the last reading did not bring: aged out, kept or disputed.
        kept: Digests of those of them that a person decided to keep.
        dispute: Why the last reading is disputed; None if it is not.
        accepted_loss: Most rows that a person accepted to lose from it at once. Whole sites and halves of a day do not
            count: they show nothing of what is usual.
        empty_accepted: Whether a person accepted that it has no row.
        joined_at: Epoch seconds at which the list was read that fills a column of these rows (`joined`), or at which
            they came with a value of their own; None if neither has happened since they were read.
        difference: A digest of how that list differed from the rows when it was last compared with them, and the day
            was read again for it; empty if it did not differ. So one difference costs one reading.
        unsettled: Whether a row is not finished, or the last reading changed one: then more changes may come.
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
    unparsed_values: Mapping[str, int] = field(default_factory=dict[str, int], hash=False)
    withheld: int = 0
    kept: tuple[str, ...] = ()
    dispute: Dispute | None = None
    accepted_loss: int = 0
    empty_accepted: bool = False
    joined_at: float | None = None
    difference: str = ""
    unsettled: bool = False

    @property
    def edge(self) -> int:
        """Rows of the next day's first second that the server counted: it may include both ends of a range."""
        return 0 if self.total is None else max(0, self.total - self.rows - self.quarantined)

    def to_json(self) -> str:
        """Write it as text, for the file's metadata."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Evidence:
        """Read what `to_json` wrote. Members that a later version may have added are ignored.

        Raises:
            ValueError: The text is something else.
        """
        try:
            said: dict[str, Any] = json.loads(text)
            said.setdefault("written_by", 1)
            names = [each.name for each in dataclass_fields(cls)]
            fields = {name: said[name] for name in names if name in said}
            fields |= {name: tuple(fields[name]) for name in ("gaps", "shared", "kept") if name in fields}
            if fields.get("dispute") is not None:
                fields["dispute"] = Dispute.from_json(fields["dispute"])
            return cls(**fields)
        except (KeyError, TypeError, AttributeError) as problem:
            raise ValueError(f"not the evidence of a partition: {problem}") from None


@dataclass(frozen=True, slots=True)
class Rule:
    """The rule by which a day counts as closed.

    Attributes:
        settle_days: Days after its end in which rows of a day may still change. One proof after them closes the day.
        proofs_apart_s: Seconds between two proofs that close the day earlier.
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
        total: The server's count of rows; None if it gave none or nothing was read.
        quarantined: Rows that could not be parsed and are kept raw.
        why: How we know, as a clause.
        ages_out_in: Whole days until the server forgets the day; negative once it has.
        unparsed_values: Values in its rows that could not be parsed, by field.
        dispute: Why its last reading is disputed; None if it is not.
        lacks_statuses: Whether the list with the statuses of its rows was not read since they came.
    """

    account: str
    day: date
    state: State
    rows: int
    total: int | None
    quarantined: int
    why: str
    ages_out_in: int
    unparsed_values: Mapping[str, int] = field(default_factory=dict[str, int], hash=False)
    dispute: Dispute | None = None
    lacks_statuses: bool = False


def day_start(day: date) -> int:
    """Return the first second of a UTC day, in epoch seconds."""
    return int(datetime.combine(day, time(), UTC).timestamp())


def day_end(day: date) -> int:
    """Return the first second after a UTC day, in epoch seconds."""
    return day_start(day) + DAY_S


def day_of(second: float) -> date:
    """Return the UTC day of an epoch second."""
    return datetime.fromtimestamp(second, UTC).date()


def closed(evidence: Evidence, day: date, rule: Rule, now: float, *, odd: bool = False) -> bool:
    """Tell whether a day need not be read any more.

    A proof from the future was written by a clock that was wrong, so it does not count.

    Args:
        evidence: What is known of the day.
        day: The UTC day.
        rule: The rule by which it is closed.
        now: Epoch seconds.
        odd: Whether the day is one of `oddly_empty`, so that one proof is not enough.
    """
    end = day_end(day)
    first, last = evidence.proved_first, evidence.proved_last
    if evidence.gaps or evidence.doubt or evidence.dispute or evidence.through < end or first is None or last is None:
        return False
    if last > now + CACHE_S:
        return False
    late_enough = last >= end + rule.settle_days * DAY_S and not odd
    return late_enough or (first >= end and last - first >= rule.proofs_apart_s)


def oddly_empty(known: Mapping[date, Evidence], rule: Rule) -> dict[date, Dispute]:
    """Return the days of which no row came although the days around them are busy, each with the dispute about it.

    A second proof ends the dispute. Nothing is stored for it: it follows from the evidence of the days. A recent day is
    not among them, because it needs two proofs anyway.

    Args:
        known: What is known of an account's transactions, by UTC day.
        rule: The rule by which a day is closed.
    """

    def settled(evidence: Evidence) -> bool:
        first, last = evidence.proved_first, evidence.proved_last
        twice = first is not None and last is not None and last - first >= rule.proofs_apart_s
        return twice or evidence.empty_accepted

    odd: dict[date, Dispute] = {}
    for day, evidence in known.items():
        late_enough = (evidence.proved_last or 0.0) >= day_end(day) + rule.settle_days * DAY_S
        if evidence.dispute or not late_enough or not _is_empty(evidence, day) or settled(evidence):
            continue
        near = [(day + timedelta(days=days), known.get(day + timedelta(days=days))) for days in _NEIGHBOURS]
        # An empty day that is not settled itself says nothing about the days around it.
        rows = [
            each.rows
            for date, each in near
            if each is not None and each.through >= day_end(date) and (not _is_empty(each, date) or settled(each))
        ]
        if rows and min(rows) >= BUSY_ROWS:
            why = f"the days around it have {min(rows):,} rows or more"
            odd[day] = Dispute(why, 0, 0, evidence.read_at)
    return odd


def _is_empty(evidence: Evidence, day: date) -> bool:
    proved = evidence.proved_last is not None and evidence.through >= day_end(day)
    return proved and not evidence.rows and not evidence.quarantined


def judge(
    account: str,
    day: date,
    evidence: Evidence | None,
    *,
    rule: Rule,
    now: float,
    oldest: float,
    odd: Dispute | None = None,
) -> Coverage:
    """Say what the archive has of a day, and how we know.

    Args:
        account: The account.
        day: The UTC day.
        evidence: The evidence of its partition; None if there is no partition.
        rule: The rule by which a day is closed.
        now: Epoch seconds.
        oldest: The oldest second that the server still has.
        odd: The dispute about a day of `oddly_empty`; None for any other day.
    """
    left = int((day_start(day) - oldest) // DAY_S)
    if evidence is None:
        state: State = "missing" if left >= 0 else "aged out"
        return Coverage(account, day, state, 0, None, 0, "nothing was read", left)
    state = "complete" if closed(evidence, day, rule, now) else "partial" if left >= 0 else "aged out"
    proved_once = evidence.proved_last is not None and evidence.through >= day_end(day)
    if state == "aged out" and proved_once and not (evidence.gaps or evidence.doubt):
        state = "complete"  # one proof has to do: the server cannot give a second one
    why, dispute = _why(evidence, day, state, now), evidence.dispute or odd
    if dispute is not None:
        state, why = "disputed", str(dispute)
    return Coverage(
        *(account, day, state, evidence.rows, evidence.total, evidence.quarantined, why, left),
        unparsed_values=evidence.unparsed_values,
        dispute=dispute,
        lacks_statuses=bool(evidence.rows) and evidence.joined_at is None,
    )


def _why(evidence: Evidence, day: date, state: State, now: float) -> str:
    return _what_is_missing(evidence, day) or _what_is_proved(evidence, day, state, now)


def _what_is_missing(evidence: Evidence, day: date) -> str:
    if evidence.gaps:
        gap, *others = evidence.gaps
        more = f" and {len(others)} more" if others else ""
        return f"not all of it could be read: {gap}{more}"
    if evidence.doubt:
        return f"{evidence.doubt}, so it is to be read again"
    if evidence.through < day_end(day):
        return f"read up to {datetime.fromtimestamp(evidence.through, UTC):%H:%M} UTC"
    return ""


def _what_is_proved(evidence: Evidence, day: date, state: State, now: float) -> str:
    first, last = evidence.proved_first, evidence.proved_last
    if first is None or last is None:
        return "read, but not proved complete"
    how = _count(evidence)
    if last - first >= 60:
        return f"{how}, in two counts {_length(last - first)} apart"
    if state == "complete":
        return f"{how}, {_length(last - day_end(day))} after the day's end"
    return f"{how}, {_length(now - last)} ago; a second count is due"


def _count(evidence: Evidence) -> str:
    if evidence.total is None:
        return "the server gives no count, and its last page was not full"
    edge = evidence.edge
    next_day = f" and {edge} in the first second of the next day" if edge else ""
    surplus = evidence.surplus
    later = f" (its list has {abs(surplus)} {'more' if surplus > 0 else 'fewer'} by now)" if surplus else ""
    return f"the server also counts {evidence.total - edge}{next_day}{later}"


def _length(seconds: float) -> str:
    hours = seconds / 3600
    return f"{timedelta(seconds=seconds).days} days" if hours >= 48 else f"{max(hours, 0):.1f} h"


def proofs(
    before: Evidence | None, as_of: float | None, through: float, *, same_ids: bool
) -> tuple[float | None, float | None]:
    """Return the first and the last proof of a partition that is being replaced.

    Args:
        before: The evidence so far.
        as_of: Epoch seconds of the new reading's proof; None if it is not proved.
        through: Epoch second up to which the day was read.
        same_ids: Whether the new reading has the same ids as the partition.
    """
    if as_of is None:
        return None, None
    first = before.proved_first if before is not None and same_ids and before.through >= through else None
    return as_of if first is None else min(first, as_of), as_of
