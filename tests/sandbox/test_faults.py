"""Each fault does what its name says, at its place, at its rate, and can be repeated."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sonnys_data_client.engine.wire import Fault, FaultKind, Response
from sonnys_data_client.sandbox import Faults, Scripted
from sonnys_data_client.sandbox.faults import AT_THE_SERVER, IN_A_JOB, ON_THE_WAY_IN, RATES
from tests.sandbox.rig import FETCH, NOW, SUBMIT, TODAY, YESTERDAY, SandboxRig, data, refusal

RANGE = {"startDate": YESTERDAY, "endDate": TODAY - 1, "limit": 100}


def struck(fault: str, **settings: Any) -> SandboxRig:
    return SandboxRig(faults=Faults(script=(Scripted(fault),), **settings))


@pytest.mark.parametrize(
    ("fault", "kind"), [("unreachable", FaultKind.UNREACHABLE), ("reset_before", FaultKind.BROKEN)]
)
def test_a_request_may_be_lost_on_the_way_in(fault: str, kind: FaultKind) -> None:
    rig = struck(fault)
    outcome = rig.send("POST", SUBMIT, **RANGE).outcome
    assert isinstance(outcome, Fault)
    assert outcome.kind is kind
    assert rig.sandbox.periods() == [], "the server has not seen it"
    assert [(entry.status, entry.fault, entry.hash) for entry in rig.sandbox.log] == [(None, fault, None)]
    assert rig.ask("POST", SUBMIT, **RANGE).status == 200


@pytest.mark.parametrize(
    ("fault", "status", "type"), [("html_502", 502, "text/html"), ("unavailable_503", 503, "text/plain")]
)
def test_a_gateway_answers_something_that_is_not_json(fault: str, status: int, type: str) -> None:
    rig = struck(fault)
    reply = rig.ask("GET", "/site/list")
    assert (reply.status, reply.headers["content-type"]) == (status, type)
    with pytest.raises(json.JSONDecodeError):
        json.loads(reply.body)
    assert rig.sandbox.periods() == []


def test_a_500_is_counted_and_has_a_code_but_serves_nothing() -> None:
    rig = struck("error_500")
    reply = rig.ask("POST", SUBMIT, **RANGE)
    assert refusal(reply)[:2] == (500, "ServerUnexpectedFailure")
    assert json.loads(reply.body)["code"] == "SBX000001"
    assert rig.sandbox.periods()[0].ours == 1
    assert rig.sandbox.log[0].hash is None


def test_a_reset_after_serves_the_request_and_loses_the_reply() -> None:
    rig = struck("reset_after", rival=0.0)
    outcome = rig.send("POST", SUBMIT, **RANGE).outcome
    assert isinstance(outcome, Fault)
    assert outcome.kind is FaultKind.BROKEN
    made = rig.sandbox.log[0]
    assert (made.status, made.fault) == (200, "reset_after")
    assert rig.sandbox.periods()[0].ours == 1
    rig.now += 60
    assert data(rig.ask("POST", SUBMIT, **RANGE))["hash"] == made.hash
    assert rig.fetch(str(made.hash))["status"] == "pass", "the lost submission has run meanwhile"


def test_a_cut_off_reply_shows_what_was_on_its_way() -> None:
    rig = struck("cut_off")
    reply = rig.send("GET", "/site/list")
    assert isinstance(reply.outcome, Fault)
    assert reply.outcome.kind is FaultKind.BROKEN
    assert reply.cut_short == rig.ask("GET", "/site/list")


def test_a_stall_is_the_right_reply_late() -> None:
    rig = struck("stall", stall_s=40)
    late, prompt = rig.send("GET", "/site/list"), rig.send("GET", "/site/list")
    assert (late.hold_s, prompt.hold_s) == (40.0, 0.0)
    assert late.outcome == prompt.outcome


def test_a_truncated_reply_is_half_of_its_json() -> None:
    rig = struck("truncated")
    half, whole = rig.ask("GET", "/site/list"), rig.ask("GET", "/site/list")
    assert half.status == 200
    assert whole.body.startswith(half.body)
    with pytest.raises(json.JSONDecodeError):
        json.loads(half.body)


def test_a_hash_may_die_early() -> None:
    rig = SandboxRig(faults=Faults(early_expiry=1))
    hash = rig.submit()
    rig.now = NOW + 59
    assert rig.fetch(hash)["status"] == "pass"
    rig.now = NOW + 600
    assert rig.ask("GET", FETCH, hash=hash).status == 404
    assert rig.submit() != hash


def test_a_bad_row_is_one_row_of_a_job_or_a_list() -> None:
    rig = SandboxRig(faults=Faults(bad_row=1))
    assert [row["total"] for row in rig.page()["data"]].count("abc") == 1
    assert [row["total"] for row in rig.get("/transaction", **RANGE)["transactions"]].count("abc") == 1
    assert rig.page(offset=50)["data"] == []


@pytest.mark.parametrize("name", ON_THE_WAY_IN + AT_THE_SERVER)
def test_a_rate_is_met(name: str) -> None:
    rates: dict[str, Any] = {name: 0.1}
    rig = SandboxRig(faults=Faults(**rates))
    for _ in range(1000):
        rig.send("GET", "/nowhere")
    hits = [entry.fault for entry in rig.sandbox.log if entry.fault]
    assert set(hits) == {name}
    assert 70 < len(hits) < 130


@pytest.mark.parametrize("name", IN_A_JOB)
def test_a_job_s_rate_is_met(name: str) -> None:
    rates: dict[str, Any] = {name: 0.1}
    rig = SandboxRig(faults=Faults(**rates))
    for number in range(1, 701):
        rig.submit(offset=number)
    jobs = list(rig.sandbox._office.jobs._by_hash.values())
    hits = {
        "job_fail": sum(job.fate.fails for job in jobs),
        "early_expiry": sum(job.fate.life < 1 for job in jobs),
        "bad_row": sum(job.fate.bad_row for job in jobs),
    }
    assert 45 < hits.pop(name) < 95
    assert set(hits.values()) == {0}


def test_a_seed_repeats_its_faults_and_another_has_others() -> None:
    def faults(seed: int) -> list[str | None]:
        rig = SandboxRig(faults=Faults(reset_before=0.3, stall=0.3), seed=seed)
        for _ in range(60):
            rig.send("GET", "/site/list")
        return [entry.fault for entry in rig.sandbox.log]

    assert faults(1) == faults(1) != faults(2)


def test_nothing_goes_wrong_from_until_on() -> None:
    every: dict[str, Any] = dict.fromkeys(IN_A_JOB, 1.0) | {"reset_before": 1.0}
    rig = SandboxRig(faults=Faults(until=NOW + 10, script=(Scripted("error_500", nth=1, times=99),), **every))
    assert isinstance(rig.send("POST", SUBMIT, **RANGE).outcome, (Fault, Response))
    assert rig.sandbox.log[0].fault is not None
    rig.now = NOW + 10
    page = rig.page()
    assert (page["status"], page["total"]) == ("pass", 237)
    assert rig.get("/transaction", **RANGE)["transactions"][0]["total"] == 1500.75


def test_a_script_strikes_the_nth_fitting_request_so_many_times() -> None:
    script = (
        Scripted("reset_after", path=SUBMIT, nth=2, times=2),
        Scripted("truncated", when=lambda request: ("offset", "7") in request.query),
    )
    rig = SandboxRig(faults=Faults(script=script))
    rig.send("GET", "/site/list")
    for number in (1, 2, 3, 4, 7, 7):
        rig.send("POST", SUBMIT, **RANGE, offset=number)
    assert [entry.fault for entry in rig.sandbox.log] == [
        None,
        None,
        "reset_after",
        "reset_after",
        None,
        "truncated",
        None,
    ]


def test_a_script_for_jobs_counts_the_jobs_made() -> None:
    rig = SandboxRig(faults=Faults(script=(Scripted("job_fail", nth=2),)))
    hashes = [rig.submit(), rig.submit(), rig.submit(offset=2), rig.submit(offset=3)]
    rig.now += 60
    assert [rig.fetch(hash)["status"] for hash in hashes] == ["pass", "pass", "fail", "pass"]


@pytest.mark.parametrize("name", RATES)
@pytest.mark.parametrize("rate", [-0.1, 1.1, float("nan")])
def test_a_rate_is_from_0_to_1(name: str, rate: float) -> None:
    rates: dict[str, Any] = {name: rate}
    with pytest.raises(ValueError, match=f"Fault {name} must be a rate from 0 to 1"):
        Faults(**rates)


def test_a_request_has_one_fault_at_most() -> None:
    with pytest.raises(ValueError, match=r"sum to 1\.2: lower them"):
        Faults(stall=0.6, reset_after=0.6)
    assert Faults(stall=0.6, job_fail=0.6).job_fail == 0.6, "a job's rates are apart"


@pytest.mark.parametrize("wrong", [{"stall_s": -1.0}, {"rival": -1.0}, {"until": float("nan")}])
def test_settings_are_numbers_that_make_sense(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"Fault setting {next(iter(wrong))} must be a"):
        Faults(**wrong)


def test_scripts_name_a_fault_and_count_from_one() -> None:
    with pytest.raises(ValueError, match="no fault 'rival' to script; choose from unreachable"):
        Scripted("rival")
    with pytest.raises(ValueError, match="must be 1 or more"):
        Scripted("stall", nth=0)


def test_faults_can_be_written_as_text() -> None:
    assert Faults.from_text(["stall=0.5", "stall_s=3", "rival=2.5"]) == Faults(stall=0.5, stall_s=3, rival=2.5)
    with pytest.raises(ValueError, match=r"no fault 'script'; choose from unreachable, .*until\.$"):
        Faults.from_text(["script=1"])
    with pytest.raises(ValueError, match=r"Fault stall must be a number, as in stall=0\.05, not 'often'\.$"):
        Faults.from_text(["stall=often"])
