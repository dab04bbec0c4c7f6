"""Hide what rules name in the rows of a partition: those that came, those that are there, and the change log. Pure.

Everything that a partition is compared by is hidden on both sides. So a row that is read again is no change, and the
counts and proofs of a day stay. A row of a table without a key is told by its text, and evidence names such rows by
digests: these are made anew, too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from sonnys_data_client.archive.changes import ACCEPTED, ROW, Change
from sonnys_data_client.archive.dispute import digest
from sonnys_data_client.archive.evidence import Evidence
from sonnys_data_client.archive.hiding import Privacy, leaves, own_path
from sonnys_data_client.archive.losses import KnownPartition
from sonnys_data_client.archive.personal import CUSTOMER
from sonnys_data_client.archive.rows import Calendars, ParsedRows, canonical, encode_texts, keyed, name_of, read_text
from sonnys_data_client.archive.tables import TRANSACTIONS, Table
from sonnys_data_client.engine.rows import decode_rows, text_of, text_of_all
from sonnys_data_client.errors import UnparsedRow


@dataclass(frozen=True, slots=True)
class Redacted:
    """A partition after redaction, and what was hidden in it.

    Attributes:
        known: What the archive has of it, without what must not be held.
        removed: Rows that left.
        emptied: Rows that stayed, with less in them.
        entries: Entries of the change log that left, or have less in them.
    """

    known: KnownPartition
    removed: int = 0
    emptied: int = 0
    entries: int = 0

    @property
    def is_same(self) -> bool:
        """Whether there was nothing to hide."""
        return not (self.removed or self.emptied or self.entries)


def redact_rows(privacy: Privacy, table: Table, came: ParsedRows, calendars: Calendars) -> ParsedRows:
    """Return rows that came without what must not be held."""
    if not privacy:
        return came
    texts = [(row.raw, _hidden(privacy, table, row.raw)) for row in came.rows]
    kept = ParsedRows([*came.rows])
    if any(now is not was for was, now in texts):  # all of them, because of rows with one key the last counts
        kept = encode_texts(table, [now for _, now in texts if now is not None], calendars)
    held = ((row, _hidden(privacy, table, row.raw)) for row in came.unparsed)
    kept.unparsed += [UnparsedRow(text, row.reason) for row, text in held if text is not None]
    return kept


def redact_answer(privacy: Privacy, answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the answer of a job of transactions, as a shelf keeps it, without what must not be held."""
    rows = answer.get("rows")
    if not privacy or not isinstance(rows, str):
        return answer
    return {**answer, "rows": text_of_all(privacy.hide(TRANSACTIONS, row) for row in decode_rows(rows))}


def redact_partition(privacy: Privacy, table: Table, known: KnownPartition) -> Redacted:
    """Return a partition that the archive has without what must not be held."""
    if not privacy:
        return Redacted(known)
    rows = [_Hidden(key, raw, _hidden(privacy, table, raw)) for key, raw in known.raws.items()]
    held = [(row, _hidden(privacy, table, row.raw)) for row in known.quarantine]
    named = ((_name(table, row), row) for row in rows if row.raw is not None)
    stays = keyed(table, named)
    raws = {key: row.raw for key, row in stays.items() if row.raw is not None}
    quarantine = [UnparsedRow(text, row.reason) for row, text in held if text is not None]
    digests = {digest(row.key): "" for row in rows} | {digest(row.key): digest(key) for key, row in stays.items()}
    digests |= {digest(canonical(row.raw)): "" if text is None else digest(canonical(text)) for row, text in held}
    log = list(_log(privacy, table, known))
    earlier = None if known.earlier is None else redact_partition(privacy, table, known.earlier).known
    evidence = None if known.evidence is None else _renamed(known.evidence, digests)
    texts = [(row.was, row.raw) for row in rows] + [(row.raw, text) for row, text in held]
    return Redacted(
        known._replace(evidence=evidence, raws=raws, quarantine=quarantine, log=log, earlier=earlier),
        removed=sum(now is None for _, now in texts),
        emptied=sum(now is not None and now != was for was, now in texts),
        entries=len(known.log) - len(log) + sum(new not in known.log for new in log),
    )


class _Hidden(NamedTuple):
    """A row of a partition: its key, its text as it was, and as it is now; None if it left."""

    key: str
    was: str
    raw: str | None


def _name(table: Table, row: _Hidden) -> str:
    return row.key if table.key is not None else name_of(table, read_text(row.raw or ""))


def _hidden(privacy: Privacy, table: Table, raw: str) -> str | None:
    """Return the text of a row without what must not be held: the same object if it holds none; None if it leaves."""
    row = read_text(raw)
    if leaves(table) and privacy.is_forgotten(table, row):
        return None
    hidden = privacy.hide(table, row)
    return raw if hidden is row else text_of(hidden)


def _log(privacy: Privacy, table: Table, known: KnownPartition) -> Iterator[Change]:
    """Yield the change log without what must not be held. Entries that say nothing any more are left out."""
    persons = set(_ids_of_forgotten(privacy, table, known)) if privacy.forgotten else set[str]()
    for change in known.log:
        forgotten = change.id in persons
        before, after = (
            _of_log(privacy, table, change, text, forgotten=forgotten) for text in (change.before, change.after)
        )
        if (before, after) == (change.before, change.after):
            yield change
        elif before != after:
            yield replace(change, before=before, after=after)


def _of_log(privacy: Privacy, table: Table, change: Change, text: str | None, *, forgotten: bool) -> str | None:
    if text is None:
        return None
    if change.field in {ROW, ACCEPTED}:
        return _hidden(privacy, table, text)
    value = json.loads(text)
    hidden = privacy.hide_field(table, change.field, value, forgotten=forgotten)
    return text if hidden is value else json.dumps(hidden, default=str)


def _ids_of_forgotten(privacy: Privacy, table: Table, known: KnownPartition) -> Iterator[str]:
    """Yield the keys of rows that are, or were, about a customer who is forgotten."""
    for key, raw in known.raws.items():
        if privacy.is_forgotten(table, read_text(raw)):
            yield key
    own = own_path(table.record, CUSTOMER[table.name])[0] if table.name in CUSTOMER else None
    for change in known.log:
        for text in filter(None, (change.before, change.after)):
            if change.field in {ROW, ACCEPTED}:
                if privacy.is_forgotten(table, read_text(text)):
                    yield change.id
            elif change.field == own:
                value = json.loads(text)
                id = value.get("id") if isinstance(value, dict) else value
                if id is not None and privacy.customer(str(id)) in privacy.forgotten:
                    yield change.id


def _renamed(evidence: Evidence, digests: Mapping[str, str]) -> Evidence:
    """Return evidence that names rows by their digests of now; those of rows that left are left out."""

    def now(named: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(filter(None, (digests.get(each, each) for each in named)))

    dispute = evidence.dispute
    if dispute is not None and dispute.lacking:
        left = now(dispute.lacking)
        dispute = replace(dispute, lacking=left) if left else None
    return replace(evidence, kept=tuple(sorted(now(evidence.kept))), dispute=dispute)
