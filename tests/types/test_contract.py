"""Models and parameters against the vendor's contract: its names in snake case, and nothing else without a reason.

`tests/sandbox/vendor_facts.toml` holds what the contract says. A difference without a reason fails, and so does a
reason without a difference.
"""

from __future__ import annotations

import inspect
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, get_args

import pytest

from sonnys_data_client import SonnysClient, types
from sonnys_data_client.client.catalog import Entry, catalog
from sonnys_data_client.types import JobData, Record, TransactionJobItem
from sonnys_data_client.types.record import RespeltRecord

FACTS: dict[str, dict[str, list[str]]] = tomllib.loads(
    (Path(__file__).parents[1] / "sandbox" / "vendor_facts.toml").read_text()
)
JOB_PATH = "/transaction/get-job-data"
ENVELOPE = {"offset", "limit", "total"}
"""Fields of a list's reply beside its rows."""

_PLAN = "the contract's schema of a job's rows has it, to which no reply refers; absent live"
FIELDS = {
    "- *discount[].discount": "`discount[].discount` twice would confuse: the inner one is `discount_amount`",
    "+ *discount[].discount_amount": "the contract's `discount`, which live replies spell `discountAmount`",
    "+ employees.clock_entries employee_id": "from the request: the reply does not repeat whose entries they are",
    "+ transactions.load_job is_recurring_plan_sale": _PLAN,
    "+ transactions.load_job is_recurring_plan_redemption": _PLAN,
    "+ transactions.load_job transaction_status": _PLAN,
}
"""Fields that only the contract has (`-`) or only the model (`+`), and why."""

TYPES = {
    "sales_outcomes.list *": "the contract sends all of them as text",
    "washbooks.list* balance": "text in the list, a number in the detail",
    "items.list price_at_site": "money as text",
    "items.list cost_per_item": "money as text",
    "transactions.* items[].quantity": "a part of an item can be sold; so any number is read, and exactly",
    "transactions.get_job_data data": "raw rows, and anything where the job did not pass",
}
"""Fields whose type differs from the contract's, and why."""

_OURS = "ours: the start of a walk through all sign-ups, which takes the place of dates"
PARAMETERS = {
    "+ *.list_all* since": _OURS,
    "- *.list_all* startDate": _OURS,
    "- *.list_all* endDate": _OURS,
    "- recurring.list_all* recurringAccountStatus": "the server filters by the status at the end of each part",
    "+ employees.list limit": "the contract names no paging for the list, but its reply has it",
    "+ employees.list offset": "the contract names no paging for the list, but its reply has it",
    "+ employees.clock_entries site": "ours: the server ignores the site header, so rows are filtered here",
}
"""Parameters that only the contract has (`-`) or only the call (`+`), and why."""


def snake_case(path: str) -> str:
    """Write each name of a path in snake case."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", path).lower()


def contract(entry: Entry) -> dict[str, str]:
    """Return the contract's fields of one row or object of an operation, with their types."""
    lines = [line.split(" ", 1) for line in FACTS[f"GET {entry.path}"]["data"]]
    found = {path: kind for path, kind in lines if path not in ENVELOPE} if entry.gives_rows else dict(lines)
    if not entry.gives_rows:
        return found
    key = next(iter(found))
    rows = below(found, f"{key}[].")
    entries = below(rows, "clockEntries[].")
    if entries:
        rows = {path: kind for path, kind in rows.items() if not path.startswith("clockEntries")} | entries
    return rows


