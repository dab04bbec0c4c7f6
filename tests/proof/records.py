"""What each operation must return, read from the sandbox's world: a tuple for each row.

Beside it stands a function that makes the same tuple of a row that came.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from sonnys_data_client.sandbox import Quirks
from sonnys_data_client.sandbox.spelling import Spelling
from sonnys_data_client.sandbox.transactions import ITEM_TYPES
from sonnys_data_client.sandbox.world import BelievableWorld, ListedRecords, WorldConfig
from sonnys_data_client.sandbox.world.accounts import RecurringAccount
from sonnys_data_client.sandbox.world.facts import Site, Transaction
from sonnys_data_client.sandbox.world.protocol import Records
from tests.proof.truth import START

FIRST, LAST = "2026-02-10", "2026-03-20"
"""39 days: more than one call of a list of transactions, gift cards, details or clock entries takes."""
BEGIN = int(datetime(2026, 2, 10, tzinfo=UTC).timestamp())
STOP = int(datetime(2026, 3, 21, tzinfo=UTC).timestamp())
SINCE = date(2015, 1, 1)
"""Before the world's first account."""
BOOKS_BEGIN = int(datetime(2025, 8, 1, tzinfo=UTC).timestamp())
RANGE = {"startDate": FIRST, "endDate": LAST}

DAY_S = 86_400

Row = tuple[Any, ...]


class BoundWorld:
    """A part of a believable world, computed once, so that hundreds of sandboxes can serve it quickly."""

    def __init__(self, rows: Iterable[Transaction], sites: tuple[Site, ...], records: Records) -> None:
        self.rows = sorted(rows, key=lambda row: (row.completed_ms, row.id))
        self.sites = sites
        self.records = records

    def transactions(self, start: int, stop: int, *, site: str | None = None, as_of: float) -> Sequence[Transaction]:
        """Return the rows of a range. The server knew all of them before the proof begins."""
        assert as_of >= START
        first, last = (bisect_left(self.rows, at * 1000, key=lambda row: row.completed_ms) for at in (start, stop))
        return [row for row in self.rows[first:last] if site in {None, row.site_code}]

    def transaction(self, id: str, *, as_of: float) -> Transaction | None:
        """Return a row by its id."""
        assert as_of >= START
        return next((row for row in self.rows if row.id == id), None)


@cache
def world() -> BoundWorld:
    """Return three sites and a web shop: a third of their sales, and a row of each kind on every edge of a part."""
    whole = BelievableWorld(WorldConfig(seed=3, sites=3, cars_per_day=3))
    books, until = whole.records, int(START)
    rows = whole.transactions(BEGIN - DAY_S, STOP + DAY_S, as_of=START)
    accounts = [*books.accounts(0, until, as_of=START)]
    staff = books.employees()
    shifts = [entry for who in staff for entry in books.clock_entries(who.id, BEGIN - DAY_S, until, as_of=START)]
    records = ListedRecords(
        all_items=books.items(),
        all_employees=staff,
        all_clock_entries=shifts + [replace(shifts[0], clock_in_ms=at * 1000) for at in _edges(14)],
        all_outcomes=books.outcomes(BEGIN - DAY_S, until, as_of=START),
        all_customers=books.customers(as_of=START),
        # None in the second after the range: a list may include it, and its rows do not say when an account began.
        all_accounts=accounts + [_twin(accounts[0], n, at) for n, at in enumerate(_edges(28)) if at != STOP],
        all_recharges={account.id: books.recharges(account, as_of=START) for account in accounts},
        all_washbooks=books.washbooks(0, until, as_of=START),
        all_gift_cards=books.gift_cards(BEGIN - DAY_S, until, as_of=START),
    )
    on_edges = [replace(rows[0], id=f"{n}:1", number=n, completed_ms=at * 1000) for n, at in enumerate(_edges(31))]
    return BoundWorld([*rows[::3], *on_edges], whole.sites, records)


