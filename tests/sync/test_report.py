"""What a report adds up, and when a sync counts as complete."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

import pytest

from sonnys_data_client.archive.changes import Change
from sonnys_data_client.archive.evidence import Evidence
from sonnys_data_client.archive.landed import Landed
from sonnys_data_client.archive.store import Partition
from sonnys_data_client.sync import SyncReport

CHANGE = Change("1:1", "total", "1", "2", seen_at=0.0, version=2)


def landed(
    table: str = "transactions",
    *,
    gaps: tuple[str, ...] = (),
    changes: tuple[Change, ...] = (),
    unparsed_values: Mapping[str, int] = MappingProxyType({}),
) -> Landed:
    evidence = Evidence(10, 1, 10, read_at=0.0, through=0.0, unparsed_values=unparsed_values)
    return Landed(Partition(table, "main", date(2026, 3, 1)), evidence, changes, gaps, kept=2)


def test_rows_are_of_transactions_and_the_rest_is_of_all_tables() -> None:
    report = SyncReport([landed(changes=(CHANGE,)), landed()], [landed("sites", changes=(CHANGE,))], days_due=2)
    assert (report.rows, report.quarantined, report.forgotten_by_server, report.changes) == (20, 3, 6, [CHANGE, CHANGE])
    assert report.complete


@pytest.mark.parametrize(
    "report",
    [
        SyncReport([landed()], days_due=2),
        SyncReport([landed(gaps=("a gap",))], days_due=1),
        SyncReport([landed()], failed_tables={"items": "403"}, days_due=1),
        SyncReport([landed()], days_due=1, stopped="The budget is spent."),
    ],
)
def test_what_is_missing_makes_it_incomplete(report: SyncReport) -> None:
    assert not report.complete
    assert [one.gaps for one in report.incomplete_days] == [one.gaps for one in report.days if one.gaps]


def test_values_that_could_not_be_parsed_are_added_up_by_table_and_field() -> None:
    one = landed(unparsed_values={"number": 1, "items.tax": 2})
    other = landed("sites", unparsed_values={"name": 3})
    report = SyncReport([one, one], [other])
    assert report.unparsed_values == {"transactions.number": 2, "transactions.items.tax": 4, "sites.name": 3}
    assert "transactions.items.tax (4), sites.name (3), transactions.number (2)" in report._repr_html_()
    assert SyncReport([landed()]).unparsed_values == {}


def test_a_report_shows_its_counts_in_one_line() -> None:
    report = SyncReport([landed(changes=(CHANGE,))], [landed("sites")], days_due=2, requests=1200)
    assert repr(report) == "SyncReport(1 of 2 days, 10 rows, 1 change, incomplete, 1,200 requests)"
    assert repr(SyncReport(stopped="The budget is spent.")).endswith("stopped early, 0 requests)")
    assert ", complete, " in repr(SyncReport([landed()], days_due=1))
    html = SyncReport([landed()], failed_tables={"items": "<403>"}, days_due=1, warnings=["<soon>"])._repr_html_()
    assert "<th>tables not read whole</th><td>items</td>" in html
    assert "&lt;soon&gt;" in html
