"""Status codes, error bodies and headers, each with its verdict and the message that a user reads."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonnys_data_client import errors
from sonnys_data_client.engine.rows import decode
from sonnys_data_client.engine.verdicts import (
    Denied,
    Refused,
    Served,
    Troubled,
    is_about_method,
    is_about_site,
    judge,
    may_be_too_long,
    read_retry_after,
    status_error,
    was_refused,
)
from sonnys_data_client.engine.wire import Fault, FaultKind, Outcome, Request, Response
from tests.engine.flows import BROKEN, HTML, NOON, refused, too_many

LIST = Request("GET", "/transaction", (("site", "MAIN"),))


def error_of(response: Response) -> errors.APIError:
    verdict = judge(LIST, response, NOON)
    assert not isinstance(verdict, Served)
    return verdict.error


def test_money_keeps_every_digit() -> None:
    verdict = judge(LIST, Response(200, b'{"data": {"total": 1234567890123456.01}}'), NOON)
    assert verdict == Served({"data": {"total": Decimal("1234567890123456.01")}})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b'{"data": ',
        b"\xff\xfe{",
        b'{"data": NaN}',
    ],
    ids=["empty", "page", "half", "not utf-8", "nan"],
)
def test_a_success_that_is_not_json_is_worth_another_try(body: bytes) -> None:
    verdict = judge(LIST, Response(200, body), NOON)
    assert isinstance(verdict, Troubled)
    assert type(verdict.error) is errors.ServerError
    assert verdict.error.status == 200


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"data": ' + b"[" * 100_000, "it is nested more than 64 deep"),
        (b'{"total": 1e99999999999999999999}', "a number has an exponent above 400"),
        (b'{"total": ' + b"1" * 1_000_000 + b"}", "a number has more than 100 digits"),
    ],
    ids=["too deep", "too large", "too long"],
)
def test_json_that_costs_too_much_is_denied(body: bytes, said: str) -> None:
    verdict = judge(LIST, Response(200, body), NOON)
    assert isinstance(verdict, Denied)
    assert type(verdict.error) is errors.UnexpectedResponseError
    assert str(verdict.error) == f"GET /transaction: the reply is not what the API promises: {said}."
    assert (verdict.error.status, verdict.error.body) == (200, None)


def test_an_error_whose_body_costs_too_much_is_read_as_text() -> None:
    error = error_of(Response(404, b"[" * 100_000))
    assert type(error) is errors.NotFoundError
    assert error.body == "[" * 100_000


def test_a_reply_that_is_too_large_is_denied() -> None:
    verdict = judge(LIST, Fault(FaultKind.OVERSIZED, "its body is larger than 5 bytes"), NOON)
    assert isinstance(verdict, Denied)
    assert type(verdict.error) is errors.UnexpectedResponseError
    assert str(verdict.error) == (
        "GET /transaction: the reply is not what the API promises: its body is larger than 5 bytes."
    )
    assert (verdict.error.status, verdict.error.body) == (None, None)


def test_what_a_broken_success_says() -> None:
    assert str(error_of(Response(200, b"\n <html>Maintenance</html>"))) == (
        "GET /transaction: the reply (200) was a web page. Try again later."
    )
    assert str(error_of(Response(200, b'{"data": {"transac'))) == (
        "GET /transaction: the reply (200) was something that is not whole JSON. Try again later."
    )


@pytest.mark.parametrize("body", [b"[]", b"1", b'"text"', b"null"])
def test_json_that_is_no_object_is_trouble(body: bytes) -> None:
    verdict = judge(LIST, Response(200, body), NOON)
    assert isinstance(verdict, Troubled)
    assert type(verdict.error) is errors.UnexpectedResponseError
    assert str(verdict.error) == ("GET /transaction: the reply is not what the API promises: a JSON object was due.")
    assert verdict.error.body == decode(body)


STATUSES = [
    (302, "", Denied, errors.APIStatusError),
    (400, "UnexpectedFailure", Denied, errors.BadRequestError),
    (401, "", Denied, errors.APIStatusError),
    (403, "BadClientCredentialsError", Denied, errors.AuthenticationError),
    (403, "BadSiteCredentialsError", Denied, errors.SiteAuthorizationError),
    (403, "NotAuthorizedSiteCredentialsError", Denied, errors.SiteAuthorizationError),
    (403, "NotAuthorizedSiteArgsError", Denied, errors.SiteAuthorizationError),
    (404, "EntityNotFoundError", Denied, errors.NotFoundError),
    (405, "", Denied, errors.APIStatusError),
    (408, "", Troubled, errors.APIStatusError),
    (422, "PayloadValidationError", Denied, errors.PayloadValidationError),
    (429, "RequestRateExceedError", Refused, errors.RateLimitError),
    (500, "ServerUnexpectedFailure", Troubled, errors.ServerError),
    (503, "", Troubled, errors.ServerError),
    (599, "", Troubled, errors.ServerError),
]


@pytest.mark.parametrize(("status", "type", "verdict", "kind"), STATUSES)
def test_each_status_has_its_verdict_and_error(status: int, type: str, verdict: Any, kind: Any) -> None:
    found = judge(LIST, refused(status, type, "No."), NOON)
    assert isinstance(found, verdict)
    assert not isinstance(found, Served)
    assert found.error.__class__ is kind
    assert (found.error.method, found.error.path, found.error.status) == ("GET", "/transaction", status)
    assert (found.error.type, found.error.messages) == (type, ("No.",))


def test_the_sentence_names_request_status_type_and_messages() -> None:
    assert str(error_of(refused(422, "PayloadValidationError", "startDate is old.", "limit is big."))) == (
        "GET /transaction answered 422 PayloadValidationError: startDate is old.; limit is big."
    )


def test_the_sentence_ends_in_advice_where_there_is_some() -> None:
    assert str(error_of(refused(403, "NotAuthorizedError", "No licence"))) == (
        "GET /transaction answered 403 NotAuthorizedError: No licence. "
        "The account has no licence for this; the vendor's help desk can add it."
    )


def test_a_reference_code_is_shown_for_the_help_desk() -> None:
    body = b'{"type": "ServerUnexpectedFailure", "message": "Broken", "code": "AB12"}'
    error = error_of(Response(500, body))
    assert (
        str(error)
        == "GET /transaction answered 500 ServerUnexpectedFailure: Broken; reference code AB12. Try again later."
    )


def test_a_web_page_is_not_quoted_but_kept() -> None:
    error = error_of(HTML)
    assert str(error) == "GET /transaction answered 502 with a web page or text instead of JSON. Try again later."
    assert error.body == "<html><body>Bad Gateway</body></html>"


def test_long_messages_are_cut_and_put_on_one_line() -> None:
    said = str(error_of(refused(400, "UnexpectedFailure", "line\n" * 1000)))
    assert "\n" not in said
    assert len(said) < 400
    assert said.endswith("….")


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b'{"type": 5, "message": 7}', b'{"messages": {"a": 1}}', b'{"messages": [1, null, ""], "type": null}'],
)
def test_an_error_body_of_any_shape_is_borne(body: bytes) -> None:
    error = error_of(Response(400, body))
    assert (error.type, error.messages) == (None, ())
    assert str(error).startswith("GET /transaction answered 400")


@pytest.mark.parametrize(
    ("kind", "cls", "said"),
    [
        (FaultKind.UNREACHABLE, errors.APIConnectionError, "the server could not be reached"),
        (FaultKind.BROKEN, errors.APIConnectionError, "the connection broke before the whole reply had come"),
        (FaultKind.TIMED_OUT, errors.APITimeoutError, "no whole reply came within the request timeout"),
    ],
)
def test_a_fault_is_worth_another_try(kind: FaultKind, cls: type[errors.APIError], said: str) -> None:
    verdict = judge(LIST, Fault(kind, "errno 7"), NOON)
    assert isinstance(verdict, Troubled)
    assert type(verdict.error) is cls
    assert str(verdict.error) == f"GET /transaction: {said} (errno 7). {verdict.error.remedy}"
    assert (verdict.error.status, verdict.error.body) == (None, None)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7.0),
        (" 7 ", 7.0),
        ("Mon, 23 Nov 2026 12:00:30 GMT", 30.0),
        ("Mon, 23 Nov 2026 12:00:30", 30.0),
        ("Mon, 23 Nov 2026 07:00:30 -0500", 30.0),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0.0),
        ("3600", 60.0),
        ("Mon, 23 Nov 2026 13:00:00 GMT", 60.0),
        ("", None),
        ("soon", None),
        ("-3", None),
        ("٣", None),
        ("Mon, 99 Nov 2026 12:00:30 GMT", None),
    ],
)
def test_retry_after_is_read_in_both_forms(text: str, seconds: float | None) -> None:
    assert read_retry_after({"retry-after": text}, NOON) == seconds


@pytest.mark.parametrize(("outcome", "refused"), [(too_many(), True), (HTML, False), (BROKEN, False)])
def test_a_429_is_the_throttles_refusal(outcome: Outcome, refused: bool) -> None:
    assert was_refused(outcome) is refused


@pytest.mark.parametrize("status", [400, 403, 404, 405, 422, 500])
def test_only_404_and_405_may_be_about_the_method(status: int) -> None:
    assert is_about_method(status_error(LIST, Response(status, b"{}"))) is (status in {404, 405})
    assert not is_about_method(errors.APIConnectionError("gone", method="GET", path="/site/list"))


def test_without_the_header_there_is_no_retry_after() -> None:
    assert read_retry_after({}, NOON) is None


def test_retry_after_goes_along_with_refusals_and_trouble() -> None:
    refusal = judge(LIST, too_many(retry_after="9"), NOON)
    assert isinstance(refusal, Refused)
    assert refusal.retry_after_s == 9.0
    trouble = judge(LIST, Response(503, b"", {"retry-after": "9"}), NOON)
    assert isinstance(trouble, Troubled)
    assert trouble.retry_after_s == 9.0


@given(text=st.text(), wall=st.floats(0, 2e9))
def test_any_retry_after_is_borne(text: str, wall: float) -> None:
    seconds = read_retry_after({"retry-after": text}, wall)
    assert seconds is None or seconds >= 0.0


@given(status=st.integers(100, 599), body=st.binary(max_size=60))
def test_any_reply_has_a_verdict(status: int, body: bytes) -> None:
    verdict = judge(LIST, Response(status, body), NOON)
    assert isinstance(verdict, Served) or str(verdict.error).startswith("GET /transaction")


def denied(kind: Any, *messages: str) -> errors.APIError:
    error: errors.APIError = kind("No.", method="GET", path="/", status=422, messages=messages)
    return error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (denied(errors.PayloadValidationError, "Site is required."), True),
        (denied(errors.PayloadValidationError, "limit is big.", "The site is not yours."), True),
        (denied(errors.PayloadValidationError, "limit is big."), False),
        (denied(errors.AuthenticationError, "No such site."), False),
    ],
)
def test_a_refusal_that_is_about_the_site(error: errors.APIError, expected: bool) -> None:
    assert is_about_site(error) is expected


@pytest.mark.parametrize(
    "words",
    [
        "The range from startDate to endDate must not be longer than 31 days.",
        "Date range cannot exceed one month",
        "endDate must be within 30 days of startDate",
        "startDate and endDate must lie in one calendar month",
        "period too long",
    ],
)
def test_a_refusal_that_speaks_of_dates_may_be_about_their_distance(words: str) -> None:
    assert may_be_too_long(denied(errors.PayloadValidationError, words))
    assert may_be_too_long(denied(errors.BadRequestError, "Oh.", words))
    assert not may_be_too_long(denied(errors.AuthenticationError, words))


@pytest.mark.parametrize(
    "words",
    [
        "startDate must not be older than 6 months.",
        "The date range lies before the oldest date of history",
        "endDate is in the future",
        "site is required for a date range.",
        "limit must be at most 100",
        "customerId is unknown",
        "",
    ],
)
def test_a_refusal_for_age_or_another_parameter_is_not(words: str) -> None:
    assert not may_be_too_long(denied(errors.PayloadValidationError, words))
