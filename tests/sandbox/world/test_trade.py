"""A day's trade: sums to the cent, a believable mix, and rows at the edges."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, timedelta

import pytest

from sonnys_data_client.sandbox.world import Population, WorldConfig
from sonnys_data_client.sandbox.world.days import LocalDay
from sonnys_data_client.sandbox.world.prepaid import PrepaidGoods
from sonnys_data_client.sandbox.world.sales import online_sales
from sonnys_data_client.sandbox.world.sites import found_plants
from sonnys_data_client.sandbox.world.till import Kind, Ticket, total_cents
from sonnys_data_client.sandbox.world.trade import day_of_trade

CONFIG = WorldConfig()
PLANT = found_plants(CONFIG)[0]
PEOPLE = Population(CONFIG.seed, PLANT)
GOODS = PrepaidGoods(CONFIG.seed, PLANT)
DAYS = [LocalDay.of(date(2026, 9, 1) + timedelta(days=n), PLANT.zone) for n in range(28)]
TRADED = {day.on: day_of_trade(CONFIG, PLANT, PEOPLE, GOODS, day) for day in DAYS}
ONLINE = [ticket for day in DAYS for ticket in online_sales(CONFIG.seed, PLANT, PEOPLE, GOODS, day)]
TICKETS = [ticket for tickets in TRADED.values() for ticket in tickets]
WASHES = [t for t in TICKETS if t.items[0].department == "Wash" and t.type != "Return"]
RETAIL = [t for t in WASHES if t.kind is not Kind.REDEMPTION and total_cents(t.items) and t.status == "Completed"]


def test_every_ticket_adds_up() -> None:
    assert len(TICKETS) > 10_000
    for ticket in TICKETS + ONLINE:
        for item in ticket.items:
            assert item.net_cents == item.gross_cents - item.discount_cents
        for tender in ticket.tenders:
            assert tender.total_cents == tender.amount_cents - tender.change_cents
            assert tender.change_cents >= 0
        assert sum(tender.total_cents for tender in ticket.tenders) == total_cents(ticket.items)
        taken_off: dict[str, int] = defaultdict(int)
        for item in ticket.items:
            if not item.is_voided and item.discount_cents:
                taken_off[item.name] += item.discount_cents
        explained: dict[str, int] = defaultdict(int)
        for each in ticket.discounts:
            explained[each.applied_to] += each.amount_cents
        assert explained == taken_off


def test_only_returns_are_negative() -> None:
    for ticket in TICKETS:
        assert (total_cents(ticket.items) < 0) == (ticket.type == "Return")


def test_the_mix_of_washes_is_an_operators() -> None:
    done = [t for t in WASHES if t.status == "Completed"]
    members = sum(t.kind is Kind.REDEMPTION for t in done) / len(done)
    free = sum(t.kind is Kind.ORDINARY and not total_cents(t.items) for t in done) / len(done)
    assert 0.58 <= members <= 0.85
    assert 0.02 <= free <= 0.07
    assert sum(t.type == "Rewash" for t in done) / len(done) == pytest.approx(0.01, abs=0.006)
    assert len(WASHES) / len(DAYS) == pytest.approx(PLANT.cars_per_day, rel=0.25)


def test_a_retail_ticket_averages_what_operators_report() -> None:
    net = [sum(item.net_cents for item in t.items if not item.is_voided) for t in RETAIL]
    assert 1350 <= sum(net) / len(net) <= 1600
    assert 0.10 <= sum(bool(t.discounts) for t in RETAIL) / len(RETAIL) <= 0.20


def test_retail_is_paid_by_card_cash_and_prepaid() -> None:
    first = Counter(t.tenders[0].tender for t in RETAIL)
    card = (first["Credit"] + first["Debit"]) / first.total()
    prepaid = (first["Prepaid"] + first["Prepaid Wash"]) / first.total()
    assert 0.78 <= card <= 0.90
    assert 0.10 <= first["Cash"] / first.total() <= 0.17
    assert 0.02 <= prepaid <= 0.05
    assert any(len(t.tenders) == 2 for t in RETAIL)
    assert any(tender.change_cents for t in RETAIL for tender in t.tenders)


def test_prepaid_redemptions_are_those_paid_from_something_bought_earlier() -> None:
    for ticket in RETAIL:
        from_prepaid = ticket.tenders[0].tender in {"Prepaid", "Prepaid Wash"}
        assert (ticket.kind is Kind.PREPAID_REDEMPTION) == from_prepaid


def test_refunds_voids_and_unfinished_tickets_are_few() -> None:
    returns = [t for t in TICKETS if t.type == "Return"]
    assert 0.002 <= len(returns) / len(RETAIL) <= 0.015
    assert 0.004 <= sum(t.status == "Voided" for t in WASHES) / len(WASHES) <= 0.012
    assert any(t.status == "Incomplete" for t in TICKETS)


def test_a_return_gives_back_an_earlier_sale_of_its_day() -> None:
    for tickets in TRADED.values():
        for back in (ticket for ticket in tickets if ticket.type == "Return"):
            assert [
                ticket
                for ticket in tickets
                if ticket.completed_ms < back.completed_ms
                and [item.name for item in ticket.items] == [item.name for item in back.items]
                and total_cents(ticket.items) == -total_cents(back.items)
            ]


def test_a_voided_ticket_is_struck_out_whole() -> None:
    for ticket in (t for t in TICKETS if t.status == "Voided"):
        assert all(item.is_voided for item in ticket.items)
        assert [tender.tender for tender in ticket.tenders] == ["Void"]


def test_some_redemptions_carry_a_price_and_none_need_to() -> None:
    redeemed = [t for t in TICKETS if t.kind is Kind.REDEMPTION]
    valued = sum(t.tenders[0].total_cents > 0 for t in redeemed) / len(redeemed)
    assert valued == pytest.approx(CONFIG.valued_redemption_share, abs=0.03)
    never = day_of_trade(replace(CONFIG, valued_redemption_share=0.0), PLANT, PEOPLE, GOODS, DAYS[0])
    assert not [t for t in never if t.kind is Kind.REDEMPTION and t.tenders[0].total_cents]


def test_a_member_is_the_same_on_every_ticket() -> None:
    for day, tickets in TRADED.items():
        for ticket in tickets:
            if ticket.customer_id is None:
                assert ticket.kind not in {Kind.RECHARGE, Kind.REDEMPTION, Kind.PLAN_SALE, Kind.UPGRADE}
                continue
            if ticket.kind in {Kind.ORDINARY, Kind.PREPAID_SALE, Kind.PREPAID_REDEMPTION}:
                continue
            member = PEOPLE.by_customer_id(ticket.customer_id)
            assert member is not None
            assert ticket.customer_name == member.name
            assert ticket.plate in {member.plate, None}
            assert member.joined <= day < member.ended
            item = ticket.items[0]
            if ticket.kind is Kind.REDEMPTION:
                assert item.name == member.plan_on(day).wash.name
            elif ticket.kind is Kind.PLAN_SALE:
                assert (item.name, day) == (member.first_plan.product.name, member.joined)
            elif ticket.kind is Kind.RECHARGE:
                assert item.name == member.plan_on(day).product.name
                assert item.gross_cents == member.plan_on(day).product.price_cents
            else:
                assert day == member.upgraded


def test_a_plan_pays_for_one_wash_a_day() -> None:
    for tickets in TRADED.values():
        washed = Counter(t.customer_id for t in tickets if t.kind is Kind.REDEMPTION)
        assert set(washed.values()) == {1}


def test_who_joins_in_the_lane_washes_at_once() -> None:
    for day, tickets in TRADED.items():
        sold = {t.customer_id: t.completed_ms for t in tickets if t.kind is Kind.PLAN_SALE}
        washed = {t.customer_id: t.completed_ms for t in tickets if t.kind is Kind.REDEMPTION}
        assert set(sold) == {m.customer_id for m in PEOPLE.joined(day) if not m.joined_online}
        assert all(60_000 <= washed[customer] - sold_ms <= 240_000 for customer, sold_ms in sold.items())


def test_recharges_are_billed_before_dawn_in_batches_of_one_instant() -> None:
    for day, local in zip(TRADED, DAYS, strict=True):
        recharged = [t for t in TRADED[day] if t.kind is Kind.RECHARGE]
        assert {t.customer_id for t in recharged} == {m.customer_id for m in PEOPLE.due(day)}
        assert all(local.at_ms(3, 30) <= t.completed_ms < local.at_ms(4, 30) for t in recharged)
        assert len({t.completed_ms for t in recharged}) == 8


def edges_of(day: LocalDay) -> set[int]:
    (utc_midnight_ms,) = day.utc_midnights_ms()
    local = {day.start_ms, day.end_ms - 1000, day.end_ms - 1}
    return local | {utc_midnight_ms, utc_midnight_ms - 1000, utc_midnight_ms - 1}


@pytest.mark.parametrize("cars_per_day", [1, 20, 200])
@pytest.mark.parametrize("on", [date(2026, 3, 8), date(2026, 11, 1), date(2026, 12, 25)])
def test_every_day_has_rows_at_its_edges_and_a_tie(cars_per_day: int, on: date) -> None:
    for plant in found_plants(WorldConfig(sites=3, cars_per_day=cars_per_day)):
        day = LocalDay.of(on, plant.zone)
        people, goods = Population(CONFIG.seed, plant), PrepaidGoods(CONFIG.seed, plant)
        tickets = day_of_trade(CONFIG, plant, people, goods, day)
        times = Counter(ticket.completed_ms for ticket in tickets)
        assert edges_of(day) <= set(times)
        assert max(times.values()) >= 3
        assert all(day.start_ms <= ms < day.end_ms for ms in times)


def test_online_sales_say_so_and_keep_the_calendar_date_everywhere() -> None:
    assert {t.kind for t in ONLINE} == {Kind.PLAN_SALE, Kind.PREPAID_SALE}
    assert all("E-Comm" in t.device for t in ONLINE)
    assert not [t for t in TICKETS if "E-Comm" in t.device]
    joined = {m.customer_id for day in TRADED for m in PEOPLE.joined(day) if m.joined_online}
    assert {t.customer_id for t in ONLINE if t.kind is Kind.PLAN_SALE} == joined
    for day in DAYS:
        for ticket in online_sales(CONFIG.seed, PLANT, PEOPLE, GOODS, day):
            assert day.at_ms(6) <= ticket.completed_ms < day.at_ms(22)


def test_names_are_blank_where_nobody_is_known() -> None:
    sold: list[Ticket] = [t for t in TICKETS if t.kind is Kind.ORDINARY]
    for field in ("plate", "cashier", "greeter"):
        blanks = sum(getattr(t, field) is None for t in sold) / len(sold)
        assert 0.2 < blanks < 0.95
    assert {t.cashier is None for t in sold if t.device == "POS 1"} == {False}
