"""What a file's rows look like: transactions whole, or flat for a spreadsheet.

| table          | NDJSON               | Parquet                | CSV                                     |
|----------------|----------------------|------------------------|-----------------------------------------|
| `transactions` | as the API has them  | the same, typed        | one row each, without the three lists   |
| `items`, `tenders`, `discounts` | one flat row for each line, in every format                          ||||

Names are the API's. A flat row begins with the transaction it belongs to: `transactionId`, `completeDate` (UTC),
`localTime` (by the clock of its site, as a spreadsheet reads it) and `locationCode`. What the models do not know is in
`otherFields`, as JSON: nothing is left out. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any, Literal, get_args, get_origin

from sonnys_data_client.types import TransactionJobItem
from sonnys_data_client.types.record import Record, api_name

__all__ = ["OTHER", "TEXT", "Layout", "Row", "Table", "columns_of", "flat", "known", "nested", "whole"]

Row = dict[str, Any]
Table = Literal["transactions", "items", "tenders", "discounts"]

TEXT = "VARCHAR"
OTHER = "otherFields"
_TYPES = {
    bool: "BOOLEAN",
    int: "BIGINT",
    Decimal: "DECIMAL(18,2)",
    datetime: "TIMESTAMP WITH TIME ZONE",
    date: "DATE",
}
_OF_THE_TRANSACTION = {
    "transactionId": TEXT,
    "completeDate": _TYPES[datetime],
    "localTime": "TIMESTAMP",
    "locationCode": TEXT,
    "line": "BIGINT",
}
_LISTS = {"items": "items", "tenders": "tenders", "discounts": "discount"}


@dataclass(frozen=True, slots=True)
class Layout:
    """A file's columns, and how a transaction becomes its rows.

    Attributes:
        columns: DuckDB's type of each, in order.
        rows: From a transaction, as `to_api` writes it or JSON reads it back, to rows.
    """

    columns: Mapping[str, str]
    rows: Callable[[Row], Iterator[Row]]


def columns_of(model: type[Record]) -> dict[str, str]:
    """The columns of a model's rows: the API's names, and DuckDB's types."""
    return {api_name(model, name): _type_of(field.annotation) for name, field in model.model_fields.items()}


def whole() -> Layout:
    """Transactions as they are."""
    return Layout(columns_of(TransactionJobItem), lambda transaction: iter((transaction,)))


def nested() -> Layout:
    """Transactions with their lists, in typed columns."""
    columns = columns_of(TransactionJobItem)

    def rows(transaction: Row) -> Iterator[Row]:
        yield known(transaction, columns)

    return Layout(columns | {OTHER: TEXT}, rows)


def flat(table: Table, zones: Mapping[str | None, tzinfo], default: tzinfo) -> Layout:
    """Rows of nothing but plain values.

    Args:
        table: Which rows.
        zones: The time zone of each site, by its code.
        default: The time zone of all other sites.
    """

    def local_time(transaction: Row) -> str:
        moment = datetime.fromisoformat(transaction["completeDate"])
        zone = zones.get(transaction.get("locationCode"), default)
        return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")

    if table == "transactions":
        plain = {name: kind for name, kind in columns_of(TransactionJobItem).items() if not kind.endswith("[]")}
        lists = set(_LISTS.values())

        def transactions(transaction: Row) -> Iterator[Row]:
            without = {name: value for name, value in transaction.items() if name not in lists}
            yield {"localTime": local_time(transaction)} | known(without, plain)

        return Layout({"localTime": "TIMESTAMP"} | plain | {OTHER: TEXT}, transactions)

    model = get_args(TransactionJobItem.model_fields[table].annotation)[0]
    of_line = columns_of(model)

    def lines(transaction: Row) -> Iterator[Row]:
        of_transaction = {
            "transactionId": transaction["id"],
            "completeDate": transaction["completeDate"],
            "localTime": local_time(transaction),
            "locationCode": transaction.get("locationCode"),
        }
        for number, line in enumerate(transaction.get(_LISTS[table]) or (), 1):
            yield of_transaction | {"line": number} | known(line, of_line)

    return Layout(_OF_THE_TRANSACTION | of_line | {OTHER: TEXT}, lines)


def known(row: Row, columns: Mapping[str, str]) -> Row:
    """A row with what has no column of its own in `otherFields`."""
    other = {name: value for name, value in row.items() if name not in columns}
    kept = {name: value for name, value in row.items() if name in columns}
    return kept | {OTHER: json.dumps(other, ensure_ascii=False, default=str)} if other else kept


def _type_of(annotation: Any) -> str:
    parts = get_args(annotation)
    if get_origin(annotation) is tuple:
        inner = ", ".join(f'"{name}" {kind}' for name, kind in columns_of(parts[0]).items())
        return f"STRUCT({inner})[]"
    return next((_TYPES[part] for part in (annotation, *parts) if part in _TYPES), TEXT)
