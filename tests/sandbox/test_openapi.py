"""The description is made from the routes, and says what they take and return."""

from __future__ import annotations

from typing import Any

import pytest

from sonnys_data_client.sandbox import Quirks, Sandbox, SandboxConfig
from sonnys_data_client.sandbox.office import Office
from sonnys_data_client.sandbox.openapi import describe
from sonnys_data_client.sandbox.params import LIMIT, identifier
from sonnys_data_client.sandbox.route import Call, Param, Route
from sonnys_data_client.sandbox.shape import Field, Format, Shape

NAMED: Shape[Any] = Shape("Named", [Field("id", Format({"type": "string"}), "id"), Field("of", Format({}), "of")])
THING: Param[str | None] = identifier("thing_id", "a thing", is_in_path=True)
HASH: Param[str] = Param("hash", str, None)


def answer(_call: Call, _office: Office) -> bytes:
    return b""


def document(**quirks: Any) -> dict[str, Any]:
    return Sandbox(SandboxConfig(quirks=Quirks(**quirks))).description()


def test_an_operation_is_described_by_its_route() -> None:
    route = Route(("POST", "GET"), "/thing/{thing_id}", answer, {"$shape": NAMED}, (THING, LIMIT, HASH))
    made = describe([route], base_path="/x")
    assert made["servers"] == [{"url": "/x"}]
    operations = made["paths"]["/thing/{thing_id}"]
    assert operations.keys() == {"post", "get"}
    operation = operations["get"]
    assert operation["parameters"][:3] == [
        {"name": "thing_id", "in": "path", "required": True, "schema": THING.schema},
        {
            "name": "limit",
            "in": "query",
            "required": False,
            "schema": {"type": "integer", "minimum": 1, "maximum": 100},
        },
        {"name": "hash", "in": "query", "required": True, "schema": {"type": "string"}},
    ]
    assert [each["in"] for each in operation["parameters"][3:]] == ["header"] * 3
    body = operation["responses"]["200"]["content"]["application/json"]["schema"]
    assert body["properties"]["data"] == {"$ref": "#/components/schemas/Named"}
    assert made["components"]["schemas"]["Named"]["properties"].keys() == {"id", "of"}
    assert operations["post"]["operationId"] != operation["operationId"]


def test_a_name_stands_for_one_shape() -> None:
    other: Shape[Any] = Shape("Named", [Field("id", Format({}), "id"), Field("of", Format({}), "of")])
    routes = [Route(("GET",), f"/{n}", answer, {"$shape": shape}) for n, shape in enumerate((NAMED, other))]
    with pytest.raises(ValueError, match="Two different shapes are called Named"):
        describe(routes)


def test_every_route_and_every_refusal_is_there() -> None:
    made = document()
    assert len(made["paths"]) == 22
    for operations in made["paths"].values():
        for operation in operations.values():
            assert operation["responses"].keys() == {"200", "403", "404", "405", "422", "429", "500"}
    ids = [operation["operationId"] for operations in made["paths"].values() for operation in operations.values()]
    assert len(ids) == len(set(ids))


def test_quirks_change_the_description_as_they_change_the_replies() -> None:
    assert document() != document(extra_fields=True)
    assert "post" not in document(submit_method="get")["paths"]["/transaction/load-job"]
    row = document(unset_as="absent")["components"]["schemas"]["CustomerRow"]
    assert "modifiedDate" in row["properties"]
    assert "modifiedDate" not in row["required"]
