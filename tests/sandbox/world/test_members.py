"""The members of a site: joining, paying, upgrading, leaving."""

from __future__ import annotations

import statistics
from collections import Counter
from datetime import date, timedelta

import pytest

from sonnys_data_client.sandbox.world import Member, Population, WorldConfig
from sonnys_data_client.sandbox.world.days import month_after
from sonnys_data_client.sandbox.world.dice import dice
from sonnys_data_client.sandbox.world.members import MONTHS_MAX
from sonnys_data_client.sandbox.world.sites import OPENED, found_plants

PLANT = found_plants(WorldConfig())[0]
PEOPLE = Population(1, PLANT)
DAY = date(2026, 9, 16)


def joined_between(first: date, last: date) -> list[Member]:
    days = (last - first).days + 1
    return [member for n in range(days) for member in PEOPLE.joined(first + timedelta(days=n))]


# Everyone who can be there in the months before DAY and the one after it.
EVERYONE = joined_between(month_after(DAY, -MONTHS_MAX - 10), DAY + timedelta(days=40))


def test_a_roster_holds_exactly_those_with_a_plan() -> None:
    for day in (DAY, date(2026, 8, 31), date(2026, 2, 28)):
        known = [member for member in EVERYONE if member.joined < day < member.ended]
        assert sorted(PEOPLE.roster(day)) == sorted(member.account for member in known)


def test_account_numbers_are_those_of_the_day_s_members() -> None:
    for n in range(10):
        day = DAY - timedelta(days=n)
        assert list(PEOPLE.accounts(day)) == [member.account for member in PEOPLE.joined(day)]


def test_members_are_as_many_as_the_site_should_have() -> None:
    sizes = [len(PEOPLE.roster(date(year, month, 1))) for year in (2024, 2025) for month in range(1, 13)]
    assert statistics.mean(sizes) == pytest.approx(PLANT.members, rel=0.08)


def test_members_leave_at_the_sites_churn() -> None:
    left = sum(1 for member in EVERYONE if member.joined < DAY - timedelta(days=30) < member.ended <= DAY)
    assert left / len(PEOPLE.roster(DAY)) == pytest.approx(PLANT.churn, abs=0.025)


def test_sign_ups_keep_pace_with_churn() -> None:
    year = [member for member in EVERYONE if date(2025, 9, 1) <= member.joined < date(2026, 9, 1)]
    assert len(year) / 12 == pytest.approx(PLANT.members * PLANT.churn, rel=0.12)


def test_recharges_fall_on_the_join_day_clamped_to_the_months_end() -> None:
    for day in (DAY, date(2026, 2, 28), date(2026, 4, 30)):
        expected = [
            member.account
            for member in EVERYONE
            if any(month_after(member.joined, months) == day for months in range(1, member.life_months))
        ]
        assert sorted(member.account for member in PEOPLE.due(day)) == sorted(expected)
        assert expected


def test_a_short_months_last_day_bills_those_of_the_missing_days() -> None:
    join_days = {member.joined.day for member in PEOPLE.due(date(2026, 2, 28))}
    assert join_days == {28, 29, 30, 31}
    assert {member.joined.day for member in PEOPLE.due(date(2026, 2, 27))} == {27}


def test_nobody_pays_after_the_end() -> None:
    for member in PEOPLE.due(DAY):
        assert member.joined < DAY < member.ended


def test_an_account_leads_back_to_its_member() -> None:
    for member in EVERYONE[:200]:
        assert PEOPLE.by_account(member.account) == member
        assert PEOPLE.by_customer_id(member.customer_id) == member


@pytest.mark.parametrize("account", [-1, 99, 10**9])
def test_an_account_that_nobody_had_leads_nowhere(account: int) -> None:
    assert PEOPLE.by_account(account) is None


@pytest.mark.parametrize("customer_id", ["", ":", "1", "1:1", "x:1", "٣:1", "40000001:2"])
def test_a_customer_id_that_nobody_had_leads_nowhere(customer_id: str) -> None:
    assert PEOPLE.by_customer_id(customer_id) is None


