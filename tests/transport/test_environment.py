"""What the environment says about connections: taken as it is meant, and one sentence where it cannot be right."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from sonnys_data_client import AsyncSonnysClient, SonnysClient
from sonnys_data_client.client.settings import ClientBase
from sonnys_data_client.config import PRODUCTION_URL, check_base_url
from sonnys_data_client.errors import ConfigurationError
from sonnys_data_client.per_process import PerProcess
from sonnys_data_client.secret import Secret
from sonnys_data_client.transport import environment
from sonnys_data_client.transport.environment import ProxyServer, find_proxy, tls_context

SECRET = "pr0xy-s3cret"


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.startswith("SSL_CERT"):
            monkeypatch.delenv(name)
    monkeypatch.setattr(environment, "_tls", PerProcess(environment._make_tls_context))


both = pytest.mark.parametrize("kind", [SonnysClient, AsyncSonnysClient])


@pytest.mark.parametrize(
    ("settings", "proxy"),
    [
        ({}, None),
        ({"HTTPS_PROXY": ""}, None),
        ({"HTTP_PROXY": "http://proxy:3128"}, None),
        ({"HTTPS_PROXY": "http://proxy:3128"}, ProxyServer("http://proxy:3128")),
        ({"https_proxy": "proxy"}, ProxyServer("http://proxy:80")),
        ({"HTTPS_PROXY": "https://proxy"}, ProxyServer("https://proxy:443")),
        ({"ALL_PROXY": "http://proxy:1", "HTTPS_PROXY": "http://other:2"}, ProxyServer("http://other:2")),
        ({"ALL_PROXY": "http://[2001:db8::1]:3128"}, ProxyServer("http://[2001:db8::1]:3128")),
        ({"ALL_PROXY": f"http://me:{SECRET}%21@proxy:1"}, ProxyServer("http://proxy:1", ("me", Secret(f"{SECRET}!")))),
        ({"ALL_PROXY": "http://proxy", "NO_PROXY": "*"}, None),
        ({"ALL_PROXY": "http://proxy", "NO_PROXY": "example.com,sonnyscontrols.com"}, None),
        ({"ALL_PROXY": "http://proxy", "NO_PROXY": "trigonapi.sonnyscontrols.com:443"}, None),
        ({"ALL_PROXY": "http://proxy", "NO_PROXY": "example.com"}, ProxyServer("http://proxy:80")),
    ],
)
def test_the_proxy_is_the_environments(
    settings: dict[str, str], proxy: ProxyServer | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    found = find_proxy(PRODUCTION_URL)
    assert found == proxy
    assert SECRET not in repr(found)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8000/v1",
        "https://127.0.0.1/v1",
        "http://127.9.9.9",
        "https://localhost/v1",
        "HTTP://LocalHost:8000/v1",
        "http://[::1]:8000",
        "https://[0:0:0:0:0:0:0:1]/v1",
        "http://[0000::0001]/v1",
    ],
)
@pytest.mark.parametrize("name", ["http_proxy", "https_proxy", "all_proxy"])
@pytest.mark.parametrize("spell", [str.lower, str.upper])
def test_an_address_on_this_machine_has_no_proxy_ever(
    url: str, name: str, spell: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(spell(name), "http://proxy.example.com:3128")
    monkeypatch.setenv("no_proxy", "")
    assert check_base_url(url)
    assert find_proxy(url) is None


@pytest.mark.parametrize(
    "host",
    [
        *("localhost.", "localhost.localdomain", "a.localhost", "127.1", "2130706433", "0x7f.0.0.1", "017700000001"),
        *("[::]", "[::ffff:127.0.0.1]", "127.0.0.1.example.com", "localhost.example.com", "[::2]"),
    ],
)
def test_a_name_that_may_be_another_machine_gets_no_key_in_clear(host: str) -> None:
    try:
        check_base_url(f"http://{host}:8000/v1")
    except ConfigurationError as refusal:
        assert "would send the API key unencrypted" in str(refusal)  # noqa: PT017 - some may be admitted
    else:
        assert find_proxy(f"http://{host}:8000/v1") is None


@both
@pytest.mark.parametrize(
    "value",
    [
        f"http://me:{SECRET}@proxy:port",
        f"http://me:{SECRET}@proxy:99999",
        f"http://me:{SECRET}@proxy:0",
        f"http://me:{SECRET}@",
        f"http://me:{SECRET}@[::1",
        f"ftp://me:{SECRET}@proxy",
        f"http://me:{SECRET}@pro xy",
        "socks5://",
        "http://pröxy",
    ],
)
@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_what_is_no_proxy_is_one_sentence(
    kind: type[ClientBase], name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as caught:
        kind("id", "key")
    assert str(caught.value) == (
        f"{name} is not the address of a proxy. Give one such as http://proxy.example.com:3128, or unset it."
    )
    assert caught.value.__cause__ is None


@both
@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
def test_a_socks_proxy_without_its_package_is_one_sentence(
    kind: type[ClientBase], scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "find_spec", lambda name: None)
    monkeypatch.setenv("ALL_PROXY", f"{scheme}://me:{SECRET}@proxy:1080")
    with pytest.raises(ConfigurationError) as caught:
        kind("id", "key")
    assert str(caught.value) == (
        "ALL_PROXY names a SOCKS proxy, which needs the package socksio. Run pip install socksio, or name an HTTP "
        "proxy."
    )
    monkeypatch.setattr(environment, "find_spec", lambda name: object())
    assert find_proxy(PRODUCTION_URL) == ProxyServer(f"{scheme}://proxy:1080", ("me", Secret(SECRET)))


@both
@pytest.mark.parametrize(("name", "what"), [("SSL_CERT_FILE", "file"), ("SSL_CERT_DIR", "directory")])
def test_certificates_that_are_not_there_are_one_sentence(
    kind: type[ClientBase], name: str, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "/nowhere/ca.pem")
    with pytest.raises(ConfigurationError) as caught:
        kind("id", "key")
    assert str(caught.value) == (
        f"{name}='/nowhere/ca.pem' is not a {what}. Name one with certificates to trust, or unset it."
    )
    assert kind("id", "key", base_url="http://127.0.0.1:8000/v1") is not None, "plain http needs no certificates"


@both
def test_a_file_without_certificates_is_one_sentence(
    kind: type[ClientBase], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "ca.pem"
    path.write_text("no certificate\n")
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with pytest.raises(ConfigurationError) as caught:
        kind("id", "key")
    assert str(caught.value).startswith(f"SSL_CERT_FILE='{path}' cannot be used (")
    assert str(caught.value).endswith("). Name a file with certificates to trust, in PEM, or unset it.")
    assert "\n" not in str(caught.value)


def test_the_file_is_taken_before_the_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    assert tls_context() is tls_context()
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
    monkeypatch.setattr(environment, "_tls", PerProcess(environment._make_tls_context))
    with pytest.raises(ConfigurationError, match="SSL_CERT_FILE="):
        tls_context()
