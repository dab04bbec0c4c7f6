"""Exports: which arguments are allowed, what the plan expects, and what the next plan learns."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Any, TypeVar

import pytest

from sonnys_data_client.endpoints.context import Context
from sonnys_data_client.endpoints.export import ExportAsk, plan_export, run_export
from sonnys_data_client.engine.call import CallPolicy
from sonnys_data_client.engine.effects import Deliver, Flow
from sonnys_data_client.engine.progress import Progress
from sonnys_data_client.engine.throttle import ThrottleLimits
from sonnys_data_client.engine.windows import DAY_S
from sonnys_data_client.errors import ValidationError
from sonnys_data_client.sandbox import API_ID, API_KEY, Sandbox, SandboxConfig
from sonnys_data_client.testing import Process, Simulation
from sonnys_data_client.throttles.process import ProcessThrottle

T = TypeVar("T")

START = datetime(2026, 4, 1, 12, tzinfo=UTC).timestamp()
FIRST = int(datetime(2026, 3, 8, tzinfo=UTC).timestamp())
HEADERS = {"x-sonnys-api-id": API_ID, "x-sonnys-api-key": API_KEY}


def asked(**changed: Any) -> ExportAsk:
    given: dict[str, Any] = {
        "start": "2026-03-08",
        "end": "2026-03-09",
        "sites": None,
        "timeout": 300.0,
        "max_in_flight": None,
    }
    return ExportAsk(**{**given, **changed})


def context(zone: tzinfo | None = UTC) -> Context:
    return Context(CallPolicy(), zone=zone)


def run(flow: Flow[T], sandbox: Sandbox | None = None) -> tuple[T, Process[T]]:
    simulation = Simulation(sandbox or Sandbox(SandboxConfig(sites=1, cars_per_day=40)), start=START)
    process = simulation.process(flow, ProcessThrottle(ThrottleLimits()), headers=HEADERS)
    simulation.run()
    if process.error is not None:
        raise process.error
    assert process.result is not None
    return process.result, process


SITES = "Pass one of the codes that client.sites.list() shows, or leave it out for all sites."


@pytest.mark.parametrize(
    ("argument", "value", "sentence"),
    [
        ("timeout", 0, "timeout=0 must be a number of seconds above 0."),
        ("timeout", "300", "timeout='300' must be a number of seconds above 0."),
        ("timeout", float("nan"), "timeout=nan must be a number of seconds above 0."),
        ("timeout", True, "timeout=True must be a number of seconds above 0."),
        ("max_in_flight", 0, "max_in_flight=0 must be a whole number from 1 up. None means no bound."),
        ("max_in_flight", 2.5, "max_in_flight=2.5 must be a whole number from 1 up. None means no bound."),
        ("max_in_flight", "8", "max_in_flight='8' must be a whole number from 1 up. None means no bound."),
        ("max_in_flight", True, "max_in_flight=True must be a whole number from 1 up. None means no bound."),
        ("sites", (), "sites=() must be a list of one site code or more. Pass None for all sites."),
        ("sites", "MAIN", "sites='MAIN' must be a list of site codes. Pass None for all sites."),
        ("sites", 5, "sites=5 must be a list of site codes. Pass None for all sites."),
        ("sites", ["MAIN", 5], f"sites=5 is not a site code. {SITES}"),
        (
            "sites",
            ["A", "B", " a"],
            "sites=('A', 'B', ' a') names a site twice, and would bring its rows twice. Name each site once.",
        ),
    ],
)
def test_a_bad_argument_is_one_sentence(argument: str, value: Any, sentence: str) -> None:
    with pytest.raises(ValidationError) as caught:
        asked(**{argument: value})
    assert str(caught.value) == sentence


def test_the_sites_asked_for_stay_as_they_were() -> None:
    sites = ["A", "", "B"]  # a web shop's code may be empty
    ask = asked(sites=sites)
    sites.clear()
    assert ask.sites == ("A", "", "B")


def test_sites_take_turns_day_by_day_under_the_codes_of_the_site_list() -> None:
    here = context()
    here.findings.sites = [{"code": "A"}, {"code": "B"}]
    plan, process = run(plan_export(here, asked(sites=["A", " b "])))
    assert [(window.start, window.stop, window.site) for window in plan.windows] == [
        (FIRST, FIRST + DAY_S, "A"),
        (FIRST, FIRST + DAY_S, "B"),
        (FIRST + DAY_S, FIRST + 2 * DAY_S, "A"),
        (FIRST + DAY_S, FIRST + 2 * DAY_S, "B"),
    ]
    assert process.simulation.now == 0


def test_a_plan_of_one_site_reads_dates_in_its_zone() -> None:
    sandbox = Sandbox(SandboxConfig(sites=1))
    plan, _ = run(plan_export(context(None), asked(sites=["main"])), sandbox)
    assert [entry.path for entry in sandbox.log] == ["/site/list"]
    # On 8 March the clocks there go forward: two days of 47 hours.
    assert [window.length_s for window in plan.windows] == [DAY_S, DAY_S - 3600]
    assert {window.site for window in plan.windows} == {"MAIN"}
    assert str(plan).startswith("2026-03-08 to 2026-03-09 (America/Chicago): 2 windows, ")


@pytest.mark.parametrize("read_before", [True, False])
def test_a_site_that_the_site_list_does_not_have_is_the_same_error_whether_or_not_it_was_read(
    read_before: bool,
) -> None:
    sandbox, here = Sandbox(SandboxConfig(sites=2)), context()
    if read_before:
        run(plan_export(here, asked()), sandbox)
    with pytest.raises(ValidationError) as caught:
        run(plan_export(here, asked(sites=["MAIN", "X"])), sandbox)
    assert str(caught.value) == (
        "sites='X' is not a site of this account; it must be one of MAIN, NORTH. "
        "Pass one of the codes that client.sites.list() shows, or leave it out for all sites."
    )
    assert [entry.path for entry in sandbox.log] == ["/site/list"]
    assert run(plan_export(here, asked(sites=["MAIN", ""])), sandbox)[0].windows, (
        "the site without a code is not listed"
    )


def test_a_plan_finds_out_how_many_sites_come_together_for_one_request() -> None:
    sandbox, here = Sandbox(SandboxConfig(sites=14)), context()
    plan, _ = run(plan_export(here, asked(end="2026-03-09")), sandbox)
    assert run(plan_export(here, asked(end="2026-03-09")), sandbox)[0] == plan
    assert [entry.path for entry in sandbox.log] == ["/site/list"]
    assert (plan.sites, plan.pages) == (15, 2 * 68)
    assert str(plan).endswith("(assuming 450 rows a day of 15 sites)")


def test_a_plan_without_the_site_list_says_so() -> None:
    here = context()
    here.findings.sites_denied = True
    plan, process = run(plan_export(here, asked()))
    assert process.simulation.now == 0
    assert (plan.sites, plan.pages) == (None, 10)
    assert str(plan).endswith("(assuming 450 rows a day of 1 site, as their number is not known)")


def test_an_export_reports_and_teaches_the_next_plan() -> None:
    known, progress = context(), Progress()
    report, process = run(run_export(known, asked(), progress, list))
    rows = sum(len(delivery.rows) for delivery in process.deliveries if isinstance(delivery, Deliver))
    assert report.complete
    assert report.rows == progress.rows == rows
    assert known.findings.rows_a_day == rows / 2
    plan, _ = run(plan_export(known, asked()))
    assert plan.learnt
    assert plan.pages == 2


def test_a_site_list_read_later_does_not_change_what_was_learnt_of_all_together() -> None:
    known = context()
    run(run_export(known, asked(), Progress(), list))
    before, _ = run(plan_export(known, asked()))
    known.findings.sites = [{"code": "A"}, {"code": "B"}]
    after, _ = run(plan_export(known, asked()))
    assert after.pages == before.pages


def test_a_range_in_which_nothing_can_be_read_yet_teaches_nothing() -> None:
    known = context()
    begin = START - 2
    report, process = run(run_export(known, asked(start=begin, end=begin), Progress(), list))
    assert report.windows == []
    assert process.simulation.now == 0
    assert known.findings.rows_a_day is None


def test_the_bounds_of_the_caller_reach_the_schedule() -> None:
    sandbox = Sandbox(SandboxConfig(sites=1, cars_per_day=40, job_s=30))
    unfinished = 0
    known = context()
    progress = Progress()
    simulation = Simulation(sandbox, start=START)
    ask = asked(end="2026-03-20", max_in_flight=2)
    process = simulation.process(
        run_export(known, ask, progress, list), ProcessThrottle(ThrottleLimits()), headers=HEADERS
    )
    while simulation.step():
        unfinished = max(unfinished, progress.in_flight)
    assert process.error is None
    assert unfinished == 2
    assert simulation.now > 13 / 2 * 30


@pytest.mark.parametrize(("timeout", "by_halves"), [(10.0, True), (300.0, False)])
def test_jobs_over_time_are_read_by_halves(timeout: float, by_halves: bool) -> None:
    sandbox = Sandbox(SandboxConfig(sites=1, cars_per_day=40, job_s=60))
    report, _ = run(run_export(context(), asked(end="2026-03-08", timeout=timeout), Progress(), list), sandbox)
    assert (report.windows[0].rereads > 0) == by_halves
