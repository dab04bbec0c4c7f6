"""What the transaction routes answer, besides the checks that all routes share."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sonnys_data_client.sandbox import Faults, Quirks
from sonnys_data_client.sandbox.transactions import ITEM_TYPES
from sonnys_data_client.sandbox.world.facts import LineItem, Tender
from tests.sandbox.rig import (
    FETCH,
    NOW,
    SUBMIT,
    TODAY,
    WASH,
    YESTERDAY,
    SandboxRig,
    refusal,
    wash,
    world_of,
)

RANGE = {"startDate": YESTERDAY, "endDate": TODAY - 1}


def test_a_list_has_ten_rows_a_page_unless_asked_otherwise() -> None:
    rig = SandboxRig()
    first = rig.get("/transaction", **RANGE)
    assert len(first["transactions"]) == 10
    assert (first["offset"], first["limit"], first["total"]) == (1, 10, 237)
    last = rig.get("/transaction", **RANGE, limit=100, offset=3)
    assert len(last["transactions"]) == 37
    beyond = rig.get("/transaction", **RANGE, limit=100, offset=4)
    assert (beyond["transactions"], beyond["total"]) == ([], 237)


def test_without_dates_it_is_today_s_rows_so_far() -> None:
    rows = [wash(1, TODAY - 1), wash(2, TODAY), wash(3, NOW - 60)]
    listed = SandboxRig(world_of(rows)).get("/transaction")
    assert [row["transNumber"] for row in listed["transactions"]] == [2, 3]


def test_lists_show_what_is_known_now() -> None:
    late = wash(2, YESTERDAY, visible_from=NOW + 60)
    voided = replace(WASH, status="Voided", total_cents=0, visible_from=NOW + 60)
    rig = SandboxRig(world_of([WASH, late, voided]))
    assert [row["total"] for row in rig.get("/transaction", **RANGE)["transactions"]] == [1500.75]
    assert rig.ask("GET", "/transaction/2:1").status == 404
    rig.now += 60
    assert [row["total"] for row in rig.get("/transaction", **RANGE)["transactions"]] == [0.0, 1500.75]
    assert rig.get("/transaction/2:1")["number"] == 2
    assert rig.get("/transaction/1:1")["total"] == 0.0


def test_version_2_repeats_its_answer_for_ten_minutes() -> None:
    rig = SandboxRig(world_of([WASH, wash(2, YESTERDAY, visible_from=NOW + 60)]))
    first = rig.ask("GET", "/transaction/version-2", **RANGE).body
    rig.now += 599
    assert rig.ask("GET", "/transaction/version-2", **RANGE).body == first
    assert rig.get("/transaction/version-2", **RANGE, limit=11)["total"] == 2
    rig.now += 1
    assert rig.get("/transaction/version-2", **RANGE)["total"] == 2


def test_version_1_does_not_repeat_itself() -> None:
    rig = SandboxRig(world_of([WASH, wash(2, YESTERDAY, visible_from=NOW + 60)]))
    assert rig.get("/transaction", **RANGE)["total"] == 1
    rig.now += 60
    assert rig.get("/transaction", **RANGE)["total"] == 2


@pytest.mark.parametrize("item_type", ITEM_TYPES)
def test_a_list_of_one_type(item_type: str) -> None:
    departments = {
        "wash": "Wash",
        "prepaid-wash": "Prepaid Wash",
        "recurring": "Recurring Plan",
        "washbook": "WashBook",
        "giftcard": "GiftCard",
        "merchandise": "Merchandise",
    }
    rows = [
        wash(number, YESTERDAY, items=(LineItem("x", None, department, 1, 1, 1, 0, 0, 0),))
        for number, department in enumerate(departments.values())
    ]
    rows.append(
        wash(
            99,
            YESTERDAY,
            items=(LineItem("x", None, "Vacuum Sales", 1, 1, 1, 0, 0, 0),),
            tenders=(Tender("Paid On Account", "House Account RFID", 1, 0, 1),),
        )
    )
    listed = SandboxRig(world_of(rows)).get(f"/transaction/type/{item_type}", **RANGE)
    expected = list(departments).index(item_type) if item_type in departments else 99
    assert [row["transNumber"] for row in listed["transactions"]] == [expected]
    assert listed["total"] == 1


@pytest.mark.parametrize("id", ["abc", "1", "1:", ":1", "1:1:1", "-1:1", "1:1 ", "\u0661:1"])
def test_an_id_is_two_numbers(id: str) -> None:
    assert refusal(SandboxRig().ask("GET", f"/transaction/{id}"))[:2] == (422, "PayloadValidationError")


def test_a_detail_is_the_row_and_an_unknown_id_is_not_found() -> None:
    rig = SandboxRig()
    assert rig.get("/transaction/1004:2")["locationCode"] == "NORTH"
    assert rig.get("/transaction/1004:2") == rig.page(site="NORTH")["data"][4]
    assert refusal(rig.ask("GET", "/transaction/1:2"))[:2] == (404, "EntityNotFoundError")
    assert refusal(SandboxRig(world_of([])).ask("GET", f"/transaction/{10**30}:1"))[0] == 404


def test_a_passed_job_says_the_same_each_time_it_is_asked() -> None:
    rig = SandboxRig(faults=Faults(bad_row=1))
    hash = rig.submit()
    rig.now += 60
    first = rig.ask("GET", FETCH, hash=hash).body
    rig.sandbox._office._bodies.clear()
    rig.now += 600
    assert rig.ask("GET", FETCH, hash=hash).body == first
    assert rig.ask("GET", FETCH, hash=hash).body == first


def test_the_region_is_no_parameter_of_jobs() -> None:
    rig = SandboxRig(quirks=Quirks(submit_method="both"))
    plain = rig.ask("POST", SUBMIT, **RANGE)
    assert rig.ask("POST", SUBMIT, **RANGE, region="invalid").body == plain.body
