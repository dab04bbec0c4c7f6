"""Columns follow the models."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sonnys_data_client.archive.columns import columns_of, quoted
from sonnys_data_client.types import Record, TransactionJobItem, TransactionType, api_name


class Part(Record):
    """A record inside another."""

    name: str | None = None
    price: Decimal | None = None


class Everything(Record):
    """One field of each kind."""

    id: int
    word: TransactionType | str | None = None
    flag: bool | None = None
    at: datetime
    on: date | None = None
    mixed: int | bool | None = None
    anything: Any = None
    names: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    part: Part | None = None


def test_each_kind_of_field_has_its_column() -> None:
    part = 'STRUCT("name" VARCHAR, "price" DECIMAL(18, 4))'
    assert columns_of(Everything) == {
        "id": "BIGINT",
        "word": "VARCHAR",
        "flag": "BOOLEAN",
        "at": "TIMESTAMP WITH TIME ZONE",
        "on": "DATE",
        "mixed": "VARCHAR",
        "anything": "VARCHAR",
        "names": "VARCHAR[]",
        "parts": f"{part}[]",
        "part": part,
    }


def test_transactions_have_the_columns_that_the_model_declares() -> None:
    columns = columns_of(TransactionJobItem)
    assert list(columns) == list(TransactionJobItem.model_fields)
    assert columns["total"] == "DECIMAL(18, 4)"
    assert columns["items"].startswith('STRUCT("name" VARCHAR, "sku" VARCHAR')
    assert columns["items"].endswith(")[]")


def test_columns_may_be_called_as_the_api_calls_the_fields() -> None:
    columns = columns_of(TransactionJobItem, api_names=True)
    assert list(columns) == [api_name(TransactionJobItem, name) for name in TransactionJobItem.model_fields]
    assert "completeDate" in columns
    assert '"tenderSubType" VARCHAR' in columns["tenders"]
    assert columns.keys() != columns_of(TransactionJobItem).keys()


def test_names_are_quoted() -> None:
    assert quoted('a "b"') == '"a ""b"""'
