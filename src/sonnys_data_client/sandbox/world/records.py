"""The records of the believable operator, made on demand.

As with transactions, nothing is stored. A question names days, the days give members and goods, and these give
records with their history. Records are kept in a bounded cache, because lists are read page by page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from operator import attrgetter

from .accounts import Recharge, RecurringAccount, StatusChange, changes_in, modified_in
from .customers import KEPT_DAYS, fleets_of
from .daybook import DayBook
from .days import LocalDay, dates_touched
from .dice import draws
from .facts import Transaction
from .histories import (
    ClockEntry,
    Customer,
    Employee,
    GiftCard,
    Item,
    Outcome,
    Washbook,
    happened,
    known,
    newest_entries,
    signed_up,
)
from .ids import split_id
from .lives import GIVEN_UP_DAYS, Branch, account_of, gift_card_of, recharges_of, washbook_of
from .members import Population
from .prepaid import LIFE_DAYS, Form, Good, PrepaidGoods
from .rota import employees_of, entries_of

_ACCOUNTS_CACHED = 131_072
_ENTRIES_CACHED = 4096
_CUSTOMER_LISTS_CACHED = 2
_ONE_DAY = timedelta(days=1)
_SOLD_AT_THE_LANE = ("Recurring Plan", "WashBook")
_COST_SHARE = 0.4


class BelievableRecords:
    """The records of a `BelievableWorld`; see `Records`.

    Args:
        branches: The sites, by id.
        populations: Their members, by site id.
        goods: Their prepaid goods, by site id.
        book: Returns the rows of a site's local day.
    """

    def __init__(
        self,
        branches: dict[int, Branch],
        populations: dict[int, Population],
        goods: dict[int, PrepaidGoods],
        book: Callable[[int, date], DayBook],
    ) -> None:
        self._branches = branches
        self._populations = populations
        self._goods = goods
        self._book = book
        self._staff = {id: employees_of(branch.seed, branch.plant) for id, branch in branches.items()}
        self._by_name = {(id, who.name): who for id, staff in self._staff.items() for who in staff}
        self._account = lru_cache(maxsize=_ACCOUNTS_CACHED)(self._make_account)
        self._washbook = lru_cache(maxsize=_ACCOUNTS_CACHED)(self._make_washbook)
        self._customers = lru_cache(maxsize=_CUSTOMER_LISTS_CACHED)(self._make_customers)
        self._entries = lru_cache(maxsize=_ENTRIES_CACHED)(self._make_entries)
        self._items = tuple(_items_of(branches.values()))

    # ----------------------------------------------------------------------------------------------- what is sold

    def items(self) -> Sequence[Item]:
        """Return all items; see `Records.items`."""
        return self._items

    def gift_cards(self, start: int, stop: int, *, as_of: float) -> Sequence[GiftCard]:
        """Return the gift cards sold in a range; see `Records.gift_cards`."""
        found = [gift_card_of(self._branches[id], good) for id, good in self._sold(Form.GIFT_CARD, start, stop)]
        return sorted(
            (card for card in found if happened(card.sold_ms, start, stop, as_of)), key=attrgetter("sold_ms", "id")
        )

    def washbooks(self, start: int, stop: int, *, as_of: float) -> Sequence[Washbook]:
        """Return the washbooks sold in a range; see `Records.washbooks`."""
        found = (self._washbook(id, good.id) for id, good in self._sold(Form.WASHBOOK, start, stop))
        return signed_up(found, start, stop, as_of)

    def washbook(self, id: str, *, as_of: float) -> Washbook | None:
        """Return one washbook; see `Records.washbook`."""
        site_id = _site_id(id)
        goods = self._goods.get(site_id)
        good = goods.by_id(id) if goods else None
        if good is None or good.form is not Form.WASHBOOK:
            return None
        return known(self._washbook(site_id, id), as_of)

    # ------------------------------------------------------------------------------------------------ who washes

    def customers(self, *, as_of: float) -> Sequence[Customer]:
        """Return all customers; see `Records.customers`."""
        return [each for each in self._customers(_utc_date(as_of)) if each.is_known(as_of)]

    def customer(self, id: str, *, as_of: float) -> Customer | None:
        """Return one customer; see `Records.customer`."""
        site_id = _site_id(id)
        branch = self._branches.get(site_id)
        if branch is None:
            return None
        member = self._populations[site_id].by_customer_id(id)
        if member is not None:
            return known(self._account(site_id, member.account).customer, as_of)
        good = self._goods[site_id].by_customer_id(id)
        if good is not None:
            return known(self._washbook(site_id, good.id).customer, as_of)
        fleet = next((fleet for fleet in fleets_of(branch.seed, branch.plant) if fleet.id == id), None)
        return known(fleet, as_of)

    def accounts(self, start: int, stop: int, *, as_of: float) -> Sequence[RecurringAccount]:
        """Return the recurring accounts sold in a range; see `Records.accounts`."""
        found = (
            self._account(id, number)
            for id, population in self._populations.items()
            for day in _days_around(start, min(stop, int(as_of) + 1))
            for number in population.accounts(day)
        )
        return signed_up(found, start, stop, as_of)

    def account(self, id: str, *, as_of: float) -> RecurringAccount | None:
        """Return one recurring account; see `Records.account`."""
        site_id = _site_id(id)
        population = self._populations.get(site_id)
        member = population.by_account_id(id) if population else None
        return None if member is None else known(self._account(site_id, member.account), as_of)

    def recharges(self, account: RecurringAccount, *, as_of: float) -> Sequence[Recharge]:
        """Return the monthly charges of an account so far; see `Records.recharges`."""
        member = self._populations[account.site_id].by_account_id(account.id)
        if member is None:
            return ()
        charges = recharges_of(self._branches[account.site_id], member)
        return [charge for charge in charges if charge.at_ms <= as_of * 1000]

    def status_changes(self, start: int, stop: int, *, as_of: float) -> Sequence[StatusChange]:
        """Return the status changes in a range; see `Records.status_changes`."""
        return changes_in(self._living(start, stop, as_of), start, stop, as_of)

    def modified(self, start: int, stop: int, *, as_of: float) -> Sequence[RecurringAccount]:
        """Return the recurring accounts modified in a range; see `Records.modified`."""
        return modified_in(self._living(start, stop, as_of), start, stop, as_of)

    # ------------------------------------------------------------------------------------------------- who works

    def employees(self) -> Sequence[Employee]:
        """Return all employees; see `Records.employees`."""
        return [who for staff in self._staff.values() for who in staff]

    def clock_entries(self, employee_id: int, start: int, stop: int, *, as_of: float) -> Sequence[ClockEntry]:
        """Return an employee's shifts; see `Records.clock_entries`."""
        who = next((each for each in self.employees() if each.id == employee_id), None)
        if who is None:
            return ()
        days = dates_touched(start, stop, self._branches[who.site_id].plant.zone)
        versions = (entry for day in days for entry in self._entries(who.site_id, day))
        return newest_entries(versions, employee_id, start, stop, as_of)

    def outcomes(self, start: int, stop: int, *, as_of: float) -> Sequence[Outcome]:
        """Return the sales outcomes in a range; see `Records.outcomes`."""
        found = [
            self._outcome(branch, row)
            for id, branch in self._branches.items()
            for day in dates_touched(start, stop, branch.plant.zone)
            for row in self._book(id, day).first_versions(start * 1000, stop * 1000)
            if row.visible_from <= as_of and _had_a_sales_talk(row)
        ]
        return sorted(found, key=attrgetter("at_ms", "site_id", "item_id", "employee.id"))

    def _outcome(self, branch: Branch, row: Transaction) -> Outcome:
        site, item = branch.plant.site, row.items[0]
        return Outcome(
            at_ms=row.completed_ms,
            employee=self._by_name[site.id, row.greeter or ""],
            site_id=site.id,
            site_name=site.name,
            is_converted=item.department in _SOLD_AT_THE_LANE,
            item_id=branch.item_id(item.sku or ""),
            item_name=item.name,
            price_cents=item.gross_cents,
            device=row.device,
        )

    # ------------------------------------------------------------------------------------------ making the records

    def _living(self, start: int, stop: int, as_of: float) -> Iterator[RecurringAccount]:
        """Return the accounts that may have changed in a range."""
        first = _utc_date(start) - timedelta(days=GIVEN_UP_DAYS + 1)
        last = _utc_date(min(stop, as_of)) + _ONE_DAY
        for id, population in self._populations.items():
            for number in population.enrolled(first, last):
                account = self._account(id, number)
                if account.is_known(as_of):
                    yield account

    def _sold(self, form: Form, start: int, stop: int) -> Iterator[tuple[int, Good]]:
        for id, goods in self._goods.items():
            for day in _days_around(start, stop):
                for good in goods.sold(day):
                    if good.form is form:
                        yield id, good

    def _make_customers(self, today: date) -> Sequence[Customer]:
        """Return all customers whose record may exist at some time of a UTC day.

        They are sorted by `(created_ms, id)`.
        """
        found: list[Customer] = []
        for id, branch in self._branches.items():
            found.extend(fleets_of(branch.seed, branch.plant))
            enrolled = self._populations[id].enrolled(today - timedelta(days=KEPT_DAYS + 1), today + _ONE_DAY)
            found.extend(self._account(id, number).customer for number in enrolled)
        first = (today - timedelta(days=KEPT_DAYS + LIFE_DAYS + 1)).toordinal()
        for day in range(first, today.toordinal() + 2):
            for id, goods in self._goods.items():
                books = (good for good in goods.sold(date.fromordinal(day)) if good.traits is not None)
                found.extend(holder for good in books if (holder := self._washbook(id, good.id).customer))
        return sorted(found, key=attrgetter("created_ms", "id"))

    def _make_account(self, site_id: int, number: int) -> RecurringAccount:
        member = self._populations[site_id].by_account(number)
        if member is None:
            raise LookupError(f"Nobody has account {number} at site {site_id}.")
        return account_of(self._branches[site_id], member)

    def _make_washbook(self, site_id: int, id: str) -> Washbook:
        good = self._goods[site_id].by_id(id)
        if good is None:
            raise LookupError(f"There is no good {id} at site {site_id}.")
        return washbook_of(self._branches[site_id], good)

    def _make_entries(self, site_id: int, day: date) -> Sequence[ClockEntry]:
        branch = self._branches[site_id]
        return entries_of(branch.seed, branch.plant, LocalDay.of(day, branch.plant.zone), self._staff[site_id])


