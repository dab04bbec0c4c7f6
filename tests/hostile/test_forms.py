"""No server can hang, bloat or fool a client: a hundred forms of hostility, in both clients."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.hostile.client import KEY
from tests.hostile.forms import CASES
from tests.hostile.peer import Port, serving

ROOT = Path(__file__).parents[2]
MARGIN_S = 10.0
"""How much longer than its timeouts a call may take on a machine that is busy; a form that hangs takes a minute."""
GROWTH_BYTES_MAX = 200_000_000

both = pytest.mark.parametrize("color", ["sync", "async"])


@cache
def met(color: str) -> tuple[dict[str, Any], dict[str, Port]]:
    """Let a process meet all servers; what it tells, and what the servers saw."""
    with serving({name: case.form for name, case in CASES.items()}) as ports:
        run = subprocess.run(
            [sys.executable, "-W", "error", "-m", "tests.hostile.client", color],
            input=json.dumps({name: port.base_url for name, port in ports.items()}),
            capture_output=True,
            text=True,
            cwd=ROOT,
            timeout=180,
            check=False,
        )
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    return json.loads(run.stdout), ports


@both
@pytest.mark.parametrize("name", CASES)
def test_a_hostile_server_meets_an_answer_or_an_error_of_ours_in_time(color: str, name: str) -> None:
    case, told = CASES[name], met(color)[0]["cases"][name]
    assert len(told["ends"]) == case.calls
    for end, said in told["ends"]:
        assert end in case.ends, said
        assert "EVIL" not in said, "an answer to a question that nobody asked"
        assert KEY not in said
        assert end == "right" or "/site/list" in said
    assert told["took_s"] < case.calls * (case.timeout_s + 1) + MARGIN_S


@both
def test_no_server_can_fill_the_memory(color: str) -> None:
    told, _ = met(color)
    growths = {name: case["grew_bytes"] for name, case in told["cases"].items() if "grew_bytes" in case}
    assert len(growths) > 10
    assert told["grew_bytes"] < GROWTH_BYTES_MAX, growths


@both
def test_the_key_follows_no_redirect_and_no_cookie_is_sent(color: str) -> None:
    _, ports = met(color)
    for name in ("redirect_to_itself", "redirect_to_another_host", "redirect_to_nowhere"):
        assert len(ports[name].heads) == 1
    heads = [head for port in ports.values() for head in port.heads]
    assert len(heads) > len(CASES) * 0.9
    assert not any(b"\r\ncookie:" in head.lower() for head in heads)


@both
def test_a_connection_is_used_again_only_if_nothing_came_beyond_the_reply(color: str) -> None:
    _, ports = met(color)
    assert ports["honest"].connections == 1
    for name in ("a_second_reply_at_once", "a_second_reply_a_little_later", "a_hint_at_once", "a_line_end_at_once"):
        assert ports[name].connections == 2, name


def test_there_are_enough_forms() -> None:
    assert len(CASES) >= 60
