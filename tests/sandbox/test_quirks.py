"""Every quirk is listed, spelt, refused when unknown, and changes something that a client can see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import pytest

from sonnys_data_client.sandbox import Faults, Quirks, Scripted
from tests.sandbox.records import JOINED, RECORDS
from tests.sandbox.rig import DAY, FETCH, KEYS, SUBMIT, TODAY, YESTERDAY, SandboxRig, data, small_world, world_of

RANGE = {"startDate": YESTERDAY, "endDate": TODAY - 1, "limit": 100}


def probe(quirks: Quirks) -> list[object]:
    """Ask for everything once, and return all that can be seen from outside."""
    seen: list[object] = []
    # The third job made below fails. Every reply comes 5 s late until the time is moved on.
    script = (Scripted("job_fail", nth=3), Scripted("stall", times=29))
    world = world_of(small_world().rows, records=RECORDS)
    rig = SandboxRig(world, quirks=quirks, faults=Faults(script=script, stall_s=5), limit=40)

    def note(method: str, path: str, **query: object) -> Any:
        reply = rig.ask(method, path, **query)
        seen.append((reply.status, reply.body, dict(reply.headers)))
        return data(reply) if reply.status == 200 else {}

    note("GET", "/site/list")
    note("GET", "/transaction", **RANGE)
    note("GET", "/transaction/version-2", **RANGE)
    note("GET", "/transaction", **{**RANGE, "endDate": TODAY, "offset": 3})
    note("GET", "/transaction", **RANGE, site="")
    note("GET", "/transaction/5:1")
    note("GET", "/transaction", startDate=NOW_SIX_MONTHS_AGO, endDate=NOW_SIX_MONTHS_AGO + 60)
    for path, query in OF_RECORDS:
        note("GET", path, **query)
    seen.append(rig.ask("GET", "/employee/101/clock-entries", NORTH, startDate=YESTERDAY).body)
    method = "GET" if quirks.submit_method == "get" else "POST"
    note("GET" if method == "POST" else "POST", SUBMIT, **RANGE)
    jobs = [note(method, SUBMIT, **{**RANGE, "offset": n}).get("hash", "") for n in (1, 99)]
    failing = note(method, SUBMIT, **{**RANGE, "site": "MAIN", "limit": 99}).get("hash", "")
    note("GET", FETCH, hash=jobs[0])
    rig.now += 10
    for hash in [*jobs, failing]:
        note("GET", FETCH, hash=hash)
    note(method, SUBMIT, **{**RANGE, "site": "MAIN", "limit": 99})
    rig.now += 5
    for _ in range(12):
        note("GET", "/site/list")
    return seen


NOW_SIX_MONTHS_AGO = TODAY - 184 * DAY
NORTH = {**KEYS, "x-sonnys-site-code": "NORTH"}
OF_RECORDS: list[tuple[str, Mapping[str, object]]] = [
    ("/customer", {}),
    ("/customer/41:1", {}),
    ("/item", {}),
    ("/item", {"departmentName": "food"}),
    ("/employee", {"limit": 1}),
    ("/employee/101", {}),
    ("/employee/101/clock-entries", {"startDate": YESTERDAY}),
    ("/employee/101/clock-entries", {"startDate": "2026-11-22"}),
    ("/giftcard-liablilty", RANGE),
    ("/washbook/account/list", {}),
    ("/washbook/account/list", {"startDate": TODAY - 200 * DAY, "endDate": TODAY - 199 * DAY}),
    ("/recurring/account/list", {"startDate": JOINED, "endDate": JOINED + 20 * DAY}),
    ("/recurring/account/modifications", {"startDate": YESTERDAY, "endDate": YESTERDAY}),
    ("/recurring/account/modifications", {"startDate": JOINED, "endDate": JOINED + DAY}),
    ("/sales-outcome/list", {"startDate": "2026-10-01"}),
    ("/transaction", {**RANGE, "limit": 26}),
]


@pytest.mark.parametrize(("name", "value"), Quirks.variants())
def test_every_variant_can_be_seen(name: str, value: Any) -> None:
    assert probe(replace(Quirks(), **{name: value})) != probe(Quirks())


def test_the_probe_itself_is_the_same_every_time() -> None:
    assert probe(Quirks()) == probe(Quirks())


def test_variants_are_all_the_values_but_the_defaults() -> None:
    variants = Quirks.variants()
    assert {name for name, _ in variants} == {spec.name for spec in fields(Quirks)}
    for name, value in variants:
        assert value != getattr(Quirks(), name)
    assert ("submit_method", "both") in variants
    assert len(variants) == len(set(variants))


@pytest.mark.parametrize(("name", "value"), Quirks.variants())
def test_a_variant_can_be_written_as_text(name: str, value: Any) -> None:
    text = {True: "yes", False: "no"}[value] if isinstance(value, bool) else value
    assert getattr(Quirks.from_text([f"{name}={text}"]), name) == value


def test_unknown_names_and_values_are_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"no quirk 'odd'; choose from submit_method, .*outcome_range\.$"):
        Quirks.from_text(["odd=yes"])
    with pytest.raises(ValueError, match=r"Quirk end cannot be 'both'; choose from inclusive, exclusive\.$"):
        Quirks.from_text(["end=both"])
    with pytest.raises(ValueError, match=r"Quirk retry_after cannot be ''; choose from no, yes\.$"):
        Quirks.from_text(["retry_after"])
    wrong: dict[str, Any] = {"totals": "many"}
    with pytest.raises(ValueError, match="Quirk totals cannot be 'many'; choose from number, null"):
        Quirks(**wrong)


@pytest.mark.parametrize("wrong_submit", ["405", "404"])
@pytest.mark.parametrize(("method", "works"), [("post", {"POST"}), ("get", {"GET"}), ("both", {"GET", "POST"})])
def test_jobs_are_submitted_by_the_method_that_works(method: str, works: set[str], wrong_submit: str) -> None:
    rig = SandboxRig(quirks=Quirks.from_text([f"submit_method={method}", f"wrong_submit={wrong_submit}"]))
    for tried in ("GET", "POST"):
        expected = 200 if tried in works else int(wrong_submit)
        assert rig.ask(tried, SUBMIT, **RANGE).status == expected


@pytest.mark.parametrize(("end", "last"), [("inclusive", 230), ("exclusive", 229)])
def test_the_last_second_belongs_to_the_range_or_does_not(end: str, last: int) -> None:
    """Row 230 was completed at 23:59:59.500: within the second that `endDate` names."""
    rig = SandboxRig(quirks=Quirks.from_text([f"end={end}"]))
    assert rig.page(site="MAIN", offset=3)["data"][-1]["number"] == last


@pytest.mark.parametrize(("order", "ends"), [("oldest", (0, 230)), ("newest", (230, 0))])
def test_rows_come_oldest_or_newest_first(order: str, ends: tuple[int, int]) -> None:
    rig = SandboxRig(quirks=Quirks.from_text([f"order={order}"]))
    first, last = rig.page(site="MAIN"), rig.page(site="MAIN", offset=3)
    assert (first["data"][0]["number"], last["data"][-1]["number"]) == ends
    listed = rig.get("/transaction", **RANGE, site="MAIN")["transactions"]
    assert [row["transNumber"] for row in listed] == [row["number"] for row in first["data"]]


def test_totals_may_be_missing() -> None:
    rig = SandboxRig(quirks=Quirks(totals="null"))
    assert rig.get("/transaction", **RANGE)["total"] is None
    assert rig.get("/transaction/version-2", **RANGE)["total"] is None
    page = rig.page()
    assert (page["offset"], page["limit"], page["total"]) == (1, 100, None)


@pytest.mark.parametrize(("nulls", "expected"), [(True, (None, None, None)), (False, (9, 100, 237))])
def test_a_page_without_rows_may_say_nothing_about_itself(nulls: bool, expected: tuple[object, ...]) -> None:
    page = SandboxRig(quirks=Quirks(empty_job_nulls=nulls)).page(offset=9)
    assert page["status"] == "pass"
    assert page["data"] == []
    assert (page["offset"], page["limit"], page["total"]) == expected


@pytest.mark.parametrize(("text", "extra"), [("empty", {"data": []}), ("null", {"data": None}), ("absent", {})])
def test_a_working_job_shows_its_rows_in_three_ways(text: str, extra: dict[str, object]) -> None:
    rig = SandboxRig(quirks=Quirks.from_text([f"working_data={text}"]))
    shown = rig.fetch(rig.submit())
    assert {key: value for key, value in shown.items() if key == "data"} == extra


@pytest.mark.parametrize(
    ("text", "extra"),
    [
        ("empty", {"data": []}),
        ("null", {"data": None}),
        ("message", {"data": [], "message": "The report could not be built."}),
    ],
)
def test_a_failed_job_carries_one_of_three_things(text: str, extra: dict[str, object]) -> None:
    rig = SandboxRig(quirks=Quirks.from_text([f"fail_data={text}"]), faults=Faults(job_fail=1))
    shown = rig.page()
    assert shown["status"] == "fail"
    assert {key: value for key, value in shown.items() if key in ("data", "message")} == extra


@pytest.mark.parametrize("there", [True, False])
def test_the_hash_may_be_left_out_of_the_answer(there: bool) -> None:
    rig = SandboxRig(quirks=Quirks(hash_in_body=there))
    assert ("hash" in rig.fetch(rig.submit())) is there
    assert ("hash" in rig.page()) is there
