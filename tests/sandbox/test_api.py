"""The sandbox as a whole: pure, repeatable, with a true log and true rows."""

from __future__ import annotations

import ast
import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sonnys_data_client.engine.wire import Request, Response
from sonnys_data_client.sandbox import API_KEY, Faults, Quirks, Sandbox, SandboxConfig, api
from tests.sandbox.rig import FETCH, KEYS, NOW, SUBMIT, TODAY, YESTERDAY, SandboxRig, data

RANGE = (("startDate", str(YESTERDAY)), ("endDate", str(TODAY - 1)), ("limit", "100"))


def transcript(seed: int) -> str:
    """Digest of all bytes of a busy hour with faults, a rival, a queue and a believable world."""
    faults = Faults(
        reset_before=0.03, reset_after=0.03, error_500=0.03, stall=0.03, truncated=0.03, job_fail=0.2,
        early_expiry=0.2, bad_row=0.2, rival=3,
    )  # fmt: skip
    sandbox = Sandbox(SandboxConfig(seed=seed, sites=1, cars_per_day=150, jitter=0.7, workers=3, faults=faults))
    seen = hashlib.sha256()
    now, hashes = NOW, [""]
    for number in range(150):
        now += 0.7 + number % 5
        if number % 2:
            request = Request("GET", FETCH, (("hash", hashes[number % len(hashes)]),), KEYS)
        else:
            request = Request("POST", SUBMIT, (*RANGE, ("offset", str(number % 7 + 1))), KEYS)
        reply = sandbox.handle(request, now)
        seen.update(repr((reply, getattr(reply.outcome, "body", None))).encode())
        if isinstance(reply.outcome, Response) and b'{"hash":"' in reply.outcome.body and not number % 2:
            hashes.append(reply.outcome.body.split(b'"')[5].decode())
    seen.update(repr((sandbox.log, sandbox.periods())).encode())
    return seen.hexdigest()


def test_the_same_seed_and_calls_give_the_same_bytes() -> None:
    assert transcript(1) == transcript(1)
    assert transcript(2) != transcript(1)


def test_another_process_gives_the_same_bytes() -> None:
    program = "from tests.sandbox.test_api import transcript; print(transcript(1))"
    root = Path(__file__).parents[2]
    run = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == transcript(1)


SHELL = {"http.py", "clock.py"}
PURE = sorted(path for path in Path(api.__file__).parent.glob("*.py") if path.name not in SHELL)
CLOCKS = {"time", "threading", "asyncio", "socket", "random", "secrets", "os", "select", "signal"}


def clock_reads(source: str) -> list[str]:
    """Return what in `source` could read a clock, draw chance or wait."""
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name.split(".")[0] for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [(node.module or "").split(".")[0]]
        elif isinstance(node, ast.Attribute) and node.attr in ("today", "utcnow"):
            found.append(node.attr)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "datetime.now":
            found.append("datetime.now")
        found += [name for name in names if name in CLOCKS]
    return found


@pytest.mark.parametrize("path", PURE, ids=lambda path: path.name)
def test_only_the_http_shell_knows_what_time_it_is(path: Path) -> None:
    assert clock_reads(path.read_text()) == []


def test_the_rule_about_clocks_bites() -> None:
    bad = "import time\nfrom os import path\nx = datetime.now()\ny = date.today()\n"
    assert sorted(clock_reads(bad)) == ["datetime.now", "os", "time", "today"]


def test_time_does_not_run_backwards() -> None:
    rig = SandboxRig()
    rig.get("/site/list")
    rig.now -= 0.001
    with pytest.raises(ValueError, match="A request cannot arrive at"):
        rig.send("GET", "/site/list")


def test_the_log_tells_what_was_asked_and_answered_without_keys() -> None:
    rig = SandboxRig(limit=3)
    hash = rig.submit(offset=2)
    rig.fetch(hash)
    rig.ask("GET", "/nowhere")
    rig.ask("GET", "/site/list")
    rig.ask("GET", "/site/list", {"x-sonnys-api-id": "nobody", "x-sonnys-api-key": "x"})
    seen = [
        (entry.method, entry.path, entry.status, entry.type, entry.period_count, entry.page, entry.job_status)
        for entry in rig.sandbox.log
    ]
    assert seen == [
        ("POST", SUBMIT, 200, None, 1, 2, None),
        ("GET", FETCH, 200, None, 2, 2, "working"),
        ("GET", "/nowhere", 404, "EntityNotFoundError", 3, None, None),
        ("GET", "/site/list", 429, "RequestRateExceedError", 4, None, None),
        ("GET", "/site/list", 403, "BadClientCredentialsError", None, None, None),
    ]
    assert rig.sandbox.log[0].hash == rig.sandbox.log[1].hash == hash
    assert rig.sandbox.log[1].query == (("hash", hash),)
    assert rig.sandbox.log[4].api_id is None
    assert API_KEY not in repr(rig.sandbox.log)


def test_truth_is_the_world_s_and_knows_the_future() -> None:
    rig = SandboxRig()
    assert len(rig.sandbox.truth(YESTERDAY, TODAY)) == 237
    assert len(rig.sandbox.truth(YESTERDAY, TODAY, "NORTH")) == 5
    assert len(rig.sandbox.truth(YESTERDAY, TODAY, as_of=-1.0)) == 0


def test_reset_forgets_everything_that_was_asked() -> None:
    rig = SandboxRig(limit=1, faults=Faults(stall=0.5))
    first = [rig.send("GET", "/site/list").hold_s for _ in range(20)]
    rig.sandbox.reset()
    assert rig.sandbox.log == []
    assert rig.sandbox.periods() == []
    rig.now -= 100
    assert [rig.send("GET", "/site/list").hold_s for _ in range(20)] == first


def test_a_log_that_is_held_on_to_is_the_log_after_a_reset() -> None:
    rig = SandboxRig()
    log = rig.sandbox.log
    rig.get("/site/list")
    rig.sandbox.reset()
    rig.get("/site/list")
    assert len(log) == 1


@pytest.mark.parametrize(
    "quirks", [Quirks(), Quirks(order="newest", end="exclusive", money="string", none_as="absent")]
)
def test_the_pages_of_a_believable_day_are_its_truth(quirks: Quirks) -> None:
    rig = SandboxRig()
    config = SandboxConfig(cars_per_day=120, quirks=quirks, limit=10**6)
    rig.sandbox = Sandbox(config)
    end = TODAY - 1 if quirks.end == "inclusive" else TODAY
    truth = rig.sandbox.truth(YESTERDAY, TODAY, as_of=rig.now)
    assert len(truth) > 300
    rows: list[dict[str, Any]] = []
    for number in range(1, -(-len(truth) // 100) + 1):
        page = rig.page(YESTERDAY, end, offset=number)
        assert page["total"] == len(truth)
        rows += page["data"]
    ids = [row["id"] for row in rows]
    expected = [row.id for row in truth]
    assert ids == (expected if quirks.order == "oldest" else expected[::-1])
    by_id = {row.id: row for row in truth}
    for row in rows:
        total = by_id[row["id"]].total_cents
        assert round(float(str(row["total"]).replace(",", "")) * 100) == total


def test_one_default_sandbox_needs_no_settings() -> None:
    reply = Sandbox().handle(Request("GET", "/site/list", (), KEYS), NOW)
    assert isinstance(reply.outcome, Response)
    assert [site["code"] for site in data(reply.outcome)["sites"]][-1] == ""
    assert json.loads(reply.outcome.body)["data"]["sites"][0]["siteID"] == 1
