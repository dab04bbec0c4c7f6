"""What the rest of the sandbox may ask of a world.

`BelievableWorld` answers from a seed; a test may answer from a list of five rows. Both promise the same: a
row belongs to `[start, stop)` by its completion, rows come in the order `(completed_ms, id)`, and `as_of`
decides which rows and which versions of them the server has heard of. The answer to one question never
changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from .accounts import Account, Recharge, StatusChange
from .facts import Site, Transaction
from .stories import ClockEntry, Customer, Employee, GiftCard, Item, Outcome, Washbook


class Records(Protocol):
    """The ground truth about everything but tickets.

    Ranges are `[start, stop)` in epoch seconds, `as_of` is the moment, in epoch seconds, at which the server is asked.
    What had not happened by then is not told, and what was deleted is gone. A story that is told, though, is told
    whole: see `stories`.
    """

    def items(self) -> Sequence[Item]:
        """Everything for sale, site by site."""
        ...

    def employees(self) -> Sequence[Employee]:
        """Everybody who works, site by site."""
        ...

    def clock_entries(self, employee_id: int, start: int, stop: int, *, as_of: float) -> Sequence[ClockEntry]:
        """The newest versions of the shifts that an employee began in a range, in order; none for nobody."""
        ...

    def outcomes(self, start: int, stop: int, *, as_of: float) -> Sequence[Outcome]:
        """What became of talks at the lane, in order of time."""
        ...

    def customers(self, *, as_of: float) -> Sequence[Customer]:
        """The customer file, sorted by `(created_ms, id)`."""
        ...

    def customer(self, id: str, *, as_of: float) -> Customer | None:
        """One customer by id."""
        ...

    def accounts(self, start: int, stop: int, *, as_of: float) -> Sequence[Account]:
        """The recurring accounts sold in a range, sorted by `(signed_up_ms, id)`."""
        ...

    def account(self, id: str, *, as_of: float) -> Account | None:
        """One recurring account by id."""
        ...

    def recharges(self, account: Account, *, as_of: float) -> Sequence[Recharge]:
        """The monthly charges of a recurring account so far, in order."""
        ...

    def status_changes(self, start: int, stop: int, *, as_of: float) -> Sequence[StatusChange]:
        """The changes of status of all recurring accounts in a range, sorted by `(at_ms, account_id)`."""
        ...

    def modified(self, start: int, stop: int, *, as_of: float) -> Sequence[Account]:
        """The recurring accounts with a modification in a range, sorted by `(signed_up_ms, id)`."""
        ...

    def washbooks(self, start: int, stop: int, *, as_of: float) -> Sequence[Washbook]:
        """The washbooks sold in a range, sorted by `(signed_up_ms, id)`."""
        ...

    def washbook(self, id: str, *, as_of: float) -> Washbook | None:
        """One washbook by id."""
        ...

    def gift_cards(self, start: int, stop: int, *, as_of: float) -> Sequence[GiftCard]:
        """The gift cards sold in a range, sorted by `(sold_ms, id)`."""
        ...


class World(Protocol):
    """The ground truth that the sandbox's API renders."""

    @property
    def sites(self) -> tuple[Site, ...]:
        """Every site, the web shop (if any) last."""
        ...

    @property
    def records(self) -> Records:
        """Everything but tickets."""
        ...

    def transactions(self, start: int, stop: int, *, site: str | None = None, as_of: float) -> Sequence[Transaction]:
        """Rows completed in a range of time, as the server knew them at a moment.

        Args:
            start: First instant, epoch seconds.
            stop: End of the range, epoch seconds, itself excluded.
            site: Code of one site (`""` is the web shop), or None for all. An unknown code has no rows.
            as_of: The moment, epoch seconds, at which the server is asked.

        Returns:
            The rows, sorted by `(completed_ms, id)`.
        """
        ...

    def transaction(self, id: str, *, as_of: float) -> Transaction | None:
        """One row by its id, as the server knew it at `as_of` (epoch seconds); None when it knew of none."""
        ...
