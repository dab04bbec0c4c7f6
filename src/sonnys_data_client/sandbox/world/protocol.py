"""The questions that a world answers.

`BelievableWorld` answers from a seed; a test's world may answer from a list of five rows. Both promise the same. A
row belongs to `[start, stop)` by its completion. Rows come in the order `(completed_ms, id)`. `as_of` decides which
rows, and which versions of them, the server knows. The answer to a question never changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from .accounts import Recharge, RecurringAccount, StatusChange
from .facts import Site, Transaction
from .histories import ClockEntry, Customer, Employee, GiftCard, Item, Outcome, Washbook


class Records(Protocol):
    """The records of a world: everything but transactions.

    Ranges are `[start, stop)` in epoch seconds. `as_of` is the epoch second at which the server is asked: what had not
    happened by then and what had been deleted by then is left out. But a record that is returned holds its whole
    history, later events included: see `histories`.
    """

    def items(self) -> Sequence[Item]:
        """Return all items, site by site."""
        ...

    def employees(self) -> Sequence[Employee]:
        """Return all employees, site by site."""
        ...

    def clock_entries(self, employee_id: int, start: int, stop: int, *, as_of: float) -> Sequence[ClockEntry]:
        """Return an employee's shifts that began in a range, in order of time.

        Each in its newest version.
        """
        ...

    def outcomes(self, start: int, stop: int, *, as_of: float) -> Sequence[Outcome]:
        """Return the sales outcomes in a range, in order of time."""
        ...

    def customers(self, *, as_of: float) -> Sequence[Customer]:
        """Return all customers, sorted by `(created_ms, id)`."""
        ...

    def customer(self, id: str, *, as_of: float) -> Customer | None:
        """Return one customer by id."""
        ...

    def accounts(self, start: int, stop: int, *, as_of: float) -> Sequence[RecurringAccount]:
        """Return the recurring accounts sold in a range, sorted by `(signed_up_ms, id)`."""
        ...

    def account(self, id: str, *, as_of: float) -> RecurringAccount | None:
        """Return one recurring account by id."""
        ...

    def recharges(self, account: RecurringAccount, *, as_of: float) -> Sequence[Recharge]:
        """Return the monthly charges of a recurring account so far, in order of time."""
        ...

    def status_changes(self, start: int, stop: int, *, as_of: float) -> Sequence[StatusChange]:
        """Return all status changes in a range, sorted by `(at_ms, account_id)`."""
        ...

    def modified(self, start: int, stop: int, *, as_of: float) -> Sequence[RecurringAccount]:
        """Return the accounts modified in a range, sorted by `(signed_up_ms, id)`."""
        ...

    def washbooks(self, start: int, stop: int, *, as_of: float) -> Sequence[Washbook]:
        """Return the washbooks sold in a range, sorted by `(signed_up_ms, id)`."""
        ...

    def washbook(self, id: str, *, as_of: float) -> Washbook | None:
        """Return one washbook by id."""
        ...

    def gift_cards(self, start: int, stop: int, *, as_of: float) -> Sequence[GiftCard]:
        """Return the gift cards sold in a range, sorted by `(sold_ms, id)`."""
        ...


class World(Protocol):
    """The data that the sandbox's API serves."""

    @property
    def sites(self) -> tuple[Site, ...]:
        """Every site, the web shop (if any) last."""
        ...

    @property
    def records(self) -> Records:
        """Everything but transactions."""
        ...

    def transactions(self, start: int, stop: int, *, site: str | None = None, as_of: float) -> Sequence[Transaction]:
        """Return the rows completed in a range, as the server knew them at `as_of`.

        Args:
            start: First epoch second.
            stop: End of the range, epoch seconds, itself excluded.
            site: Code of one site (`""` is the web shop), or None for all. An unknown code has no rows.
            as_of: The epoch second at which the server is asked.

        Returns:
            The rows, sorted by `(completed_ms, id)`.
        """
        ...

    def transaction(self, id: str, *, as_of: float) -> Transaction | None:
        """Return one row by its id, as the server knew it at `as_of` (epoch seconds).

        None if it did not know it.
        """
        ...
