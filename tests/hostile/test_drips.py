"""A server that answers at its slowest cannot hold `sonnys sync --max-minutes` for ever.

Every request ends at its own deadline, and no pause is longer than a minute. So a run may end late by one request and
one pause. The site list that a plan may need is read before the minutes begin; for that, the call timeout is the bound.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sonnys_data_client import SonnysClient, ThrottleLimits
from sonnys_data_client.cli import main
from sonnys_data_client.cli.session import Session
from sonnys_data_client.client.settings import DEFAULT_TIMEOUT_S
from sonnys_data_client.engine.wire import Request, Response
from sonnys_data_client.sandbox import Reply
from tests.cli.conftest import Counter
from tests.hostile.forms import RIGHT, head, reply
from tests.hostile.peer import Peer, serving
from tests.sandbox.rig import FETCH, SUBMIT

Open = Callable[..., Counter]
Tamper = Callable[[Response], Response]

BOUND_S = 60.0
LATE_S_MAX = DEFAULT_TIMEOUT_S + 60.0
EVERYTHING, SITES, ITEMS = "", "/site/list", "/item"
NEVER_S = 10.0**6
"""A reply that never comes."""
BARELY_S = DEFAULT_TIMEOUT_S - 0.5
"""A reply that comes just in time."""


def honest(response: Response) -> Response:
    """Say what is so."""
    return response


def busy(_response: Response) -> Response:
    """Say to come back in eleven days."""
    return Response(503, b"{}", {"retry-after": "999999"})


def too_many(_response: Response) -> Response:
    """Say the same as a throttle does."""
    return Response(429, b"{}", {"retry-after": "999999"})


def working(response: Response) -> Response:
    """Say that no job has ended."""
    return replace(response, body=response.body.replace(b'"pass"', b'"working"'))


Slow = Callable[[str, float, Tamper], Counter]


@pytest.fixture
def slow_server(counter: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Slow:
    """Make an account whose API is slow at a path, and an archive."""
    monkeypatch.setenv("SONNYS_ARCHIVE", str(tmp_path / "archive"))

    def make(path: str, hold_s: float, tamper: Tamper) -> Counter:
        opened = counter()
        handle = opened.sandbox.handle

        def slow(request: Request, now: float) -> Reply:
            made = handle(request, now)
            if not request.path.startswith(path) or not isinstance(made.outcome, Response):
                return made
            return replace(made, outcome=tamper(made.outcome), hold_s=made.hold_s + hold_s)

        monkeypatch.setattr(opened.sandbox, "handle", slow)
        return opened

    return make


SLOW: dict[str, tuple[float, Tamper]] = {
    "never": (NEVER_S, honest),
    "just_in_time": (BARELY_S, honest),
    "busy": (0.0, busy),
    "too_many": (0.0, too_many),
    "too_many_just_in_time": (BARELY_S, too_many),
    "working": (0.0, working),
}


@pytest.mark.parametrize("path", [EVERYTHING, SITES, SUBMIT, FETCH, ITEMS])
@pytest.mark.parametrize("how", SLOW)
@pytest.mark.parametrize("since", [(), ("--since", "last-2-days")])
def test_a_slow_server_cannot_hold_a_sync_beyond_its_bound(
    path: str, how: str, since: tuple[str, ...], slow_server: Slow, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = slow_server(path, *SLOW[how])
    began = opened.wall
    code = main(["sync", "--max-minutes", "1", *since])
    said = capsys.readouterr().err
    assert "Stopped: The budget of 1 minutes is spent." in said if code == 0 else code == 1 and "/site/list" in said
    assert opened.wall - began <= BOUND_S + LATE_S_MAX


@pytest.mark.parametrize("knows_sites", [False, True])
def test_headers_that_drip_do_not_hold_a_sync(
    knows_sites: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def form(peer: Peer) -> None:
        while peer.hear():
            if not (knows_sites and b"/site/list" in peer.heads[-1]):
                peer.say(head()[:-2])
                peer.drip(b"X: x\r\n")
            peer.say(reply(RIGHT))

    def client(_session: Session, **options: Any) -> SonnysClient:
        limits = ThrottleLimits(1000, 1.0)
        options |= {"throttle": limits, "timeout": 0.2, "max_retries": 100 if knows_sites else 1}
        return SonnysClient("id", "key", base_url=url, **options)

    monkeypatch.setenv("SONNYS_ARCHIVE", str(tmp_path / "archive"))
    monkeypatch.setenv("SONNYS_API_ID", "id")
    monkeypatch.setenv("SONNYS_API_KEY", "key")
    monkeypatch.setattr(Session, "client", client)
    with serving({"drips": form}) as ports:
        url = ports["drips"].base_url
        code = main(["sync", "--max-minutes", "0.02", "--since", "yesterday"])
    said = capsys.readouterr().err
    assert code == (0 if knows_sites else 1), said
    assert ("Stopped: The budget" if knows_sites else "no whole reply came within the request timeout") in said
