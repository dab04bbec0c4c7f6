"""The shapes of errors."""

from __future__ import annotations

import json

from sonnys_data_client.sandbox.replies import Refusal, as_json, invalid, not_found, ok


def test_a_422_has_a_list_of_messages_and_all_others_have_one() -> None:
    reply = invalid("a is bad.", "b is bad.").response()
    assert reply.status == 422
    assert json.loads(reply.body) == {
        "type": "PayloadValidationError",
        "messages": ["a is bad.", "b is bad."],
    }
    reply = not_found("job with this hash").response()
    assert reply.status == 404
    assert json.loads(reply.body) == {
        "type": "EntityNotFoundError",
        "message": "No job with this hash was found.",
    }


def test_headers_and_further_fields_are_added() -> None:
    reply = Refusal(500, "ServerUnexpectedFailure", "x", headers={"a": "b"}, more={"code": "C1"}).response()
    assert dict(reply.headers) == {"content-type": "application/json", "a": "b"}
    assert json.loads(reply.body)["code"] == "C1"


def test_bodies_are_compact_json_in_utf_8() -> None:
    assert as_json({"n": ["é", 1, None]}) == '{"n":["é",1,null]}'.encode()
    reply = ok(b"{}")
    assert (reply.status, reply.body, dict(reply.headers)) == (
        200,
        b"{}",
        {"content-type": "application/json"},
    )
