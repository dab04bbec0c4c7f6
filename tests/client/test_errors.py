"""Every error a user can meet, provoked through the sandbox, with the sentence that the user reads."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest

from sonnys_data_client import errors
from sonnys_data_client.config import Account
from sonnys_data_client.engine.call import CallPolicy
from sonnys_data_client.engine.findings import Findings
from sonnys_data_client.engine.sites import SITES_REQUEST, read_sites
from sonnys_data_client.engine.wire import Outcome, Request, Response
from sonnys_data_client.sandbox import API_ID, API_KEY, Faults, Quirks, Sandbox
from sonnys_data_client.sandbox.config import OTHER_ENVIRONMENT_KEY, UNLICENSED_API_ID
from sonnys_data_client.testing.client import SimulatedClient
from sonnys_data_client.types import TransactionJobItem, TransactionListItem
from tests.client.rig import ClientRig, client_rig, swap
from tests.engine import flows
from tests.sandbox.rig import NOW

DAY = "2026-11-22"
WHOLE_DAY = "2026-11-22 00:00:00Z to 2026-11-23 00:00:00Z"


def sites(client: SimulatedClient) -> object:
    return client.sites.list()


def load(client: SimulatedClient) -> object:
    return client.transactions.load_job(startDate=DAY, endDate=DAY)


def list_day(client: SimulatedClient) -> object:
    return client.transactions.list(startDate=DAY, endDate=DAY)


def caught(call: Callable[[SimulatedClient], object], before: ClientRig, **options: Any) -> Any:
    with pytest.raises(errors.SonnysError) as raised:
        call(before.client(**options))
    return raised.value


def always(**rates: float) -> ClientRig:
    return client_rig(faults=Faults(**rates))  # type: ignore[arg-type]


# -- refusals by status -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "kind", "type", "sentence"),
    [
        (
            {"api_key": "wrong"},
            errors.AuthenticationError,
            "BadClientCredentialsError",
            "This API ID and key do not fit together. Check the API ID and key with your BackOffice administrator.",
        ),
        (
            {"api_id": "nobody"},
            errors.AuthenticationError,
            "BadClientCredentialsError",
            "This API ID and key do not fit together. Check the API ID and key with your BackOffice administrator.",
        ),
        (
            {"api_key": OTHER_ENVIRONMENT_KEY},
            errors.AuthenticationError,
            "MismatchCredentialsError",
            ("This key belongs to the other environment. Check base_url."),
        ),
        (
            {"api_id": UNLICENSED_API_ID},
            errors.AuthenticationError,
            "NotAuthorizedError",
            (
                "This API ID has no licence for the data API. The account has no licence for this; the vendor's help "
                "desk can add it."
            ),
        ),
        (
            {"site_code": "INVALID"},
            errors.SiteAuthorizationError,
            "BadSiteCredentialsError",
            (
                "There is no site with the header's code. 'INVALID' is none of the sites of this account: give one of "
                "MAIN, NORTH."
            ),
        ),
        (
            {"site_code": "ABC"},
            errors.SiteAuthorizationError,
            "NotAuthorizedSiteCredentialsError",
            (
                "The account may not see the header's site. Ask your BackOffice administrator to let this API ID read "
                "the site."
            ),
        ),
        (
            {"site_code": "DEF"},
            errors.SiteAuthorizationError,
            "NotAuthorizedSiteArgsError",
            ("The site of the query is not the header's. Pass the client's own site_code as site, or leave it out."),
        ),
    ],
)
def test_403_of_each_type(options: dict[str, str], kind: Any, type: str, sentence: str) -> None:
    rig = client_rig()
    error = caught(sites, rig, **options)
    assert error.__class__ is kind
    assert (error.status, error.type) == (403, type)
    assert str(error) == f"GET /site/list answered 403 {type}: {sentence}"
    assert len(rig.sandbox.log) == (2 if type == "BadSiteCredentialsError" else 1)


def test_403_without_credentials() -> None:
    sandbox = Sandbox()

    def server(request: Request, now: float) -> Outcome:
        return sandbox.handle(request, NOW + now).outcome

    error = flows.play(read_sites(CallPolicy(), Findings()), server).error
    assert isinstance(error, errors.AuthenticationError)
    assert str(error) == (
        "GET /site/list answered 403 MissingClientCredentialsError: Send both X-Sonnys-API-ID and X-Sonnys-API-Key. "
        "Give api_id and api_key, or set SONNYS_API_ID and SONNYS_API_KEY."
    )


def test_403_for_another_site_than_the_clients_own() -> None:
    error = caught(
        lambda client: client.transactions.list(site="NORTH"), client_rig(), site_code="MAIN", timezone="UTC"
    )
    assert isinstance(error, errors.ValidationError)
    assert str(error) == (
        "site='NORTH' is not a site of this account; it must be one of MAIN. "
        "Pass one of the codes that client.sites.list() shows, or leave it out for all sites."
    )


def test_403_for_another_site_where_the_site_list_is_refused() -> None:
    def no_list(request: Request, response: Response) -> Response:
        return flows.refused(403, "NotAuthorizedError", "No.") if request.path == "/site/list" else response

    rig = client_rig(tamper=no_list)
    error = caught(lambda client: client.transactions.list(site="NORTH"), rig, site_code="MAIN", timezone="UTC")
    assert isinstance(error, errors.SiteAuthorizationError)
    assert error.type == "NotAuthorizedSiteArgsError"


def test_404() -> None:
    error = caught(lambda client: client.transactions.get("999:999"), client_rig())
    assert error.__class__ is errors.NotFoundError
    assert str(error) == (
        "GET /transaction/999:999 answered 404 EntityNotFoundError: No transaction with this id was found."
    )


def test_422_names_what_is_wrong_and_is_a_value_error_too() -> None:
    error = caught(lambda client: client.transactions.list(region="NOWHERE"), client_rig())
    assert isinstance(error, errors.PayloadValidationError)
    assert isinstance(error, ValueError)
    assert error.messages == ("region is not the code of a region.",)
    assert str(error) == "GET /transaction answered 422 PayloadValidationError: region is not the code of a region."


def test_400() -> None:
    def stale(request: Request, response: Response) -> Response:
        said = {"type": "InvalidPayloadRequestTimestampError", "message": "The request is too old."}
        return Response(400, json.dumps(said).encode())

    rig = client_rig(tamper=stale)
    error = caught(sites, rig)
    assert error.__class__ is errors.BadRequestError
    assert str(error) == ("GET /site/list answered 400 InvalidPayloadRequestTimestampError: The request is too old.")
    assert len(rig.sandbox.log) == 1


def test_429_for_longer_than_the_call_timeout() -> None:
    rig = client_rig(faults=Faults(rival=400))
    error = caught(sites, rig, call_timeout=40.0, at=NOW + 7)
    assert error.__class__ is errors.RateLimitError
    refusals = len(rig.sandbox.log)
    assert str(error) == (
        "GET /site/list answered 429 RequestRateExceedError: More than 20 requests in 15 seconds. Waited 40 s "
        f"through {refusals} such replies: something else is spending this API ID's requests. Stop it, or give a "
        "larger call_timeout."
    )
    assert 3 <= refusals <= 4


# -- trouble, tried again until the tries are used up ------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "kind", "sentence"),
    [
        (
            "error_500",
            errors.ServerError,
            " answered 500 ServerUnexpectedFailure: Something broke.; reference code SBX000005.",
        ),
        ("html_502", errors.ServerError, " answered 502 with a web page or text instead of JSON."),
        ("unavailable_503", errors.ServerError, " answered 503 with a web page or text instead of JSON."),
        (
            "truncated",
            errors.ServerError,
            ": the reply (200) was something that is not whole JSON.",
        ),
        ("unreachable", errors.APIConnectionError, ": the server could not be reached (sandbox: unreachable)."),
        (
            "reset_after",
            errors.APIConnectionError,
            ": the connection broke before the whole reply had come (sandbox: reset_after).",
        ),
        ("stall", errors.APITimeoutError, ": no whole reply came within the request timeout (simulated)."),
    ],
)
@pytest.mark.parametrize("call", [sites, list_day, load])
def test_trouble_that_does_not_end(
    fault: str, kind: Any, sentence: str, call: Callable[[SimulatedClient], object]
) -> None:
    rig = client_rig(faults=Faults(**{fault: 1.0, "stall_s": 60.0}))  # type: ignore[arg-type]
    error = caught(call, rig, call_timeout=1000.0)
    assert error.__class__ is kind
    said = str(error)
    if call is load and fault == "error_500":  # a submission and a count are on their way together
        assert "reference code" in said
    else:
        assert said == f"{error.method} {error.path}{sentence} Tried 5 times. {error.remedy}"
        assert error.remedy
    assert error.rows == []


@pytest.mark.parametrize("retries", [0, 2])
def test_max_retries_is_obeyed(retries: int) -> None:
    rig = always(html_502=1.0)
    error = caught(sites, rig, max_retries=retries)
    assert len(rig.sandbox.log) == 1 + retries
    assert error.body == "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


def test_a_web_page_with_200() -> None:
    rig = client_rig(tamper=lambda _request, _response: Response(200, b"<html>Maintenance</html>"))
    error = caught(sites, rig, max_retries=0)
    assert str(error) == "GET /site/list: the reply (200) was a web page. Try again later."


# -- jobs ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["empty", "null", "message"])
@pytest.mark.parametrize("sticky", [False, True])
def test_a_job_that_fails_in_every_way_of_asking(said: Any, sticky: bool) -> None:
    rig = client_rig(faults=Faults(job_fail=1.0), quirks=Quirks(fail_data=said, sticky_failures=sticky))
    error = caught(load, rig)
    assert error.__class__ is errors.JobFailedError
    reason = ': "The report could not be built".' if said == "message" else " and gave no reason."
    assert str(error).startswith("The server failed the job for page 1 of 2026-11-22 ")
    assert reason in str(error)
    assert str(error).endswith(" Try again in 20 minutes, or ask for a shorter range.")
    assert error.body["status"] == "fail"
    assert error.rows == []
    assert rig.paths.count("/transaction/load-job") <= 8, "a server that fails everything is given up soon"


def test_a_single_job_that_fails() -> None:
    rig = always(job_fail=1.0)
    job = rig.client().transactions.submit_job(startDate=DAY, endDate=DAY, offset=2)
    with pytest.raises(errors.JobFailedError) as raised:
        job.result()
    assert str(raised.value) == (
        f"The server failed the job for page 2 of {WHOLE_DAY} and gave no reason. Try again in 20 minutes, or ask "
        "for a shorter range."
    )


def test_a_job_over_time_can_be_gone_on_with_by_another_client() -> None:
    rig = client_rig(job_s=400)
    error = caught(
        lambda client: client.transactions.load_job(startDate=DAY, endDate=DAY, site="NORTH", timeout=30), rig
    )
    assert error.__class__ is errors.JobTimeoutError
    assert str(error) == (
        f"The job for page 1 of {WHOLE_DAY} at site NORTH was still working after 30 s, its timeout. Go on with "
        "client.transactions.job(error.handle).result(), or give a larger timeout."
    )
    handle = json.loads(json.dumps(error.handle))
    rows = rig.client(at=NOW + 60).transactions.job(handle).result(timeout=600)
    assert [row.location_code for row in rows] == ["NORTH"] * 5
    assert rig.paths.count("/transaction/load-job") == 1


def test_an_expired_hash() -> None:
    rig = client_rig()
    job = rig.client().transactions.submit_job(startDate=DAY, endDate=DAY)
    later = rig.client(at=NOW + 1201)
    for ask in (later.transactions.job(job.to_dict()).status, lambda: later.transactions.get_job_data(job.hash)):
        with pytest.raises(errors.JobExpiredError) as raised:
            ask()
        assert isinstance(raised.value, errors.NotFoundError)
        assert str(raised.value) == (
            "The server does not have this job, or no longer: results are kept for 20 minutes. Submit it again."
        )
        assert (raised.value.status, raised.value.type) == (404, "EntityNotFoundError")


def test_a_status_that_nobody_has_heard_of() -> None:
    rig = client_rig(tamper=swap(b'"working"', b'"queued"'))
    error = caught(load, rig)
    assert error.__class__ is errors.UnexpectedResponseError
    assert str(error) == (
        "GET /transaction/get-job-data: the reply is not what the API promises: the job's status is 'queued', which "
        "is none of working, pass, fail."
    )
    assert error.body["data"]["status"] == "queued"


def test_a_detail_of_another_object() -> None:
    rig = client_rig(tamper=swap(b'"id":"1:1"', b'"id":"1:2"'))
    error = caught(lambda client: client.transactions.get("1:1"), rig)
    assert error.__class__ is errors.MismatchError
    assert str(error) == (
        "GET /transaction/1:1: the reply is not what the API promises: asked for id 1:1, it answers for id 1:2. "
        "Tried 3 times."
    )
    assert (error.asked, error.answered) == ("id 1:1", "id 1:2")
    assert rig.paths == ["/transaction/1:1"] * 3


# -- rows ---------------------------------------------------------------------------------------------------------


def test_rows_of_a_job_that_do_not_fit() -> None:
    error = caught(load, always(bad_row=1.0))
    assert error.__class__ is errors.RowError
    assert str(error) == (
        "3 of 237 rows of /transaction/get-job-data could not be parsed as TransactionJobItem: "
        "total: not an amount of money (3×)"
    )
    assert (len(error.rows), len(error.unparsed)) == (234, 3)
    assert all(isinstance(row, TransactionJobItem) for row in error.rows)
    assert all(row.raw["total"] == "abc" and row.reason == "total: not an amount of money" for row in error.unparsed)


def test_rows_of_a_list_that_do_not_fit() -> None:
    error = caught(list_day, always(bad_row=1.0))
    assert error.__class__ is errors.RowError
    assert str(error) == (
        "3 of 237 rows of /transaction could not be parsed as TransactionListItem: total: not an amount of money (3×)"
    )
    assert len(error.rows) == 234


def test_rows_that_are_missing_from_a_list() -> None:
    error = caught(list_day, client_rig(tamper=swap(b'"total":237', b'"total":240')))
    assert error.__class__ is errors.IncompleteError
    (gap,) = error.gaps
    assert re.fullmatch(r"3 rows of GET /transaction, \S+ \S+Z to \S+ \S+Z", gap)
    assert len(error.rows) == 237
    assert all(isinstance(row, TransactionListItem) for row in error.rows)


def test_rows_that_are_missing_from_a_load() -> None:
    def miscount(request: Request, response: Response) -> Response:
        body = json.loads(response.body)
        if "total" in body["data"] and body["data"]["total"]:
            body["data"]["total"] += 1
        return Response(response.status, json.dumps(body).encode())

    error = caught(load, client_rig(tamper=miscount))
    assert error.__class__ is errors.IncompleteError
    assert str(error).startswith("Not every row could be read: 2026-11-22 ")
    assert str(error).endswith(
        "The range may still be written to. Try again later, or for a range that has ended. The rows that came are in "
        "error.rows."
    )
    assert len({row.id for row in error.rows}) == len(error.rows) == 237
    assert all(" rows and " in gap for gap in error.gaps)


def test_what_a_list_had_read_before_trouble_is_in_the_error() -> None:
    def breaking(request: Request, response: Response) -> Response:
        query = dict(request.query)
        behind = "offset" in query and (int(query["offset"]) - 1) * int(query["limit"]) >= 200
        return Response(502, b"<html>") if behind else response

    error = caught(list_day, client_rig(tamper=breaking), max_retries=1)
    assert error.__class__ is errors.IncompleteError
    assert error.gaps[0].startswith("rows 201 to 300 of GET /transaction, ")
    assert isinstance(error.__cause__, errors.ServerError)
    assert len(error.rows) == 200
    assert all(isinstance(row, TransactionListItem) for row in error.rows)


def test_what_a_load_had_read_before_trouble_is_in_the_error() -> None:
    passed: list[Request] = []

    def breaking(request: Request, response: Response) -> Response:
        if b'"status":"pass"' in response.body:
            passed.append(request)
        return Response(502, b"<html>") if len(passed) > 1 else response

    error = caught(load, client_rig(tamper=breaking), max_retries=1)
    assert error.__class__ is errors.ServerError
    assert len(error.rows) in {37, 100}
    assert all(isinstance(row, TransactionJobItem) for row in error.rows)


# -- bad arguments ------------------------------------------------------------------------------------------------

OWNER = Account(API_ID, API_KEY, base_url="http://localhost/v1").owner
JOB = {"hash": "h", "start": 1, "stop": 2, "site": None, "page": 1, "limit": 100, "submitted_at": 0.0, "owner": OWNER}
ALLOWED = "epoch seconds, an ISO 8601 text such as '2026-03-08' or '2026-03-08T14:30:00-05:00', a date or a datetime"
SITES = "Pass one of the codes that client.sites.list() shows, or leave it out for all sites."
ENTITY = "must be a transaction id: two numbers with a colon between them, such as '45678:1001'."
NO_SECONDS = "must be a number of seconds above 0."

BAD_CALLS: list[tuple[Callable[[Any], object], str]] = [
    (lambda t: t.load_job(startDate="soon"), f"startDate='soon' must be {ALLOWED}."),
    (lambda t: t.load_job(endDate="soon", site="MAIN"), f"endDate='soon' must be {ALLOWED}."),
    (
        lambda t: t.load_job(startDate="2026-11-22", endDate="2026-11-21", site="MAIN"),
        "endDate='2026-11-21' is before the start, 2026-11-22. Swap the two.",
    ),
    (
        lambda t: t.load_job(startDate="2026-11-20", endDate="2026-11-21", site="MAIN"),
        (
            "The range has two days, 2026-11-20 and 2026-11-21, because a date as its end means the whole of that day. "
            "One job covers at most 24 hours or one calendar day. For 2026-11-20 alone give startDate='2026-11-20' and "
            "endDate='2026-11-20', or call load_job once for each day."
        ),
    ),
    (
        lambda t: t.load_job(startDate="2026-11-20", endDate="2026-11-22", site="MAIN"),
        (
            "The range is 3.0 days long, but one job covers at most 24 hours or one calendar day. Give a shorter "
            "range, or call load_job once for each day."
        ),
    ),
    (
        lambda t: t.load_job(startDate="2026-11-25", endDate="2026-11-26", site="MAIN"),
        "startDate='2026-11-25' is in the future, where nothing can be read yet.",
    ),
    (
        lambda t: t.load_job(startDate="2026-05-01", endDate="2026-05-01", site="MAIN"),
        (
            "startDate='2026-05-01' is more than six months ago, and the API keeps no older history; it must be "
            "2026-05-23 or later."
        ),
    ),
    (
        lambda t: t.load_job(limt=10),
        "limt is not a parameter of this call, which takes endDate, limit, offset, site, startDate.",
    ),
    (lambda t: t.load_job(limit=0), "limit=0 must be a whole number from 1 to 100."),
    (lambda t: t.load_job(limit=101, offset=2), "limit=101 must be a whole number from 1 to 100."),
    (lambda t: t.load_job(offset=0), "offset=0 must be a page number from 1 up."),
    (
        lambda t: t.load_job(site=""),
        f"site='' must be a site code. {SITES}",
    ),
    (lambda t: t.load_job(site=5), f"site=5 must be a site code. {SITES}"),
    (lambda t: t.load_job(poll_interval=0), f"poll_interval=0 {NO_SECONDS}"),
    (lambda t: t.load_job(timeout=-1), f"timeout=-1 {NO_SECONDS}"),
    (lambda t: t.load_job(timeout=True), f"timeout=True {NO_SECONDS}"),
    (lambda t: t.load_job(timeout=float("inf")), f"timeout=inf {NO_SECONDS}"),
    (lambda t: t.submit_job(limit=0), "limit=0 must be a whole number from 1 to 100."),
    (lambda t: t.submit_job(limit=101, site="MAIN"), "limit=101 must be a whole number from 1 to 100."),
    (lambda t: t.submit_job(offset=0), "offset=0 must be a page number from 1 up."),
    (lambda t: t.submit_job(offset="2"), "offset='2' must be a page number from 1 up."),
    (
        lambda t: t.submit_job(startDate=NOW - 86_400 * 2, endDate=NOW - 86_400),
        (
            "One page belongs to one window of at most 24 hours, and this range is longer, its last second included. "
            "End a second earlier, or use load_job without offset."
        ),
    ),
    (
        lambda t: t.submit_job(startDate=NOW, endDate=NOW),
        (
            "One page belongs to one window of at most 24 hours, and this range has not begun. Ask for the page "
            "once the range has begun."
        ),
    ),
    (
        lambda t: t.list(startDate="2026-10-01", endDate="2026-11-20", offset=2),
        (
            "offset=2 is a page of one list, but the range is longer than one list covers (31 days). Give a shorter "
            "range, or leave offset out."
        ),
    ),
    (
        lambda t: t.list(regoin="X"),
        "regoin is not a parameter of this call, which takes endDate, limit, offset, region, site, startDate.",
    ),
    (
        lambda t: t.list(region=" ", site="MAIN"),
        "region=' ' must be a region code that is not blank. Leave it out for all.",
    ),
    (lambda t: t.list_v2(limit=2.5), "limit=2.5 must be a whole number from 1 to 100."),
    (
        lambda t: t.list_by_type("hot-wax"),
        (
            "item_type='hot-wax' is not an item type; it must be one of wash, prepaid-wash, recurring, washbook, "
            "giftcard, merchandise, house-account."
        ),
    ),
    (
        lambda t: t.get("1001"),
        f"trans_id='1001' {ENTITY}",
    ),
    (
        lambda t: t.get("٣:٤"),
        f"trans_id='٣:٤' {ENTITY}",
    ),
    (
        lambda t: t.get("1:1/../../site"),
        f"trans_id='1:1/../../site' {ENTITY}",
    ),
    (
        lambda t: t.get_job_data(" "),
        "hash=' ' must be the hash of a job. Pass the text that submit_job's job.hash holds.",
    ),
    (lambda t: t.job({}), "This is not a job's handle ('start'). Pass the dict that job.to_dict() returned."),
    (
        lambda t: t.job("abc"),
        "This is not a job's handle. Pass the dict that job.to_dict() returned.",
    ),
    (
        lambda t: t.job({**JOB, "owner": "somebody else"}),
        (
            "This is the job of another account, site code or server. Pass it to a client of the account that "
            "submitted it."
        ),
    ),
    (lambda t: t.load_job(max_failures=0), "max_failures=0 must be a whole number from 1 up."),
    (lambda t: t.export(DAY, DAY, max_failures=0), "max_failures=0 must be a whole number from 1 up."),
    (lambda t: t.job(JOB).result(poll_interval=0), f"poll_interval=0 {NO_SECONDS}"),
    (lambda t: t.job(JOB).result(timeout="60"), f"timeout='60' {NO_SECONDS}"),
]


@pytest.mark.parametrize(("call", "sentence"), BAD_CALLS, ids=[str(number) for number in range(len(BAD_CALLS))])
def test_bad_arguments_get_one_sentence_and_cost_no_request(call: Callable[[Any], NoReturn], sentence: str) -> None:
    rig = client_rig()
    client = rig.client()
    with pytest.raises(errors.ValidationError) as raised:
        call(client.transactions)
    assert str(raised.value) == sentence
    assert not isinstance(raised.value, errors.APIError)
    assert rig.paths == []


# -- the whole tree -----------------------------------------------------------------------------------------------

ELSEWHERE = {
    "SonnysError": "the root; raised itself for a closed client, in drivers/test_seams",
    "APIError": "a branch",
    "APIStatusError": "a branch; raised itself for statuses nobody promised, in engine/test_verdicts",
    "ConfigurationError": "test_config",
    "IncompleteExportError": "client/test_export",
    "ArchiveError": "archive/test_store, and wherever an archive cannot be used",
    "ArchiveDamagedError": "archive/test_store",
    "ArchiveHeldError": "archive/test_lock",
    "BudgetSpentError": "client/test_feed",
}


def test_every_error_of_the_tree_is_met_here_or_named_elsewhere() -> None:
    met = set(re.findall(r"\berrors\.(\w+)", Path(__file__).read_text()))
    tree = {
        name for name, found in inspect.getmembers(errors, inspect.isclass) if issubclass(found, errors.SonnysError)
    }
    assert tree - met <= set(ELSEWHERE) <= tree


def test_an_error_keeps_its_request_and_no_secret() -> None:
    error = caught(sites, client_rig(), api_key="sk-very-secret")
    assert (error.method, error.path) == (SITES_REQUEST.method, SITES_REQUEST.path)
    assert "sk-very-secret" not in f"{error!s} {error!r} {vars(error)!r}"
