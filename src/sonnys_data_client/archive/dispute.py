"""Decide whether a reading may take rows away from the archive, or is disputed. Pure.

A server may answer 200 with fewer rows than it has: a key no longer sees a site, a database is being moved, a page is
lost. Nothing in the reply says so. What a late correction takes away is a row or two. So a reading is disputed if it
would take more:

```text
everything    no row came, of a day with 3 rows or more, or of a snapshot with any
a site        no row of a site came that had 3 rows or more, or that has left the site list
many rows     more rows than `LossLimits` allow, together with those that earlier readings took from the day
```

What a disputed reading brought is stored, and what it lacks stays: it is *held back*. A later reading that brings the
rows again ends the dispute. One that lacks them again does not: a person decides (`Archive.accept`, `Archive.keep`).

Rows without a key cannot be told from changed ones. So in tables without a key, and in snapshots, only the shrinking of
the whole counts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from hashlib import blake2b
from typing import Any, Self

from sonnys_data_client.archive.tables import Table
from sonnys_data_client.engine.sites import fold
from sonnys_data_client.words import counted, plural

ROWS_MIN = 3
"""Fewest rows of a day or a site whose disappearance is disputed. One or two rows a late correction may take."""


@dataclass(frozen=True, slots=True)
class LossLimits:
    """How many rows may leave a day, or a snapshot, without a person's consent: the number or the share, if greater.

    Attributes:
        rows: Number of rows.
        share: Share of a day's rows, from 0 to 1.
        snapshot_share: Share of a snapshot's rows, from 0 to 1. A snapshot of the last six months shrinks by some
            percent in a week after a busy season.
    """

    rows: int = 10
    share: float = 0.02
    snapshot_share: float = 0.2

    def most(self, table: Table, rows: int) -> float:
        """Return the most rows that may leave a partition with so many rows. A site never leaves the site list so."""
        if table.name == "sites":
            return 0
        return max(self.rows, rows * (self.snapshot_share if table.kind == "snapshots" else self.share))

    def learnt(self, accepted: Iterable[int]) -> Self:
        """Return limits that also allow the greatest loss that a person accepted: see `Evidence.accepted_loss`."""
        return replace(self, rows=max(self.rows, *accepted, 0))


@dataclass(frozen=True, slots=True)
class Dispute:
    """A reading that lacks rows which the archive has, and that nobody has decided about.

    Attributes:
        why: What is odd about it, as a clause.
        held: Rows that the archive had.
        came: Rows that came.
        since: Epoch seconds of the first reading that was disputed.
        lacking: Digests of the rows that are held back, as `digest` makes them. Empty if no row is: then a second proof
            ends the dispute.
        of_sites: Whether no row came of a whole site.
    """

    why: str
    held: int
    came: int
    since: float
    lacking: tuple[str, ...] = ()
    of_sites: bool = False

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Dispute:
        """Read what `dataclasses.asdict` wrote; members that a later version may have added are ignored."""
        names = [each.name for each in fields(cls)]
        known: dict[str, Any] = {name: said[name] for name in names if name in said}
        known["lacking"] = tuple(said["lacking"])
        return cls(**known)

    @property
    def needs_person(self) -> bool:
        """Whether rows are held back. Otherwise a second proof ends the dispute."""
        return bool(self.lacking)

    def without(self, came: Collection[str]) -> Dispute | None:
        """Return the dispute once some rows came again; None if no row is lacking any more.

        Args:
            came: The digests of these rows.
        """
        left = tuple(row for row in self.lacking if row not in came)
        return replace(self, lacking=left) if left else None

    def __str__(self) -> str:
        return f"{self.why}: {counted(self.came, 'row')} came, and the archive has {self.held:,}"


@dataclass(frozen=True, slots=True)
class Loss:
    """What a reading would take away.

    Attributes:
        held: Rows that the archive has.
        came: Rows that came.
        lost: Rows that would leave.
        withdrawn: Rows that earlier readings took away.
        lost_of: How many of the rows that would leave are of which site.
        sites_came: Codes of the sites of which a row came.
        listed: Codes on the site list; None if it is not known.
    """

    held: int
    came: int
    lost: int
    withdrawn: int = 0
    lost_of: Mapping[str, int] = field(default_factory=dict[str, int])
    sites_came: Collection[str] = ()
    listed: Collection[str] | None = None

    @property
    def sites(self) -> list[str]:
        """Codes of the sites that would leave, in order. Rows without a code belong to no site of the list."""
        there = {fold(code) for code in self.sites_came}
        listed = None if self.listed is None else {fold(code) for code in self.listed} | {""}
        return sorted(
            code
            for code, rows in self.lost_of.items()
            if fold(code) not in there and (rows >= ROWS_MIN or (listed is not None and fold(code) not in listed))
        )


def why_disputed(table: Table, loss: Loss, limits: LossLimits) -> str:
    """Return why a reading that takes rows away is disputed, as a clause; empty if they may leave.

    Args:
        table: The table.
        loss: What the reading would take away.
        limits: What may leave.
    """
    if not loss.came and loss.held >= (1 if table.kind == "snapshots" else ROWS_MIN):
        return "no row came"
    if sites := loss.sites:
        named = ", ".join(code or "(the one without a code)" for code in sites)
        return f"no row of the {plural(len(sites), 'site')} {named} came"
    if loss.lost + loss.withdrawn > limits.most(table, loss.held + loss.withdrawn):
        earlier = f", after {loss.withdrawn:,} in earlier readings" if loss.withdrawn else ""
        return f"{counted(loss.lost, 'row')} did not come again{earlier}"
    return ""


def digest(key: str) -> str:
    """Return a digest of a row's key. Evidence names rows by it: a key may be as long as the row, and as personal."""
    return blake2b(key.encode(), digest_size=8).hexdigest()
