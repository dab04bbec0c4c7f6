"""The command's function: what it prints, and what it refuses."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from sonnys_data_client.sandbox import API_ID, Quirks
from sonnys_data_client.sandbox import http as shell
from sonnys_data_client.sandbox.faults import RATES
from sonnys_data_client.sandbox.options import list_switches, run


def test_every_switch_is_listed_with_its_default_first() -> None:
    text = list_switches()
    for name in (*Quirks.choices(), *RATES, "stall_s", "rival", "until"):
        assert f"  {name}" in text
    assert "period_opens           reply | arrival" in text
    assert "omit_job_flags         yes | no" in text


def test_the_settings_reach_the_server_and_the_user_is_told_how_to_get_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    served: dict[str, Any] = {}

    def record(config: Any, *, on_ready: Any, **settings: Any) -> None:
        served.update(settings, config=config)
        on_ready(shell.RunningSandbox("http://127.0.0.1:5/v1", API_ID, "key", None, None))  # type: ignore[arg-type]

    monkeypatch.setattr(shell, "serve", record)
    said: list[str] = []
    run(port=5, sites=2, workers=4, quirk=["end=exclusive"], fault=["stall=0.1"], speed=9.0, say=said.append)
    config = served["config"]
    assert (served["port"], served["speed"], config.sites, config.workers) == (5, 9.0, 2, 4)
    assert (config.quirks.end, config.faults.stall) == ("exclusive", 0.1)
    assert "http://127.0.0.1:5/v1" in said[0]
    assert f"curl -H 'X-Sonnys-API-ID: {API_ID}' -H 'X-Sonnys-API-Key: key' " in said[0]
    assert said[-1] == "Stopped."


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"quirk": ["end=never"]}, "choose from inclusive, exclusive"),
        ({"fault": ["stall=9"]}, "from 0 to 1"),
        ({"sites": 0}, "sites must be"),
        ({"port": -1}, "port must be"),
        ({"speed": 0.0}, "speed must be"),
    ],
)
def test_a_bad_value_is_one_sentence(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        run(**wrong)
    assert "\n" not in str(caught.value)


def test_a_taken_port_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            ValueError, match=rf"Port {port} cannot be used \(.+\): choose another, or 0 for any free one\."
        ):
            run(port=port)
