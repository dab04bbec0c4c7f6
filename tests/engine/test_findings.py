"""Findings begin with the likeliest answers."""

from __future__ import annotations

from sonnys_data_client.engine.findings import Findings


def test_a_new_server_is_taken_for_one_that_wants_post_and_no_site() -> None:
    findings = Findings()
    assert (findings.submit_method, findings.submit_proved) == ("POST", False)
    assert (findings.site_required, findings.sites) == (False, None)


def test_there_are_two_ways_to_submit() -> None:
    findings = Findings()
    assert findings.other_method() == "GET"
    findings.submit_method = findings.other_method()
    assert findings.other_method() == "POST"


def test_nothing_is_shared_between_servers() -> None:
    assert Findings().pace is not Findings().pace
    assert Findings().in_flight_limit is not Findings().in_flight_limit
