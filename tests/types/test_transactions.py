"""Transactions in their four forms, and each way in which live replies differ from the spec."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from sonnys_data_client.errors import RowError
from sonnys_data_client.types import (
    Department,
    Discount,
    LineItem,
    Tender,
    TenderSubType,
    TenderType,
    Transaction,
    TransactionJobItem,
    TransactionListItem,
    TransactionListItemV2,
    TransactionStatus,
    TransactionType,
    UnparsedRow,
    parse_one,
)
from tests.types.rows import WHERE, job_row

SUMMARY = {
    "transNumber": 7,
    "transId": "876:1001",
    "total": Decimal("7.99"),
    "date": "2018-05-19T05:32:32.000Z",
}
JOB_ONLY = ("isRecurringPlanSale", "isRecurringPlanRedemption", "transactionStatus")


def read(**changes: Any) -> TransactionJobItem:
    """Parse the golden job row with changes."""
    return parse_one(TransactionJobItem, job_row(**changes), **WHERE)


def test_a_row_of_the_list() -> None:
    assert parse_one(TransactionListItem, SUMMARY, **WHERE) == TransactionListItem(
        trans_id="876:1001",
        trans_number=7,
        total=Decimal("7.99"),
        date=datetime(2018, 5, 19, 5, 32, 32, tzinfo=UTC),
    )


def test_a_row_of_the_second_list() -> None:
    raw = SUMMARY | {
        "customerId": "1:234",
        "isRecurringPlanSale": True,
        "isRecurringPlanRedemption": False,
        "transactionStatus": "Pre-Sell",
    }
    assert parse_one(TransactionListItemV2, raw, **WHERE) == TransactionListItemV2(
        trans_id="876:1001",
        trans_number=7,
        total=Decimal("7.99"),
        date=datetime(2018, 5, 19, 5, 32, 32, tzinfo=UTC),
        customer_id="1:234",
        is_recurring_plan_sale=True,
        is_recurring_plan_redemption=False,
        transaction_status=TransactionStatus.PRE_SELL,
    )


def test_a_row_of_a_job() -> None:
    assert read() == TransactionJobItem(
        id="876:1001",
        number=253425,
        type=TransactionType.SALE,
        complete_date=datetime(2020, 5, 19, 5, 32, 32, tzinfo=UTC),
        location_code="SITE1",
        sales_device_name="POS1",
        total=Decimal("21.36"),
        tenders=(
            Tender(
                tender=TenderType.CREDIT,
                tender_sub_type=TenderSubType.VISA,
                amount=Decimal("22.36"),
                change=Decimal("-1.00"),
                total=Decimal("21.36"),
                reference_number="62375401832",
                credit_card_last_four="0011",
                credit_card_expiration_date="2025-01",
            ),
        ),
        items=(
            LineItem(
                name="Basic Wash",
                sku="1281127182",
                department=Department.WASH,
                quantity=Decimal(1),
                gross=Decimal("21.36"),
                net=Decimal("19.96"),
                discount=Decimal("2.00"),
                tax=Decimal("1.40"),
                additional_fee=Decimal("0.00"),
                is_voided=False,
            ),
            LineItem(name="Air freshener", department=Department.MERCHANDISE, quantity=Decimal(2)),
        ),
        discount=(
            Discount(
                discount_name="Rainy day",
                applied_to_item_name="Basic Wash",
                discount_amount=Decimal("2.00"),
                discount_code="91415818",
            ),
        ),
        customer_name="Jane Q. Public",
        customer_id="1:234",
        vehicle_license_plate="PLT0042",
        employee_cashier="Kim Cashier",
        employee_greeter="Lee Greeter",
        is_recurring_payment=False,
        is_recurring_redemption=False,
        is_recurring_sale=True,
        is_prepaid_redemption=False,
        is_prepaid_sale=False,
        is_recurring_plan_sale=True,
        is_recurring_plan_redemption=False,
        transaction_status=TransactionStatus.COMPLETED,
    )


def test_the_golden_row_has_no_unknown_field() -> None:
    row = read()
    parts = (row, *row.tenders, *row.items, *row.discount)
    assert [part.model_extra for part in parts] == [{}] * 5


def test_a_detail_is_a_job_row_without_its_three_fields() -> None:
    raw = {name: value for name, value in job_row().items() if name not in JOB_ONLY}
    detail = parse_one(Transaction, raw, **WHERE)
    assert detail.to_api() == raw
    assert type(detail) is Transaction


@pytest.mark.parametrize("name", JOB_ONLY)
def test_the_three_fields_that_job_rows_leave_out_are_none(name: str) -> None:
    raw = job_row()
    del raw[name]
    row = parse_one(TransactionJobItem, raw, **WHERE)
    flags = {
        "isRecurringPlanSale": row.is_recurring_plan_sale,
        "isRecurringPlanRedemption": row.is_recurring_plan_redemption,
        "transactionStatus": row.transaction_status,
    }
    assert [absent for absent, value in flags.items() if value is None] == [name]
    assert row.to_api() == raw


@pytest.mark.parametrize("key", ["discount", "discounts"])
@pytest.mark.parametrize("amount_key", ["discount", "discountAmount"])
def test_discounts_in_every_spelling(key: str, amount_key: str) -> None:
    raw = job_row()
    del raw["discount"]
    raw[key] = [{"discountName": "Rainy day", amount_key: "1,002.5"}]
    row = parse_one(TransactionJobItem, raw, **WHERE)
    assert row.discount == (Discount(discount_name="Rainy day", discount_amount=Decimal("1002.50")),)
    assert str(row.discount[0].discount_amount) == "1002.50"
    assert (row.model_extra, row.discount[0].model_extra) == ({}, {})


@pytest.mark.parametrize("key", ["tenders", "items", "discount"])
@pytest.mark.parametrize("nothing", [None, "", [], {}])
def test_a_missing_list_is_empty(key: str, nothing: object) -> None:
    row = read(**{key: nothing})
    lists: dict[str, tuple[Any, ...]] = {
        "tenders": row.tenders,
        "items": row.items,
        "discount": row.discount,
    }
    assert [name for name, rows in lists.items() if rows == ()] == [key]
    raw = job_row()
    del raw[key]
    assert parse_one(TransactionJobItem, raw, **WHERE) == row


@pytest.mark.parametrize(
    "key",
    [
        "customerName",
        "customerId",
        "vehicleLicensePlate",
        "employeeCashier",
        "employeeGreeter",
        "locationCode",
    ],
)
def test_a_blank_person_or_place_is_none(key: str) -> None:
    assert read(**{key: ""}) == read(**{key: None})
    assert read(**{key: ""}).to_api()[key] is None


@pytest.mark.parametrize("key", ["id", "completeDate", "total"])
def test_three_fields_are_required(key: str) -> None:
    missing = job_row()
    del missing[key]
    for raw, problem in (
        (missing, "missing"),
        (job_row(**{key: None}), "empty"),
        (job_row(**{key: " "}), "empty"),
    ):
        with pytest.raises(RowError) as caught:
            parse_one(TransactionJobItem, raw, **WHERE)
        assert caught.value.unparsed == [UnparsedRow(raw, f"{key}: {problem}")]


def test_every_other_field_may_be_null() -> None:
    nulls = {name: None for name in job_row() if name not in {"id", "completeDate", "total"}}
    row = read(**nulls)
    known = row.model_dump(exclude={"id", "complete_date", "total"})
    assert {name: value for name, value in known.items() if value not in (None, ())} == {}


@pytest.mark.parametrize(
    ("name", "value", "unparsed"),
    [
        ("number", "E-1001", {"number": "E-1001"}),
        ("number", 2**63, {"number": 2**63}),
        ("type", True, {"type": True}),
        ("discount", False, {"discount": False}),
        ("discount", [False, {"discount": "much"}], {"discount": [False], "discount.0.discount": "much"}),
        ("tenders", "Cash", {"tenders": "Cash"}),
        ("tenders", {"tender": "Cash"}, {"tenders": {"tender": "Cash"}}),
        ("tenders", [{"amount": 10**15}], {"tenders.0.amount": 10**15}),
        ("items", [{"isVoided": "Voided"}, {"tax": "N/A"}], {"items.0.isVoided": "Voided", "items.1.tax": "N/A"}),
        ("customerName", "Zo\ud800", {"customerName": "Zo\\ud800"}),
        ("lane", [{"no\udfffte": "Zo\ud800"}, "Zoë"], {"lane": [{"no\\udfffte": "Zo\\ud800"}, "Zoë"]}),
        ("items", [{"name": "Wash", "no\udfffte": 1}], {"items.0.no\\udfffte": 1}),
    ],
)
def test_an_odd_value_is_none_and_kept_as_it_came(name: str, value: object, unparsed: dict[str, Any]) -> None:
    row = read(**{name: value})
    assert row.unparsed == unparsed
    assert (row.id, row.total) == ("876:1001", Decimal("21.36"))
    again = parse_one(TransactionJobItem, row.to_api(), **WHERE)
    assert again == row != read()
    assert again.unparsed_fields == row.unparsed_fields
    assert pickle.loads(pickle.dumps(row)) == row
    assert json.loads(row.model_dump_json())["(unparsed)"] == unparsed


def test_an_odd_value_under_the_other_spelling_is_kept_under_the_contracts() -> None:
    raw = job_row(discounts=[{"discountAmount": "much", "discountName": "Rainy day"}])
    del raw["discount"]
    row = parse_one(TransactionJobItem, raw, **WHERE)
    assert row.discount[0].discount_name == "Rainy day"
    assert row.unparsed == {"discount.0.discount": "much"}


def test_a_row_without_odd_values_has_none() -> None:
    assert (read().unparsed, read().unparsed_fields) == ({}, ())
    assert (Tender(tender="Cash").unparsed, Tender(tender="Cash").unparsed_fields) == ({}, ())


@pytest.mark.parametrize("theirs", ["text", [1], None])
def test_a_field_of_the_api_with_our_name_for_odd_values_does_no_harm(theirs: object) -> None:
    raw = job_row(number="E-1001") | {"(unparsed)": theirs}
    assert parse_one(TransactionJobItem, raw, **WHERE).unparsed == {"number": "E-1001"}
    raw["number"] = 1
    row = parse_one(TransactionJobItem, raw, **WHERE)
    assert (row.unparsed, row.unparsed_fields, row.to_api()) == ({}, (), raw)


def test_a_list_may_come_as_an_object_with_numbers_for_names() -> None:
    tenders = [{"tender": "Cash"}, {"tender": "Check"}]
    assert read(tenders={"1": tenders[0], "3": tenders[1]}) == read(tenders=tenders)


def test_a_part_of_an_item_is_sold() -> None:
    assert read(items=[{"quantity": 0.5}, {"quantity": "1.250"}]).items == (
        LineItem(quantity=Decimal("0.5")),
        LineItem(quantity=Decimal("1.250")),
    )


@pytest.mark.parametrize("expiry", ["1999-12-31", "2025-01", "12/27", "never"])
def test_the_expiry_of_a_card_stays_as_it_came(expiry: str) -> None:
    raw = {"tender": "Credit", "creditCardExpirationDate": expiry}
    assert parse_one(Tender, raw, **WHERE).credit_card_expiration_date == expiry
    assert parse_one(Tender, raw, **WHERE).to_api() == raw


def test_unknown_words_are_data() -> None:
    row = read(
        type="Exchange", transactionStatus="Parked", tenders=[{"tender": "Crypto", "tenderSubType": "Doge"}],
        items=[{"department": "Dog Wash"}],
    )  # fmt: skip
    words = (
        row.type,
        row.transaction_status,
        row.tenders[0].tender,
        row.tenders[0].tender_sub_type,
        row.items[0].department,
    )
    assert words == ("Exchange", "Parked", "Crypto", "Doge", "Dog Wash")


def test_numbers_may_come_as_text_and_text_as_numbers() -> None:
    row = read(number="253425", customerId=234, total="1,234.5", isPrepaidSale="0")
    assert (row.number, row.customer_id, str(row.total), row.is_prepaid_sale) == (
        253425,
        "234",
        "1234.50",
        False,
    )
