"""Whose turn it is, when several holders want the slots of one API ID.

A *holder* is whoever asks for slots on its own account: a client, in any process that shares the ledger. Left to
themselves, holders take slots first come, first served, and whoever wakes first takes all twenty. So there are turns:

*Who has had least goes first.* A holder that has had its fair part of a round waits while another one wants slots and
has had fewer. It waits for a second after the round began at most, so nobody who is slow holds up the others. That
costs none of the ceiling: a round is as long as its first reply says, whenever its last request starts.

*Accounts are kept.* Twenty slots are not a multiple of three, and a second may be too short for one of them. What a
holder has had above its part of a round is its `lead` in the next, and what it missed is a lead below zero, within two
slots either way.

*A person does not queue.* A request for which somebody sits and waits is the first of its round, whoever else is
waiting. While such requests are about, all others leave one slot of each round free for them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

TURN_S = 1.0
"""For how many seconds after a round began a holder waits for another's turn."""
LOOK_S = 0.05
"""How soon a holder that waits for another's turn asks again, in seconds."""
_GOES_ON_S = 0.25
"""For how many seconds after it was given a slot a holder is taken to want another."""
_WAKES_S = 1.0
"""For how many seconds after the time to ask again a holder is taken to be on its way."""
_LEAD_MAX = 2.0
_PERSON_S = 120.0
"""For how many seconds after an interactive request one slot of each round is left free."""
_FORGOTTEN_S = 600.0


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks for a slot.

    Attributes:
        holder: The holder's name, unique among all that share the ledger.
        interactive: Whether somebody sits and waits for this request.
    """

    holder: str = ""
    interactive: bool = False


@dataclass(slots=True)
class Holder:
    """What is known of one holder.

    Attributes:
        asked_at: When it last asked.
        wants_until: Until when it is taken to want a slot.
        person_at: When it last asked with somebody waiting; None if it never has.
        taken: Slots that it was given in this round.
        taken_by_person: Those of them for requests with somebody waiting.
        lead: Slots that it had above its part in earlier rounds.
        served: All its requests that were answered.
        refused: All its requests that were answered with a 429.
    """

    asked_at: float
    wants_until: float
    person_at: float | None = None
    taken: int = 0
    taken_by_person: int = 0
    lead: float = 0.0
    served: int = 0
    refused: int = 0

    def is_person(self, now: float) -> bool:
        """Whether somebody sat and waited for one of its last requests."""
        return self.person_at is not None and now < self.person_at + _PERSON_S

    def dump(self) -> list[Any]:
        """Return the attributes in their order, ready for JSON."""
        return [
            self.asked_at,
            self.wants_until,
            self.person_at,
            self.taken,
            self.taken_by_person,
            self.lead,
            self.served,
            self.refused,
        ]


class Turns:
    """The holders of one API ID's slots. Times are those of the ledger.

    Args:
        holders: Those that are known, by name.
        began_at: When the round began.
    """

    def __init__(self, holders: dict[str, Holder] | None = None, began_at: float = 0.0) -> None:
        self.holders = holders or {}
        self.began_at = began_at

    def heard(self, asker: Asker, now: float) -> None:
        """Note that somebody asks."""
        holder = self.holders.setdefault(asker.holder, Holder(now, now))
        holder.asked_at = now
        if asker.interactive:
            holder.person_at = now

    def first_of_round(self, asker: Asker) -> bool:
        """Whether a request is a person's and the first of its round: then it waits for nobody."""
        return asker.interactive and not self.holders[asker.holder].taken_by_person

    def spare(self, now: float) -> int:
        """How many slots of a round those who can wait leave free."""
        return int(any(holder.is_person(now) for holder in self.holders.values()))

    def must_wait(self, asker: Asker, now: float, slots: int) -> bool:
        """Whether it is another's turn.

        Args:
            asker: Who asks.
            now: The time.
            slots: All slots of the round.
        """
        if now >= self.began_at + TURN_S or self.first_of_round(asker):
            return False
        me = self.holders[asker.holder]
        had = me.taken + me.lead
        active = sum(other is me or other.taken > 0 or other.wants_until >= now for other in self.holders.values())
        return had + 1 > slots / active and any(
            other is not me and other.wants_until >= now and other.taken + other.lead <= had - 1
            for other in self.holders.values()
        )

    def given(self, asker: Asker, now: float) -> None:
        """Note that somebody was given a slot."""
        holder = self.holders[asker.holder]
        holder.taken += 1
        holder.taken_by_person += asker.interactive
        holder.wants_until = now + _GOES_ON_S

    def told_to_wait(self, asker: Asker, until: float) -> None:
        """Note that somebody was told to ask again at a time."""
        self.holders[asker.holder].wants_until = until + _WAKES_S

    def answered(self, name: str, *, refused: bool) -> None:
        """Note the answer to a holder's request."""
        if (holder := self.holders.get(name)) is not None:
            holder.served += not refused
            holder.refused += refused

    def begin_round(self, now: float) -> None:
        """Close the account of a round: who has had more than its part has a lead in the next one."""
        took_part = [holder for holder in self.holders.values() if holder.taken or holder.wants_until >= now]
        part = sum(holder.taken for holder in took_part) / max(1, len(took_part))
        for holder in took_part:
            holder.lead = max(-_LEAD_MAX, min(_LEAD_MAX, holder.lead + holder.taken - part))
            holder.taken = holder.taken_by_person = 0
        self.holders = {n: holder for n, holder in self.holders.items() if now < holder.asked_at + _FORGOTTEN_S}
        self.began_at = now

    def bury(self, names: Iterable[str]) -> None:
        """Forget holders that have died: nobody waits for them."""
        for name in names:
            self.holders.pop(name, None)

    def share(self, asker: Asker, now: float, slots: int, within_s: float) -> float:
        """How many slots of a round a holder may count on, by who has asked in the last so many seconds."""
        active = sum(now <= holder.asked_at + within_s for name, holder in self.holders.items() if name != asker.holder)
        return slots / (active + 1)

    def dump(self) -> list[Any]:
        """Return all that is known, ready for JSON."""
        return [self.began_at, {name: holder.dump() for name, holder in self.holders.items()}]

    @classmethod
    def load(cls, dumped: list[Any]) -> Turns:
        """Return what `dump` was given."""
        began_at, holders = dumped
        return cls({name: Holder(*fields) for name, fields in holders.items()}, began_at)
