"""The descriptions of tables agree with the models."""

from __future__ import annotations

import pytest

from sonnys_data_client.archive.tables import TABLES, TRANSACTIONS, Table
from sonnys_data_client.types import Site, TransactionJobItem, parse_one
from tests.types.rows import WHERE, job_row


def test_a_table_knows_its_model() -> None:
    assert TRANSACTIONS.record is TransactionJobItem
    assert TABLES["transactions"] is TRANSACTIONS


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_every_table_names_fields_that_its_model_has(table: Table) -> None:
    fields = table.record.model_fields
    named = [name for name in (table.moment, table.site) if name is not None]
    assert {*named, *table.parts.values()} <= set(fields)
    assert not {"account", "date", "raw", "business_date"} & set(fields), "a column of the archive's own has this name"


def test_rows_are_known_by_their_id_where_they_have_one() -> None:
    assert TRANSACTIONS.key_of(parse_one(TransactionJobItem, job_row(id="5:1"), **WHERE)) == "5:1"
    assert TABLES["sites"].key_of(parse_one(Site, {"siteID": 3}, **WHERE)) == "3"
    assert TRANSACTIONS.key_of(object()) is None


def test_a_business_date_takes_a_time_and_a_site() -> None:
    assert TRANSACTIONS.dated
    assert not Table("sites", "snapshots", "Site").dated
