"""A job: the requests for it, its answers, its handle, and the messages of its errors."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonnys_data_client import errors
from sonnys_data_client.engine import jobs
from sonnys_data_client.engine.jobs import Handle, JobAnswer, Page
from sonnys_data_client.engine.rows import decode, text_of
from sonnys_data_client.engine.windows import Window
from sonnys_data_client.engine.wire import Request

START = 1_794_268_800  # 2026-11-10 00:00 UTC
WINDOW = Window(START, START + 86_400, "MAIN")
HANDLE = Handle("abc123", Page(WINDOW, 2), 1_795_435_200.5, "ours")
POLL = jobs.poll_request("abc123")


def answer(**data: Any) -> JobAnswer:
    return jobs.read_answer(POLL, {"data": data})


def complaint(body: dict[str, Any]) -> str:
    with pytest.raises(errors.UnexpectedResponseError) as caught:
        jobs.read_answer(POLL, body)
    assert caught.value.body == body
    return str(caught.value)


def test_a_page_is_submitted_with_its_number_as_offset() -> None:
    assert Page(WINDOW, 3).submission("POST") == Request(
        "POST",
        "/transaction/load-job",
        (
            ("startDate", "1794268800"),
            ("endDate", "1794355200"),
            ("site", "MAIN"),
            ("limit", "100"),
            ("offset", "3"),
        ),
    )


def test_without_a_site_none_is_sent() -> None:
    request = Page(Window(1, 2), limit=50).submission("GET")
    assert request.query == (("startDate", "1"), ("endDate", "2"), ("limit", "50"), ("offset", "1"))


def test_a_poll_takes_only_the_hash() -> None:
    assert HANDLE.poll() == Request("GET", "/transaction/get-job-data", (("hash", "abc123"),))


HANDLES = st.builds(
    Handle,
    st.text(min_size=1),
    st.builds(
        Page,
        st.builds(Window, st.integers(0, 10**10), st.integers(0, 10**10), st.none() | st.text()),
        st.integers(1, 10**6),
        st.integers(1, 100),
    ),
    st.floats(0, 1e11),
    st.text(),
)


@given(handle=HANDLES)
def test_a_handle_survives_json(handle: Handle) -> None:
    assert Handle.from_dict(json.loads(json.dumps(handle.to_dict()))) == handle


def test_an_answer_that_was_kept_comes_with_its_handle_and_is_no_part_of_it() -> None:
    answer = jobs.JobAnswer(jobs.PASSED, [{"id": "1:1"}], 1, {"status": "pass"})
    kept = Handle.from_dict({**HANDLE.to_dict(), "answer": answer.to_dict()})
    assert kept.answer is not None
    assert (kept.answer.status, kept.answer.rows, kept.answer.total) == (jobs.PASSED, [{"id": "1:1"}], 1)
    assert kept.to_dict() == HANDLE.to_dict()
    before = Handle.from_dict({**HANDLE.to_dict(), "answer": {"rows": [{"id": "1:1"}], "total": 1}})
    assert before == kept, "an answer that an earlier version kept holds its rows decoded"
    with pytest.raises(errors.ValidationError, match="rows"):
        Handle.from_dict({**HANDLE.to_dict(), "answer": {}})


@pytest.mark.parametrize("rows", [5, None, "", "[", '[{"id":', "[] []", '{"id": 1}', "[NaN]", "[1,]"])
def test_a_kept_answer_that_is_damaged_is_refused(rows: Any) -> None:
    with pytest.raises(errors.ValidationError, match=r"^This is not a job's handle"):
        Handle.from_dict({**HANDLE.to_dict(), "answer": {"rows": rows, "total": 1}})


def test_a_kept_answer_holds_its_rows_as_they_came() -> None:
    body = b'{"data": {"status": "pass", "total": 2, "data": [{"id": "1", "total": 1.50}, {"id":"2"}]}}'
    answer = jobs.read_answer(HANDLE.poll(), decode(body))
    assert answer.to_dict() == {"rows": '[{"id": "1", "total": 1.50},{"id":"2"}]', "total": 2, "size": None}
    kept = Handle.from_dict(json.loads(json.dumps({**HANDLE.to_dict(), "answer": answer.to_dict()})))
    assert kept.answer is not None
    assert kept.answer.rows == answer.rows == [{"id": "1", "total": Decimal("1.50")}, {"id": "2"}]
    assert [text_of(row) for row in kept.answer.rows] == ['{"id": "1", "total": 1.50}', '{"id":"2"}']


@pytest.mark.parametrize("field", sorted(HANDLE.to_dict()))
def test_a_handle_with_a_field_missing_is_refused(field: str) -> None:
    data = {name: value for name, value in HANDLE.to_dict().items() if name != field}
    with pytest.raises(errors.ValidationError) as caught:
        Handle.from_dict(data)
    assert str(caught.value) == f"This is not a job's handle ('{field}'). Pass the dict that job.to_dict() returned."


@pytest.mark.parametrize(
    "wrong",
    [
        {"hash": 5},
        {"site": 5},
        {"owner": None},
        {"start": "1"},
        {"page": True},
        {"limit": None},
        {"submitted_at": "noon"},
    ],
)
def test_a_handle_with_a_wrong_field_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(errors.ValidationError, match=r"^This is not a job's handle"):
        Handle.from_dict({**HANDLE.to_dict(), **wrong})


@pytest.mark.parametrize("thing", ["abc123", None, 7, ["abc123"]])
def test_something_else_than_a_handle_is_refused(thing: Any) -> None:
    with pytest.raises(errors.ValidationError, match=r"^This is not a job's handle"):
        Handle.from_dict(thing)


def test_the_hash_of_a_submission() -> None:
    assert jobs.read_hash(POLL, {"data": {"hash": "h1"}}) == "h1"


@pytest.mark.parametrize("body", [{}, {"data": None}, {"data": {}}, {"data": {"hash": ""}}, {"data": {"hash": 5}}])
def test_a_submission_without_a_hash_is_loud(body: dict[str, Any]) -> None:
    with pytest.raises(errors.UnexpectedResponseError) as caught:
        jobs.read_hash(Page(WINDOW).submission("POST"), body)
    assert str(caught.value) == ("POST /transaction/load-job: the reply is not what the API promises: a hash was due.")


def test_a_passed_page() -> None:
    found = answer(hash="abc123", status="pass", data=[{"id": "1:1"}], offset=1, limit=100, total=230)
    assert (found.status, found.rows, found.total) == ("pass", [{"id": "1:1"}], 230)


@pytest.mark.parametrize("data", [{}, {"data": None}, {"data": []}, {"data": {"why": "?"}}, {"data": "later"}])
@pytest.mark.parametrize("status", ["working", "fail"])
def test_only_a_passed_job_has_rows(status: str, data: dict[str, Any]) -> None:
    found = answer(status=status, **data)
    assert (found.status, found.rows, found.total) == (status, [], None)


def test_an_empty_job_passes_with_nulls() -> None:
    found = answer(status="pass", data=[], offset=None, limit=None, total=None)
    assert (found.rows, found.total) == ([], None)
    assert answer(status="pass", data=None).rows == []


def test_a_total_may_come_as_text() -> None:
    assert answer(status="pass", data=[], total="230").total == 230


@pytest.mark.parametrize("value", [None, -1, True, 2.5, "many", "٣", [1], "-1", "9" * 101])
def test_a_total_or_limit_that_no_count_can_be_says_nothing(value: Any) -> None:
    found = answer(status="pass", data=[], total=value, limit=value)
    assert (found.total, found.size) == (None, None)


def test_a_page_names_the_size_that_the_server_applied() -> None:
    assert answer(status="pass", data=[], limit=50).size == answer(status="pass", data=[], limit="50").size == 50
    assert answer(status="pass", data=[], limit=0).size is None


@pytest.mark.parametrize("rows", [None, {}, []])
def test_nothing_where_rows_are_due_is_no_rows(rows: Any) -> None:
    assert answer(status="pass", data=rows, total=0).rows == []
    assert answer(status="pass").rows == []


def test_rows_that_php_wrote_as_an_object_are_rows() -> None:
    assert answer(status="pass", data={"1": {"id": "1:1"}, "2": {"id": "1:2"}}).rows == [{"id": "1:1"}, {"id": "1:2"}]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, "an object `data` was due"),
        ({"data": []}, "an object `data` was due"),
        ({"data": {}}, "the job's status is 'None', which is none of working, pass, fail"),
        ({"data": {"status": "queued"}}, "the job's status is 'queued', which is none of working, pass, fail"),
        ({"data": {"status": "pass", "data": {"id": "1:1"}}}, "a passed job's rows were due as a list"),
    ],
)
def test_an_answer_of_another_shape_is_loud(body: dict[str, Any], problem: str) -> None:
    assert complaint(body) == (f"GET /transaction/get-job-data: the reply is not what the API promises: {problem}.")


def test_a_failed_job_says_what_the_server_said() -> None:
    where = "page 2 of 2026-11-10 00:00:00Z to 2026-11-11 00:00:00Z at site MAIN"
    silent = jobs.job_failed(HANDLE, answer(status="fail", data=[]))
    assert str(silent) == (
        f"The server failed the job for {where} and gave no reason. "
        "Try again in 20 minutes, or ask for a shorter range."
    )
    told = jobs.job_failed(HANDLE, answer(status="fail", message="Report\n is\tbroken"))
    assert str(told) == (
        f'The server failed the job for {where}: "Report is broken". '
        "Try again in 20 minutes, or ask for a shorter range."
    )
    assert told.body == {"status": "fail", "message": "Report\n is\tbroken"}


def test_an_overdue_job_carries_its_handle() -> None:
    error = jobs.job_overdue(HANDLE, 300.0)
    assert Handle.from_dict(error.handle) == HANDLE
    assert str(error) == (
        "The job for page 2 of 2026-11-10 00:00:00Z to 2026-11-11 00:00:00Z at site MAIN was still working after "
        "300 s, its timeout. Go on with client.transactions.job(error.handle).result(), or give a larger timeout."
    )


def test_an_expired_job_keeps_the_servers_words() -> None:
    cause = errors.NotFoundError(
        "x", method="GET", path="/p", status=404, type="EntityNotFoundError", messages=["gone"], body={"a": 1}
    )
    error = jobs.job_expired(HANDLE, cause)
    assert (error.status, error.type, error.messages, error.body) == (404, "EntityNotFoundError", ("gone",), {"a": 1})
    assert str(error) == (
        "The server does not have the job for page 2 of 2026-11-10 00:00:00Z to 2026-11-11 00:00:00Z at site MAIN, "
        "or no longer: results are kept for 20 minutes. Submit it again."
    )
    assert str(jobs.job_expired(None, cause)).startswith("The server does not have this job, or no longer: ")
