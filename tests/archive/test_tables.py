"""The descriptions of tables agree with the models."""

from __future__ import annotations

import re

import pytest

from sonnys_data_client.archive.columns import OWN
from sonnys_data_client.archive.tables import TABLES, TRANSACTIONS, Table
from sonnys_data_client.types import Site, TransactionJobItem, parse_one
from sonnys_data_client.types.docstrings import about_field
from tests.types.rows import WHERE, job_row


def test_a_table_knows_its_model() -> None:
    assert TRANSACTIONS.record is TransactionJobItem
    assert TABLES["transactions"] is TRANSACTIONS


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_every_table_names_fields_that_its_model_has(table: Table) -> None:
    fields = table.record.model_fields
    named = [name for name in (table.moment, table.site) if name is not None]
    assert {*named, *table.codes, *table.parts.values()} <= set(fields)
    own = set(OWN) - {"position", "trans_id"}
    assert not own & set(fields), "a column of the archive's own has this name"


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_every_table_knows_all_fields_that_hold_the_code_of_a_site(table: Table) -> None:
    named = {name for name in table.record.model_fields if re.search(r"`Site\.code`", about_field(table.record, name))}
    assert set(table.codes) - {"code"} == named


def test_rows_are_known_by_their_id_where_they_have_one() -> None:
    assert TRANSACTIONS.key_of(parse_one(TransactionJobItem, job_row(id="5:1"), **WHERE)) == "5:1"
    assert TABLES["sites"].key_of(parse_one(Site, {"siteID": 3}, **WHERE)) == "3"
    assert TRANSACTIONS.key_of(object()) is None


def test_a_business_date_takes_a_time_and_a_site() -> None:
    assert TRANSACTIONS.dated
    assert not Table("sites", "snapshots", "Site", "Sites.").dated
