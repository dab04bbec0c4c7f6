"""Any request: what may be sent, and that the API key is in no URL and no message."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from sonnys_data_client.endpoints.any_request import any_request, send_any
from sonnys_data_client.endpoints.context import Context
from sonnys_data_client.engine.call import CallPolicy
from sonnys_data_client.engine.wire import Request, Response
from sonnys_data_client.errors import NotFoundError, UnexpectedResponseError, ValidationError
from sonnys_data_client.secret import Secret
from tests.engine.flows import play, refused, served

KEY = "s3cr/et-key"


def made(method: Any = "GET", path: Any = "/site/list", params: Any = None, key: str = KEY) -> Request:
    return any_request(method, path, params, Secret(key))


def refusal(method: Any = "GET", path: Any = "/site/list", params: Any = None, key: str = KEY) -> str:
    with pytest.raises(ValidationError) as caught:
        made(method, path, params, key)
    return str(caught.value)


def test_parameters_are_written_as_text_in_their_order_and_none_is_left_out() -> None:
    params = {"site": "MAIN", "startDate": 1_772_928_000, "rate": 1.5, "endDate": None}
    assert made("POST", "/transaction/load-job", params) == Request(
        "POST", "/transaction/load-job", (("site", "MAIN"), ("startDate", "1772928000"), ("rate", "1.5"))
    )
    assert made() == Request("GET", "/site/list")
    assert made(path="/transaction/876:1001").path == "/transaction/876:1001"


@pytest.mark.parametrize("method", ["get", "PUT", "DELETE", "", None, 5])
def test_another_method_is_refused(method: Any) -> None:
    assert refusal(method) == f"method={method!r} must be one of GET, POST."


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "site/list",
        "https://elsewhere.example/site/list",
        "//elsewhere.example/site/list",
        "/site//list",
        "/site/list/",
        "/site/list?limit=5",
        "/site/list#top",
        "/site list",
        "/site\\list",
        "/site/list\r\nX-Evil: 1",
    ],
)
def test_a_path_that_is_no_path_below_the_base_url_is_refused(path: str) -> None:
    assert refusal(path=path).startswith(f"path={path!r} must be a path that begins with one slash, such as ")


@pytest.mark.parametrize("path", ["/..", "/../admin", "/site/./list", "/site/%2e%2E/list"])
def test_a_path_that_climbs_is_refused(path: str) -> None:
    assert refusal(path=path) == f"path={path!r} leaves base_url. Leave '.' and '..' out."


def test_a_path_is_text() -> None:
    assert refusal(path=None) == "path=None must be text, such as '/site/list'."


@pytest.mark.parametrize(("value", "kind"), [(True, "bool"), (["A"], "list"), ({}, "dict"), (object(), "object")])
def test_a_parameter_is_text_or_a_number(value: Any, kind: str) -> None:
    assert refusal(params={"site": value}).startswith(
        f"params['site'] is a {kind}; it must be text or a number. Write it as the API wants it"
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_parameter_is_finite(value: float) -> None:
    assert refusal(params={"site": value}) == f"params['site']={value} must be a finite number."


@pytest.mark.parametrize("name", ["", " ", 5, None])
def test_a_parameters_name_is_text(name: Any) -> None:
    assert refusal(params={name: "x"}).startswith("params holds a name that is not text. ")


@pytest.mark.parametrize(
    "arguments",
    [
        {"method": f"GET {KEY}"},
        {"path": f"/site/{KEY}"},
        {"path": f"/site/{quote(KEY, safe='')}"},
        {"path": f"/site/list?key={KEY}"},
        {"params": {"site": f"x{KEY}"}},
        {"params": {KEY: "x"}},
        {"params": {"site": "short"}, "key": "short"},
        {"params": {"apiKey": "another-account-s"}},
        {"params": {"X-Sonnys-API-Key": "another-account-s"}},
    ],
)
def test_a_key_is_in_no_url_and_no_message(arguments: dict[str, Any]) -> None:
    message = refusal(**arguments)
    assert not [secret for secret in (KEY, "short", "another-account-s") if secret in message]


def test_a_short_key_is_no_part_of_a_longer_word() -> None:
    assert made(path="/site/list", key="s").path == "/site/list"


def test_the_reply_comes_decoded_or_as_our_error() -> None:
    context, request = Context(CallPolicy(max_retries=0)), made()
    assert play(send_any(context, request), [served({"sites": []})]).got() == {"data": {"sites": []}}
    gone = play(send_any(context, request), [refused(404, "EntityNotFoundError", "No.")])
    assert isinstance(gone.error, NotFoundError)
    odd = play(send_any(context, request), [Response(200, b"[1]")])
    assert isinstance(odd.error, UnexpectedResponseError)
