"""The site list as models."""

from __future__ import annotations

import pytest

from sonnys_data_client.endpoints.sites import SITES
from sonnys_data_client.engine.wire import Response
from sonnys_data_client.errors import NotFoundError, RowError, UnparsedRow
from tests.endpoints.readings import context, read
from tests.engine.flows import refused, served

MAIN = {"siteID": 1, "code": "MAIN", "name": "Main Street", "timezone": "America/Chicago"}


def test_sites_are_asked_for_afresh_and_remembered_for_time_zones() -> None:
    here = context()
    for _ in range(2):
        run = read(SITES, {}, [served({"sites": [MAIN]})], here)
        assert [site.code for site in run.got()] == ["MAIN"]
        assert [(request.path, request.query) for request in run.requests] == [("/site/list", ())]
    assert here.findings.sites == [MAIN]


def test_no_sites_are_no_rows_and_a_wrong_address_is_an_error() -> None:
    here = context()
    assert read(SITES, {}, [refused(404, "EntityNotFoundError", "No results.")], here).got() == []
    assert here.findings.sites is None
    assert isinstance(read(SITES, {}, [Response(404, b"<html>")], here).error, NotFoundError)


def test_a_site_that_does_not_fit_costs_nobody_else() -> None:
    run = read(SITES, {}, [served({"sites": [MAIN, {"code": "X"}]})])
    with pytest.raises(RowError) as caught:
        run.got()
    assert [site.code for site in caught.value.rows] == ["MAIN"]
    assert str(caught.value) == "1 of 2 rows of /site/list could not be parsed as Site: siteID: missing"
    assert caught.value.unparsed == [UnparsedRow({"code": "X"}, "siteID: missing")]