def _edges(days: int) -> list[int]:
    """Return the seconds before and after each point where a range is cut into parts of `days`, and of both ends."""
    ends = {BEGIN, STOP, *range(BEGIN, STOP, days * DAY_S)}
    return sorted(second for end in ends for second in (end - 1, end))


def _twin(account: RecurringAccount, number: int, at: int) -> RecurringAccount:
    """Return a copy of an account, sold at another time and modified only then."""
    done = replace(account.modifications[0], at_ms=at * 1000, comment=None)
    return replace(account, id=f"{number}:1", signed_up_ms=at * 1000, status_changes=(), modifications=(done,))


@dataclass(frozen=True)
class Truth:
    """What one operation must return.

    Attributes:
        resource: The client's resource.
        name: The method.
        values: Its arguments.
        rows: Makes the expected tuples, given the quirks.
        shown: Makes the tuple of a row that came; a list of tuples where one row says several things.
    """

    resource: str
    name: str
    values: dict[str, Any]
    rows: Callable[[Quirks], Iterable[Row]]
    shown: Callable[[Any], Row | list[Row]]

    def __str__(self) -> str:
        return f"{self.resource}.{self.name}"


def cents(amount: Decimal | None) -> int | None:
    """Return an amount in cents."""
    return None if amount is None else int(amount * 100)


def second(moment: datetime | None) -> int | None:
    """Return a moment in epoch seconds. Some of the API's spellings of a moment have nothing finer."""
    return None if moment is None else int(moment.timestamp())


def second_of(at_ms: int | None) -> int | None:
    """Return a moment of the world in epoch seconds."""
    return None if at_ms is None else at_ms // 1000


def word(quirks: Quirks, word: str, strange: str, id: str) -> str:
    """Return a word of an open list, or the unknown word that the sandbox puts in its place under a quirk."""
    return Spelling(quirks).word(word, strange, id)


# -- transactions -------------------------------------------------------------------------------------------------


def _transactions(fits: Callable[[Any], bool]) -> Callable[[Quirks], Iterable[Row]]:
    @cache
    def rows() -> list[Row]:
        found = world().transactions(BEGIN, STOP, as_of=START)
        return [(row.id, row.number, row.total_cents, second_of(row.completed_ms)) for row in found if fits(row)]

    return lambda _quirks: rows()


def _shown_transaction(row: Any) -> Row:
    return row.trans_id, row.trans_number, cents(row.total), second(row.date)


# -- people -------------------------------------------------------------------------------------------------------


def _customers(_quirks: Quirks) -> Iterable[Row]:
    for each in world().records.customers(as_of=START):
        names = each.id, each.number, each.first_name, each.last_name, each.phone
        yield *names, each.is_active(START), second_of(each.created_ms), second_of(each.modified_ms(START))


def _shown_customer(row: Any) -> Row:
    names = row.customer_id, row.customer_number, row.first_name, row.last_name, row.phone_number
    return *names, row.is_active, second(row.created_date), second(row.modified_date)


def _clock_entries(_quirks: Quirks) -> Iterable[Row]:
    records = world().records
    for who in records.employees():
        for each in records.clock_entries(who.id, BEGIN, STOP, as_of=START):
            regular, overtime = (round(minutes / 60, 2) for minutes in each.minutes)
            times = second_of(each.clock_in_ms), second_of(each.clock_out_ms)
            yield who.id, *times, regular, overtime, each.rate_cents, each.site_code, each.modified_ms is not None


def _shown_clock_entry(row: Any) -> Row:
    hours = float(row.regular_hours), float(row.overtime_hours)
    times = second(row.clock_in), second(row.clock_out)
    return row.employee_id, *times, *hours, cents(row.regular_rate), row.site_code, row.was_modified


# -- prepaid ------------------------------------------------------------------------------------------------------


def _giftcards(quirks: Quirks) -> Iterable[Row]:
    for each in world().records.gift_cards(BEGIN, STOP, as_of=START):
        sold = None if quirks.lost_card_dates and int(each.number) % 7 == 0 else second_of(each.sold_ms)
        yield each.number, each.id, each.site_code or None, each.value_cents, each.used_cents(START), sold