def below(fields: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {path.removeprefix(prefix): kind for path, kind in fields.items() if path.startswith(prefix)}


def ours(model: type[Record], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Return the fields of a model and of the records inside it, by our names."""
    for name, info in model.model_fields.items():
        yield prefix + name, info.annotation
        for inner in (info.annotation, *get_args(info.annotation)):
            if inspect.isclass(inner) and issubclass(inner, Record):
                yield from ours(inner, f"{prefix}{name}{'[]' if tuple in kinds(info.annotation) else ''}.")


def kinds(annotation: Any) -> set[Any]:
    """Return the classes that a value may have, without None."""
    if origin := getattr(annotation, "__origin__", None):
        return {origin}
    return {kind for kind in get_args(annotation) or (annotation,) if kind is not type(None)}


def fits(contract: str, annotation: Any) -> bool:
    """Return whether a field of this annotation can hold a contract's type. Text may be an instant or a day."""
    allowed: dict[str, tuple[Any, ...]] = {
        "string": (str, datetime, date),
        "boolean": (bool,),
        "integer": (int,),
        "number": (int, Decimal),
        "array": (tuple,),
        "object": (Record,),
        "any": (object,),
    }
    wanted = allowed[contract.removesuffix(" or null")]
    return all(issubclass(kind, wanted) and (kind is not bool or bool in wanted) for kind in kinds(annotation))


def cases() -> Iterator[tuple[str, dict[str, str], type[Record]]]:
    """Return each call with the contract's fields of its rows, and their model."""
    for entry in catalog():
        yield f"{entry.resource}.{entry.name}", contract(entry), entry.model
    job = dict(line.split(" ", 1) for line in FACTS[f"GET {JOB_PATH}"]["data"])
    yield "transactions.load_job", below(job, "data[]."), TransactionJobItem
    yield "transactions.get_job_data", {path: kind for path, kind in job.items() if "[" not in path}, JobData


def held_against(reasons: Mapping[str, str], found: list[str]) -> None:
    unexplained = [each for each in found if not any(fnmatchcase(each, escaped(pattern)) for pattern in reasons)]
    assert not unexplained, "\n".join(unexplained)
    idle = [pattern for pattern in reasons if not any(fnmatchcase(each, escaped(pattern)) for each in found)]
    assert not idle, "\n".join(idle)


def escaped(pattern: str) -> str:
    """Escape the brackets of a pattern."""
    return pattern.replace("[", "[[]")


def test_every_field_has_the_contracts_name_or_a_reason() -> None:
    found: list[str] = []
    for call, theirs, model in cases():
        named, own = {snake_case(path) for path in theirs}, {path for path, _ in ours(model)}
        found += [f"- {call} {path}" for path in sorted(named - own)]
        found += [f"+ {call} {path}" for path in sorted(own - named)]
    held_against(FIELDS, found)


def test_every_field_has_the_contracts_type_or_a_reason() -> None:
    found: list[str] = []
    for call, theirs, model in cases():
        own = dict(ours(model))
        named = {snake_case(path): kind for path, kind in theirs.items()}
        found += [f"{call} {path}" for path, kind in named.items() if path in own and not fits(kind, own[path])]
    held_against(TYPES, found)


def test_every_operation_of_the_contract_is_a_call() -> None:
    jobs = {"POST /transaction/load-job", f"GET {JOB_PATH}"}
    assert {f"GET {entry.path}" for entry in catalog()} | jobs == FACTS.keys()


def test_a_field_that_live_replies_spell_otherwise_has_the_contracts_name() -> None:
    models = [found for found in vars(types).values() if inspect.isclass(found) and issubclass(found, RespeltRecord)]
    assert len(models) >= 4
    for model in models:
        names = {info.serialization_alias for info in model.model_fields.values()}
        assert set(model.other_spellings.values()) <= names
        assert not set(model.other_spellings) & names


def parameters(entry: Entry, place: str) -> list[str]:
    facts = [line.split(" ") for line in FACTS[f"GET {entry.path}"]["parameters"]]
    return [name for where, name, *_ in facts if where == place]


def test_every_parameter_has_the_contracts_name_or_a_reason() -> None:
    found: list[str] = []
    for entry in catalog():
        theirs = {*parameters(entry, "query"), *parameters(entry, "path")}
        own = {parameter.name for parameter in entry.parameters}
        found += [f"- {entry.resource}.{entry.name} {name}" for name in sorted(theirs - own)]
        found += [f"+ {entry.resource}.{entry.name} {name}" for name in sorted(own - theirs)]
    held_against(PARAMETERS, found)


@pytest.mark.parametrize("entry", catalog(), ids=lambda entry: f"{entry.resource}.{entry.name}")
def test_an_argument_in_the_path_is_positional_and_has_the_contracts_name(entry: Entry) -> None:
    method = getattr(getattr(SonnysClient("id", "key"), entry.resource), entry.name)
    by_place = [
        name
        for name, parameter in inspect.signature(method).parameters.items()
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD
    ]
    assert by_place == parameters(entry, "path")
