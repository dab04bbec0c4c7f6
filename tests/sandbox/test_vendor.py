"""The sandbox's description against the vendor's contract: paths, parameters, and the keys and types of replies.

`vendor_facts.toml` holds what the contract says. Every difference is named below, with its reason. A difference without
a reason fails, and so does a reason without a difference. In comparisons, null is a type, too.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from sonnys_data_client.sandbox import Quirks, Sandbox, SandboxConfig

VENDOR: dict[str, dict[str, list[str]]] = tomllib.loads((Path(__file__).parent / "vendor_facts.toml").read_text())

AS_IN_THE_CONTRACT = Quirks(none_as="null", blank_code="null", modification_keys="long", clock_dates="epoch")
"""Where users saw something else than the contract says, and a quirk has both answers: the contract's answer."""

DIFFERENCES = {
    "+ *: header X-Sonnys-Site-Code string": "S: the header may be sent to every endpoint; the contract forgets some",
    "? GET /transaction/get-job-data: query hash string -> string required": "without a hash there is nothing to fetch",
    "? GET /transaction/get-job-data: offset integer -> integer or null": "L: an empty job has null",
    "? GET /transaction/get-job-data: limit integer -> integer or null": "L: an empty job has null",
    "? GET /transaction/get-job-data: total integer -> integer or null": "L: an empty job has null",
    "? GET /customer: customers[].modifiedDate string -> string or null": "L: null though not declared so",
    "? GET /customer/{customer_id}: companyName string -> string or null": "L: null though not declared so",
    "? GET /customer/{customer_id}: loyaltyNumber string -> string or null": "L: null though not declared so",
    "? GET /employee/{employee_id}: startDateChange any -> string or null": "L: null though not declared so",
    "? GET /giftcard-liablilty: giftcards[].completeDate string -> string or null": "L: null though not declared so",
}
"""Patterns of differences, each with its reason: `-` only the contract has it, `+` only the sandbox, `?` other type."""


def ours(quirks: Quirks) -> dict[str, dict[str, list[str]]]:
    document = Sandbox(SandboxConfig(quirks=quirks)).description()
    found: dict[str, dict[str, list[str]]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            body = operation["responses"]["200"]["content"]["application/json"]["schema"]
            found[f"{method.upper()} {path}"] = {
                "parameters": [parameter_line(each) for each in operation["parameters"]],
                "data": list(lines(body["properties"]["data"], "", document)),
            }
    return found


def parameter_line(parameter: Mapping[str, Any]) -> str:
    required = " required" if parameter["required"] else ""
    return f"{parameter['in']} {parameter['name']} {types_of(parameter['schema'])[0]}{required}"


def types_of(schema: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """Return the type in words, and the schema without null."""
    options = [each for each in schema.get("anyOf", [schema]) if each.get("type") != "null"]
    words = sorted({each.get("type", "string") for each in options})
    has_null = len(options) < len(schema.get("anyOf", [schema]))
    return " or ".join([*words, *(["null"] if has_null else [])]), options[0]


def lines(schema: Mapping[str, Any], path: str, document: Mapping[str, Any]) -> Iterator[str]:
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    type, inner = types_of(schema)
    if inner.get("type") == "object":
        if path and not path.endswith("[]"):
            yield f"{path} {type}"
        for key, value in inner["properties"].items():
            yield from lines(value, f"{path}.{key}" if path else key, document)
        return
    yield f"{path} {type}"
    if inner.get("type") == "array":
        yield from lines(inner["items"], f"{path}[]", document)


def differences(quirks: Quirks) -> list[str]:
    sandbox = ours(quirks)
    found = [f"- {name}" for name in VENDOR.keys() - sandbox] + [f"+ {name}" for name in sandbox.keys() - VENDOR]
    for name in VENDOR.keys() & sandbox:
        theirs, own = by_key(VENDOR[name]), by_key(sandbox[name])
        found += [f"- {name}: {key} {theirs[key]}" for key in theirs.keys() - own]
        found += [f"+ {name}: {key} {own[key]}" for key in own.keys() - theirs]
        both = theirs.keys() & own
        found += [f"? {name}: {key} {theirs[key]} -> {own[key]}" for key in both if not fits(own[key], theirs[key])]
    return sorted(found)


def by_key(operation: Mapping[str, list[str]]) -> dict[str, str]:
    """Return the types by key. The key of a parameter has two words: where it is sent, and its name."""
    parameters = (line.split(" ", 2) for line in operation["parameters"])
    fields = (line.split(" ", 1) for line in operation["data"])
    return {f"{place} {name}": type for place, name, type in parameters} | dict(fields)


def fits(own: str, theirs: str) -> bool:
    """Return whether a type is the contract's or a narrower one. Whole numbers are numbers; an open type allows all."""
    if theirs.startswith("any"):
        return own.endswith(" or null") == theirs.endswith(" or null")
    return theirs in {own, own.replace("integer", "number")}


def test_every_difference_has_its_reason_and_every_reason_its_difference() -> None:
    found = differences(AS_IN_THE_CONTRACT)
    unexplained = [each for each in found if not any(fnmatchcase(each, pattern) for pattern in DIFFERENCES)]
    assert not unexplained, "\n".join(unexplained)
    idle = [pattern for pattern in DIFFERENCES if not any(fnmatchcase(each, pattern) for each in found)]
    assert not idle, "\n".join(idle)


def test_types_are_narrowed_but_not_widened() -> None:
    assert fits("integer", "number")
    assert not fits("number", "integer")
    assert fits("string", "any")
    assert not fits("string or null", "string")
    assert not fits("integer required", "number")


def test_the_table_holds_the_whole_contract() -> None:
    assert len(VENDOR) == 22
    assert {method for method, _, _ in (name.partition(" ") for name in VENDOR)} == {"GET", "POST"}
    assert all(operation["parameters"] and operation["data"] for operation in VENDOR.values())