def _shown_giftcard(row: Any) -> Row:
    return (
        row.number,
        row.giftcard_id,
        row.site_code,
        cents(row.value),
        cents(row.amount_used),
        second(row.complete_date),
    )


def _washbooks(begin: int, stop: int) -> Callable[[Quirks], Iterable[Row]]:
    def rows(quirks: Quirks) -> Iterable[Row]:
        for each in world().records.washbooks(begin, stop, as_of=START):
            balance = each.balance(START)
            left = "any" if balance == 999 else balance
            customer = None if each.customer is None else each.customer.id
            status = word(quirks, "Active" if each.is_active(START) else "Inactive", "Frozen", each.id)
            yield each.id, each.name, left, second_of(each.signed_up_ms), each.site_id, customer, status

    return rows


def _shown_washbook(row: Any) -> Row:
    left = "any" if row.is_unlimited else row.balance
    return row.id, row.name, left, second(row.sign_up_date), row.billing_site_id, row.customer_id, row.status


def _accounts(quirks: Quirks) -> Iterable[Row]:
    at = STOP if quirks.status_as_of == "range" else START
    for each in world().records.accounts(BEGIN, STOP, as_of=START):
        status = word(quirks, each.status(at), "On Holiday", each.id)
        yield *_account(each), each.term(at).name, second_of(each.cancelled_ms(at)), status


def _all_accounts(_quirks: Quirks) -> Iterable[Row]:
    return map(_account, world().records.accounts(0, int(START), as_of=START))


def _account(each: RecurringAccount) -> Row:
    return each.id, second_of(each.signed_up_ms), each.site_id, each.site_code, each.customer.id


def _shown_account(row: Any) -> Row:
    return *_shown_any_account(row), row.name, second(row.cancel_date), row.status_name


def _shown_any_account(row: Any) -> Row:
    return row.id, second(row.sign_up_date), row.billing_site_id, row.billing_site_code, row.customer_id


def account_details(begin: int, stop: int) -> Callable[[Quirks], Iterable[Row]]:
    """Return what the details of the accounts sold in a range must say, given the quirks."""

    def rows(quirks: Quirks) -> Iterable[Row]:
        records = world().records
        for each in records.accounts(begin, stop, as_of=START):
            charges = tuple(charge.amount_cents for charge in records.recharges(each, as_of=START))
            tags = sum(tag.from_ms <= START * 1000 for tag in each.tags)
            plates = tuple(vehicle.plate for vehicle in each.vehicles if vehicle.is_known(START))
            billed = each.last_billed(START), each.next_billed(START)
            status = word(quirks, each.status(START), "On Holiday", each.id)
            yield each.id, each.term(START).name, each.customer.id, *billed, charges, tags, plates, status

    return rows


def shown_account(row: Any) -> Row:
    """Return what an account's detail says."""
    charges = tuple(cents(each.amount_charged) for each in row.recurring_billings)
    plates = tuple(each.plate for each in row.vehicles)
    billed = row.last_bill_date, row.next_bill_date
    return (
        row.id,
        row.plan_name,
        row.customer.id,
        *billed,
        charges,
        len(row.tags),
        plates,
        row.current_recurring_status_name,
    )


def _status_changes(quirks: Quirks) -> Iterable[Row]:
    for each in world().records.status_changes(BEGIN, STOP, as_of=START):
        new = word(quirks, each.new, "On Holiday", each.account_id)
        yield each.account_id, each.recurring_id, each.old, new, second_of(each.at_ms), each.by, each.site_code


def _shown_status_change(row: Any) -> Row:
    ids = row.washbook_account_id, row.recurring_id
    return *ids, row.old_status, row.new_status, second(row.status_date), row.employee_name, row.site_code


MODIFIED_BEGIN = int(datetime(2025, 7, 21, tzinfo=UTC).timestamp())
"""Eight months before the range's end: more than one call takes, so the range is cut in two."""


