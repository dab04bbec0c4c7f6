"""What may be set in a profile: each wrong value is one sentence, which does not show what may be secret."""

from __future__ import annotations

import pytest

from sonnys_data_client.config import Account
from sonnys_data_client.errors import ConfigurationError
from sonnys_data_client.profile import Profile, checked_profile

ACCOUNT = Account("id", "sk-very-secret")


def checked(**settings: str) -> Profile:
    return checked_profile("acme", ("a file", "a key's place"), ACCOUNT, settings, place="a file: profile acme")


def test_what_is_set_is_read() -> None:
    found = checked(throttle="40/7.5", throttle_keeper="process", redact="names", timezone="UTC", archive="/data")
    assert (found.throttle, found.throttle_keeper, found.timezone, found.archive) == (
        (40, 7.5),
        "process",
        "UTC",
        "/data",
    )
    assert str(found.redact) == "names"
    assert checked().throttle_keeper == "machine"


@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        ("timezone", "Mars", r"timezone='Mars' must be the IANA name"),
        ("throttle", "20", r"throttle='20' must be requests/seconds, such as 20/15"),
        ("throttle", "0/15", r"throttle='0/15' must be requests/seconds"),
        ("redact", "shoes", r"redact='shoes'"),
        (
            "throttle_keeper",
            "redis:/user:secret-word@host",
            r"throttle_keeper is none; it must be 'process', 'machine'",
        ),
    ],
)
def test_what_is_wrong_is_one_sentence(setting: str, value: str, sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence) as caught:
        checked(**{setting: value})
    assert "a file: profile acme" in str(caught.value)
    assert "secret-word" not in str(caught.value)


def test_the_keepers_address_is_not_in_the_repr() -> None:
    assert "secret-word" not in repr(checked(throttle_keeper="redis://user:secret-word@host:6379/0"))
