"""The one list of personal fields is held against the models: a new field of a person cannot be overlooked."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from sonnys_data_client.archive.personal import CUSTOMER, FORGOTTEN, PERSONAL, PERSONS, kind_of_unknown
from sonnys_data_client.archive.tables import TABLES
from sonnys_data_client.types import Record, api_name
from sonnys_data_client.types.docstrings import about_field
from sonnys_data_client.types.record import RespeltRecord, record_in

LIKE_A_PERSON = re.compile(r"name|plate|phone|mail|comment|address|birth|cashier|greeter|customer", re.IGNORECASE)

NOT_PERSONAL = {
    "transactions": {
        *("salesDeviceName", "items.name", "discount.discountName", "discount.appliedToItemName"),
        *("discounts.discountName", "discounts.appliedToItemName"),
    },
    "sites": {"name"},
    "items": {"name", "departmentName"},
    "washbooks": {"name"},
    "recurring_accounts": {"planName", "currentRecurringStatusName"},
    "recurring_modifications": {"planName", "currentRecurringStatusName", "modifications.name"},
    "sales_outcomes": {"itemName", "terminalName"},
}
"""Fields that sound like a person's, and are of a thing."""
KEYS = {"customerId", "customerNumber", "customer", "customer.id", "customer.number"}
"""Keys of customers, by which rows are joined. They are no names; forgetting a customer takes them away."""


def paths(model: type[Record], before: str = "") -> Iterator[tuple[str, type[Record], str]]:
    for name, info in model.model_fields.items():
        api = api_name(model, name)
        spellings = [api]
        if issubclass(model, RespeltRecord):
            spellings += [seen for seen, contract in model.other_spellings.items() if contract == api]
        inner = record_in(info.annotation)
        for spelling in spellings:
            yield f"{before}{spelling}", model, name
            if inner is not None:
                yield from paths(inner, f"{before}{spelling}.")


@pytest.mark.parametrize("name", TABLES)
def test_every_field_that_sounds_like_a_persons_is_on_one_of_the_lists(name: str) -> None:
    found = {path for path, _, _ in paths(TABLES[name].record) if LIKE_A_PERSON.search(path.rpartition(".")[2])}
    assert found == {*PERSONAL.get(name, ()), *NOT_PERSONAL.get(name, ()), *(KEYS & found)}


@pytest.mark.parametrize("name", TABLES)
def test_every_field_that_the_models_call_personal_is_on_the_list(name: str) -> None:
    fields = paths(TABLES[name].record)
    said = {path for path, model, own in fields if "Personal." in about_field(model, own)}
    assert said <= {*PERSONAL.get(name, ()), *FORGOTTEN.get(name, ())}


def test_every_path_is_one_of_the_models() -> None:
    for listed in (PERSONAL, FORGOTTEN, {table: (path,) for table, path in CUSTOMER.items()}):
        for table, of_table in listed.items():
            assert set(of_table) <= {path for path, _, _ in paths(TABLES[table].record)}


def test_every_table_with_a_customer_forgets_them() -> None:
    about = {name for name in TABLES if any(path in KEYS - {"customer"} for path, _, _ in paths(TABLES[name].record))}
    assert about == set(CUSTOMER)
    for table, path in CUSTOMER.items():
        assert table == PERSONS or path.partition(".")[0] in FORGOTTEN[table]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("customerEmail", "emails"),
        ("mobilePhone", "phones"),
        ("license_plate", "plates"),
        ("memberName", "names"),
        ("itemName", None),
        ("total", None),
    ],
)
def test_a_field_that_no_model_has_is_known_by_its_name(name: str, kind: str | None) -> None:
    assert kind_of_unknown(name) == kind
