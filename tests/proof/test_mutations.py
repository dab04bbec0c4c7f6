"""Valid replies of every list, each changed in one place by a seed: exact, or an error of ours, and never a flood.

Some changes nobody can notice: see `WEAK`, and what each list's docstring says that its completeness rests on.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import Any

import pytest

from sonnys_data_client.client.catalog import find
from sonnys_data_client.engine.wire import Request, Response
from sonnys_data_client.errors import SonnysError
from sonnys_data_client.sandbox import Quirks, SandboxConfig
from sonnys_data_client.testing.client import SimulatedClient
from tests.client.rig import Tampered
from tests.proof.records import TRUTHS, Truth, world
from tests.proof.test_resources import outcomes_async
from tests.proof.truth import START

SEEDS = 1000
CHUNKS = 50
ODD: list[Any] = [None, 0, -1, 1, 5, 99, 10**12, "", "x", [], {}, {"1": {}}, True, 2.5, "250"]
WEAK = {("sites", "list"), ("employees", "clock_entries")}
"""Lists whose replies have no count: what is missing from a reply cannot be noticed. Nothing may come twice."""
SAME_ROWS = {("items", "list")}
"""A list without ids: a reply whose rows and count change together cannot be noticed."""


class Mutated(Tampered):
    """Changes replies in one place, all of them or one in ten, and perhaps only once."""

    def __init__(self, seed: int) -> None:
        super().__init__(SandboxConfig(), world())
        self.dice = random.Random(seed)
        self.share = self.dice.choice([0.1, 0.5, 1.0])
        self.once = self.dice.random() < 0.5
        self.hits = 0
        self.tamper = self.change

    def change(self, request: Request, response: Response) -> Response:
        del request
        body = json.loads(response.body)
        data = body.get("data")
        if not isinstance(data, dict) or self.dice.random() >= self.share or (self.once and self.hits):
            return response
        self.hits += 1
        self._mutate(data)
        return Response(response.status, json.dumps(body).encode())

    def _mutate(self, data: dict[str, Any]) -> None:
        name = self.dice.choice([*data])
        rows = next(found for found in data.values() if isinstance(found, list))
        key = next(key for key in data if data[key] is rows)
        match self.dice.randrange(8):
            case 0 | 1 | 2 | 3:
                data[name] = self.dice.choice(ODD)
            case 4:
                del data[name]
            case 5:
                data[key] = {str(number): row for number, row in enumerate(rows, 1)}
            case 6 if rows:
                rows[self.dice.randrange(len(rows))] = self.dice.choice(ODD)
            case _:
                data["total"] = self.dice.choice([0, 1, -5, 10**6, 7])


def judge(truth: Truth, outcome: Any) -> None:
    """Compare what came with the truth."""
    if isinstance(outcome, SonnysError):
        return
    shown = (truth.shown(row) for row in outcome)
    came = Counter(part for each in shown for part in (each if isinstance(each, list) else [each]))
    due = Counter(truth.rows(Quirks()))
    name = (truth.resource, truth.name)
    assert came <= due or name in SAME_ROWS, list(came - due)[:3]
    assert came == due or name in WEAK | SAME_ROWS, list(due - came)[:3]


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_reply_changed_in_one_place_is_exact_or_an_error(chunk: int) -> None:
    for seed in range(chunk, SEEDS, CHUNKS):
        truth = TRUTHS[seed // CHUNKS % len(TRUTHS)]
        box = Mutated(seed)
        client = SimulatedClient(box, start=START, max_retries=1, timezone="UTC")
        try:
            outcome: Any = find(truth.resource, truth.name).call(client, **truth.values)
        except SonnysError as error:
            outcome = error
        try:
            judge(truth, outcome)
            assert len(box.log) <= 400
            if seed % 5 == 0:
                judge(truth, outcomes_async(Mutated(seed), [truth])[0])
        except AssertionError as error:
            raise AssertionError(f"seed {seed}, {truth}: {error}") from error