def _had_a_sales_talk(row: Transaction) -> bool:
    """Return whether a plan was offered: one was sold, or a retail wash instead."""
    if row.greeter is None or row.type != "Sale" or row.status == "Voided" or not row.items:
        return False
    if row.items[0].department in _SOLD_AT_THE_LANE:
        return True
    is_retail = row.customer_id is None and not row.is_prepaid_redemption
    return is_retail and row.items[0].department == "Wash" and row.total_cents > 0


def _items_of(branches: Iterable[Branch]) -> Iterator[Item]:
    for branch in branches:
        site = branch.plant.site
        for product in branch.plant.menu.products:
            (draw,) = draws(1, branch.seed, "cost", product.sku)
            yield Item(
                id=branch.item_id(product.sku),
                sku=product.sku,
                name=product.name,
                department=product.department,
                price_cents=product.price_cents,
                cost_cents=int(product.price_cents * draw) if draw < _COST_SHARE else None,
                prompts_for_price=product is branch.plant.menu.gift_card,
                site_code=site.code,
            )


def _site_id(id: str) -> int:
    """Return the site of an id; 0, which no site has, if the text is not an id."""
    numbers = split_id(id)
    return 0 if numbers is None else numbers[1]


def _utc_date(at: float) -> date:
    return datetime.fromtimestamp(at, UTC).date()


def _days_around(start: int, stop: int) -> Iterator[date]:
    """Return every date that `[start, stop)` touches in any time zone."""
    if start < stop:
        for ordinal in range(_utc_date(start).toordinal() - 1, _utc_date(stop).toordinal() + 2):
            yield date.fromordinal(ordinal)
