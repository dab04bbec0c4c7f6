"""Nothing is lost on the way into the archive: its rows are what the API sent.

This holds for both forms of a row. `raw` gives it back as it came, value by value, with null, "" and absent told
apart. The columns, which are there for queries, have the values that the models read from it.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sonnys_data_client import sync
from sonnys_data_client.archive import Archive
from sonnys_data_client.archive.columns import columns_of, quoted
from sonnys_data_client.archive.evidence import day_of
from sonnys_data_client.archive.rows import read_text
from sonnys_data_client.archive.tables import TABLES, WEB_SHOP
from sonnys_data_client.engine.rows import encode
from sonnys_data_client.engine.wire import Request, Response
from sonnys_data_client.sandbox import Quirks, Reply, Sandbox, SandboxConfig
from sonnys_data_client.sandbox.world import BelievableWorld, WorldConfig
from sonnys_data_client.sandbox.world.protocol import World
from sonnys_data_client.sync import SyncSettings
from sonnys_data_client.sync.lists import SOURCES
from sonnys_data_client.types import Record, TransactionJobItem, parse_one
from tests.proof.truth import FIRST, START, world
from tests.sync.rig import client_of

DAY = day_of(FIRST)
SHAPES = {
    "as most likely": Quirks(),
    "absent": Quirks(none_as="absent", omit_job_flags=False, discount_key="discounts"),
    "null": Quirks(none_as="null", date_format="space"),
    "text and more": Quirks(
        money="string", extra_fields=True, unknown_enums=True, discount_amount_key="discountAmount"
    ),
}


class Recorder(Sandbox):
    """A sandbox that remembers the rows of all jobs and lists, as it sent them."""

    def __init__(self, config: SandboxConfig, world: World) -> None:
        super().__init__(config, world)
        self.sent: dict[str, Any] = {}
        self.listed: dict[str, set[str]] = defaultdict(set)

    def handle(self, request: Request, now: float) -> Reply:
        reply = super().handle(request, now)
        if isinstance(reply.outcome, Response) and reply.outcome.status == 200:
            data = json.loads(reply.outcome.body, parse_float=Decimal)["data"]
            if request.path.endswith("get-job-data"):
                self.sent |= {row["id"]: row for row in data["data"]} if data["status"] == "pass" else {}
            else:
                self._record(request.path, data)
        return reply

    def _record(self, path: str, data: Any) -> None:
        if (clock := re.fullmatch(r"/employee/(\d+)/clock-entries", path)) is not None:
            for week in data["weeks"]:
                about = {name: value for name, value in week.items() if name != "clockEntries"}
                entries = [{"employeeId": int(clock[1]), **entry, **about} for entry in week["clockEntries"]]
                self.listed["/clock-entries"] |= set(map(encode, entries))
        else:
            for rows in (rows for rows in data.values() if isinstance(rows, list)):
                self.listed[path] |= {text for row in rows for text in modifications_of(row)}


def modifications_of(row: Any) -> list[str]:
    """Return a row as text; an account with several modifications as one text each, because parts may split them."""
    each = row.get("modifications")
    return [encode({**row, "modifications": one}) for one in each] if isinstance(each, list) else [encode(row)]


PATHS = {
    "sites": "/site/list",
    "items": "/item",
    "employees": "/employee",
    "customers": "/customer",
    "giftcards": "/giftcard-liablilty",
    "washbooks": "/washbook/account/list",
    "recurring_accounts": "/recurring/account/details/list",
    "recurring_modifications": "/recurring/account/modifications",
    "status_changes": "/recurring/account/status-list",
    "clock_entries": "/clock-entries",
    "sales_outcomes": "/sales-outcome/list",
}


def in_columns(value: Any) -> Any:
    """Return a model's value as its column has it."""
    if isinstance(value, Record):
        return {name: in_columns(getattr(value, name)) for name in columns_of(type(value))}
    if isinstance(value, tuple):
        return [in_columns(part) for part in value]
    if isinstance(value, Decimal):
        return value.quantize(Decimal("0.0001"))
    return str(value) if isinstance(value, str) else value


@pytest.mark.parametrize("quirks", SHAPES.values(), ids=SHAPES)
def test_rows_come_back_as_they_were_sent(quirks: Quirks, tmp_path: Path) -> None:
    sandbox = Recorder(SandboxConfig(quirks=quirks, job_s=2), world())
    archive = Archive(tmp_path / "archive")
    client = client_of(sandbox, at=START, timezone="UTC")
    report = sync.run(client, archive, SyncSettings(start=DAY, end=DAY, tables=()))
    assert report.complete
    listed = client.transactions.list_v2(startDate=DAY, endDate=DAY)
    statuses = {row.trans_id: row.transaction_status for row in listed}
    names = list(columns_of(TransactionJobItem))
    found = archive.sql(f"SELECT raw, {', '.join(map(quoted, names))} FROM transactions")  # noqa: S608
    seen = 0
    for raw, *columns in found:
        sent = sandbox.sent[read_text(raw)["id"]]
        assert read_text(raw) == sent
        row = parse_one(TransactionJobItem, sent, method="-", path="-")
        status = row.transaction_status or statuses[row.id]  # a job's row that says none gets the list's
        own = {"location_code": row.location_code or WEB_SHOP, "transaction_status": in_columns(status)}
        assert dict(zip(names, columns, strict=True)) == in_columns(row) | own
        seen += 1
    assert seen == report.rows > 200


@pytest.mark.parametrize("quirks", SHAPES.values(), ids=SHAPES)
def test_rows_of_lists_come_back_as_they_were_sent(quirks: Quirks, tmp_path: Path) -> None:
    small = BelievableWorld(WorldConfig(seed=5, sites=3, cars_per_day=12))
    sandbox = Recorder(SandboxConfig(quirks=quirks, job_s=2), small)
    archive = Archive(tmp_path / "archive")
    settings = SyncSettings(start=day_of(START) - timedelta(days=3), members_since=date(2025, 6, 1))
    assert sync.run(client_of(sandbox, at=START), archive, settings).complete
    assert PATHS.keys() == SOURCES.keys()
    for table, path in PATHS.items():
        raws = [read_text(raw) for (raw,) in archive.sql(f"SELECT raw FROM {table}")]  # noqa: S608 - the archive's own
        kept = {text for raw in raws for text in modifications_of(raw)}
        assert kept, table
        if TABLES[table].kind == "snapshots":
            assert kept == sandbox.listed[path], table
        else:
            assert kept <= sandbox.listed[path], table  # an answer may include rows beyond the requested days
