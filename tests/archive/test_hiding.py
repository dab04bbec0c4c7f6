"""Personal data is hidden wherever the API may put it, and the same person stays the same text."""

from __future__ import annotations

from typing import Any

import pytest

from sonnys_data_client.archive.hiding import Privacy, customer_of, own_path
from sonnys_data_client.archive.tables import TABLES, TRANSACTIONS
from sonnys_data_client.redaction import Redaction

KEY = b"k" * 32
DROP = Privacy(Redaction("drop", "drop", "drop", "drop"), KEY)
HASH = Privacy(Redaction("hash", "hash", "hash", "hash"), KEY)
MEMBER = TABLES["recurring_accounts"]


def test_what_is_named_is_dropped_and_the_rest_stays() -> None:
    row = {"id": "1", "customerName": "Ann Lee", "vehicleLicensePlate": "AB 12", "customerId": "1:2", "total": 5}
    assert Privacy(Redaction(names="drop")).hide(TRANSACTIONS, row) == {**row, "customerName": None}
    assert DROP.hide(TRANSACTIONS, row) == {**row, "customerName": None, "vehicleLicensePlate": None}
    assert row["customerName"] == "Ann Lee", "what came is not changed itself"


def test_a_row_without_any_is_the_same_object() -> None:
    row = {"id": "1", "customerName": None, "employeeCashier": "", "items": [{"name": "Wash"}]}
    assert DROP.hide(TRANSACTIONS, row) is row
    assert HASH.hide(TRANSACTIONS, row) is row
    assert Privacy().hide(TRANSACTIONS, row) is row
    hidden = HASH.hide(TRANSACTIONS, {"customerName": "Ann"})
    assert HASH.hide(TRANSACTIONS, hidden) is hidden, "a hash is not hashed again"


@pytest.mark.parametrize(
    ("table", "field", "one", "same", "other"),
    [
        ("transactions", "customerName", "Ann  Lee", " ann lee", "Ann Leigh"),
        ("transactions", "vehicleLicensePlate", "ab-12 c", "AB12C", "AB12D"),
        ("customers", "phoneNumber", "+1 (555) 010-0100", "5550100100", "5550100101"),
        ("customers", "phoneNumber", 5550100100, "555-010-0100", "x"),
        ("customers", "newEmail", "Ann@Example.com ", "ann@example.com", "bob@example.com"),
    ],
)
def test_a_hash_is_the_same_for_the_same_person(table: str, field: str, one: Any, same: str, other: str) -> None:
    hashed = [HASH.hide(TABLES[table], {field: value})[field] for value in (one, same, other)]
    assert hashed[0] == hashed[1] != hashed[2]
    assert all(text.startswith("hash:") and len(text) == 25 for text in hashed)
    others = Privacy(HASH.redaction, b"other")
    assert others.hide(TABLES[table], {field: one})[field] != hashed[0], "nobody makes it without the key"


def test_a_hash_tells_kinds_apart() -> None:
    row = HASH.hide(TRANSACTIONS, {"customerName": "AB12", "vehicleLicensePlate": "AB12"})
    assert row["customerName"] != row["vehicleLicensePlate"]


@pytest.mark.parametrize(
    ("row", "hidden"),
    [
        ({"customer": {"id": "1", "firstName": "Ann"}}, {"customer": {"id": "1", "firstName": None}}),
        ({"vehicles": [{"plate": "A"}, {"plate": None}]}, {"vehicles": [{"plate": None}, {"plate": None}]}),
        ({"vehicles": {"1": {"plate": "A"}}}, {"vehicles": {"1": {"plate": None}}}),
        ({"vehicles": "A"}, {"vehicles": None}),
        ({"customer": "Ann"}, {"customer": None}),
        ({"customer": {"firstName": {"given": "Ann"}}}, {"customer": {"firstName": None}}),
        ({"customer": {"middleName": "B", "nick": "C"}}, {"customer": {"middleName": None, "nick": "C"}}),
        ({"vehicles": [{"plate2": "A", "make": "B"}]}, {"vehicles": [{"plate2": None, "make": "B"}]}),
        ({"contactEmail": ["a@b"], "note": "x"}, {"contactEmail": [], "note": "x"}),
        ("Ann Lee", None),
        (["Ann Lee"], None),
    ],
)
def test_a_shape_that_nobody_promised_hides_more_and_not_less(row: Any, hidden: Any) -> None:
    assert DROP.hide(MEMBER, row) == hidden


def test_a_forgotten_customer_is_emptied_and_others_are_not() -> None:
    privacy = Privacy(key=KEY, forgotten=frozenset({Privacy(key=KEY).customer("1:2")}))
    row = {
        "id": "7",
        "customerId": "1:2",
        "customerName": "Ann",
        "vehicleLicensePlate": "A",
        "employeeCashier": "Bob",
        "total": 5,
        "tenders": [{"tender": "card", "creditCardLastFour": "1234", "amount": 5}],
    }
    assert privacy.hide(TRANSACTIONS, row) == {
        **row,
        "customerId": None,
        "customerName": None,
        "vehicleLicensePlate": None,
        "tenders": [{"tender": "card", "creditCardLastFour": None, "amount": 5}],
    }
    other = {**row, "customerId": "1:3"}
    assert privacy.hide(TRANSACTIONS, other) is other
    member = {"id": "9", "customer": {"id": "1:2", "number": "4"}, "vehicles": [{"plate": "A"}], "planName": "Gold"}
    assert privacy.hide(MEMBER, member) == {"id": "9", "customer": None, "vehicles": [], "planName": "Gold"}


@pytest.mark.parametrize(
    ("table", "row", "id"),
    [
        ("transactions", {"customerId": "1:2"}, "1:2"),
        ("customers", {"customerId": 12}, "12"),
        ("transactions", {"customerId": ""}, None),
        ("transactions", {"customerId": True}, None),
        ("transactions", "text", None),
        ("recurring_accounts", {"customer": {"id": "1:2"}}, "1:2"),
        ("recurring_accounts", {"customer": "1:2"}, None),
        ("sites", {"customerId": "1:2"}, None),
    ],
)
def test_a_row_says_whose_it_is(table: str, row: Any, id: str | None) -> None:
    assert customer_of(TABLES[table], row) == id


def test_the_change_log_has_the_names_of_the_models() -> None:
    assert own_path(MEMBER.record, "customer.firstName") == ("customer", "first_name")
    assert DROP.hide_field(MEMBER, "customer", {"id": "1", "first_name": "Ann"}, forgotten=False) == {
        "id": "1",
        "first_name": None,
    }
    assert DROP.hide_field(MEMBER, "newPhone", "555", forgotten=False) is None
    assert DROP.hide_field(MEMBER, "plan_name", "Gold", forgotten=False) == "Gold"
    assert Privacy(key=KEY).hide_field(MEMBER, "vehicles", [{"plate": "A"}], forgotten=True) == []
