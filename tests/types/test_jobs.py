"""Replies about a job in each of its states."""

from __future__ import annotations

from typing import Any

import pytest

from sonnys_data_client.errors import RowError
from sonnys_data_client.types import JobData, UnparsedRow, parse_one
from tests.types.rows import WHERE, job_row


def test_a_job_that_passed_has_its_rows_as_they_came() -> None:
    raw = {"hash": "1aab", "status": "pass", "data": [job_row()], "offset": 1, "limit": 100, "total": "22"}
    job = parse_one(JobData, raw, **WHERE)
    assert (job.hash, job.status, job.offset, job.limit, job.total) == ("1aab", "pass", 1, 100, 22)
    assert job.rows is raw["data"]


@pytest.mark.parametrize("data", [[], None, {}, ""])
def test_an_empty_window_passes_without_numbers(data: object) -> None:
    raw = {"hash": "1aab", "status": "pass", "data": data, "offset": None, "limit": None, "total": None}
    job = parse_one(JobData, raw, **WHERE)
    assert (job.rows, job.offset, job.limit, job.total) == ([], None, None, None)


@pytest.mark.parametrize("data", [None, [], "out of memory", {"error": "out of memory"}])
@pytest.mark.parametrize("status", ["working", "fail", "queued"])
def test_what_comes_in_place_of_rows_is_kept(status: str, data: object) -> None:
    job = parse_one(JobData, {"hash": "1aab", "status": status, "data": data}, **WHERE)
    assert (job.status, job.data, job.rows) == (status, data, [])


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ({"status": "pass", "data": "a page"}, "data is not a list"),
        ({"status": "pass", "data": {"0": job_row()}}, "data is not a list"),
        ({"data": []}, "status: missing"),
        ({"status": ""}, "status: empty"),
        ([], "not an object"),
    ],
)
def test_a_reply_without_status_or_rows_is_refused(raw: Any, reason: str) -> None:
    with pytest.raises(RowError) as caught:
        parse_one(JobData, raw, **WHERE)
    assert caught.value.unparsed == [UnparsedRow(raw, reason)]
