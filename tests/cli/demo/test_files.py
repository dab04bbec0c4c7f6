"""Files: whole or not at all, and the two agree with the rows and with one another."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sonnys_data_client.cli.demo.files import beside, columns_of, write_rows
from sonnys_data_client.models import Tender, TransactionJobItem, parse_rows
from sonnys_data_client.sandbox.world.believable import World
from tests.cli.demo.rows import some_rows


def test_columns_are_the_model_s_names_with_types() -> None:
    columns = columns_of(TransactionJobItem)
    assert columns["completeDate"] == "TIMESTAMP WITH TIME ZONE"
    assert columns["total"] == "DECIMAL(18,2)"
    assert columns["isPrepaidSale"] == "BOOLEAN"
    assert columns["number"] == "BIGINT"
    assert columns["type"] == columns["customerName"] == "VARCHAR"
    assert columns["tenders"].startswith('STRUCT("tender" VARCHAR, "tenderSubType" VARCHAR, "amount" DECIMAL(18,2)')
    assert columns["tenders"].endswith(")[]")
