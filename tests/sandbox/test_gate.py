"""Credentials and the throttle."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from sonnys_data_client.sandbox import API_ID, API_KEY, ApiAccount, Faults, Quirks, Scripted
from sonnys_data_client.sandbox.config import OTHER_ENVIRONMENT_KEY, UNLICENSED_API_ID
from tests.sandbox.rig import KEYS, SandboxRig, refusal

ARRIVAL = Quirks(period_opens="arrival")


def keys(api_id: str, api_key: str) -> Mapping[str, str]:
    return {"x-sonnys-api-id": api_id, "x-sonnys-api-key": api_key}


@pytest.mark.parametrize(
    ("headers", "type"),
    [
        ({}, "MissingClientCredentialsError"),
        ({"x-sonnys-api-id": API_ID}, "MissingClientCredentialsError"),
        ({"x-sonnys-api-key": API_KEY}, "MissingClientCredentialsError"),
        (keys(API_ID, ""), "MissingClientCredentialsError"),
        (keys(API_ID, "wrong"), "BadClientCredentialsError"),
        (keys("nobody", API_KEY), "BadClientCredentialsError"),
        (keys(API_ID, OTHER_ENVIRONMENT_KEY), "MismatchCredentialsError"),
        (keys(UNLICENSED_API_ID, API_KEY), "NotAuthorizedError"),
    ],
)
def test_bad_credentials_are_a_403_of_their_own_type(headers: Mapping[str, str], type: str) -> None:
    status, seen, message = refusal(SandboxRig().ask("GET", "/site/list", headers))
    assert (status, seen) == (403, type)
    assert isinstance(message, str)


def test_twenty_pass_and_the_next_is_refused_until_the_period_resets() -> None:
    rig = SandboxRig(limit=20)
    assert [rig.ask("GET", "/site/list").status for _ in range(20)] == [200] * 20
    assert refusal(rig.ask("GET", "/site/list"))[:2] == (429, "RequestRateExceedError")
    rig.now += 14.999
    assert rig.ask("GET", "/site/list").status == 429
    rig.now += 0.001
    assert rig.ask("GET", "/site/list").status == 200
    assert [(w.ours, w.refused, w.resets_at - w.start) for w in rig.sandbox.periods()] == [
        (22, 2, 15.0),
        (1, 0, 15.0),
    ]


def test_the_period_is_fixed_not_sliding() -> None:
    rig = SandboxRig(limit=3)
    rig.get("/site/list")
    rig.now += 14
    assert [rig.ask("GET", "/site/list").status for _ in range(3)] == [200, 200, 429]
    rig.now += 1
    assert [rig.ask("GET", "/site/list").status for _ in range(4)] == [200, 200, 200, 429]


def test_each_api_id_has_a_period_of_its_own() -> None:
    rig = SandboxRig(limit=1, accounts=(ApiAccount("a", "1"), ApiAccount("b", "2")))
    assert [rig.ask("GET", "/site/list", keys("a", "1")).status for _ in range(2)] == [200, 429]
    assert rig.ask("GET", "/site/list", keys("b", "2")).status == 200


def test_refused_credentials_count_nowhere_but_every_other_request_does() -> None:
    rig = SandboxRig(limit=3)
    for _ in range(5):
        rig.ask("GET", "/site/list", keys(API_ID, "wrong"))
    assert rig.sandbox.periods() == []
    assert rig.ask("GET", "/nowhere").status == 404
    assert rig.ask("PUT", "/site/list").status == 405
    assert rig.ask("GET", "/site/list", {**KEYS, "x-sonnys-site-code": "ABC"}).status == 403
    assert rig.ask("GET", "/site/list").status == 429


@pytest.mark.parametrize(("opens", "resets_after"), [("arrival", 15.0), ("reply", 25.0)])
def test_the_period_opens_at_the_arrival_or_at_the_reply(opens: str, resets_after: float) -> None:
    quirks = Quirks.from_text([f"period_opens={opens}"])
    rig = SandboxRig(limit=2, quirks=quirks, faults=Faults(stall=1, stall_s=10))
    start = rig.now
    assert [rig.ask("GET", "/site/list").status for _ in range(3)] == [200, 200, 429]
    rig.now = start + resets_after - 0.01
    assert rig.ask("GET", "/site/list").status == 429
    rig.now = start + resets_after
    assert rig.ask("GET", "/site/list").status == 200


def test_retry_after_says_when_the_period_resets_if_it_is_sent() -> None:
    for quirks, expected in ((Quirks(retry_after=True), "12"), (Quirks(), None)):
        rig = SandboxRig(limit=1, quirks=quirks)
        rig.get("/site/list")
        rig.now += 3.5
        assert rig.ask("GET", "/site/list").headers.get("retry-after") == expected


def test_a_rival_spends_the_same_periods() -> None:
    rig = SandboxRig(limit=20, quirks=ARRIVAL, faults=Faults(rival=8))
    for _ in range(600):
        rig.send("GET", "/site/list")
        rig.now += 1.0
    periods = rig.sandbox.periods()[1:-1]
    shares = [period.rival for period in periods]
    assert 7 < sum(shares) / len(shares) < 9
    assert sum(period.refused for period in periods) > 0
    for period in periods:
        assert period.refused <= max(0, period.count - 20)
        assert period.resets_at - period.start == 15.0


def test_a_rival_opens_periods_while_we_are_silent() -> None:
    rig = SandboxRig(limit=20, faults=Faults(rival=4))
    rig.get("/site/list")
    rig.now += 3600
    rig.get("/site/list")
    last = rig.sandbox.periods()[-1]
    assert last.start < rig.now
    assert last.rival > 0


def test_a_rival_of_a_fraction_comes_now_and_then_and_stops_at_until() -> None:
    until = SandboxRig().now + 3000
    rig = SandboxRig(faults=Faults(rival=0.5, until=until))
    while rig.now < until + 1500:
        rig.get("/site/list")
        rig.now += 5.0
    periods = rig.sandbox.periods()
    assert 0.3 < sum(w.rival for w in periods if w.start < until) / 200 < 0.7
    assert sum(w.rival for w in periods if w.start >= until) == 0


def test_the_period_opens_at_its_first_reply_and_not_at_a_stalled_one() -> None:
    script = (Scripted("stall", path="/site/list"),)
    rig = SandboxRig(faults=Faults(script=script, stall_s=30.0))
    rig.ask("GET", "/site/list")
    (period,) = rig.sandbox.periods()
    assert period.resets_at - period.start == 45.0
    rig.now += 1
    rig.ask("GET", "/site/list")
    assert period.resets_at - period.start == 16.0
