"""Accounts: what is refused before anything is sent, with which message, and that the key is never shown."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
from typing import Any

import pytest

from sonnys_data_client.config import (
    PRODUCTION_URL,
    VENDOR_SANDBOX_URL,
    Account,
    account_from_env,
    check_base_url,
)
from sonnys_data_client.errors import ConfigurationError

KEY = "sk-very-secret"


def refusal(*arguments: Any) -> str:
    with pytest.raises(ConfigurationError) as caught:
        Account(*arguments)
    assert KEY not in str(caught.value)
    return str(caught.value)


def test_an_account_goes_to_production_unless_told_otherwise() -> None:
    assert Account("id", KEY).base_url == PRODUCTION_URL
    assert Account("id", KEY, base_url=VENDOR_SANDBOX_URL + "/").base_url == VENDOR_SANDBOX_URL


def test_the_key_is_in_the_headers_and_nowhere_to_be_seen() -> None:
    account = Account("my-id", KEY, "MAIN")
    assert account.headers() == {"x-sonnys-api-id": "my-id", "x-sonnys-api-key": KEY}
    assert KEY not in f"{account} {account!r}"
    assert repr(account).startswith("Account(api_id='my-id', site_code='MAIN', base_url='https://")


def test_space_around_a_site_code_is_left_out() -> None:
    assert Account("my-id", KEY, " MAIN\t").site_code == "MAIN"


def test_no_copy_of_an_account_holds_its_key() -> None:
    account = Account("my-id", KEY, "MAIN", VENDOR_SANDBOX_URL)
    as_dict = dataclasses.asdict(account)
    assert KEY not in f"{account} {account!r} {as_dict} {dataclasses.astuple(account)}"
    assert KEY not in json.dumps(as_dict, default=str)
    assert dataclasses.replace(account, site_code=None) == Account("my-id", KEY, None, VENDOR_SANDBOX_URL)
    assert copy.deepcopy(account) == copy.copy(account) == account
    with pytest.raises(TypeError, match="A key is never pickled: read it anew in the other process"):
        pickle.dumps(account)


@pytest.mark.parametrize("empty", ["", "  ", None, 5])
def test_empty_credentials_are_refused(empty: Any) -> None:
    advice = "Pass the text that the BackOffice shows, or set SONNYS_API_ID and SONNYS_API_KEY and use from_env()."
    assert refusal(empty, KEY) == f"api_id is empty. {advice}"
    assert refusal("my-id", empty) == f"api_key is empty. {advice}"


@pytest.mark.parametrize("empty", ["", " "])
def test_an_empty_site_code_is_refused(empty: str) -> None:
    assert (
        refusal("my-id", KEY, empty)
        == "site_code is empty. Use the text that the BackOffice shows, or leave it out to read all sites."
    )


@pytest.mark.parametrize("mark", ["'", '"', "`"])
def test_quotation_marks_that_were_pasted_along_are_refused(mark: str) -> None:
    pasted = f"{mark}{KEY}{mark}"
    said = "has quotation marks around it. Leave them out."
    assert refusal(pasted, KEY) == f"api_id {said}"
    assert refusal("my-id", pasted) == f"api_key {said}"
    assert refusal("my-id", KEY, f"{mark}MAIN{mark}") == f"site_code {said}"
    assert Account("my-id", f"{KEY}{mark}").api_key.reveal() == f"{KEY}{mark}", "one alone may belong to a key"


@pytest.mark.parametrize("blank", ["", " "])
@pytest.mark.parametrize("name", ["SONNYS_API_ID", "SONNYS_API_KEY", "SONNYS_SITE_CODE", "SONNYS_BASE_URL"])
def test_a_blank_variable_is_never_taken_for_one_that_is_not_set(name: str, blank: str) -> None:
    """Without its site code an account would read all sites, and without its address it would read production."""
    good = {"SONNYS_API_ID": "my-id", "SONNYS_API_KEY": KEY}
    with pytest.raises(ConfigurationError, match=f"^{name} "):
        account_from_env({**good, name: blank})


@pytest.mark.parametrize("odd", [f"{KEY}\n", f" {KEY}", f"{KEY}\u200b", f"{KEY}\x00", f"{KEY}é"])
def test_characters_that_no_header_can_carry_are_refused(odd: str) -> None:
    said = "holds spaces at its ends, or characters that no HTTP header can carry. Copy it again."
    assert refusal("my-id", odd) == f"api_key {said}"
    assert refusal(odd, "key") == f"api_id {said}"
    if odd == odd.strip():
        assert refusal("my-id", "key", odd) == f"site_code {said}"


@pytest.mark.parametrize(
    ("url", "checked"),
    [
        ("https://example.com", "https://example.com"),
        (" https://example.com/v1// ", "https://example.com/v1"),
        ("HTTPS://Example.com:8443/v1", "HTTPS://Example.com:8443/v1"),
        ("http://127.0.0.1:8000/v1", "http://127.0.0.1:8000/v1"),
        ("http://127.9.9.9/v1", "http://127.9.9.9/v1"),
        ("http://localhost:8000/v1", "http://localhost:8000/v1"),
        ("http://[::1]:8000/v1", "http://[::1]:8000/v1"),
    ],
)
def test_an_address_is_taken_without_the_slash_at_its_end(url: str, checked: str) -> None:
    assert check_base_url(url) == checked


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com",
        "ftp://example.com",
        "https://",
        "https:///v1",
        "http://[::1",
        "https://example.com:port",
        "https://example.com:99999",
        "https://example.com:0",
        "https://exa mple.com",
        "https://example.com/\x00",
        "https://example.com/\nv1",
        None,
        5,
    ],
)
def test_what_is_no_address_is_refused(url: Any) -> None:
    assert refusal("my-id", KEY, None, url) == f"base_url must be a web address such as {PRODUCTION_URL}."


@pytest.mark.parametrize(
    "url",
    [f"https://me:{KEY}@example.com", "https://me@example.com", f"https://example.com/?key={KEY}", "https://a.com/#x"],
)
def test_an_address_with_credentials_or_query_is_refused(url: str) -> None:
    assert refusal("my-id", KEY, None, url) == (
        "base_url must hold neither credentials nor a query. Leave them out of the address."
    )


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://example.com/v1", "example.com"),
        ("http://127.0.0.1.example.com", "127.0.0.1.example.com"),
        ("http://localhost.example.com", "localhost.example.com"),
        ("http://10.0.0.1", "10.0.0.1"),
        ("http://0.0.0.0", "0.0.0.0"),  # noqa: S104 - an address to refuse
    ],
)
def test_the_key_is_never_sent_unencrypted_beyond_this_machine(url: str, host: str) -> None:
    assert refusal("my-id", KEY, None, url) == (
        f"base_url='http://{host}' would send the API key unencrypted; it must be https, except for a sandbox on this "
        "machine (127.0.0.1, localhost)."
    )


def test_an_account_from_the_environment() -> None:
    full = {
        "SONNYS_API_ID": "my-id",
        "SONNYS_API_KEY": KEY,
        "SONNYS_SITE_CODE": "MAIN",
        "SONNYS_BASE_URL": VENDOR_SANDBOX_URL,
    }
    assert account_from_env(full) == Account("my-id", KEY, "MAIN", VENDOR_SANDBOX_URL)
    least = {"SONNYS_API_ID": "my-id", "SONNYS_API_KEY": KEY}
    assert account_from_env(least) == Account("my-id", KEY)


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, "SONNYS_API_ID and SONNYS_API_KEY must be set in the environment, but are not."),
        ({"SONNYS_API_ID": "my-id"}, "SONNYS_API_KEY must be set in the environment, but is not."),
        ({"SONNYS_API_KEY": KEY, "SONNYS_API_ID": ""}, "SONNYS_API_ID must be set in the environment, but is not."),
    ],
)
def test_what_is_missing_in_the_environment_is_named(environ: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        account_from_env(environ)
    assert str(caught.value) == f"{said} Set both to the text that the BackOffice shows."


@pytest.mark.parametrize("empty", ["", " "])
def test_an_empty_address_in_the_environment_is_refused_and_never_production(empty: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        account_from_env({"SONNYS_API_ID": "my-id", "SONNYS_API_KEY": KEY, "SONNYS_BASE_URL": empty})
    assert str(caught.value) == f"SONNYS_BASE_URL must be a web address such as {PRODUCTION_URL}."


def test_what_is_wrong_in_the_environment_is_called_by_its_variable() -> None:
    with pytest.raises(ConfigurationError) as caught:
        account_from_env({"SONNYS_API_ID": "my-id", "SONNYS_API_KEY": KEY, "SONNYS_BASE_URL": "example.com"})
    assert str(caught.value) == f"SONNYS_BASE_URL must be a web address such as {PRODUCTION_URL}."


def test_the_process_environment_is_read_when_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SONNYS_API_ID", "my-id")
    monkeypatch.setenv("SONNYS_API_KEY", KEY)
    monkeypatch.delenv("SONNYS_SITE_CODE", raising=False)
    monkeypatch.delenv("SONNYS_BASE_URL", raising=False)
    assert account_from_env() == Account("my-id", KEY)


def test_a_fingerprint_tells_accounts_apart_and_does_not_show_the_id() -> None:
    account = Account("my-id", "my-key")
    assert account.fingerprint == "40f245cf777d5c26"
    assert Account("my-id", "another-key").fingerprint == account.fingerprint, "a key may be replaced"
    others = [Account("other-id", "my-key"), Account("my-id", "my-key", "MAIN")]
    others.append(Account("my-id", "my-key", base_url="https://api.example.com/v1"))
    assert len({account.fingerprint, *(other.fingerprint for other in others)}) == 4
