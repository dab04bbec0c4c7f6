"""Records: frozen, written back without loss, and dumped by their types."""

from __future__ import annotations

import json
import pickle
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from pydantic import TypeAdapter, ValidationError

from sonnys_data_client.types import (
    AccountCustomer,
    Record,
    RecurringInfo,
    Tag,
    Tender,
    TenderType,
    TransactionJobItem,
    Vehicle,
    Washbook,
    api_name,
    as_json,
    parse_one,
    parse_rows,
)
from sonnys_data_client.types.fields import Money
from sonnys_data_client.types.record import RespeltRecord, record_in
from tests.types.golden import golden
from tests.types.rows import PRIVATE, WHERE, job_row
from tests.types.test_parsing import Thing


class Respelt(RespeltRecord):
    """A model whose price comes under two names."""

    other_spellings: ClassVar[dict[str, str]] = {"priceAmount": "price"}

    price: Money = None


def test_a_field_has_its_name_in_camel_case_or_the_named_one() -> None:
    thing = parse_one(Thing, {"id": "1", "unitPrice": 2, "customerName": "A"}, **WHERE)
    assert (thing.unit_price, thing.bought_by) == (Decimal("2.00"), "A")
    assert thing == Thing(id="1", unit_price=Decimal(2), bought_by="A")


def test_a_record_is_built_by_our_names_or_the_apis() -> None:
    assert Tender(tender=TenderType.CASH, amount=Decimal("1.5")) == Tender.model_validate(
        {"tender": "Cash", "amount": "1.50"}
    )


def test_records_are_frozen_hashable_and_picklable() -> None:
    row = parse_one(TransactionJobItem, job_row(), **WHERE)
    with pytest.raises(ValidationError):
        row.total = Decimal(0)  # type: ignore[misc]
    again = pickle.loads(pickle.dumps(row))
    assert again == row
    assert hash(again) == hash(row)


def test_unknown_fields_are_kept_exactly_at_every_level() -> None:
    odd = {"deep": [Decimal("1.10"), "", None]}
    raw = job_row(lane=odd, tenders=[{"tender": "Cash", "emv": odd}], items=[{"lot": odd}], discount=[{"by": odd}])
    row = parse_one(TransactionJobItem, raw, **WHERE)
    kept = (
        row.model_extra,
        row.tenders[0].model_extra,
        row.items[0].model_extra,
        row.discount[0].model_extra,
    )
    assert kept == ({"lane": odd}, {"emv": odd}, {"lot": odd}, {"by": odd})
    assert row.to_api() == raw


def test_to_api_writes_a_row_in_the_contracts_spelling() -> None:
    raw = job_row()
    written = parse_one(TransactionJobItem, raw, **WHERE).to_api()
    assert written == raw
    assert str(written["tenders"][0]["change"]) == "-1.00"
    assert type(written["type"]) is str


def test_to_api_writes_rows_with_the_same_meaning_alike() -> None:
    plain = job_row(customerName=None, tenders=[])
    other = job_row(
        customerName=" ",
        tenders=None,
        total="21.36",
        number="253425",
        completeDate="2020-05-19 05:32:32",
        isPrepaidSale=0,
    )
    (discount,) = other.pop("discount")
    other["discounts"] = [{"discountAmount": discount.pop("discount"), **discount}]
    rows = parse_rows(TransactionJobItem, [plain, other], **WHERE)
    assert rows[0].to_api() == rows[1].to_api() == plain


def test_an_instance_holds_its_fields_alone_in_its_dict() -> None:
    row = parse_one(TransactionJobItem, job_row(lane=1), **WHERE)
    assert row.__dict__.keys() == TransactionJobItem.model_fields.keys()
    assert json.loads(as_json(row)).keys() == TransactionJobItem.model_fields.keys()


def test_to_api_leaves_out_what_was_not_sent() -> None:
    tender = parse_one(Tender, {"tender": None}, **WHERE)
    assert tender.to_api() == {"tender": None}


def test_to_api_as_json_text_reads_back_exactly() -> None:
    row = parse_one(TransactionJobItem, job_row(total=Decimal("12345678901234.91")), **WHERE)
    text = json.dumps(row.to_api(), default=str)
    assert parse_one(TransactionJobItem, json.loads(text), **WHERE) == row


def test_pydantics_own_errors_hold_no_personal_data_either() -> None:
    with pytest.raises(ValidationError) as caught:
        TransactionJobItem.model_validate(job_row(total=PRIVATE[0], customerName=[PRIVATE[1]]))
    assert not [words for words in PRIVATE if words in str(caught.value)]


@pytest.mark.parametrize(
    ("raw", "price", "extra"),
    [
        ({"price": 1}, "1.00", {}),
        ({"priceAmount": 1}, "1.00", {}),
        ({"price": None, "priceAmount": 1}, "1.00", {}),
        ({"price": 0, "priceAmount": 1}, "0.00", {"priceAmount": 1}),
        ({"price": 1, "priceAmount": None}, "1.00", {"priceAmount": None}),
    ],
)
def test_of_two_spellings_the_one_with_a_value_is_read(raw: dict[str, Any], price: str, extra: dict[str, Any]) -> None:
    before = dict(raw)
    read = parse_one(Respelt, raw, **WHERE)
    assert (str(read.price), read.model_extra) == (price, extra)
    assert raw == before


@pytest.mark.parametrize(("model", "raw"), golden(), ids=lambda case: getattr(case, "__name__", ""))
def test_every_record_is_dumped_by_its_types(model: type[Record], raw: dict[str, Any]) -> None:
    row = parse_one(model, raw | {"lane": [Decimal("1.10")]}, **WHERE)  # a warning fails every test
    dumped = row.model_dump(mode="json")
    assert json.loads(row.model_dump_json()) == dumped == json.loads(json.dumps(dumped))
    assert TypeAdapter(list[model]).dump_python([row], mode="json") == [dumped]  # type: ignore[valid-type]
    assert dumped["lane"] == ["1.10"]
    assert row.model_dump() == {name: _bare(getattr(row, name)) for name in model.model_fields} | {
        "lane": [Decimal("1.10")]
    }
    answer = TypeAdapter(model).dump_python(row, mode="json", by_alias=True)  # as FastAPI writes a response
    assert answer.keys() == {"lane", *(api_name(model, name) for name in model.model_fields)}
    assert parse_one(model, answer, **WHERE) == parse_one(model, raw | {"lane": ["1.10"]}, **WHERE)
    names = model.model_json_schema(mode="serialization")["properties"].keys()
    assert names == {api_name(model, name) for name in model.model_fields}


def _bare(value: Any) -> Any:
    if isinstance(value, Record):
        return value.model_dump()
    return tuple(map(_bare, value)) if isinstance(value, tuple) else value


def test_the_record_in_a_field() -> None:
    inner = {name: record_in(info.annotation) for name, info in Washbook.model_fields.items()}
    assert {name: model for name, model in inner.items() if model is not None} == {
        "customer": AccountCustomer,
        "recurring_info": RecurringInfo,
        "tags": Tag,
        "vehicles": Vehicle,
    }


def test_json_has_amounts_as_text_and_instants_in_iso_8601() -> None:
    dumped = parse_one(TransactionJobItem, job_row(number="E-1"), **WHERE).model_dump(mode="json")
    assert (dumped["total"], dumped["complete_date"]) == ("21.36", "2020-05-19T05:32:32Z")
    assert (dumped["items"][0]["quantity"], dumped["type"]) == ("1", "Sale")
    assert (dumped["number"], dumped["(unparsed)"]) == (None, {"number": "E-1"})
