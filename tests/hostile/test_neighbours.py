"""Text of this machine, and of a server behind a real terminal or proxy, gives no orders and shows no key."""

from __future__ import annotations

import logging
import re
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from sonnys_data_client import SonnysClient
from sonnys_data_client.cli import main
from sonnys_data_client.cli.show.progress import View, shown
from sonnys_data_client.cli.show.screen import Screen
from sonnys_data_client.client.settings import DEFAULT_TIMEOUT_S
from sonnys_data_client.errors import ConfigurationError, SonnysError
from sonnys_data_client.profiles import read_profile
from sonnys_data_client.secret import HIDDEN, Secret
from sonnys_data_client.text import harmless
from sonnys_data_client.transport import DEFAULT_MAX_BODY_BYTES
from tests.cli.conftest import Counter
from tests.cli.terminal import Terminal
from tests.hostile.forms import CASES, RIGHT, reply
from tests.hostile.peer import Peer, serving
from tests.hostile.test_texts import Terminal as Wide
from tests.hostile.texts import KEY, TEXTS

Open = Callable[..., Counter]

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
LINK = TEXTS["links_elsewhere"]


@pytest.mark.parametrize("text", ["sets_the_title", "hides_what_follows", "orders_in_one_byte", "markup_of_a_link"])
def test_a_real_terminal_with_colours_gets_our_orders_only(text: str, tmp_path: Path) -> None:
    code = TEXTS[text].encode("unicode_escape").replace(b"\\x", b"\\u00")
    with serving({"odd": lambda peer: answer(peer, RIGHT.replace(b"MAIN", code))}) as ports:
        env = {"SONNYS_API_ID": "id", "SONNYS_API_KEY": KEY, "SONNYS_BASE_URL": ports["odd"].base_url}
        with Terminal(["get", "sites"], env | {"SONNYS_CONFIG": str(tmp_path / "none")}, width=200) as terminal:
            assert terminal.end() == 0, terminal.text
            assert terminal.raw != _COLOURS.sub("", terminal.raw), "or else the test shows nothing"
            said = _COLOURS.sub("", terminal.raw).replace("\r\n", "\n")
    assert harmless(said) == said
    assert harmless(TEXTS[text])[:25] in said


def answer(peer: Peer, body: bytes, *lines: str) -> None:
    while peer.hear():
        peer.say(reply(body, *lines))


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["profile", "list"], 0),
        (["profile", "path"], 0),
        (["-p", LINK, "doctor"], 2),
        (["--archive", f"none{LINK}", "status"], 2),
        ([f"x{LINK}"], 2),
        (["get", "sites", f"--{LINK}"], 2),
        (["export", LINK], 2),
        (["export", "yesterday", "--out", f"{LINK}.csv/x.csv"], 2),
        (["sql", f'SELECT 1 AS "{LINK}"', "--describe"], 2),
        (["sandbox", "--quirk", f"{LINK}=x"], 2),
        (["job", "status", "--handle", f"none{LINK}"], 2),
        (["completion", LINK], 2),
        (["get", "customers", "caf\udce9"], 2),
    ],
)
def test_what_was_typed_or_stands_in_a_file_gives_no_orders(
    words: list[str], code: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    terminal, file = Wide(), tmp_path / "\x1b[2J.toml"
    name = LINK.encode("unicode_escape").decode().replace("\\x", "\\u00")
    file.write_text(f'[profiles."{name}"]\napi_id = "id"\napi_key = "{KEY}"\n')
    file.chmod(0o600)
    monkeypatch.setenv("SONNYS_CONFIG", str(file))
    monkeypatch.setattr("sys.stdout", terminal)
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "dumb")
    assert main(words) in {code, 1}, terminal.getvalue()
    said = terminal.getvalue()
    assert said
    assert harmless(said) == said
    assert KEY not in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    "lines",
    [
        f'api_key = ["{KEY}"]',
        f"api_key = {{a = '{KEY}'}}",
        "api_key = 4711471147114711",
        f'api_key = "{KEY}"\ntimezone = "{KEY}"',
        f'api_key = "{KEY}"\nthrottle = "{KEY}"',
        f'api_key = "{KEY}"\nbase_url = "http://{KEY}.example"',
        f'api_key = "{KEY}"\nbase_url = "https://a:{KEY}@b.example"',
        f'api_key = "{KEY}"\n"{KEY}" = 1',
        f'api_key = "{KEY}',
        f"api_key = {KEY}",
        f'api_key = "{KEY}"\napi_key = "{KEY}"',
        f'api_key = "{KEY} "',
        f"api_key = '\"{KEY}\"'",
    ],
)
def test_a_broken_profile_file_shows_no_key(lines: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f'[profiles.acme]\napi_id = "id"\n{lines}\n')
    file.chmod(0o600)
    monkeypatch.setenv("SONNYS_CONFIG", str(file))
    with pytest.raises(ConfigurationError) as caught:
        read_profile()
    said = f"{caught.value} {caught.value!r} {vars(caught.value)}"
    assert KEY not in said
    assert "4711" not in said


