"""What the route of the sales outcomes answers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.rig import TODAY, YESTERDAY, header_of, record_rig, refusal

PATH = "/sales-outcome/list"


def names(**query: object) -> list[str]:
    return [row["employeeName"] for row in record_rig().get(PATH, **query)["sales"]]


def test_every_value_is_text() -> None:
    page = record_rig().get(PATH, startDate="2026-11-22", endDate="2026-11-22")
    assert page["sales"][1] == {
        "timestamp": str(YESTERDAY + 51_000),
        "employeeId": "201",
        "adpId": "",
        "employeeName": "Lee Lowe",
        "siteId": "2",
        "site": "2 - North Loop",
        "isConverted": "yes",
        "itemId": "2003:2",
        "itemName": "Foam Unlimited",
        "itemPrice": "30.00",
        "terminalName": "POS 1",
    }
    assert page["sales"][0]["isConverted"] == "no"
    assert (page["limit"], page["total"]) == (500, 2)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({}, 2),
        ({"startDate": "2026-11-23"}, 0),
        ({"endDate": "2026-11-21"}, 0),
        ({"endDate": "2026-11-22"}, 2),
        ({"startDate": "2026-11-22"}, 2),
    ],
)
def test_days_are_inclusive_and_a_month_is_the_default(query: dict[str, object], count: int) -> None:
    assert len(names(**query)) == count


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ({"startDate": TODAY}, "startDate"),
        ({"startDate": "2026-11-23", "endDate": "2026-11-22"}, "startDate"),
        ({"endDate": "2026-11-24"}, "endDate"),
        ({"startDate": "2026-05-01", "endDate": "2026-05-02"}, "older"),
        ({"startDate": "2026-10-01", "endDate": "2026-11-01"}, "31 days"),
    ],
)
def test_bad_ranges_are_refused(query: dict[str, Any], word: str) -> None:
    status, _, messages = refusal(record_rig().ask("GET", PATH, **query))
    assert status == 422
    assert word in messages[0]


def test_a_range_may_be_of_any_length() -> None:
    rig = record_rig(outcome_range="any")
    assert rig.get(PATH, startDate="2026-06-01", endDate="2026-11-23")["total"] == 2


def test_the_header_s_site_has_its_own() -> None:
    rows = record_rig().get(PATH, header_of("MAIN"))["sales"]
    assert [row["siteId"] for row in rows] == ["1"]
