"""The names of keepers, and one throttle for each API ID and keeper."""

from __future__ import annotations

import pytest

from sonnys_data_client.errors import ConfigurationError, ValidationError
from sonnys_data_client.throttles.keepers import check_keeper, keeper_from_env


@pytest.mark.parametrize("wrong", ["", "machines", "machine:relative/folder", "http://host/", "Redis://host"])
def test_what_is_no_keeper(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError, match=r"^throttle_keeper is none; it must be 'process', ") as caught:
        check_keeper(wrong)
    if wrong:
        assert wrong not in str(caught.value)
        monkeypatch.setenv("SONNYS_THROTTLE_KEEPER", wrong)
        with pytest.raises(ConfigurationError, match=r"^SONNYS_THROTTLE_KEEPER is none; it must be 'process'"):
            keeper_from_env()


def test_the_environment_may_name_a_home_and_else_it_is_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SONNYS_THROTTLE_KEEPER", raising=False)
    assert keeper_from_env() == "machine"
    monkeypatch.setenv("SONNYS_THROTTLE_KEEPER", "process")
    assert keeper_from_env() == "process"
