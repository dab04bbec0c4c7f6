"""`python -m sonnys_data_client.sandbox`, for real."""

from __future__ import annotations

import http.client
import inspect
import json
import shlex
import signal
import subprocess
import sys
from urllib.parse import urlsplit

import pytest

from sonnys_data_client.sandbox.__main__ import main, parser
from sonnys_data_client.sandbox.options import run
from tests.waiting import PATIENCE_S


def test_the_arguments_are_those_of_run() -> None:
    chosen = vars(parser().parse_args([]))
    chosen.pop("list_switches")
    chosen.pop("openapi")
    parameters = inspect.signature(run).parameters
    assert chosen.keys() == parameters.keys() - {"say"}
    for name, value in chosen.items():
        assert value == parameters[name].default or not value, name


def test_the_help_is_the_docstring_s(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    help_text = " ".join(capsys.readouterr().out.split())
    assert "--job-seconds N How long a batch job runs; with jitter, the median. Default: 2.0." in help_text
    assert "--quirk NAME=VALUE" in help_text


def test_switches_are_listed_and_it_stops(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list-switches"]) == 0
    assert "retry_after" in capsys.readouterr().out


def test_the_description_is_printed_and_it_stops(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--openapi", "--quirk", "submit_method=both"]) == 0
    assert json.loads(capsys.readouterr().out)["paths"]["/transaction/load-job"].keys() == {"post", "get"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--openapi", "--quirk", "end=never"], "choose from inclusive, exclusive."),
        (["--quirk", "end=never"], "choose from inclusive, exclusive."),
        (["--fault", "storm=1"], "choose from unreachable"),
        (["--sites", "0"], "sites must be"),
    ],
)
def test_bad_values_are_one_sentence_and_exit_code_2(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert words in said.err
    assert said.err.count("\n") == 1
    assert said.out == ""


def test_a_number_that_is_none_exits_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--port", "many"])
    assert caught.value.code == 2
    assert "--port" in capsys.readouterr().err


def test_its_curl_line_works_and_ctrl_c_ends_it() -> None:
    command = [sys.executable, "-m", "sonnys_data_client.sandbox", "--latency", "0", "--speed", "10"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stderr is not None
        lines = [server.stdout.readline() for _ in range(5)]
        curl = lines[3].removeprefix("Try").strip()
        program, *words = shlex.split(curl)
        headers = dict(word.split(": ") for word in words[1:-1:2])
        assert (program, words[:-1:2], len(headers)) == ("curl", ["-H", "-H"], 2)
        where = urlsplit(words[-1])
        connection = http.client.HTTPConnection(where.netloc, timeout=PATIENCE_S)
        connection.request("GET", where.path, headers=headers)
        assert b'"code":"MAIN"' in connection.getresponse().read()
        connection.close()
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=PATIENCE_S) == 0
        assert server.stdout.read() == "Stopped.\n"
        assert server.stderr.read() == ""
