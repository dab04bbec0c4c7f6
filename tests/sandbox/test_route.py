"""Routes as data: a new endpoint needs a path, parameters and a function."""

from __future__ import annotations

import pytest

from sonnys_data_client.engine.wire import Request
from sonnys_data_client.sandbox import ApiAccount
from sonnys_data_client.sandbox.office import Office
from sonnys_data_client.sandbox.replies import Refusal
from sonnys_data_client.sandbox.route import Call, Param, Route, Router
from tests.sandbox.rig import NOW, SandboxRig, refusal

SIZE: Param[int] = Param("size", int, lambda _now: 7)
NAME: Param[str] = Param("name", str, None)
COLOUR: Param[str] = Param("colour", str, None)


def hello(call: Call, office: Office) -> bytes:
    colour: str | None = call.get(COLOUR)
    return f"{call[NAME]} {call[SIZE]} {call.path_args.get('id')} {colour}".encode()


ROUTES = [
    Route(("GET",), "/thing/{id}", hello, {}, (SIZE, NAME)),
    Route(("GET",), "/thing/list", hello, {}, (SIZE, NAME)),
    Route(("POST",), "/thing/{id}/part/{part}", hello, {}, (NAME,), wrong_method=404),
]


def serve(method: str, path: str, *query: tuple[str, str]) -> bytes:
    call = Call(ApiAccount(), None, Request(method, path, query), 1, NOW)
    route, call.path_args = Router(ROUTES).find(path)
    return route.serve(call, SandboxRig().sandbox._office)


def test_parameters_are_read_by_their_types_with_defaults_and_the_last_of_doubles_counts() -> None:
    assert serve("GET", "/thing/list", ("name", "ann")) == b"ann 7 None None"
    assert serve("GET", "/thing/list", ("name", "ann"), ("size", "3"), ("size", "4")) == b"ann 4 None None"
    assert serve("GET", "/thing/12:3", ("name", "ann"), ("colour", "red")) == b"ann 7 12:3 None"


def test_all_complaints_are_made_at_once() -> None:
    with pytest.raises(Refusal) as caught:
        serve("GET", "/thing/list", ("size", "x"))
    assert caught.value.status == 422
    assert len(caught.value.messages) == 2
    assert "name is required." in caught.value.messages


@pytest.mark.parametrize("path", ["/", "", "/thing", "/thing/", "/thing/1/2", "/thing/1/part/", "/THING/list"])
def test_a_path_without_a_route_is_not_found(path: str) -> None:
    with pytest.raises(Refusal) as caught:
        Router(ROUTES).find(path)
    assert caught.value.status == 404


def test_parts_of_a_path_are_told_apart() -> None:
    route, parts = Router(ROUTES).find("/thing/5/part/6:7")
    assert route is ROUTES[2]
    assert parts == {"id": "5", "part": "6:7"}


@pytest.mark.parametrize(("path", "status"), [("/thing/list", 405), ("/thing/1/part/2", 404)])
def test_another_method_is_refused_as_the_route_wants(path: str, status: int) -> None:
    with pytest.raises(Refusal) as caught:
        serve("PUT", path, ("name", "ann"))
    assert caught.value.status == status


def test_unknown_routes_and_methods_are_json_to_the_client() -> None:
    rig = SandboxRig()
    assert refusal(rig.ask("GET", "/customers"))[:2] == (404, "EntityNotFoundError")
    reply = rig.ask("DELETE", "/transaction")
    assert refusal(reply)[:2] == (405, "UnexpectedFailure")
    assert reply.headers["allow"] == "GET"