def _modified(quirks: Quirks) -> Iterable[Row]:
    records = world().records
    begin, stop = MODIFIED_BEGIN, STOP
    if quirks.modified_range == "joined":
        accounts, begin, stop = records.accounts(begin, stop, as_of=START), 0, int(START)
    else:
        accounts = records.modified(begin, stop, as_of=START)
    for account in accounts:
        for each in account.modifications:
            if begin <= each.at_ms / 1000 < stop:
                yield account.id, each.type, second_of(each.at_ms), each.comment


def _outcomes(_quirks: Quirks) -> Iterable[Row]:
    for each in world().records.outcomes(BEGIN, STOP, as_of=START):
        sold = each.is_converted, each.item_id, each.item_name, each.price_cents
        yield second_of(each.at_ms), each.employee.id, each.site_id, *sold, each.device


def _shown_outcome(row: Any) -> Row:
    sold = row.is_converted, row.item_id, row.item_name, cents(row.item_price)
    return second(row.timestamp), row.employee_id, row.site_id, *sold, row.terminal_name


# -- places and things --------------------------------------------------------------------------------------------


def _sites(_quirks: Quirks) -> Iterable[Row]:
    return [(each.id, each.code or None, each.name, each.timezone) for each in world().sites]


def _items(quirks: Quirks) -> Iterable[Row]:
    for each in world().records.items():
        price = each.price_cents, each.cost_cents, each.prompts_for_price
        yield each.sku, each.name, word(quirks, each.department, "Robotics", each.id), *price, each.site_code or None


def _shown_item(row: Any) -> Row:
    price = cents(row.price_at_site), cents(row.cost_per_item)
    return row.sku, row.name, row.department_name, *price, row.is_prompt_for_price, row.site_location


TRUTHS = [
    Truth("transactions", "list", RANGE, _transactions(lambda _: True), _shown_transaction),
    Truth("transactions", "list_v2", RANGE, _transactions(lambda _: True), _shown_transaction),
    *(
        Truth("transactions", "list_by_type", {**RANGE, "item_type": kind}, _transactions(fits), _shown_transaction)
        for kind, fits in ITEM_TYPES.items()
    ),
    Truth("customers", "list", {}, _customers, _shown_customer),
    Truth("items", "list", {}, _items, _shown_item),
    Truth(
        "employees",
        "list",
        {},
        lambda _: [(who.id, who.first_name, who.last_name) for who in world().records.employees()],
        lambda row: (row.employee_id, row.first_name, row.last_name),
    ),
    Truth("employees", "clock_entries", RANGE, _clock_entries, _shown_clock_entry),
    Truth("giftcards", "list", RANGE, _giftcards, _shown_giftcard),
    Truth("washbooks", "list", {**RANGE, "startDate": BOOKS_BEGIN}, _washbooks(BOOKS_BEGIN, STOP), _shown_washbook),
    Truth("washbooks", "list_all", {"since": SINCE}, _washbooks(0, int(START)), _shown_washbook),
    Truth("recurring", "list", RANGE, _accounts, _shown_account),
    Truth("recurring", "list_all", {"since": SINCE}, _all_accounts, _shown_any_account),
    Truth("recurring", "list_details", RANGE, account_details(BEGIN, STOP), shown_account),
    Truth("recurring", "list_all_details", {"since": SINCE}, account_details(0, int(START)), shown_account),
    Truth("recurring", "list_status_changes", RANGE, _status_changes, _shown_status_change),
    Truth(
        "recurring",
        "list_modifications",
        {"startDate": MODIFIED_BEGIN, "endDate": STOP - 1},
        _modified,
        lambda row: [
            (row.id, each.modification_type, second(each.modification_date), each.modification_comment)
            for each in row.modifications
        ],
    ),
    Truth("sites", "list", {}, _sites, lambda row: (row.site_id, row.code, row.name, row.timezone)),
    Truth("sales_outcomes", "list", RANGE, _outcomes, _shown_outcome),
]
