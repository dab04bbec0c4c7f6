"""The world as a whole: always the same, however its ranges are cut, and known bit by bit."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sonnys_data_client.sandbox.world import BelievableWorld, Transaction, WorldConfig
from sonnys_data_client.sandbox.world.sites import OPENED

FOREVER = 1e12
DAY_S = 86_400
START = int(datetime(2026, 9, 11, tzinfo=UTC).timestamp())
WORLD = BelievableWorld()
SMALL = WorldConfig(sites=1, cars_per_day=5)
QUIET = WorldConfig(cars_per_day=40)


def digest(rows: object) -> str:
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def day_rows(world: BelievableWorld, day: int = 0) -> list[Transaction]:
    return list(world.transactions(START + day * DAY_S, START + (day + 1) * DAY_S, as_of=FOREVER))


DIGEST_A_DAY = """
import hashlib
from sonnys_data_client.sandbox.world import BelievableWorld, WorldConfig
rows = list(BelievableWorld(WorldConfig(cars_per_day=40)).transactions({start}, {start} + 86400, as_of=1e12))
print(hashlib.sha256(repr(rows).encode()).hexdigest())
"""


def test_every_machine_and_every_python_has_the_same_world() -> None:
    # Written down once. It may change with a release that changes the world on purpose, and says so.
    assert digest(day_rows(BelievableWorld(SMALL)))[:16] == "3c7af56b7222054f"


@pytest.mark.parametrize("hash_seed", ["0", "4711"])
def test_another_process_has_the_same_world(hash_seed: str) -> None:
    script = DIGEST_A_DAY.format(start=START)
    told = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONHASHSEED": hash_seed, "PYTHONPATH": ":".join(sys.path)},
    )
    assert told.stdout.strip() == digest(day_rows(BelievableWorld(QUIET)))


def test_the_order_of_questions_does_not_matter() -> None:
    forwards, backwards = BelievableWorld(QUIET), BelievableWorld(QUIET)
    by_day = {day: digest(day_rows(forwards, day)) for day in range(4)}
    backwards.transaction(day_rows(forwards)[7].id, as_of=FOREVER)
    assert {day: digest(day_rows(backwards, day)) for day in reversed(range(4))} == by_day


def test_another_seed_is_another_world() -> None:
    world, other = BelievableWorld(QUIET), BelievableWorld(replace(QUIET, seed=2))
    assert {row.completed_ms for row in day_rows(other)} != {row.completed_ms for row in day_rows(world)}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 2 * DAY_S), min_size=3, max_size=3), st.sampled_from([None, "MAIN", ""]))
def test_a_range_is_the_sum_of_its_parts(cuts: list[int], site: str | None) -> None:
    a, b, c = (START + cut for cut in sorted(cuts))
    whole = list(WORLD.transactions(a, c, site=site, as_of=FOREVER))
    parts = [
        *WORLD.transactions(a, b, site=site, as_of=FOREVER),
        *WORLD.transactions(b, c, site=site, as_of=FOREVER),
    ]
    assert parts == whole
    assert all(a * 1000 <= row.completed_ms < c * 1000 for row in whole)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 3 * DAY_S), st.integers(0, 3 * DAY_S))
def test_what_is_known_only_grows(moment_s: int, later_s: int) -> None:
    first, second = sorted((START + moment_s, START + later_s))
    before = WORLD.transactions(START, START + DAY_S, as_of=first)
    after = WORLD.transactions(START, START + DAY_S, as_of=second)
    assert {row.id for row in before} <= {row.id for row in after}
    assert all(row.visible_from <= first for row in before)
    assert all(row.completed_ms / 1000 <= first for row in before)


def test_rows_are_sorted_and_ids_unique() -> None:
    rows = list(WORLD.transactions(START, START + 5 * DAY_S, as_of=FOREVER))
    keys = [(row.completed_ms, row.id) for row in rows]
    assert keys == sorted(keys)
    assert len({row.id for row in rows}) == len(rows)


def test_ids_name_the_site_and_lead_back_to_the_row() -> None:
    codes = {str(site.id): site.code for site in WORLD.sites}
    rows = day_rows(WORLD)
    for row in rows:
        assert codes[row.id.split(":")[1]] == row.site_code
        assert WORLD.transaction(row.id, as_of=FOREVER) == row
        assert WORLD.transaction(row.id, as_of=row.completed_ms / 1000) is None


def test_an_id_finds_its_day_without_another_day_being_made() -> None:
    row = day_rows(WORLD)[50]
    fresh = BelievableWorld()
    assert fresh.transaction(row.id, as_of=FOREVER) == row
    assert fresh.books_cached == 1


@pytest.mark.parametrize("id", ["999:999", "nonsense", "73987199999:1", "73987100000:77"])
def test_an_unknown_id_is_no_row(id: str) -> None:
    assert WORLD.transaction(id, as_of=FOREVER) is None


def test_numbers_increase_within_a_site_across_days() -> None:
    rows = WORLD.transactions(START, START + 3 * DAY_S, site="NORTH", as_of=FOREVER)
    numbers = [row.number for row in rows]
    assert numbers == sorted(set(numbers))


def test_sites_answer_for_themselves() -> None:
    by_site = Counter(row.site_code for row in day_rows(WORLD))
    assert set(by_site) == {"MAIN", "NORTH", "SOUTH", ""}
    for code, count in by_site.items():
        rows = WORLD.transactions(START, START + DAY_S, site=code, as_of=FOREVER)
        assert (len(rows), {row.site_code for row in rows}) == (count, {code})
    assert WORLD.transactions(START, START + DAY_S, site="NOWHERE", as_of=FOREVER) == []


def test_only_the_web_shop_sells_online_where_there_is_one() -> None:
    rows = WORLD.transactions(START, START + 7 * DAY_S, as_of=FOREVER)
    assert all(("E-Comm" in row.device) == (row.site_code == "") for row in rows)
    assert WORLD.sites[-1].is_virtual


def test_a_small_operator_sells_online_under_its_site() -> None:
    small = BelievableWorld(WorldConfig(sites=1))
    rows = small.transactions(START, START + 7 * DAY_S, as_of=FOREVER)
    assert [site.code for site in small.sites] == ["MAIN"]
    assert any("E-Comm" in row.device for row in rows)
    assert {row.site_code for row in rows} == {"MAIN"}


def test_an_online_sale_happens_on_the_members_join_day_at_home() -> None:
    zones = {plant.site.id: plant.zone for plant in WORLD.plants}
    for row in WORLD.transactions(START, START + 7 * DAY_S, site="", as_of=FOREVER):
        if row.customer_id is not None:
            site_id = int(row.customer_id.split(":")[1])
            member = WORLD.populations[site_id].by_customer_id(row.customer_id)
            assert member is not None
            assert datetime.fromtimestamp(row.completed_ms / 1000, zones[site_id]).date() == member.joined


@pytest.mark.parametrize(("on", "hours"), [(date(2026, 3, 8), 23), (date(2025, 11, 2), 25)])
def test_days_of_23_and_25_hours_are_whole(on: date, hours: int) -> None:
    zone = ZoneInfo("America/Chicago")
    start, stop = (int(datetime(d.year, d.month, d.day, tzinfo=zone).timestamp()) for d in (on, on + timedelta(1)))
    assert stop - start == hours * 3600
    rows = WORLD.transactions(start, stop, site="MAIN", as_of=FOREVER)
    assert [row.completed_ms for row in (rows[0], rows[-1])] == [start * 1000, stop * 1000 - 1]
    assert len({row.number for row in rows}) == rows[-1].number - rows[0].number + 1 == len(rows)
    assert len(rows) > 150


def test_an_average_day_of_three_sites_has_about_1500_rows_at_350_cars() -> None:
    world = BelievableWorld(WorldConfig(cars_per_day=350))
    start = int(datetime(2025, 11, 1, tzinfo=UTC).timestamp())
    # Every 53rd day meets every weekday once, over the year.
    counts = [
        len(world.transactions(start + day * DAY_S, start + (day + 1) * DAY_S, as_of=FOREVER))
        for day in range(0, 365, 53)
    ]
    assert sum(counts) / len(counts) == pytest.approx(1500, rel=0.12)


def test_a_tie_straddles_a_page_edge() -> None:
    straddled = 0
    for day in range(4):
        rows = day_rows(WORLD, day)
        straddled += sum(rows[edge - 1].completed_ms == rows[edge].completed_ms for edge in range(100, len(rows), 100))
    assert straddled >= 4


def test_a_few_rows_are_late_and_a_few_change() -> None:
    rows = list(WORLD.transactions(START, START + 7 * DAY_S, as_of=FOREVER))
    late = sum(row.visible_from - row.completed_ms / 1000 > 2 * 3600 for row in rows)
    voided = sum(row.status == "Voided" for row in rows)
    assert 0.003 <= late / len(rows) <= 0.014  # late ones and most of those that changed
    assert 0.006 <= voided / len(rows) <= 0.016
    calm = BelievableWorld(replace(QUIET, late_share=0.0, edit_share=0.0))
    assert all(row.visible_from - row.completed_ms / 1000 < 5 for row in day_rows(calm))


def test_a_row_changes_under_the_same_id() -> None:
    world = BelievableWorld(replace(QUIET, edit_share=0.2))
    soon = {row.id: row for row in world.transactions(START, START + DAY_S, as_of=START + DAY_S + 5)}
    last = {row.id: row for row in day_rows(world)}
    changed = [id for id, row in soon.items() if last[id] != row]
    assert changed
    for id in changed:
        assert world.transaction(id, as_of=START + DAY_S + 5) == soon[id]
        assert world.transaction(id, as_of=FOREVER) == last[id]


def test_the_cache_is_bounded_and_forgetting_changes_nothing() -> None:
    world = BelievableWorld(SMALL)
    before = digest(day_rows(world))
    for day in range(1, 100):
        day_rows(world, day)
        assert world.books_cached <= world.books_cached_max
    assert world.books_cached == world.books_cached_max == 48
    assert digest(day_rows(world)) == before


def test_the_cache_has_room_for_a_day_of_every_site() -> None:
    world = BelievableWorld(WorldConfig(sites=134))
    # A UTC day touches two local days of each site.
    assert world.books_cached_max >= 2 * len(world.sites)


def test_nothing_happened_before_the_opening() -> None:
    opening = int(datetime(OPENED.year, OPENED.month, OPENED.day, tzinfo=UTC).timestamp())
    assert WORLD.transactions(opening - 3 * DAY_S, opening, as_of=FOREVER) == []
    assert len(WORLD.transactions(opening, opening + 2 * DAY_S, as_of=FOREVER)) > 100


def test_an_empty_range_is_empty() -> None:
    assert WORLD.transactions(START, START, as_of=FOREVER) == []
    assert WORLD.transactions(START + 1, START, as_of=FOREVER) == []


def test_threads_share_a_world() -> None:
    world = BelievableWorld(SMALL)
    digests: list[str] = []
    threads = [threading.Thread(target=lambda: digests.append(digest(day_rows(world)))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert digests == [digest(day_rows(BelievableWorld(SMALL)))] * 4
