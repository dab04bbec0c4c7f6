"""Every operation of both clients returns the world's true rows, however an open question is answered.

Where quirks make it impossible to read a list whole, it must say so, and carry only true rows.
"""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import Any

import pytest

from sonnys_data_client.client.catalog import catalog, find
from sonnys_data_client.errors import IncompleteError, PayloadValidationError, SonnysError
from sonnys_data_client.sandbox import Quirks, Sandbox, SandboxConfig
from sonnys_data_client.testing.client import SimulatedClient
from tests.client.virtual import VirtualClient, play
from tests.proof.details import details
from tests.proof.records import TRUTHS, Truth, world
from tests.proof.truth import START, assert_throttled

Variant = tuple[str, Any]

OF_JOBS_ALONE = {
    "submit_method",
    "wrong_submit",
    "job_limit",
    "empty_job_nulls",
    "omit_job_flags",
    "working_data",
    "fail_data",
    "hash_in_body",
    "sticky_failures",
    "discount_key",
    "discount_amount_key",
}
"""Quirks that concern batch jobs only: `test_quirks` tries them."""
VARIANTS = [variant for variant in Quirks.variants() if variant[0] not in OF_JOBS_ALONE]
SHAPES = {"end", "order", "totals", "granted_limit", "offset", "employee_pages", "site_required", "empty_site"}
"""Quirks that change which rows come on which page, and in how many requests. They are tried in pairs, too."""
PAIRS = [
    (one, other)
    for one, other in combinations([variant for variant in VARIANTS if variant[0] in SHAPES], 2)
    if one[0] != other[0]
]
QUICK = {"giftcards", "employees", "items", "recurring", "sites"}


def sandbox(*variants: Variant) -> Sandbox:
    return Sandbox(SandboxConfig(quirks=Quirks(**dict(variants))), world=world())


def outcomes_sync(box: Sandbox, truths: list[Truth]) -> list[Any]:
    client = SimulatedClient(box, start=START, timezone="UTC")
    found: list[Any] = []
    for truth in truths:
        try:
            found.append(find(truth.resource, truth.name).call(client, **truth.values))
        except SonnysError as error:
            found.append(error)
    return found


def outcomes_async(box: Sandbox, truths: list[Truth]) -> list[Any]:
    found: list[Any] = []

    async def story(client: VirtualClient) -> None:
        for truth in truths:
            try:
                found.append(await find(truth.resource, truth.name).call(client, **truth.values))
            except SonnysError as error:
                found.append(error)

    play(box, story)
    return found


def judge(truth: Truth, outcome: Any, quirks: Quirks, *, may_fail: bool = False) -> None:
    """Compare what came with the truth. With `may_fail`, any error will do if its rows are true."""
    rows: list[Any] = getattr(outcome, "rows", []) if isinstance(outcome, SonnysError) else outcome
    came = Counter(part for row in rows for part in _parts(truth.shown(row)))
    due = Counter(truth.rows(quirks))
    assert came <= due, f"{truth}: {list(came - due)[:3]} do not belong"
    if isinstance(outcome, SonnysError):
        assert may_fail or _quirks_forbid(truth, outcome, quirks), f"{truth}: {outcome}"
    else:
        assert came == due, f"{truth}: {list(due - came)[:3]} are missing"


def _parts(shown: Any) -> list[Any]:
    return shown if isinstance(shown, list) else [shown]


def _quirks_forbid(truth: Truth, error: SonnysError, quirks: Quirks) -> bool:
    """Whether the quirks make it impossible to read all rows, and the error says so."""
    if quirks.offset == "ignored" and isinstance(error, IncompleteError):
        return True
    if quirks.site_required and quirks.empty_site == "ignored" and isinstance(error, IncompleteError):
        return "at the site without a code" in error.gaps[0]
    old = quirks.signup_history == "six_months" and isinstance(error, PayloadValidationError)
    return old and (
        truth.name.startswith("list_all") or truth.name == "list_modifications" or truth.resource == "washbooks"
    )


def show_details(*variants: Variant) -> None:
    """Compare one detail of each resource with the world, in both clients."""
    client = SimulatedClient(sandbox(*variants), start=START, timezone="UTC")
    found = [find(detail.resource, "get").call(client, **detail.values) for detail in details()]

    async def story(other: VirtualClient) -> None:
        for detail, row in zip(details(), found, strict=True):
            assert await find(detail.resource, "get").call(other, **detail.values) == row

    play(sandbox(*variants), story)
    for detail, row in zip(details(), found, strict=True):
        assert [detail.shown(row)] == list(detail.rows(Quirks(**dict(variants)))), detail.resource


def show(truths: list[Truth], *variants: Variant) -> None:
    quirks = Quirks(**dict(variants))
    for read in (outcomes_sync, outcomes_async):
        box = sandbox(*variants)
        for truth, outcome in zip(truths, read(box, truths), strict=True):
            judge(truth, outcome, quirks)
        assert_throttled(box)


def test_every_list_has_its_truth() -> None:
    lists = {(entry.resource, entry.name) for entry in catalog() if entry.gives_rows}
    assert {(truth.resource, truth.name) for truth in TRUTHS} == lists


@pytest.mark.parametrize("truth", TRUTHS, ids=str)
def test_as_things_most_likely_are(truth: Truth) -> None:
    show([truth])


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: f"{variant[0]}={variant[1]}")
def test_one_quirk(variant: Variant) -> None:
    show(TRUTHS, variant)
    show_details(variant)


def test_details_as_things_most_likely_are() -> None:
    show_details()
    assert {detail.resource for detail in details()} == {each.resource for each in catalog() if each.name == "get"}


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: "-".join(f"{name}={value}" for name, value in pair))
def test_two_quirks(pair: tuple[Variant, Variant]) -> None:
    show([truth for truth in TRUTHS if truth.resource in QUICK], *pair)


@pytest.mark.parametrize("clock_site", ["ignored", "honoured"])
def test_clock_entries_of_one_site_whether_or_not_the_server_heeds_the_header(clock_site: Any) -> None:
    box = sandbox(("clock_site", clock_site))
    (truth,) = [truth for truth in TRUTHS if truth.name == "clock_entries"]
    rows = SimulatedClient(box, start=START, site_code="NORTH", timezone="UTC").employees.clock_entries(**truth.values)
    due = [row for row in truth.rows(Quirks()) if "NORTH" in row]
    assert Counter(map(truth.shown, rows)) == Counter(due)
    assert due
