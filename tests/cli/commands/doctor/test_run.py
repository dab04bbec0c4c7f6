"""`sonnys doctor`: what is checked, how it is judged, and what it costs."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest

from sonnys_data_client import ThrottleLimits
from sonnys_data_client.cli import main
from sonnys_data_client.cli.commands.doctor.run import Seen, checks_of
from sonnys_data_client.engine.wire import Request, Response
from sonnys_data_client.per_process import PerProcess
from sonnys_data_client.sandbox import Faults
from sonnys_data_client.sandbox.http import running_sandbox
from sonnys_data_client.sandbox.world.facts import Site
from sonnys_data_client.sandbox.world.listed import ListWorld
from sonnys_data_client.transport import environment
from tests.cli.conftest import Counter
from tests.sandbox.rig import NOW, small_world

Open = Callable[..., Counter]


def results(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> dict[str, Any]:
    assert main(["doctor", "--json", *words]) == code
    said = capsys.readouterr()
    assert (said.err != "") == (code != 0)
    return {result["what"]: result for result in json.loads(said.out)}


def states(found: dict[str, Any]) -> dict[str, str]:
    return {what: result["state"] for what, result in found.items()}


def test_all_well(counter: Open, capsys: pytest.CaptureFixture[str]) -> None:
    opened = counter()
    found = results(capsys)
    assert states(found) == {
        "account": "ok",
        "credentials": "ok",
        "network": "ok",
        "clock": "odd",
        "throttle": "ok",
        "site MAIN": "ok",
        "site NORTH": "odd",
    }
    assert "its time zone is not set" in found["site NORTH"]["found"]
    assert found["network"]["found"].startswith("the API answers in 1")
    assert opened.paths == ["/site/list", "/transaction", "/transaction"]


def test_a_person_gets_a_table_and_the_key_is_not_in_it(counter: Open, capsys: pytest.CaptureFixture[str]) -> None:
    counter()
    assert main(["doctor"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert max(map(len, said.out.splitlines())) <= 80
    assert "ok   site MAIN    transactions can be read; America/Chicago" in said.out
    assert "sandbox-key" not in said.out


def test_without_an_account_it_says_how_to_make_one(capsys: pytest.CaptureFixture[str]) -> None:
    found = results(capsys, code=2)
    assert list(found) == ["account"]
    assert found["account"]["found"] == "No account is set up."
    assert "Run sonnys profile add NAME" in found["account"]["advice"]


@pytest.mark.parametrize("words", [["--profile", "acme"], ["-p", ""]])
def test_a_profile_that_is_mistyped_exits_as_every_wrong_setting_does(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    found = results(capsys, *words, code=2)
    assert "has no profile" in found["account"]["found"]
    assert "sonnys profile add" in found["account"]["advice"]
    assert main(["doctor", *words]) == 2
    assert capsys.readouterr().err == "sonnys: A setting of the account is wrong.\nhint: See above for what to do.\n"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SSL_CERT_FILE", "/nowhere/ca.pem", "SSL_CERT_FILE '/nowhere/ca.pem' is not a file"),
        ("ALL_PROXY", "http://proxy:port", "ALL_PROXY is not the address of a proxy"),
        ("ALL_PROXY", "socks5://proxy", "ALL_PROXY names a SOCKS proxy, which needs the package socksio"),
    ],
)
def test_an_environment_that_lets_no_connection_be_made(
    name: str, value: str, said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for other in ("HTTPS_PROXY", "https_proxy", "all_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setattr(environment, "_tls", PerProcess(environment._make_tls_context))
    monkeypatch.setattr(environment, "find_spec", lambda _: None)
    monkeypatch.setenv("SONNYS_API_ID", "id")
    monkeypatch.setenv("SONNYS_API_KEY", "key")
    monkeypatch.setenv(name, value)
    found = results(capsys, code=1)
    assert states(found) == {"account": "ok", "network": "bad"}
    assert said in found["network"]["found"]
    assert "unset it" in found["network"]["advice"] or "pip install socksio" in found["network"]["advice"]


def test_a_wrong_key(counter: Open, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    counter()
    monkeypatch.setenv("SONNYS_API_KEY", "wrong")
    found = results(capsys, code=1)
    assert states(found) == {"account": "ok", "network": "ok", "clock": "odd", "throttle": "ok", "credentials": "bad"}
    assert "BadClientCredentialsError" in found["credentials"]["found"]


def test_no_network(counter: Open, capsys: pytest.CaptureFixture[str]) -> None:
    counter(faults=Faults(unreachable=1.0))
    found = results(capsys, code=1)
    assert states(found) == {"account": "ok", "network": "bad"}
    assert "Check the connection" in found["network"]["advice"]


def test_a_site_that_may_not_be_read(counter: Open, capsys: pytest.CaptureFixture[str]) -> None:
    def forbid(request: Request, response: Response) -> Response:
        if ("site", "NORTH") not in request.query:
            return response
        return Response(403, b'{"type": "NotAuthorizedSiteCredentialsError", "message": "No."}')

    counter(tamper=forbid)
    found = results(capsys, code=1)
    assert found["site MAIN"]["state"] == "ok"
    assert found["site NORTH"]["state"] == "bad"
    assert "NotAuthorizedSiteCredentialsError" in found["site NORTH"]["found"]


@pytest.mark.parametrize(("rival", "state", "sites"), [(19, "odd", 2), (30, "bad", 0)])
def test_somebody_else_who_spends_our_requests(
    rival: int, state: str, sites: int, counter: Open, capsys: pytest.CaptureFixture[str]
) -> None:
    counter(faults=Faults(rival=rival))
    found = results(capsys, code=state == "bad")
    assert found["throttle"]["state"] == state
    assert "Something else is spending the requests" in found["throttle"]["advice"]
    assert sum(what.startswith("site") for what in found) == sites
    assert ("credentials" in found) == (state == "odd"), "a 429 says nothing of the key"


def test_a_server_in_trouble_is_not_a_network_in_trouble(counter: Open, capsys: pytest.CaptureFixture[str]) -> None:
    counter(faults=Faults(error_500=1.0))
    found = results(capsys, code=1)
    assert (found["network"]["state"], found["API"]["state"]) == ("ok", "bad")


def test_ten_sites_are_tried_unless_told_otherwise(counter: Open, capsys: pytest.CaptureFixture[str]) -> None:
    world = ListWorld([Site(n, f"S{n}", f"Site {n}", "UTC", "CENTRAL", is_virtual=False) for n in range(1, 13)], [])
    opened = counter(world=world)
    assert results(capsys)["more sites"]["found"] == "2 were not tried"
    assert opened.paths.count("/transaction") == 10
    assert "more sites" not in results(capsys, "--all-sites")
    tried = {dict(entry.query)["site"] for entry in opened.sandbox.log if entry.path == "/transaction"}
    assert tried == {f"S{n}" for n in range(1, 13)}


def test_an_account_of_one_site_tries_that_one(
    counter: Open, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    counter()
    monkeypatch.setenv("SONNYS_SITE_CODE", "MAIN")
    assert [what for what in results(capsys) if what.startswith("site")] == ["site MAIN"]


@pytest.mark.parametrize(
    ("ahead_s", "state", "words"), [(0, "ok", "agrees"), (10, "odd", "10 s ahead of"), (-90, "bad", "90 s behind")]
)
def test_the_clock_is_held_against_the_server_s(
    ahead_s: int, state: str, words: str, counter: Open, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs = format_datetime(datetime.fromtimestamp(NOW - ahead_s, UTC), usegmt=True)

    def dated(_request: Request, response: Response) -> Response:
        return Response(response.status, response.body, {**response.headers, "date": theirs})

    counter(tamper=dated)
    clock = results(capsys, code=state == "bad")["clock"]
    assert clock["state"] == state
    assert words in clock["found"]


@pytest.mark.parametrize(
    ("speed", "ahead", "state", "words"),
    [
        (1, 0, "ok", "agrees with the server's"),
        (1, -600, "bad", "s ahead of the server's"),
        (1, 30, "odd", "s behind the server's"),
        (20, 0, "odd", "could not be compared"),
    ],
)
def test_a_sandbox_that_is_served_has_a_clock_to_compare_with(
    speed: float,
    ahead: float,
    state: str,
    words: str,
    *,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with running_sandbox(world=small_world(), speed=speed, ahead=ahead) as local:
        monkeypatch.setenv("SONNYS_API_ID", local.api_id)
        monkeypatch.setenv("SONNYS_API_KEY", local.api_key)
        monkeypatch.setenv("SONNYS_BASE_URL", local.base_url)
        clock = results(capsys, code=state == "bad")["clock"]
    assert clock["state"] == state
    assert words in clock["found"]
    assert ("Set it from a time server" in clock["advice"]) == (ahead != 0)


def test_a_date_that_is_none_is_no_clock() -> None:
    found = {result.what: result for result in checks_of(Seen(requests=3), ThrottleLimits())}
    assert found.keys() == {"clock", "throttle"}
    assert found["throttle"].found.startswith("no 429 in 3 requests; allowed are 20 requests in 15 s")
