"""Nothing is lost on the way into the archive: what comes out again is what the API sent.

Twice: `raw` gives back each row as it came, value by value, null and "" and absent told apart; and the columns, which
are for questions, say what the models say of the row.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sonnys_data_client import sync
from sonnys_data_client.archive import Archive
from sonnys_data_client.archive.columns import columns_of, quoted
from sonnys_data_client.archive.evidence import day_of
from sonnys_data_client.archive.rows import read_text
from sonnys_data_client.engine.wire import Request, Response
from sonnys_data_client.models import Record, TransactionJobItem, parse_one
from sonnys_data_client.sandbox import Quirks, Reply, Sandbox, SandboxConfig
from sonnys_data_client.sync import SyncSettings
from tests.proof.truth import FIRST, START, world
from tests.sync.desk import client_of

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
    """A sandbox that remembers the rows of every job it has answered, as it sent them."""

    def __init__(self, config: SandboxConfig) -> None:
        super().__init__(config, world())
        self.sent: dict[str, Any] = {}

    def handle(self, request: Request, now: float) -> Reply:
        reply = super().handle(request, now)
        if request.path.endswith("get-job-data") and isinstance(reply.outcome, Response):
            data = json.loads(reply.outcome.body, parse_float=Decimal).get("data", {})
            if data.get("status") == "pass":
                self.sent |= {row["id"]: row for row in data["data"]}
        return reply


def in_columns(value: Any) -> Any:
    """What a model's value looks like in its column."""
    if isinstance(value, Record):
        return {name: in_columns(getattr(value, name)) for name in columns_of(type(value))}
    if isinstance(value, tuple):
        return [in_columns(part) for part in value]
    if isinstance(value, Decimal):
        return value.quantize(Decimal("0.0001"))
    return str(value) if isinstance(value, str) else value


@pytest.mark.parametrize("quirks", SHAPES.values(), ids=SHAPES)
def test_rows_come_back_as_they_were_sent(quirks: Quirks, tmp_path: Path) -> None:
    sandbox = Recorder(SandboxConfig(quirks=quirks, job_s=2))
    archive = Archive(tmp_path / "archive")
    report = sync.run(client_of(sandbox, at=START), archive, SyncSettings(start=DAY, stop=DAY, tables=()))
    assert report.complete
    names = list(columns_of(TransactionJobItem))
    found = archive.sql(f"SELECT raw, {', '.join(map(quoted, names))} FROM transactions")  # noqa: S608
    seen = 0
    for raw, *columns in found:
        sent = sandbox.sent[read_text(raw)["id"]]
        assert read_text(raw) == sent
        row = parse_one(TransactionJobItem, sent, method="-", path="-")
        assert dict(zip(names, columns, strict=True)) == in_columns(row)
        seen += 1
    assert seen == report.rows > 200
