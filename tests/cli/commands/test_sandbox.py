"""`sonnys sandbox` has the options of `options.run`, all of them and no others."""

from __future__ import annotations

import inspect
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from typing import Any

import pytest

from sonnys_data_client.cli import main
from sonnys_data_client.cli.commands.sandbox import PRINTS
from sonnys_data_client.sandbox import options
from tests.waiting import PATIENCE_S


def test_every_option_is_there_with_its_default_and_its_words(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "500")
    main(["sandbox", "--help"])
    text = capsys.readouterr().out
    parameters = dict(inspect.signature(options.run).parameters)
    del parameters["say"]
    shown = set(re.findall(r"│ --([a-z-]+)", text)) - {"profile", "archive", "verbose", "no-color"}
    shown -= {name.replace("_", "-") for name in PRINTS}
    assert shown == {name.replace("_", "-") for name in parameters}
    words = dict(re.findall(r"^        (\w+): (.+)$", options.run.__doc__ or "", re.MULTILINE))
    for name, parameter in parameters.items():
        line = next(line for line in text.splitlines() if f"--{name.replace('_', '-')} " in line)
        assert words[name] in line
        assert (f"[default: {parameter.default}]" in line) == (parameter.default not in (None, ()))


def test_options_reach_run(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen: dict[str, Any] = {}
    monkeypatch.setattr(options, "run", lambda **given: chosen.update(given))
    assert main(["sandbox", "--port", "8080", "--workers", "3", "--quirk", "a=b", "--quirk", "c=d"]) == 0
    assert chosen == {"port": 8080, "workers": 3, "quirk": ["a=b", "c=d"]}


def test_switches_are_results_so_they_go_to_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sandbox", "--list-switches"]) == 0
    said = capsys.readouterr()
    assert said.out == options.list_switches() + "\n"
    assert said.err == ""


def test_the_description_is_a_result_too_and_follows_the_quirks(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sandbox", "--openapi", "--quirk", "money=string"]) == 0
    assert capsys.readouterr().out == options.openapi(["money=string"]) + "\n" != options.openapi() + "\n"
    assert main(["sandbox", "--openapi", "--quirk", "money=none"]) == 2
    assert "money" in capsys.readouterr().err


def test_it_serves_until_ctrl_c() -> None:
    command = [sys.executable, "-m", "sonnys_data_client", "sandbox"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stderr is not None
        base_url = server.stdout.readline().split()[-1]
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(f"{base_url}/site/list", timeout=PATIENCE_S)  # noqa: S310 - our own address
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=PATIENCE_S) == 0
        assert server.stderr.read() == ""
