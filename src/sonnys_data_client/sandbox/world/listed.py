"""Worlds that are lists: some dozen rows and records that a test writes down or draws.

The believable world asks what a year of trade looks like. These ask what happens at the edges: ties that straddle two
pages, the last millisecond of a second, a row that becomes visible late, one whose amount changes while it is read.
A world for a test of transactions has no members and no staff: its `records` are `ListedRecords()`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .accounts import Account, Recharge, StatusChange
from .facts import Site, Transaction
from .protocol import Records
from .stories import ClockEntry, Customer, Employee, GiftCard, Item, Outcome, Washbook


@dataclass(frozen=True)
class ListedRecords:
    """The records given, each kind in the order in which `Records` promises it.

    Attributes:
        all_items: What is sold.
        all_employees: Who works.
        all_clock_entries: Versions of shifts.
        all_outcomes: Talks at the lane.
        all_customers: Customers.
        all_accounts: Recurring accounts.
        all_recharges: Monthly charges by account id.
        all_washbooks: Washbooks.
        all_gift_cards: Gift cards.
    """

    all_items: Sequence[Item] = ()
    all_employees: Sequence[Employee] = ()
    all_clock_entries: Sequence[ClockEntry] = ()
    all_outcomes: Sequence[Outcome] = ()
    all_customers: Sequence[Customer] = ()
    all_accounts: Sequence[Account] = ()
    all_recharges: Mapping[str, Sequence[Recharge]] = field(default_factory=dict)
    all_washbooks: Sequence[Washbook] = ()
    all_gift_cards: Sequence[GiftCard] = ()

    def items(self) -> Sequence[Item]:
        """Everything for sale."""
        return self.all_items

    def employees(self) -> Sequence[Employee]:
        """Everybody who works."""
        return self.all_employees

    def clock_entries(self, employee_id: int, start: int, stop: int, *, as_of: float) -> Sequence[ClockEntry]:
        """The newest versions of the shifts that an employee began in a range."""
        newest = {
            entry.clock_in_ms: entry
            for entry in self.all_clock_entries
            if entry.employee_id == employee_id
            and start * 1000 <= entry.clock_in_ms < stop * 1000
            and entry.visible_from <= as_of
        }
        return list(newest.values())

    def outcomes(self, start: int, stop: int, *, as_of: float) -> Sequence[Outcome]:
        """The talks in a range."""
        return [each for each in self.all_outcomes if _within(each.at_ms, start, stop, as_of)]

    def customers(self, *, as_of: float) -> Sequence[Customer]:
        """The customer file."""
        return [each for each in self.all_customers if each.is_known(as_of)]

    def customer(self, id: str, *, as_of: float) -> Customer | None:
        """One customer by id."""
        return next((each for each in self.customers(as_of=as_of) if each.id == id), None)

    def accounts(self, start: int, stop: int, *, as_of: float) -> Sequence[Account]:
        """The recurring accounts sold in a range."""
        sold = (each for each in self.all_accounts if _within(each.signed_up_ms, start, stop, as_of))
        return [each for each in sold if each.is_known(as_of)]

    def account(self, id: str, *, as_of: float) -> Account | None:
        """One recurring account by id."""
        return next((each for each in self.all_accounts if each.id == id and each.is_known(as_of)), None)

    def recharges(self, account: Account, *, as_of: float) -> Sequence[Recharge]:
        """The monthly charges of a recurring account so far."""
        return [each for each in self.all_recharges.get(account.id, ()) if each.at_ms <= as_of * 1000]

    def status_changes(self, start: int, stop: int, *, as_of: float) -> Sequence[StatusChange]:
        """The changes of status in a range."""
        living = (account for account in self.all_accounts if account.is_known(as_of))
        changes = (change for account in living for change in account.status_changes)
        found = (change for change in changes if _within(change.at_ms, start, stop, as_of))
        return sorted(found, key=lambda change: (change.at_ms, change.account_id))

    def modified(self, start: int, stop: int, *, as_of: float) -> Sequence[Account]:
        """The recurring accounts modified in a range."""
        return [
            account
            for account in self.all_accounts
            if account.is_known(as_of)
            and any(_within(each.at_ms, start, stop, as_of) for each in account.modifications)
        ]

    def washbooks(self, start: int, stop: int, *, as_of: float) -> Sequence[Washbook]:
        """The washbooks sold in a range."""
        sold = (each for each in self.all_washbooks if _within(each.signed_up_ms, start, stop, as_of))
        return [each for each in sold if each.is_known(as_of)]

    def washbook(self, id: str, *, as_of: float) -> Washbook | None:
        """One washbook by id."""
        return next((each for each in self.all_washbooks if each.id == id and each.is_known(as_of)), None)

    def gift_cards(self, start: int, stop: int, *, as_of: float) -> Sequence[GiftCard]:
        """The gift cards sold in a range."""
        return [each for each in self.all_gift_cards if _within(each.sold_ms, start, stop, as_of)]


def _within(at_ms: int, start: int, stop: int, as_of: float) -> bool:
    return start * 1000 <= at_ms < stop * 1000 and at_ms <= as_of * 1000


class ListWorld:
    """The truth behind a sandbox, as a list of rows.

    Args:
        sites: The sites.
        rows: Versions of rows, in any order. Those with the same id are versions of one: the newest that is visible
            counts, and with it when the row completes.
        records: Everything but rows; nothing, unless given.

    Attributes:
        rows: All versions, by completion, id and visibility.
        records: As given.
    """

    def __init__(self, sites: Iterable[Site], rows: Iterable[Transaction], records: Records | None = None) -> None:
        self.records: Records = records or ListedRecords()
        self._sites = tuple(sites)
        self.rows = sorted(rows, key=lambda row: (row.completed_ms, row.id, row.visible_from))
        self._versions = sorted(self.rows, key=lambda row: row.visible_from)

    @property
    def sites(self) -> tuple[Site, ...]:
        """Every site."""
        return self._sites

    def transactions(self, start: int, stop: int, *, site: str | None = None, as_of: float) -> Sequence[Transaction]:
        """The rows completed from epoch second `start` up to, without, `stop`, as known at epoch second `as_of`."""
        newest = {row.id: row for row in self._versions if row.visible_from <= as_of}
        found = [
            row
            for row in newest.values()
            if start * 1000 <= row.completed_ms < stop * 1000 and site in {None, row.site_code}
        ]
        return sorted(found, key=lambda row: (row.completed_ms, row.id))

    def transaction(self, id: str, *, as_of: float) -> Transaction | None:
        """The row with this id as known at epoch second `as_of`, or None."""
        versions = [row for row in self._versions if row.id == id and row.visible_from <= as_of]
        return versions[-1] if versions else None


def make_site(number: int, code: str) -> Site:
    """A site with this number behind its ids' colon; the code `""` makes it the web shop."""
    return Site(number, code, f"Site {number}", "UTC", "CENTRAL", is_virtual=not code)


def make_row(
    number: int, site: Site, completed_ms: int, total_cents: int, visible_from: float = -math.inf
) -> Transaction:
    """A row that has nothing but what identifies it, its time and its money.

    Args:
        number: Makes its id, together with the site.
        site: Where.
        completed_ms: Completion in milliseconds since the epoch.
        total_cents: What was paid.
        visible_from: Epoch second from which the server knows it; always, unless given.
    """
    return Transaction(
        id=f"{number}:{site.id}",
        number=number,
        type="Sale",
        completed_ms=completed_ms,
        site_code=site.code,
        device="Lane 1",
        total_cents=total_cents,
        tenders=(),
        items=(),
        discounts=(),
        customer_name=None,
        customer_id=None,
        plate=None,
        cashier=None,
        greeter=None,
        is_recurring_payment=False,
        is_recurring_redemption=False,
        is_recurring_sale=False,
        is_prepaid_redemption=False,
        is_prepaid_sale=False,
        status="Completed",
        is_plan_sale_v2=False,
        is_plan_redemption_v2=False,
        visible_from=visible_from,
    )