def test_a_bug_keeps_its_traceback_which_gives_no_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal, secret = Wide(), Secret(KEY)

    def broken(*_: object) -> None:
        error = KeyError(f"{LINK} {secret.reveal()}")
        error.add_note(f"\x9b2J{KEY}")
        raise error

    monkeypatch.setattr("sonnys_data_client.cli.app.build", broken)
    monkeypatch.setattr("sys.stderr", terminal)
    assert main(["--version"]) == 1
    said = terminal.getvalue()
    assert "Traceback" in said
    assert r"\x9b2J" in said
    assert harmless(said) == said
    assert KEY not in said


def test_what_is_said_while_a_display_moves_gives_no_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rich prints it above the display, and takes its codes for styles and links."""
    terminal = Wide()
    monkeypatch.setattr("sys.stderr", terminal)
    console = Screen(terminal, force_terminal=True, force_interactive=True, width=100)
    with shown(lambda: View(0.5, ["a phrase"]), console):
        print(f"while it moves {LINK}", file=sys.stderr)
    assert "while it moves" in terminal.getvalue()
    assert "\x1b]8" not in terminal.getvalue()


@pytest.mark.parametrize("level", [logging.DEBUG, logging.INFO])
def test_the_log_of_the_http_library_shows_no_key(level: int, caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("httpcore2")
    before = logger.level
    lines = (f"X-Key: {KEY}", f"Set-Cookie: k={KEY}")
    with serving({"echo": lambda peer: answer(peer, RIGHT, *lines)}) as ports, caplog.at_level(level):
        logger.setLevel(level)
        try:
            with SonnysClient("id", KEY, base_url=ports["echo"].base_url) as client:
                assert client.sites.list()
        finally:
            logger.setLevel(before)
    assert (HIDDEN in caplog.text) == (level == logging.DEBUG)
    assert KEY not in caplog.text


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])
def test_the_key_goes_to_this_machine_and_to_no_proxy(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving({"server": lambda peer: answer(peer, RIGHT), "proxy": lambda peer: answer(peer, RIGHT)}) as ports:
        monkeypatch.setenv(name, ports["proxy"].base_url.removesuffix("/v1"))
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        with SonnysClient("id", KEY, base_url=ports["server"].base_url) as client:
            assert client.sites.list()
        assert ports["proxy"].connections == 0
        assert KEY.encode() in ports["server"].heads[0]


def test_an_error_that_repeats_the_key_hides_it() -> None:
    said = f'{{"type": "Odd", "messages": ["No account has the key {KEY}."]}}'.encode()
    with serving({"echo": lambda peer: refuse(peer, said)}) as ports:
        with (
            SonnysClient("id", KEY, base_url=ports["echo"].base_url, max_retries=0) as client,
            pytest.raises(SonnysError) as caught,
        ):
            client.sites.list()
        assert HIDDEN in str(caught.value)
        assert KEY not in f"{caught.value!r} {vars(caught.value)}"


def refuse(peer: Peer, body: bytes) -> None:
    while peer.hear():
        peer.say(reply(body, status="403 Forbidden"))


def test_the_doctor_has_the_bounds_of_every_client(counter: Open) -> None:
    opened = counter()
    main(["doctor"])
    (client,) = opened.clients
    settings = client.workings.settings
    assert (settings.timeout_s, settings.max_body_bytes) == (DEFAULT_TIMEOUT_S, DEFAULT_MAX_BODY_BYTES)


@pytest.mark.parametrize("form", ["claims_an_absurd_length", "gzip_that_is_none", "closes_at_once", "json_with_nan"])
def test_the_doctor_survives_a_server_that_answers_nonsense(
    form: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SONNYS_API_ID", "id")
    monkeypatch.setenv("SONNYS_API_KEY", KEY)
    monkeypatch.setenv("SONNYS_THROTTLE", "1000/1")
    with serving({form: CASES[form].form}) as ports:
        monkeypatch.setenv("SONNYS_BASE_URL", ports[form].base_url)
        assert main(["doctor"]) == 1
    said = capsys.readouterr()
    assert "1 check failed" in said.err
    assert "Traceback" not in said.out + said.err


def test_a_thread_that_fails_gives_no_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Wide()

    def fail() -> None:
        raise RuntimeError(LINK)

    def run(*_: object) -> int:
        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()
        return 0

    monkeypatch.setattr("sonnys_data_client.cli.app.run", run)
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setattr("threading.excepthook", threading.__excepthook__)  # pytest has set its own
    assert main([]) == 0
    assert "RuntimeError" in terminal.getvalue()
    assert harmless(terminal.getvalue()) == terminal.getvalue()
