"""Modified accounts: each modification comes once, even if several parts of a range have it."""

from __future__ import annotations

from typing import Any

from sonnys_data_client import errors
from sonnys_data_client.endpoints.recurring import MODIFIED
from sonnys_data_client.engine.wire import Outcome, Request
from tests.endpoints.readings import read
from tests.engine.flows import served

EDGE = 1_795_305_600
START = EDGE - 181 * 86_400
RANGE = {"startDate": START, "endDate": EDGE + 3600}


def change(name: str) -> dict[str, str]:
    return {"name": name, "date": "2026-11-22 00:00:00"}


def serve(*parts: list[dict[str, Any]]) -> Any:
    """A server that gives one list for each part of the range."""

    def server(request: Request, _now: float) -> Outcome:
        rows = parts[0 if dict(request.query)["startDate"] == str(START) else 1]
        return served({"accounts": rows, "limit": 100, "total": len(rows)})

    return server


def told(rows: list[Any]) -> list[tuple[str, list[str]]]:
    return [(row.id, [each.modification_type for each in row.modifications]) for row in rows]


def test_what_lies_on_the_edge_of_two_parts_is_given_once() -> None:
    before, edge, after = change("Tag Added"), change("Tags Removed"), change("Tag Enabled")
    server = serve(
        [{"id": "1:1", "modifications": [before, edge]}, {"id": "2:1", "modifications": [edge]}],
        [{"id": "1:1", "modifications": [edge, after]}, {"id": "2:1", "modifications": [edge]}],
    )
    assert told(read(MODIFIED, RANGE, server).got()) == [
        ("1:1", ["Tag Added", "Tags Removed"]),
        ("2:1", ["Tags Removed"]),
        ("1:1", ["Tag Enabled"]),
    ]


def test_two_modifications_that_look_the_same_are_two() -> None:
    twice = [change("Tag Added"), change("Tag Added")]
    server = serve([{"id": "1:1", "modifications": twice}], [])
    assert told(read(MODIFIED, RANGE, server).got()) == [("1:1", ["Tag Added", "Tag Added"])]


def test_rows_without_modifications_are_handed_on() -> None:
    run = read(MODIFIED, RANGE, serve([{"id": "1:1"}, {"id": "2:1", "modifications": "odd"}], ["x"]))  # type: ignore[list-item]
    assert isinstance(run.error, errors.RowError)
    assert [row.id for row in run.error.rows] == ["1:1", "2:1"]
    assert [row.unparsed for row in run.error.rows] == [{}, {"modifications": "odd"}]
    assert [row.raw for row in run.error.unparsed] == ["x"]
