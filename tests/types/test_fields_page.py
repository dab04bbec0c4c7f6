"""The page of all fields: it is what the docstrings say, and each field has a docstring with a source."""

from __future__ import annotations

import pytest
from pydantic.fields import FieldInfo

from scripts.write_fields import PAGE, docstring, kind_of, models_of, page, row, written
from sonnys_data_client.types import (
    Discount,
    Record,
    RecurringModified,
    Tender,
    Transaction,
    TransactionJobItem,
    Washbook,
)
from sonnys_data_client.types.fields import Money


class Undocumented(Record):
    """A model without docstrings or sources."""

    bare: Money = None
    sourceless: Money = None
    """An amount."""


def line(model: type[Record], name: str) -> str:
    return row(model, name, model.model_fields[name])


def test_the_page_is_what_the_docstrings_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make docs-fields`"


def test_a_field_has_its_names_type_unit_source_and_meaning() -> None:
    assert line(Tender, "amount") == (
        "| `amount` | `amount` | `Decimal` | site's currency | yes | spec | Amount handed over. |"
    )
    assert line(Discount, "discount_amount") == (
        "| `discount_amount` | `discount`, `discountAmount` | `Decimal` | site's currency | yes | spec, seen live "
        "| Amount taken off. Comes as `discount` (spec) or `discountAmount` (seen live). |"
    )
    assert line(Transaction, "type").startswith(
        r"| `type` | `type` | `TransactionType \| str` |  | yes | spec, seen live |"
    )
    assert line(Transaction, "complete_date").startswith(
        "| `complete_date` | `completeDate` | `datetime` | UTC |  | spec"
    )
    assert "| `tuple[Tender, ...]` |  |  | spec |" in line(Transaction, "tenders")


def test_inherited_fields_have_the_docstrings_of_where_they_were_declared() -> None:
    assert docstring(TransactionJobItem, "total") == docstring(Transaction, "total")
    assert docstring(RecurringModified, "plan_name")
    assert docstring(Washbook, "balance")


def test_a_field_without_a_docstring_or_a_source_is_refused() -> None:
    with pytest.raises(ValueError, match=r"Undocumented\.bare has no docstring"):
        line(Undocumented, "bare")
    with pytest.raises(ValueError, match=r"Undocumented\.sourceless: its docstring must name a source"):
        line(Undocumented, "sourceless")


def test_only_public_models_of_the_module_itself_are_on_the_page() -> None:
    assert [model.__name__ for model in models_of("washbooks")] == [
        *("Tag", "Vehicle", "AccountCustomer", "RecurringInfo", "WashbookListItem", "Washbook"),
    ]


def test_a_kind_without_a_unit_has_none() -> None:
    assert kind_of(Tender.model_fields["amount"]) == "Money"
    assert kind_of(FieldInfo(annotation=int)) == ""
    assert written(int | None) == "int"