def test_a_customer_id_with_a_leading_zero_is_another() -> None:
    assert PEOPLE.by_customer_id("0" + EVERYONE[0].customer_id) is None


def test_accounts_and_customers_are_unique_and_not_alike() -> None:
    assert len({member.account for member in EVERYONE}) == len(EVERYONE)
    assert len({member.customer_id for member in EVERYONE}) == len(EVERYONE)
    assert all(str(member.account) != member.customer_id.split(":")[0] for member in EVERYONE)


def test_a_card_is_good_until_the_member_leaves() -> None:
    assert all(f"{member.ended:%Y-%m}" <= member.card.expiry for member in EVERYONE)


def test_upgrades_move_one_plan_up_and_are_27_in_a_thousand_plan_sales() -> None:
    upgraded = [member for member in EVERYONE if member.upgraded is not None]
    for member in upgraded:
        assert member.upgraded is not None
        assert member.later_plan is not None
        day_before = member.upgraded - timedelta(days=1)
        assert member.plan_on(day_before) == member.first_plan
        assert member.plan_on(member.upgraded) == member.later_plan
        tiers = [plan.product.sku for plan in PLANT.menu.plans]
        assert tiers.index(member.later_plan.product.sku) == tiers.index(member.first_plan.product.sku) - 1
        assert member.joined < member.upgraded < member.ended
    flags = len(EVERYONE) + len(upgraded)
    assert 0.018 <= len(upgraded) / flags <= 0.036


def test_upgrades_of_a_day_are_those_of_its_members() -> None:
    days = [DAY - timedelta(days=n) for n in range(30)]
    found = {member.account for day in days for member in PEOPLE.upgrades(day)}
    assert found == {member.account for member in EVERYONE if member.upgraded in days}
    assert found


def test_the_plan_mix_is_the_assumed_one() -> None:
    recent = [member for member in EVERYONE if member.joined >= date(2024, 1, 1)]
    names = Counter(member.first_plan.product.name for member in recent)
    shares = [names[plan.product.name] / len(recent) for plan in PLANT.menu.plans]
    assert shares == pytest.approx([0.235, 0.33, 0.235, 0.14], abs=0.03)
    assert names["Family Add-On"] / len(recent) == pytest.approx(0.06, abs=0.015)
    assert "Founders Unlimited" not in names


def test_founders_joined_early() -> None:
    founders = [member for member in EVERYONE if member.first_plan == PLANT.menu.founders]
    assert founders
    assert max(member.joined for member in founders) < date(2023, 1, 1)


def test_some_join_online_and_most_leave_by_choice() -> None:
    online = sum(member.joined_online for member in EVERYONE) / len(EVERYONE)
    by_choice = sum(member.left_by_choice for member in EVERYONE) / len(EVERYONE)
    assert online == pytest.approx(0.13, abs=0.02)
    assert by_choice == pytest.approx(0.6, abs=0.02)


def test_a_member_is_drawn_once_a_day_and_has_a_plan() -> None:
    taken: set[int] = set()
    rng = dice("someone")
    drawn = [PEOPLE.someone(DAY, taken, rng) for _ in range(300)]
    members = [member for member in drawn if member is not None]
    assert len(members) == 300
    assert {member.account for member in members} == taken
    assert len(taken) == 300
    assert all(member.joined < DAY < member.ended for member in members)


def test_a_site_with_too_few_members_runs_out_of_them() -> None:
    plant = found_plants(WorldConfig(cars_per_day=2))[0]
    few = Population(1, plant)
    taken: set[int] = set()
    rng = dice("few")
    drawn = [few.someone(DAY, taken, rng) for _ in range(100)]
    assert drawn[-1] is None
    assert len(taken) < 100


def test_nobody_joined_before_the_opening() -> None:
    assert PEOPLE.joined(OPENED - timedelta(days=1)) == []
    assert len(PEOPLE.roster(OPENED)) == 0
    assert len(PEOPLE.roster(OPENED + timedelta(days=30))) > 0
