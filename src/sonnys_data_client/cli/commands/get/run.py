"""What `sonnys get` does: read the dates, send the requests, and write the rows as they come."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sonnys_data_client.cli.errors import Quarantined, Refusal
from sonnys_data_client.cli.session import Session
from sonnys_data_client.cli.show.cells import INSTANT
from sonnys_data_client.cli.show.decimals import Decimals
from sonnys_data_client.cli.show.files import CsvFor, Style
from sonnys_data_client.cli.show.layouts import file_columns, known, with_local_times
from sonnys_data_client.cli.show.progress import counted
from sonnys_data_client.cli.show.screen import say, screen, values_not_parsed
from sonnys_data_client.cli.show.target import Target, Wish, keep_unparsed, put, target_of
from sonnys_data_client.client.catalog import Entry
from sonnys_data_client.endpoints.dates import TODAY
from sonnys_data_client.engine.sites import SiteZones, site_zones
from sonnys_data_client.errors import RowError, UnparsedRow, ValidationError
from sonnys_data_client.text import one_line
from sonnys_data_client.types import Record
from sonnys_data_client.types.record import UNPARSED

if TYPE_CHECKING:
    from sonnys_data_client.client.sync import SonnysClient  # it imports the HTTP library

__all__ = ["Question", "run"]

_ONE_OBJECT = "Leave it out, or leave the id out."


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask for.

    Attributes:
        entry: The operation.
        values: Its parameters, as they were typed.
    """

    entry: Entry
    values: dict[str, Any]


def run(
    question: Question,
    *,
    session: Session,
    out: Path | None = None,
    format: Wish | None = None,
    csv_for: CsvFor | None = None,
    decimals: Decimals = "number",
    when: str | None = None,
    timezone: str | None = None,
) -> None:
    """Send the request, and write what comes.

    Raises:
        Refusal, ValidationError: An option is wrong. Nothing was sent, unless only the server could tell.
        APIError, IncompleteError: The API refused, or not all rows came. Those that came are written, or kept.
        Quarantined: Some rows of a list could not be parsed. All others are written.
    """
    target = target_of(out, format, session.command, Style(csv_for, decimals))
    values = dict(question.values)
    known = {takes.name: takes for takes in question.entry.parameters}
    dates = {name for name, takes in known.items() if takes.kind == "date"}
    for name in values.keys() - known.keys():
        raise ValidationError("is for lists", parameter=name, remedy=_ONE_OBJECT)
    if when is not None:
        if not dates:
            raise Refusal("--when is for lists.", _ONE_OBJECT)
        if values.keys() & dates:
            raise Refusal("--when names both ends of the range.", "Leave --start-date and --end-date out.")
        values |= dict.fromkeys(dates, when)
    question.entry.check(**values)
    zone = session.named_zone(timezone)
    texts = {name: values[name] for name in known if name in dates & values.keys()}
    for name, text in texts.items():
        session.check_when(text, zone, name)
    with session.client(timezone=zone) as client:
        for name, text in texts.items():
            span = session.when(text, client, values.get("site"), parameter=name, history=question.entry.history)
            values[name] = span.last if name == "endDate" else span.first
        if question.entry.unasked and not texts:
            _say_range(question.entry.unasked, client, values.get("site"), session)
        if question.entry.gives_rows:
            records = question.entry.iter(client, **values)
            shows_itself = target.path is None and sys.stdout.isatty()
            clocks = _clocks(question.entry.model, target, client)
            _put_records(records if shows_itself else counted(records, screen()), question.entry.model, target, clocks)
        else:
            record = question.entry.call(client, **values)
            _put_record(record, target, _clocks(type(record), target, client))


def _say_range(unasked: str, client: SonnysClient, site: str | None, session: Session) -> None:
    """Say which range is read although none was named."""
    if unasked == TODAY:
        zone = client.workings.driver.run(client.workings.settings.context.zone_of(site))
        unasked = f"{TODAY}, {session.now(zone):%Y-%m-%d} ({zone})"
    say(screen(), f"No range was named, so this is {unasked}. Name another with --when.")


def _clocks(model: type[Record], target: Target, client: SonnysClient) -> SiteZones | None:
    """Return the clocks by which a file for Excel has times. May cost one request, for the site list.

    None if the rows are not for Excel, or have no times.

    Raises:
        APIError: The site list cannot be read.
    """
    if not target.is_for_excel or INSTANT not in file_columns(model).values():
        return None
    context = client.workings.settings.context
    zones = client.workings.driver.run(site_zones(context.policy, context.findings))
    return zones if context.zone is None else replace(zones, common=context.zone)


def _put_records(
    records: Iterable[Record], model: type[Record], target: Target, clocks: SiteZones | None = None
) -> None:
    """Write records as they come.

    Raises:
        Quarantined: Some rows could not be parsed. All others are written.
    """
    unparsed: list[UnparsedRow] = []
    values = Counter[str]()

    def parsed() -> Iterator[dict[str, Any]]:
        try:
            for record in records:
                values.update(record.unparsed_fields)
                yield record.to_api()
        except RowError as error:  # comes after the last row
            unparsed.extend(error.unparsed)

    rows: Iterator[dict[str, Any]] = parsed()
    columns = file_columns(model)
    if target.format not in ("ndjson", "json"):  # which need no columns
        rows = (known(row, model) for row in rows)
    if clocks is not None:
        rows, columns = with_local_times(rows, model, clocks)
    put(rows, columns, target)
    if values:
        say(screen(), values_not_parsed(values, f"{UNPARSED} in their rows has"))
    if kept := keep_unparsed(unparsed, target.path or Path("sonnys-get")):
        raise Quarantined(f"{kept}.")


def _put_record(record: Record, target: Target, clocks: SiteZones | None) -> None:
    """Write one record; on a terminal, one field a line."""
    if target.path is None and target.format is None:
        for name, value in record.to_api().items():
            if value not in (None, "", []):
                shown = json.dumps(value, ensure_ascii=False, default=str) if _is_nested(value) else str(value)
                print(f"{one_line(name)}: {one_line(shown)}")
    else:
        _put_records([record], type(record), target, clocks)


def _is_nested(value: Any) -> bool:
    return isinstance(value, list | dict)
