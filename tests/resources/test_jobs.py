"""One page's job, submitted now and collected later."""

from __future__ import annotations

import json

import pytest

from sonnys_data_client.errors import JobFailedError
from sonnys_data_client.sandbox import Faults
from tests.client.rig import ClientRig, client_rig
from tests.sandbox.rig import NOW, TODAY, YESTERDAY, wash, world_of

DAY = "2026-11-22"
SUBMIT, POLL = "/transaction/load-job", "/transaction/get-job-data"


def truth(rig: ClientRig, start: int = YESTERDAY, stop: int = TODAY, site: str | None = None) -> list[str]:
    return [row.id for row in rig.sandbox.truth(start, stop, site)]


def test_a_job_is_submitted_now_and_collected_later_for_two_requests() -> None:
    rig = client_rig(job_s=60)
    job = rig.client().transactions.submit_job(startDate=DAY, endDate=DAY, offset=3)
    assert repr(job) == (f"Job('{job.hash}', page 3 of 2026-11-22 00:00:00Z to 2026-11-23 00:00:00Z)")
    html = job._repr_html_()
    assert f"<th>hash</th><td>{job.hash}</td>" in html
    assert "<th>submitted</th><td>2026-11-23 12:00:00+00:00</td>" in html
    later = rig.client(at=NOW + 90).transactions.job(json.loads(json.dumps(job.to_dict())))
    assert [row.id for row in later.result()] == truth(rig)[200:]
    assert rig.paths == [SUBMIT, POLL]


def test_a_jobs_page_comes_as_the_server_cut_it_edge_second_included() -> None:
    rig = client_rig(world=world_of([wash(1, YESTERDAY), wash(2, TODAY - 1), wash(3, TODAY), wash(4, TODAY + 1)]))
    client = rig.client()
    page = client.transactions.submit_job(startDate=DAY, endDate=DAY).result()
    assert [row.number for row in page] == [1, 2, 3]
    assert [row.number for row in client.transactions.load_job(startDate=DAY, endDate=DAY)] == [1, 2]


def test_the_status_of_a_job_costs_one_request() -> None:
    rig = client_rig(job_s=60)
    job = rig.client().transactions.submit_job(startDate=DAY, endDate=DAY)
    assert job.status() == "working"
    assert rig.client(at=NOW + 90).transactions.job(job.to_dict()).status() == "pass"
    assert rig.paths == [SUBMIT, POLL, POLL]


def test_an_expired_job_is_submitted_again_for_its_result() -> None:
    rig = client_rig()
    job = rig.client().transactions.submit_job(startDate=DAY, endDate=DAY)
    later = rig.client(at=NOW + 1300).transactions.job(job.to_dict())
    assert [row.id for row in later.result()] == truth(rig)[:100]
    assert later.hash != job.hash
    assert rig.paths.count(SUBMIT) == 2


def test_a_failed_job_is_not_submitted_again() -> None:
    rig = client_rig(faults=Faults(job_fail=1.0))
    with pytest.raises(JobFailedError):
        rig.client().transactions.submit_job(startDate=DAY, endDate=DAY).result()
    assert rig.paths.count(SUBMIT) == 1
