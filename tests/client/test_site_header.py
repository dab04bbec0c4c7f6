"""The site that a client is restricted to: its code is the site list's, however it is spelled."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sonnys_data_client.engine.wire import Request, Response
from sonnys_data_client.errors import SiteAuthorizationError
from sonnys_data_client.testing.client import SimulatedClient
from tests.client.rig import client_rig
from tests.client.virtual import VirtualClient, play

DAY = "2026-11-22"
Call = Callable[[SimulatedClient], object]


def load(client: SimulatedClient) -> object:
    return client.transactions.load_job(startDate=DAY, endDate=DAY)


def export(client: SimulatedClient) -> object:
    with client.transactions.export(DAY, DAY) as export:
        return sorted(row.id for row in export)


CALLS: dict[str, Call] = {
    "a list": lambda client: client.transactions.list(startDate=DAY, endDate=DAY),
    "the site list": lambda client: client.sites.list(),
    "a detail": lambda client: client.transactions.get("7:1"),
    "a day": load,
    "a page": lambda client: client.transactions.load_job(startDate=DAY, endDate=DAY, offset=1),
    "a job": lambda client: client.transactions.submit_job(startDate=DAY, endDate=DAY).result(),
    "an export": export,
    "any request": lambda client: client.request("GET", "/customer"),
}
each_call = pytest.mark.parametrize("call", CALLS.values(), ids=list(CALLS))


@each_call
def test_a_code_in_other_letters_is_the_site(call: Call) -> None:
    expected = call(client_rig().client(site_code="MAIN"))
    assert call(client_rig().client(site_code=" main ")) == expected


@each_call
def test_an_unknown_code_is_an_error_that_lists_the_codes(call: Call) -> None:
    with pytest.raises(
        SiteAuthorizationError, match="'NOPE' is none of the sites of this account: give one of MAIN, NORTH"
    ):
        call(client_rig().client(site_code="NOPE"))


def test_the_spelling_costs_two_requests_and_is_remembered() -> None:
    at = client_rig()
    client = at.client(site_code="main")
    client.sites.list()
    assert at.paths == ["/site/list"] * 3  # refused, asked without the header, and asked again
    client.sites.list()
    load(client)
    assert at.paths.count("/site/list") == 4


def test_the_right_spelling_costs_nothing() -> None:
    at = client_rig()
    client = at.client(site_code="MAIN")
    client.transactions.get("7:1")
    client.transactions.load_job(startDate=DAY, endDate=DAY)
    assert "/site/list" not in at.paths


def test_an_export_asks_first_whether_the_site_is_known() -> None:
    at = client_rig()
    load(at.client(site_code="MAIN"))
    assert at.paths.count("/site/list") == 1


def test_a_refusal_of_a_code_that_was_taken_stands() -> None:
    def refuse_details(request: Request, response: Response) -> Response:
        refusal = b'{"type": "BadSiteCredentialsError", "messages": ["No."]}'
        return Response(403, refusal, response.headers) if request.path == "/transaction/7:1" else response

    at = client_rig(tamper=refuse_details)
    client = at.client(site_code="MAIN")
    client.transactions.list(startDate=DAY, endDate=DAY)
    with pytest.raises(SiteAuthorizationError):
        client.transactions.get("7:1")
    assert at.paths.count("/transaction/7:1") == 1
    assert "/site/list" not in at.paths


def test_a_site_that_the_key_may_not_see_is_the_servers_own_error() -> None:
    client = client_rig().client(site_code="ABC")
    with pytest.raises(SiteAuthorizationError) as caught:
        load(client)
    assert caught.value.type == "NotAuthorizedSiteCredentialsError"


def test_without_a_site_list_the_refusal_stands() -> None:
    def no_list(request: Request, response: Response) -> Response:
        return (
            Response(404, b"{}")
            if request.path == "/site/list" and not request.headers.get("x-sonnys-site-code")
            else response
        )

    with pytest.raises(SiteAuthorizationError) as caught:
        load(client_rig(tamper=no_list).client(site_code="main"))
    assert caught.value.type == "BadSiteCredentialsError"
    assert "not a site" not in str(caught.value.remedy)


def test_the_async_client_does_the_same() -> None:
    async def codes(client: VirtualClient) -> list[str | None]:
        return [site.code for site in await client.sites.list()]

    assert play(client_rig().sandbox, codes, "main") == ["MAIN"]
