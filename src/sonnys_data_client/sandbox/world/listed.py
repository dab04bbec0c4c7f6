"""Worlds that are lists: a few dozen rows and records that a test writes down or draws.

The believable world shows what a year of trade looks like. A list world is for edge cases: rows with equal times on
two pages, the last millisecond of a second, a row that becomes visible late, a row that changes while it is read. For
a test of transactions it has no members and no staff: its `records` are `ListedRecords()`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from .accounts import Recharge, RecurringAccount, StatusChange, changes_in, modified_in
from .facts import Site, Transaction
from .histories import (
    ClockEntry,
    Customer,
    Employee,
    GiftCard,
    Item,
    Outcome,
    Washbook,
    happened,
    newest_entries,
    newest_outcomes,
    signed_up,
)
from .protocol import Records


@dataclass(frozen=True)
class ListedRecords:
    """The records given. Each kind must be in the order that `Records` promises.

    Attributes:
        all_items: Items.
        all_employees: Employees.
        all_clock_entries: Versions of shifts, older ones first.
        all_outcomes: Versions of sales outcomes, older ones first.
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
    all_accounts: Sequence[RecurringAccount] = ()
    all_recharges: Mapping[str, Sequence[Recharge]] = field(default_factory=dict)
    all_washbooks: Sequence[Washbook] = ()
    all_gift_cards: Sequence[GiftCard] = ()

    def items(self) -> Sequence[Item]:
        """Return all items."""
        return self.all_items

    def employees(self) -> Sequence[Employee]:
        """Return all employees."""
        return self.all_employees

    def clock_entries(self, employee_id: int, start: int, stop: int, *, as_of: float) -> Sequence[ClockEntry]:
        """Return the newest versions of the shifts that an employee began in a range."""
        return newest_entries(self.all_clock_entries, employee_id, start, stop, as_of)

    def outcomes(self, start: int, stop: int, *, as_of: float) -> Sequence[Outcome]:
        """Return the newest versions of the sales outcomes in a range."""
        return newest_outcomes(self.all_outcomes, start, stop, as_of)

    def customers(self, *, as_of: float) -> Sequence[Customer]:
        """Return all customers."""
        return [each for each in self.all_customers if each.is_known(as_of)]

    def customer(self, id: str, *, as_of: float) -> Customer | None:
        """Return one customer by id."""
        return next((each for each in self.customers(as_of=as_of) if each.id == id), None)

    def accounts(self, start: int, stop: int, *, as_of: float) -> Sequence[RecurringAccount]:
        """Return the recurring accounts sold in a range."""
        return signed_up(self.all_accounts, start, stop, as_of)

    def account(self, id: str, *, as_of: float) -> RecurringAccount | None:
        """Return one recurring account by id."""
        return next((each for each in self.all_accounts if each.id == id and each.is_known(as_of)), None)

    def recharges(self, account: RecurringAccount, *, as_of: float) -> Sequence[Recharge]:
        """Return the monthly charges of a recurring account so far."""
        return [each for each in self.all_recharges.get(account.id, ()) if each.at_ms <= as_of * 1000]

    def status_changes(self, start: int, stop: int, *, as_of: float) -> Sequence[StatusChange]:
        """Return the status changes in a range."""
        return changes_in(self._living(as_of), start, stop, as_of)

    def modified(self, start: int, stop: int, *, as_of: float) -> Sequence[RecurringAccount]:
        """Return the recurring accounts modified in a range."""
        return modified_in(self._living(as_of), start, stop, as_of)

    def washbooks(self, start: int, stop: int, *, as_of: float) -> Sequence[Washbook]:
        """Return the washbooks sold in a range."""
        return signed_up(self.all_washbooks, start, stop, as_of)

    def washbook(self, id: str, *, as_of: float) -> Washbook | None:
        """Return one washbook by id."""
        return next((each for each in self.all_washbooks if each.id == id and each.is_known(as_of)), None)

    def gift_cards(self, start: int, stop: int, *, as_of: float) -> Sequence[GiftCard]:
        """Return the gift cards sold in a range."""
        return [each for each in self.all_gift_cards if happened(each.sold_ms, start, stop, as_of)]

    def _living(self, as_of: float) -> Iterator[RecurringAccount]:
        return (account for account in self.all_accounts if account.is_known(as_of))


class ListWorld:
    """A sandbox's data as a list of rows.

    Args:
        sites: The sites.
        rows: Versions of rows, in any order. Versions of one row have the same id. The newest visible one counts, and
            its time of completion too.
        records: Everything but transactions; no records if not given.

    Attributes:
        rows: All versions, sorted by completion, id and visibility.
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
        """Return the rows completed in `[start, stop)`, as known at `as_of`.

        All three are epoch seconds.
        """
        newest = {row.id: row for row in self._versions if row.visible_from <= as_of}
        found = [
            row
            for row in newest.values()
            if start * 1000 <= row.completed_ms < stop * 1000 and site in {None, row.site_code}
        ]
        return sorted(found, key=lambda row: (row.completed_ms, row.id))

    def transaction(self, id: str, *, as_of: float) -> Transaction | None:
        """Return the row with this id as known at epoch second `as_of`, or None."""
        versions = [row for row in self._versions if row.id == id and row.visible_from <= as_of]
        return versions[-1] if versions else None


def make_site(number: int, code: str) -> Site:
    """Return a site with this id; the code `""` makes it the web shop."""
    return Site(number, code, f"Site {number}", "UTC", "CENTRAL", is_virtual=not code)


def make_row(
    number: int, site: Site, completed_ms: int, total_cents: int, visible_from: float = -math.inf
) -> Transaction:
    """Return a row with an id, a time and a total, and no items or payments.

    Args:
        number: Its number, which makes its id together with the site.
        site: The site.
        completed_ms: Completion in milliseconds since the epoch.
        total_cents: What was paid.
        visible_from: Epoch second from which the server knows it; always if not given.
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
