"""Histories of accounts: one status at a time, and everything at its time."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta

import pytest

from sonnys_data_client.sandbox.world import Population, RecurringAccount, WorldConfig
from sonnys_data_client.sandbox.world.days import month_after
from sonnys_data_client.sandbox.world.histories import UNLIMITED
from sonnys_data_client.sandbox.world.lives import (
    GIVEN_UP_DAYS,
    Branch,
    account_of,
    gift_card_of,
    recharges_of,
    washbook_of,
)
from sonnys_data_client.sandbox.world.members import Member
from sonnys_data_client.sandbox.world.prepaid import Form, PrepaidGoods
from sonnys_data_client.sandbox.world.sites import found_plants, found_web_shop

CONFIG = WorldConfig()
PLANT = found_plants(CONFIG)[1]
SHOP = found_web_shop(CONFIG)
assert SHOP is not None
BRANCH = Branch(1, PLANT, SHOP, found_plants(CONFIG)[0].zone)
PEOPLE = Population(1, PLANT)
MEMBERS: list[Member] = [m for n in range(400) for m in PEOPLE.joined(date(2024, 1, 1) + timedelta(days=n))]
ACCOUNTS: list[RecurringAccount] = [account_of(BRANCH, member) for member in MEMBERS]
LIVES = list(zip(MEMBERS, ACCOUNTS, strict=True))


def test_every_change_starts_from_the_status_before() -> None:
    for account in ACCOUNTS:
        times = [change.at_ms for change in account.status_changes]
        assert times == sorted(set(times))
        assert account.signed_up_ms < times[0]
        assert account.status_changes[0].old == "Active"
        for earlier, later in zip(account.status_changes, account.status_changes[1:], strict=False):
            assert later.old == earlier.new != later.new


def test_an_account_ends_by_choice_or_by_its_card() -> None:
    for member, account in LIVES:
        end = BRANCH.day(member.ended)
        last = account.status_changes[-1]
        if member.left_by_choice:
            assert last.new == "Cancelled"
            assert end.start_ms - 22 * 86_400_000 < last.at_ms < end.start_ms
            assert account.cancelled_ms(4e9) == last.at_ms
        else:
            assert last.new == "Payment Retries Exceeded"
            assert account.status_changes[-2].at_ms == end.at_ms(3, 31)
            assert last.at_ms <= BRANCH.day(member.ended + timedelta(days=GIVEN_UP_DAYS)).end_ms
            assert account.cancelled_ms(4e9) is None
    ends = Counter(account.status_changes[-1].new for account in ACCOUNTS)
    assert ends["Cancelled"] / ends.total() == pytest.approx(0.6, abs=0.05)


def test_a_pause_lies_between_two_recharges() -> None:
    paused = [(member, account) for member, account in LIVES if member.paused]
    assert 0.005 < len(paused) / len(LIVES) < 0.04
    for member, account in paused:
        assert member.paused is not None
        first, last = member.paused
        assert account.suspended == member.paused
        noon = BRANCH.day(first).at_ms(12) / 1000
        assert account.status(noon) == "Suspended"
        assert account.status(BRANCH.day(last).at_ms(12) / 1000) == "Suspended"
        assert account.status(BRANCH.day(last + timedelta(days=1)).at_ms(4) / 1000) == "Active"
        assert account.months_billed(noon) == account.months_billed(BRANCH.day(last).at_ms(12) / 1000)
        assert member.is_paused_on(first)
        assert not member.is_paused_on(last + timedelta(days=1))


def test_a_month_has_one_charge_from_the_second_to_the_last() -> None:
    for member, account in LIVES[:500]:
        charges = recharges_of(BRANCH, member)
        assert len(charges) == member.life_months - 1
        days = [datetime.fromtimestamp(charge.at_ms / 1000, PLANT.zone).date() for charge in charges]
        assert days == [month_after(member.joined, months) for months in range(1, member.life_months)]
        for months, charge in enumerate(charges, 1):
            at = charge.at_ms / 1000 + 3600
            assert account.months_billed(at) == months
            assert account.last_billed(at) == days[months - 1]
            assert account.next_billed(at) == month_after(member.joined, months + 1)
            assert account.term(at).amount_cents == charge.amount_cents
        assert account.last_billed(account.signed_up_ms / 1000) is None


def test_a_second_car_comes_with_a_tag() -> None:
    doubles = [account for account in ACCOUNTS if len(account.tags) > 1]
    assert 0.04 < len(doubles) / len(ACCOUNTS) < 0.13
    for account in doubles:
        types = Counter(each.type for each in account.modifications)
        assert types["Tag Added"] == 1
        assert types["Tag Disabled"] == (account.tags[1].disabled_ms is not None)
        assert types["Vehicle Plate Changed"] == len(account.vehicles) - 2
        known = [vehicle.plate for vehicle in account.vehicles if vehicle.is_known(4e9)]
        assert len(known) == 2


def test_ids_are_unique_and_the_customer_changes_with_the_account() -> None:
    ids = [id for account in ACCOUNTS for id in (account.id, account.recurring_id, account.customer.id)]
    tags = [tag.id for account in ACCOUNTS for tag in account.tags]
    assert len(set(ids)) == len(ids)
    assert len(set(tags)) == len(tags)
    for account in ACCOUNTS:
        assert account.customer.changed_ms == tuple(each.at_ms for each in account.modifications)
        assert list(account.customer.changed_ms) == sorted(account.customer.changed_ms)


def test_washbooks_and_gift_cards_are_the_goods() -> None:
    goods = PrepaidGoods(1, PLANT)
    sold = [good for n in range(400) for good in goods.sold(date(2026, 1, 1) + timedelta(days=n))]
    books = [washbook_of(BRANCH, good) for good in sold if good.form is Form.WASHBOOK]
    cards = [gift_card_of(BRANCH, good) for good in sold if good.form is Form.GIFT_CARD]
    assert {book.size for book in books} == {5, UNLIMITED}
    assert {book.customer is None for book in books} == {True, False}
    assert {book.balance(9e9) for book in books if book.size == UNLIMITED} == {UNLIMITED}
    assert all(0 <= book.balance(9e9) < 5 for book in books if book.size == 5 and book.used_ms)
    assert {card.site_code for card in cards} == {"", "NORTH"}
    assert all(list(card.uses) == sorted(card.uses) for card in cards)
