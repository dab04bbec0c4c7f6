"""What the employee routes answer."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.rig import DAY, TODAY, YESTERDAY, header_of, record_rig, refusal

CLOCK = "/employee/101/clock-entries"


def entries(page: Any) -> list[str]:
    return [entry["clockIn"] for week in page["weeks"] for entry in week["clockEntries"]]


def test_everybody_is_listed_at_once() -> None:
    page = record_rig().get("/employee", limit=1)
    assert page == {
        "employees": [
            {"firstName": "Kim", "lastName": "Kline", "employeeId": 101},
            {"firstName": "Lee", "lastName": "Lowe", "employeeId": 201},
        ],
        "offset": 1,
        "limit": 2,
        "total": 2,
    }
    assert len(record_rig().get("/employee", header_of("NORTH"))["employees"]) == 1


def test_or_page_by_page() -> None:
    page = record_rig(employee_pages="pages").get("/employee", limit=1, offset=2)
    assert ([row["employeeId"] for row in page["employees"]], page["total"], page["limit"]) == ([201], 2, 1)


def test_a_detail_says_more() -> None:
    detail = record_rig().get("/employee/101")
    assert detail == {
        "employeeId": 101,
        "firstName": "Kim",
        "lastName": "Kline",
        "active": True,
        "startDate": "2024-05-06",
        "startDateChange": None,
        "phone": None,
        "email": None,
    }
    assert record_rig(unset_as="empty").get("/employee/101")["startDateChange"] == ""


@pytest.mark.parametrize("path", ["/employee/{}", "/employee/{}/clock-entries"])
@pytest.mark.parametrize(("id", "status"), [("1", 404), ("2", 404), ("x", 422), ("1:1", 422), ("-1", 422)])
def test_other_ids(path: str, id: str, status: int) -> None:
    assert refusal(record_rig().ask("GET", path.format(id)))[0] == status


def test_clock_entries_come_week_by_week_with_totals() -> None:
    page = record_rig().get(CLOCK, startDate=YESTERDAY - DAY, endDate=TODAY)
    assert page == {
        "weeks": [
            {
                "week": "2026-11-20 - 2026-11-26",
                "weekTotalRegularHours": 8.0,
                "weekTotalOverTimeHours": 1.0,
                "clockEntries": [
                    {
                        "clockIn": "2026-11-22T10:00:00.000Z",
                        "clockOut": "2026-11-22T19:00:00.000Z",
                        "regularRate": 18.0,
                        "regularHours": 8.0,
                        "overtimeEligible": True,
                        "overtimeRate": 27.0,
                        "overtimeHours": 1.0,
                        "wasModified": False,
                        "modificationTimestamp": None,
                        "wasCreatedInBackOffice": False,
                        "siteCode": "MAIN",
                    }
                ],
            }
        ]
    }


def test_without_dates_it_is_the_last_fortnight() -> None:
    page = record_rig().get(CLOCK)
    assert entries(page) == ["2026-11-22T10:00:00.000Z", "2026-11-23T10:00:00.000Z"]
    assert page["weeks"][0]["clockEntries"][1]["clockOut"] is None


@pytest.mark.parametrize(
    ("takes", "works", "refused"),
    [
        ("both", ["2026-11-22", YESTERDAY], ["22.11.2026"]),
        ("day", ["2026-11-22"], [YESTERDAY]),
        ("epoch", [YESTERDAY], ["2026-11-22"]),
    ],
)
def test_dates_are_days_or_seconds(takes: str, works: list[object], refused: list[object]) -> None:
    rig = record_rig(clock_dates=takes)
    for date in works:
        end = date if isinstance(date, str) else YESTERDAY + DAY - 1
        assert entries(rig.get(CLOCK, startDate=date, endDate=end)) == ["2026-11-22T10:00:00.000Z"]
    for date in refused:
        assert rig.ask("GET", CLOCK, startDate=date, endDate=date).status == 422


def test_a_range_is_a_fortnight_at_most() -> None:
    rig = record_rig()
    assert rig.ask("GET", CLOCK, startDate=TODAY - 14 * DAY, endDate=TODAY).status == 200
    assert refusal(rig.ask("GET", CLOCK, startDate=TODAY - 14 * DAY - 1, endDate=TODAY))[0] == 422
    assert refusal(rig.ask("GET", CLOCK, startDate=TODAY, endDate=TODAY - 1))[0] == 422


def test_a_fortnight_without_work_may_be_not_found() -> None:
    idle = {"startDate": "2026-10-01", "endDate": "2026-10-02"}
    assert record_rig().get(CLOCK, **idle) == {"weeks": []}
    assert refusal(record_rig(empty_list="404").ask("GET", CLOCK, **idle))[:2] == (404, "EntityNotFoundError")


def test_the_header_s_site_counts_for_nothing_unless_it_does() -> None:
    north = header_of("NORTH")
    assert len(entries(record_rig().get(CLOCK, north))) == 2
    assert entries(record_rig(clock_site="honoured").get(CLOCK, north)) == []
    assert refusal(record_rig().ask("GET", CLOCK, header_of("INVALID")))[0] == 403
