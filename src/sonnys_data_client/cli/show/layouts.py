"""Lay out the rows of a file: transactions whole, or flat for a spreadsheet.

| table          | NDJSON               | Parquet                | CSV, XLSX                               |
|----------------|----------------------|------------------------|-----------------------------------------|
| `transactions` | as the API has them  | the same, typed        | one row each, without the three lists   |
| `items`, `tenders`, `discounts` | one flat row for each line, in every format                          ||||

Names are the API's, and types are those of `archive.columns`. A flat row begins with the transaction it belongs to:
`transactionId`, `completeDate` (UTC), `localTime` (by the clock of its site, as a spreadsheet reads it) and
`locationCode`. Fields that the models do not know are in `otherFields`, as JSON, so nothing is left out. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sonnys_data_client.archive.columns import columns_of
from sonnys_data_client.cli.show.cells import INSTANT, moment_of
from sonnys_data_client.cli.show.spool import json_text
from sonnys_data_client.engine.sites import SiteZones
from sonnys_data_client.types import TransactionJobItem
from sonnys_data_client.types.record import UNPARSED, Record, api_name, record_in

__all__ = [
    "OTHER",
    "TEXT",
    "ExportTable",
    "Layout",
    "Row",
    "file_columns",
    "flat",
    "known",
    "nested",
    "whole",
    "with_local_times",
]

Row = dict[str, Any]
ExportTable = Literal["transactions", "items", "tenders", "discounts"]

TEXT = "VARCHAR"
OTHER = "otherFields"
_OF_THE_TRANSACTION = {
    "transactionId": TEXT,
    "completeDate": INSTANT,
    "localTime": "TIMESTAMP",
    "locationCode": TEXT,
    "line": "BIGINT",
}
_SITES = ("location_code", "site_code", "site_location", "billing_site_code")
"""Fields that hold the code of a row's site, by model."""
_LISTS = {"items": "items", "tenders": "tenders", "discounts": "discount"}
"""What a table of lines is called, and the field of a transaction that holds them."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a file, and how a transaction becomes its rows.

    Attributes:
        columns: DuckDB's type of each column, in order.
        rows: Makes the rows of a transaction, which is as `to_api` writes it or JSON reads it back.
    """

    columns: Mapping[str, str]
    rows: Callable[[Row], Iterator[Row]]


def file_columns(model: type[Record]) -> dict[str, str]:
    """Return the columns for rows of a model: the API's names, and DuckDB's types."""
    return {**columns_of(model, api_names=True), OTHER: TEXT}


def whole() -> Layout:
    """Lay out transactions as they are."""
    return Layout(file_columns(TransactionJobItem), lambda transaction: iter((transaction,)))


def nested() -> Layout:
    """Lay out transactions with their lists, in typed columns."""

    def rows(transaction: Row) -> Iterator[Row]:
        yield known(transaction, TransactionJobItem)

    return Layout(file_columns(TransactionJobItem), rows)


def flat(table: ExportTable, zones: SiteZones) -> Layout:
    """Lay out rows of plain values.

    Args:
        table: What a row is.
        zones: The sites' time zones.
    """

    def local_time(transaction: Row) -> str:
        moment = datetime.fromisoformat(transaction["completeDate"])
        return moment.astimezone(zones.zone(transaction.get("locationCode"))).strftime("%Y-%m-%d %H:%M:%S")

    if table == "transactions":
        columns = file_columns(TransactionJobItem)
        plain = {name: kind for name, kind in columns.items() if not kind.endswith("[]")}
        lists = set(_LISTS.values())

        def transactions(transaction: Row) -> Iterator[Row]:
            without = {name: value for name, value in transaction.items() if name not in lists}
            yield {"localTime": local_time(transaction)} | known(without, TransactionJobItem)

        return Layout({"localTime": "TIMESTAMP"} | plain, transactions)

    model = record_in(TransactionJobItem.model_fields[_LISTS[table]].annotation)
    if model is None:
        raise TypeError(f"{table} holds no records")

    def lines(transaction: Row) -> Iterator[Row]:
        of_transaction = {
            "transactionId": transaction["id"],
            "completeDate": transaction["completeDate"],
            "localTime": local_time(transaction),
            "locationCode": transaction.get("locationCode"),
        }
        found = transaction.get(UNPARSED)
        unparsed: Row = found if isinstance(found, dict) else {}
        for number, line in enumerate(transaction.get(_LISTS[table]) or (), 1):
            path = f"{_LISTS[table]}.{number - 1}."
            own = {name.removeprefix(path): value for name, value in unparsed.items() if name.startswith(path)}
            yield of_transaction | {"line": number} | known({**line, UNPARSED: own} if own else line, model)

    return Layout(_OF_THE_TRANSACTION | file_columns(model), lines)


def with_local_times(
    rows: Iterable[Row], model: type[Record], zones: SiteZones
) -> tuple[Iterator[Row], dict[str, str]]:
    """Put the time by the clock of a row's site beside each instant, for programs that know no time zones.

    Args:
        rows: The rows of `file_columns`.
        model: Their model.
        zones: The sites' time zones. Rows that name no site have that of most sites.

    Returns:
        The rows, and their columns.
    """
    columns: dict[str, str] = {}
    local: dict[str, str] = {}
    for name, kind in file_columns(model).items():
        if kind == INSTANT:
            local[name] = f"{name} (local)"
            columns[local[name]] = "TIMESTAMP"
        columns[name] = kind
    site = next((api_name(model, field) for field in _SITES if field in model.model_fields), "")

    def with_times() -> Iterator[Row]:
        for row in rows:
            zone = zones.zone(row.get(site))
            moments = {shown: moment_of(row.get(name), INSTANT) for name, shown in local.items()}
            yield row | {
                shown: moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None).isoformat(sep=" ")
                for shown, moment in moments.items()
                if moment is not None
            }

    return with_times(), columns


def known(row: Row, model: type[Record]) -> Row:
    """Return a row with the fields that have no column in `otherFields`, those inside its records included."""
    names = columns_of(model, api_names=True)
    kept = {name: value for name, value in row.items() if name in names}
    other = _unknown(row, model)
    return kept | {OTHER: json_text(other)} if other else kept


def _unknown(row: Row, model: type[Record]) -> Row:
    """Return the fields of a row, and of the records in it, that a model does not know."""
    names = columns_of(model, api_names=True)
    found = {name: value for name, value in row.items() if name not in names}
    for field, info in model.model_fields.items():
        name, inner = api_name(model, field), record_in(info.annotation)
        value = row.get(name)
        if inner is None or not value:
            continue
        if isinstance(value, dict):
            other: Any = _unknown(value, inner)
        else:
            other = [_unknown(part, inner) for part in value]
            other = other if any(other) else None
        if other:
            found[name] = other
    return found
