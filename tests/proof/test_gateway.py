"""Whatever becomes of one reply, the rows are exact, or an error says what is wrong: nothing is lost in silence.

Every seed draws an operation, a client (sync or async), a reply of those that the operation gets, and a change. What
may come instead of the exact rows:

- an error of ours, whose rows are true but for the one that was changed;
- the same number of rows, one of them with another value: nobody can tell it from one that the server meant;
- fewer rows, if the reply became one of the forms of "no results";
- other rows of that reply, in the lists `WITHOUT_IDS`: see `docs/lists.md`, what rows rest on.

Time is virtual.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import pytest

from sonnys_data_client.client.catalog import find
from sonnys_data_client.errors import SonnysError
from sonnys_data_client.sandbox import SandboxConfig
from sonnys_data_client.sandbox.world.protocol import World
from sonnys_data_client.testing.client import SimulatedClient
from sonnys_data_client.text import harmless
from tests.client.virtual import VirtualClient, play
from tests.proof import truth
from tests.proof.details import details
from tests.proof.gateway import Gateway
from tests.proof.records import TRUTHS, world
from tests.proof.truth import DAY, START

SEEDS = 3_000
CHUNKS = 50
REQUESTS_MORE = 400

WITHOUT_IDS = {
    "giftcards.list",
    "items.list",
    "sales_outcomes.list",
    "recurring.list_status_changes",
    "recurring.list_modifications",
    "sites.list",
    "employees.clock_entries",
}
"""Lists whose replies have nothing that tells a row that comes twice from two rows."""
UNTOLD = "nothing tells"
UNTOLD_MAX = 0.15
"""Most of 60 changes, as a share; on average it is 3 in 100. Without this line, a client that believes everything
would pass."""


Call = Callable[[Any], Any]


def _load(client: Any) -> Any:
    return client.transactions.load_job(startDate=DAY, endDate=DAY)


@cache
def calls() -> dict[str, tuple[Call, World]]:
    """All operations by name, and the world in which each is tried."""
    found: dict[str, tuple[Call, World]] = {
        str(each): (partial(find(each.resource, each.name).call, **each.values), world())
        for each in (*TRUTHS, *details())
    }
    return {**found, "transactions.load_job": (_load, truth.world())}


def outcome_of(call: Call, box: Gateway, *, is_async: bool) -> Any:
    """Return what a client returns or raises."""
    if is_async:

        async def story(client: VirtualClient) -> Any:
            return await call(client)

        try:
            return play(box, story)
        except SonnysError as error:
            return error
    try:
        return call(SimulatedClient(box, start=START, timezone="UTC"))
    except SonnysError as error:
        return error


def rows_of(outcome: Any) -> list[Any]:
    """Return the rows of an outcome; a detail is a row."""
    rows = getattr(outcome, "rows", []) if isinstance(outcome, SonnysError) else outcome
    return list(rows) if isinstance(rows, list | tuple) else [rows]


@cache
def undisturbed(name: str, *, is_async: bool) -> tuple[list[Any], int]:
    """Return the exact rows, and the number of replies that they took."""
    call, world = calls()[name]
    box = Gateway(SandboxConfig(), world, seed=0, replies=1)
    box.leave_alone()
    rows = rows_of(outcome_of(call, box, is_async=is_async))
    assert rows, name
    return rows, box.seen


def judge(seed: int) -> str:
    """Try one change; returns `exact`, `changed`, `UNTOLD` or the kind of the error."""
    names = list(calls())
    name, is_async = names[seed % len(names)], seed // len(names) % 2 == 1
    due, replies = undisturbed(name, is_async=is_async)
    call, world = calls()[name]
    box = Gateway(SandboxConfig(), world, seed=seed, replies=replies)
    outcome = outcome_of(call, box, is_async=is_async)
    came = Counter(map(repr, rows_of(outcome)))
    true = Counter(map(repr, due))
    about = f"seed {seed}, {name}{' (async)' * is_async}, {box.changed}"
    assert box.seen <= replies + REQUESTS_MORE, f"{about}: {box.seen} requests instead of {replies}"
    for row in rows_of(outcome):
        assert json.dumps(row.to_api(), default=str, ensure_ascii=False).encode(), f"{about}: no file can hold it"
    if isinstance(outcome, SonnysError):
        assert harmless(str(outcome)) == str(outcome), f"{about}: an error that gives a terminal orders"
        assert (came - true).total() <= box.changes, f"{about}: {type(outcome).__name__} with rows that are not true"
        return type(outcome).__name__
    if came == true:
        return "exact"
    lost, more = (true - came).total(), (came - true).total()
    about += f": {lost} rows lost, {more} more"
    for detail in details():
        if str(detail) == name:
            id_ = outcome.employee_id if detail.resource == "employees" else outcome.id
            assert [str(id_)] == [*map(str, detail.values.values())], f"{about}: another object"
    if 1 <= lost == more <= box.changes and (box.within_a_row or name.endswith(".get")):
        return "changed"
    assert (box.has_nothing and more == 0) or (name in WITHOUT_IDS and max(lost, more) <= box.rows), about
    return UNTOLD


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_nothing_is_lost_in_silence(chunk: int) -> None:
    problems: list[str] = []
    found: list[str] = []
    for seed in range(chunk, SEEDS, CHUNKS):
        try:
            found.append(judge(seed))
        except AssertionError as error:
            problems.append(str(error).partition("\nassert")[0])
        except Exception as error:  # noqa: BLE001 - any error that is not ours is a finding
            problems.append(f"seed {seed}: {error!r}")
    assert not problems, "\n".join(["", *problems])
    assert found.count(UNTOLD) <= UNTOLD_MAX * len(found)
    assert found.count("exact") > len(found) / 4, "or else the test shows little"
