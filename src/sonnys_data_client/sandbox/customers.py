"""The customer routes: a list and a detail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sonnys_data_client.sandbox.listing import detail_route, list_route
from sonnys_data_client.sandbox.office import Office
from sonnys_data_client.sandbox.params import (
    DAY_S,
    FIRST_DAY,
    LAST_DAY,
    LIMIT,
    OFFSET,
    choice,
    first_second,
    identifier,
    optional,
    site_ids_seen,
)
from sonnys_data_client.sandbox.replies import not_found
from sonnys_data_client.sandbox.route import Call, Param, Route
from sonnys_data_client.sandbox.shape import Field, Shape, one
from sonnys_data_client.sandbox.spelling import DAY, FLAG, TEXT, Spelling
from sonnys_data_client.sandbox.world.histories import Address, Customer

__all__ = ["CustomerAt", "routes"]

CUSTOMER_ID: Param[str | None] = identifier("customer_id", "a customer", is_in_path=True)
FIRST_NAME: Param[str | None] = optional("firstName")
LAST_NAME: Param[str | None] = optional("lastName")
STATUS: Param[str | None] = choice("status", "active", "inactive")


def _phone(text: str) -> str:
    if not (text.isascii() and text.isdigit() and len(text) in {10, 11}):
        raise ValueError("phoneNumber must be 10 digits, or 11 with a leading 1.")
    return text


PHONE: Param[str | None] = Param(
    "phoneNumber", _phone, lambda _now: None, {"type": "string", "pattern": "^[0-9]{10,11}$"}
)


class CustomerAt(NamedTuple):
    """A customer, and the epoch second at which the record is looked at."""

    it: Customer
    at: float


def routes(spelling: Spelling) -> list[Route]:
    """Return the customer routes."""
    rows, details = Shape("CustomerRow", _row_fields(spelling)), Shape("Customer", _detail_fields(spelling))

    takes = (FIRST_NAME, LAST_NAME, STATUS, LIMIT, OFFSET, FIRST_DAY, LAST_DAY, PHONE)
    return [
        list_route("/customer", "customers", rows, _find, spelling, takes=takes),
        detail_route("/customer/{customer_id}", details, _detail, CUSTOMER_ID),
    ]


def _detail(call: Call, office: Office) -> CustomerAt:
    found = office.world.records.customer(call[CUSTOMER_ID] or "", as_of=call.now)
    if found is None or found.site_id not in site_ids_seen(call, office):
        raise not_found("customer with this id")
    return CustomerAt(found, call.now)


def _find(call: Call, office: Office) -> Sequence[CustomerAt]:
    seen = site_ids_seen(call, office)
    found = [
        CustomerAt(each, call.now)
        for each in office.world.records.customers(as_of=call.now)
        if each.site_id in seen and _fits(each, call)
    ]
    return office.in_order(found)


def _fits(each: Customer, call: Call) -> bool:
    """Return whether a customer passes the call's filters.

    `endDate` is about the last change (S).
    """
    first_name, last_name, status, phone = call[FIRST_NAME], call[LAST_NAME], call[STATUS], call[PHONE]
    first_day, last_day = call[FIRST_DAY], call[LAST_DAY]
    return (
        (first_name is None or each.first_name.casefold() == first_name.casefold())
        and (last_name is None or each.last_name.casefold() == last_name.casefold())
        and (status is None or (status == "active") == each.is_active(call.now))
        and (phone is None or each.phone == phone[-10:])
        and (first_day is None or each.created_ms >= first_second(first_day) * 1000)
        and (last_day is None or (each.modified_ms(call.now) or 0) < (first_second(last_day) + DAY_S) * 1000)
    )


def _row_fields(spelling: Spelling) -> list[Field[CustomerAt]]:
    null = spelling.null
    return [
        Field("customerId", TEXT, "it.id"),
        Field("firstName", TEXT, "it.first_name"),
        Field("lastName", TEXT, "it.last_name"),
        Field("phoneNumber", TEXT, "it.phone", null),
        Field("customerNumber", TEXT, "it.number", null),
        Field("isActive", FLAG, lambda each: each.it.is_active(each.at)),
        Field("createdDate", spelling.stamp, "it.created_ms"),
        Field("modifiedDate", spelling.stamp, lambda each: each.it.modified_ms(each.at), spelling.unset),
        *spelling.unheard_of("householdSize", 3),
    ]


def _detail_fields(spelling: Spelling) -> list[Field[CustomerAt]]:
    null, unset = spelling.null, spelling.unset
    addresses = Shape("Address", _address_fields(spelling))
    return [
        Field("id", TEXT, "it.id"),
        Field("number", TEXT, "it.number"),
        Field("firstName", TEXT, "it.first_name"),
        Field("lastName", TEXT, "it.last_name"),
        Field("companyName", TEXT, "it.company", unset),
        Field("loyaltyNumber", TEXT, "it.loyalty_number", unset),
        Field("address", one(addresses), "it.address"),
        Field("phone", TEXT, "it.phone"),
        Field("email", TEXT, "it.email", null),
        Field("birthDate", DAY, "it.birth_date", null),
        Field("isActive", FLAG, lambda each: each.it.is_active(each.at)),
        Field("allowSms", FLAG, "it.allow_sms"),
        Field("recurringSmsSignupDate", spelling.moment, "it.sms_since_ms", null),
        Field("loyaltySmsSignupDate", spelling.moment, _loyalty_sms_ms, null),
        Field("modifyDate", spelling.moment, lambda each: each.it.modified_ms(each.at) or each.it.created_ms),
        *spelling.unheard_of("preferences", {"scent": "none"}),
    ]


def _loyalty_sms_ms(each: CustomerAt) -> int | None:
    return each.it.sms_since_ms if each.it.loyalty_number else None


def _address_fields(spelling: Spelling) -> list[Field[Address]]:
    parts = {
        "address1": "street",
        "address2": "more",
        "city": "city",
        "state": "state",
        "country": "country",
        "postalCode": "postal_code",
    }
    return [Field(key, TEXT, attribute, spelling.null) for key, attribute in parts.items()]
