"""One world: records and tickets agree, to the millisecond and the cent."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

import pytest

from sonnys_data_client.sandbox.world import BelievableWorld, Customer, RecurringAccount, Transaction, WorldConfig
from sonnys_data_client.sandbox.world.customers import KEPT_DAYS

DAY_S = 86_400
STOP = int(datetime(2026, 9, 14, tzinfo=UTC).timestamp())
START = STOP - 10 * DAY_S
FOREVER = 4e9
WORLD = BelievableWorld(WorldConfig(seed=5, sites=3, cars_per_day=150))
RECORDS = WORLD.records
ROWS = WORLD.transactions(START, STOP, as_of=FOREVER)
SITE_IDS = {site.code: site.id for site in WORLD.sites}


def account_of(row: Transaction) -> RecurringAccount:
    """The account whose customer is on a ticket."""
    digits, _, site_id = (row.customer_id or "").partition(":")
    found = RECORDS.account(f"{int(digits) - 20_000_000}:{site_id}", as_of=STOP)
    assert found is not None, row
    assert found.customer.id == row.customer_id
    return found


def test_every_recharge_is_one_of_an_account_that_exists() -> None:
    recharges = [row for row in ROWS if row.is_recurring_payment]
    assert len(recharges) > 200
    for row in recharges:
        account = account_of(row)
        charges = {charge.at_ms: charge for charge in RECORDS.recharges(account, as_of=STOP)}
        assert charges[row.completed_ms].amount_cents == row.total_cents
        assert account.site_code == row.site_code
        last = account.last_billed(row.completed_ms / 1000 + DAY_S / 2)
        assert last == datetime.fromtimestamp(row.completed_ms / 1000, account.zone).date()
        if row.tenders:
            assert charges[row.completed_ms].card_last_four == row.tenders[0].card_last_four


def test_every_charge_of_an_account_is_a_recharge() -> None:
    rung_up = Counter((row.customer_id, row.completed_ms) for row in ROWS if row.is_recurring_payment)
    accounts = {account_of(row).id: account_of(row) for row in ROWS if row.is_recurring_payment}
    accounts |= {account.id: account for account in RECORDS.modified(START, STOP, as_of=STOP)}
    charged = Counter(
        (account.customer.id, charge.at_ms)
        for account in accounts.values()
        for charge in RECORDS.recharges(account, as_of=STOP)
        if START * 1000 <= charge.at_ms < STOP * 1000
    )
    assert charged == rung_up


def test_an_account_begins_with_the_sale_of_its_plan() -> None:
    sold = {row.customer_id: row for row in ROWS if row.is_recurring_sale}
    accounts = RECORDS.accounts(START, STOP, as_of=STOP)
    assert {account.customer.id for account in accounts} == sold.keys()
    for account in accounts:
        row = sold[account.customer.id]
        assert (row.completed_ms, row.total_cents) == (account.signed_up_ms, account.trial_cents)
        assert row.items[0].name == account.terms[0].name
        assert (row.site_code, row.status) == (account.creation_site_code, "Completed")
    keys = [(account.signed_up_ms, account.id) for account in accounts]
    assert keys == sorted(keys)
    assert {account.creation_site_code for account in accounts} == {"MAIN", "NORTH", "SOUTH", ""}


def test_an_upgrade_is_a_modification_of_the_account() -> None:
    upgrades = [row for row in ROWS if row.is_plan_sale_v2 and not row.is_recurring_sale]
    assert upgrades
    for row in upgrades:
        account = account_of(row)
        types = {each.type for each in account.modifications if each.at_ms == row.completed_ms}
        assert types == {"Billing Amount Change"}
        assert account.terms[1].from_ms == row.completed_ms


def test_the_customer_of_a_ticket_exists() -> None:
    for row in ROWS:
        if row.customer_id is not None:
            at = row.completed_ms / 1000
            customer = RECORDS.customer(row.customer_id, as_of=at)
            assert customer is not None, row
            assert row.customer_name == f"{customer.first_name} {customer.last_name}"
            assert customer.is_active(at)
    fleets = {row.customer_id for row in ROWS if row.tenders and row.tenders[0].tender == "Paid On Account"}
    assert fleets
    assert fleets <= {customer.id for customer in file(STOP) if customer.company}


def file(as_of: float) -> list[Customer]:
    return list(RECORDS.customers(as_of=as_of))


def test_the_customer_file_is_complete_sorted_and_forgets_after_a_year() -> None:
    today = file(STOP)
    ids = [customer.id for customer in today]
    assert len(ids) == len(set(ids))
    assert [(each.created_ms, each.id) for each in today] == sorted((each.created_ms, each.id) for each in today)
    assert {row.customer_id for row in ROWS if row.customer_id} <= set(ids)
    assert {account.customer.id for account in RECORDS.accounts(START, STOP, as_of=STOP)} <= set(ids)
    oldest = min(each.active_until_ms for each in today if each.active_until_ms is not None) / 1000
    assert STOP - (KEPT_DAYS + 2) * DAY_S < oldest < STOP - (KEPT_DAYS - 10) * DAY_S
    for customer in today[:: len(today) // 50]:
        assert RECORDS.customer(customer.id, as_of=STOP) == customer
        assert RECORDS.customer(customer.id, as_of=customer.created_ms / 1000 - 1) is None
    gone = set(ids) - {each.id for each in file(STOP + 30 * DAY_S)}
    assert gone
    assert all(RECORDS.customer(id, as_of=STOP + 30 * DAY_S) is None for id in gone)


def test_changes_of_status_add_up_to_the_status() -> None:
    changes = RECORDS.status_changes(START, STOP, as_of=STOP)
    by_account = defaultdict(list)
    for change in changes:
        by_account[change.account_id].append(change)
    assert len(by_account) > 100
    for id, found in by_account.items():
        account = RECORDS.account(id, as_of=STOP)
        assert account is not None
        assert found[0].old == account.status(START - 0.001)
        assert [change.new for change in found[:-1]] == [change.old for change in found[1:]]
        assert found[-1].new == account.status(STOP)
        assert {change.recurring_id for change in found} == {account.recurring_id}
    days = [RECORDS.status_changes(at, at + DAY_S, as_of=STOP) for at in range(START, STOP, DAY_S)]
    assert [change for day in days for change in day] == changes


def test_every_change_of_status_is_a_modification_too() -> None:
    changes = RECORDS.status_changes(START, STOP, as_of=STOP)
    accounts = {account.id: account for account in RECORDS.modified(START, STOP, as_of=STOP)}
    for change in changes:
        noted = {(each.at_ms, each.type) for each in accounts[change.account_id].modifications}
        assert (change.at_ms, "Account Status Changed") in noted
    types = {each.type for account in accounts.values() for each in account.modifications}
    assert types >= {"Tag Added", "Tag Disabled", "Vehicle Plate Changed", "Billing Amount Change"}


def test_nobody_washes_on_a_paused_account_or_after_its_end() -> None:
    for row in ROWS:
        if row.is_recurring_redemption:
            assert account_of(row).status(row.completed_ms / 1000) in {"Active", "Cancelled"}


def test_washbooks_are_sold_and_used_as_their_tickets_say() -> None:
    start = START - 250 * DAY_S
    books = RECORDS.washbooks(start, STOP, as_of=STOP)
    sold = {row.completed_ms for row in ROWS if any(item.department == "WashBook" for item in row.items)}
    assert {book.signed_up_ms for book in books if book.signed_up_ms >= START * 1000} == sold
    assert sold
    used = Counter(
        (row.tenders[0].reference, row.completed_ms)
        for row in ROWS
        if row.tenders and row.tenders[0].sub_type == "Washbook"
    )
    told = Counter(
        (book.tags[0].number, at_ms) for book in books for at_ms in book.used_ms if START * 1000 <= at_ms < STOP * 1000
    )
    assert told == used
    assert used
    assert all(book.balance(STOP) >= 0 for book in books)
    assert {book.is_active(STOP) for book in books} == {True, False}
    for book in books[:20]:
        assert RECORDS.washbook(book.id, as_of=STOP) == book
        assert RECORDS.washbook(book.id, as_of=book.signed_up_ms / 1000 - 1) is None


def test_gift_cards_are_sold_and_spent_as_their_tickets_say() -> None:
    cards = RECORDS.gift_cards(START - 250 * DAY_S, STOP, as_of=STOP)
    sold = Counter(
        (row.completed_ms, row.total_cents, row.site_code)
        for row in ROWS
        if any(item.department == "GiftCard" for item in row.items)
    )
    told = Counter((card.sold_ms, card.value_cents, card.site_code) for card in cards if card.sold_ms >= START * 1000)
    assert told == sold
    assert sold
    spent = Counter(
        (tender.reference, row.completed_ms, tender.total_cents)
        for row in ROWS
        for tender in row.tenders
        if tender.sub_type == "Giftcard"
    )
    paid = Counter(
        (card.number, at_ms, cents)
        for card in cards
        for at_ms, cents in card.uses
        if START * 1000 <= at_ms < STOP * 1000
    )
    assert paid == spent
    assert spent
    assert all(0 <= card.used_cents(STOP) <= card.used_cents(FOREVER) <= card.value_cents for card in cards)


def test_what_stands_on_a_ticket_is_for_sale_at_the_site() -> None:
    items = {(item.site_code, item.sku): item for item in RECORDS.items()}
    assert len({item.id for item in items.values()}) == len(RECORDS.items())
    for row in ROWS:
        if row.site_code:
            assert {(row.site_code, item.sku) for item in row.items} <= items.keys()
    assert {item.site_code for item in RECORDS.items()} == {"MAIN", "NORTH", "SOUTH"}


def test_cashiers_and_greeters_are_employees_at_work() -> None:
    employees = {(who.site_code, who.name): who for who in RECORDS.employees()}
    shifts = {who.id: RECORDS.clock_entries(who.id, START - DAY_S, STOP, as_of=FOREVER) for who in employees.values()}
    for row in ROWS:
        for name in {row.cashier, row.greeter} - {None}:
            who = employees[row.site_code, name or ""]
            assert any(
                shift.clock_in_ms <= row.completed_ms <= (shift.clock_out_ms or 0) for shift in shifts[who.id]
            ), row


def test_outcomes_are_the_sales_they_are_about() -> None:
    outcomes = RECORDS.outcomes(START, STOP, as_of=FOREVER)
    rows = {(row.completed_ms, SITE_IDS[row.site_code], row.device): row for row in ROWS}
    for outcome in outcomes:
        row = rows[outcome.at_ms, outcome.site_id, outcome.device]
        assert row.greeter == outcome.employee.name
        assert outcome.item_name == row.items[0].name
        department = row.items[0].department
        assert (department in {"Recurring Plan", "WashBook"}) == outcome.is_converted
        assert outcome.is_converted or department == "Wash"
    converted = {outcome.at_ms for outcome in outcomes if outcome.is_converted}
    lanes = {row.completed_ms for row in ROWS if row.is_recurring_sale and "E-Comm" not in row.device}
    assert lanes <= converted
    days = [RECORDS.outcomes(at, at + DAY_S, as_of=FOREVER) for at in range(START, STOP, DAY_S)]
    assert [outcome for day in days for outcome in day] == outcomes


def test_conversion_is_an_operators() -> None:
    converted = sum(outcome.is_converted for outcome in RECORDS.outcomes(START, STOP, as_of=FOREVER))
    eligible = sum(
        row.items[0].department == "Wash" and row.customer_id is None and row.total_cents > 0
        for row in ROWS
        if row.items
    )
    assert 0.024 <= converted / (converted + eligible) <= 0.13


def test_what_is_known_only_grows() -> None:
    at = STOP - 9 * DAY_S
    for ask in (RECORDS.accounts, RECORDS.washbooks, RECORDS.gift_cards):
        before, after = (list(ask(START - 60 * DAY_S, STOP, as_of=moment)) for moment in (at, STOP))
        assert [story for story in after if story in before] == before
        assert len(before) < len(after)
    told = RECORDS.outcomes(START, STOP, as_of=at)
    assert told == [outcome for outcome in RECORDS.outcomes(START, STOP, as_of=STOP) if outcome in told]
    assert all(outcome.at_ms <= at * 1000 for outcome in told)
    assert not RECORDS.status_changes(at, STOP, as_of=at - 1)
    assert all(change.at_ms <= at * 1000 for change in RECORDS.status_changes(START, STOP, as_of=at))


@pytest.mark.parametrize("id", ["1:1", "999:999", "x", "", "20000000:1", f"{10**30}:1", "60000000:1", "200000099:1"])
def test_an_unknown_id_is_nothing(id: str) -> None:
    assert RECORDS.customer(id, as_of=STOP) is None
    assert RECORDS.account(id, as_of=STOP) is None
    assert RECORDS.washbook(id, as_of=STOP) is None


def test_another_world_of_the_same_seed_tells_the_same_in_any_order() -> None:
    other = BelievableWorld(WORLD.config).records
    assert other.outcomes(START, START + DAY_S, as_of=STOP) == RECORDS.outcomes(START, START + DAY_S, as_of=STOP)
    assert other.modified(STOP - DAY_S, STOP, as_of=STOP) == RECORDS.modified(STOP - DAY_S, STOP, as_of=STOP)
    assert other.employees() == RECORDS.employees()
    assert [other.customer(each.id, as_of=STOP) for each in file(STOP)[:50]] == file(STOP)[:50]


def test_an_employee_nobody_knows_has_no_shifts() -> None:
    assert list(RECORDS.clock_entries(2, START, STOP, as_of=FOREVER)) == []


def test_a_small_operator_signs_up_online_under_its_site() -> None:
    small = BelievableWorld(WorldConfig(sites=1, cars_per_day=150)).records
    accounts = small.accounts(START - 30 * DAY_S, STOP, as_of=STOP)
    assert {account.creation_site_code for account in accounts} == {"MAIN"}
    assert timedelta(days=28).total_seconds() < (accounts[-1].signed_up_ms - accounts[0].signed_up_ms) / 1000
