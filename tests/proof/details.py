"""For each resource with details: one id from the sandbox's world, and what the detail of that id must say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

from sonnys_data_client.sandbox import Quirks
from tests.proof.records import (
    BEGIN,
    STOP,
    Row,
    Truth,
    account_details,
    cents,
    second,
    second_of,
    shown_account,
    word,
    world,
)
from tests.proof.truth import START


def _customer(_quirks: Quirks) -> Iterable[Row]:
    each = world().records.customers(as_of=START)[-1]
    home = each.address
    address = home.street, home.more, home.city, home.state, home.country, home.postal_code
    changed = each.modified_ms(START) or each.created_ms
    dates = each.birth_date, second_of(each.sms_since_ms), second_of(changed)
    yield each.id, each.number, each.first_name, each.company, each.phone, each.email, *address, *dates


def _shown_customer(row: Any) -> Row:
    home = row.address
    lines = home.address1, home.address2, home.city, home.state, home.country, home.postal_code
    dates = row.birth_date, second(row.recurring_sms_signup_date), second(row.modify_date)
    return row.id, row.number, row.first_name, row.company_name, row.phone, row.email, *lines, *dates


def _employee(_quirks: Quirks) -> Iterable[Row]:
    who = world().records.employees()[0]
    yield who.id, who.first_name, who.last_name, who.started, who.start_changed, who.phone, who.email


def _shown_employee(row: Any) -> Row:
    return row.employee_id, row.first_name, row.last_name, row.start_date, row.start_date_change, row.phone, row.email


def _book(quirks: Quirks) -> Iterable[Row]:
    each = world().records.washbooks(0, int(START), as_of=START)[0]
    balance = each.balance(START)
    status = word(quirks, "Active" if each.is_active(START) else "Inactive", "Frozen", each.id)
    customer = each.customer.id if each.customer else None
    yield each.id, each.name, "any" if balance == 999 else balance, customer, len(each.vehicles), status


def _shown_book(row: Any) -> Row:
    customer = row.customer.id if row.customer else None
    left = "any" if row.is_unlimited else row.balance
    return row.id, row.name, left, customer, len(row.vehicles), row.status


def _transaction(_quirks: Quirks) -> Iterable[Row]:
    row = world().transactions(BEGIN, STOP, as_of=START)[7]
    tenders = tuple((tender.amount_cents, tender.total_cents) for tender in row.tenders)
    items = tuple((item.name, item.net_cents) for item in row.items)
    yield row.id, row.number, row.total_cents, second_of(row.completed_ms), row.site_code or None, tenders, items


def _shown_transaction(row: Any) -> Row:
    tenders = tuple((cents(tender.amount), cents(tender.total)) for tender in row.tenders)
    items = tuple((item.name, cents(item.net)) for item in row.items)
    return row.id, row.number, cents(row.total), second(row.complete_date), row.location_code, tenders, items


def _first(rows: Callable[[Quirks], Iterable[Row]]) -> Any:
    """Return the id of the first row."""
    return next(iter(rows(Quirks())))[0]


def _account(quirks: Quirks) -> Iterable[Row]:
    yield next(iter(account_details(0, int(START))(quirks)))


@cache
def details() -> Sequence[Truth]:
    """Return what each operation that gets one object must return. The first call draws the world."""
    return (
        Truth("transactions", "get", {"trans_id": _first(_transaction)}, _transaction, _shown_transaction),
        Truth("customers", "get", {"customer_id": _first(_customer)}, _customer, _shown_customer),
        Truth("employees", "get", {"employee_id": _first(_employee)}, _employee, _shown_employee),
        Truth("washbooks", "get", {"account_id": _first(_book)}, _book, _shown_book),
        Truth("recurring", "get", {"account_id": _first(_account)}, _account, shown_account),
    )
