"""Parameters: which values are allowed, how they are sent, and the message for all others."""

from __future__ import annotations

from typing import Annotated, Any, TypedDict, get_args

import pytest

from sonnys_data_client.endpoints import params
from sonnys_data_client.endpoints.items import DepartmentName
from sonnys_data_client.endpoints.params import Takes
from sonnys_data_client.endpoints.recurring import MODIFICATIONS, STATUSES
from sonnys_data_client.errors import ValidationError
from sonnys_data_client.types import RecurringStatus

STATUS = params.coded("", "recurring status", STATUSES)
DEPARTMENT = params.choice("", "department", get_args(DepartmentName))


@pytest.mark.parametrize(
    ("takes", "value", "text"),
    [
        (params.text("", "name"), "Jane", "Jane"),
        (params.site_code(), "MAIN", "MAIN"),
        (params.site_codes(""), "MAIN,NORTH", "MAIN,NORTH"),
        (params.site_codes(""), ["MAIN", "NORTH"], "MAIN,NORTH"),
        (params.site_codes(""), ("MAIN",), "MAIN"),
        (params.entity("", "customer"), "45678:1001", "45678:1001"),
        (params.numbered("", "employee"), 12, "12"),
        (params.numbered("", "employee"), "12", "12"),
        (params.phone(""), "(213) 456-7890", "2134567890"),
        (params.phone(""), "+1 213 456 7890", "12134567890"),
        (DEPARTMENT, "Recurring_Plan", "Recurring_Plan"),
        (STATUS, "Payment Failed", "2"),
        (STATUS, RecurringStatus.CANCELLED, "7"),
        (STATUS, 15, "15"),
        (STATUS, "15", "15"),
        (params.whole(""), 7, "7"),
    ],
)
def test_what_is_allowed_goes_over_the_wire(takes: Takes, value: Any, text: str) -> None:
    assert takes.read("it", value) == text


SITES = "Pass one of the codes that client.sites.list() shows, or leave it out for all sites."
BAD: list[tuple[Takes, Any, str]] = [
    (params.text("", "name"), " ", "it=' ' must be a name that is not blank. Leave it out for all."),
    (params.site_code(), 5, f"it=5 must be a site code. {SITES}"),
    (params.site_codes(""), 5, f"it=5 must be a list of site codes. {SITES}"),
    (params.site_codes(""), [], f"it=[] must be a list of site codes, without commas in them. {SITES}"),
    (params.site_codes(""), ["A,B"], f"it=['A,B'] must be a list of site codes, without commas in them. {SITES}"),
    (
        params.site_codes(""),
        "A,,B",
        f"it='' must be a site code. {SITES}",
    ),
    (
        params.entity("", "customer"),
        "1:1/x",
        "it='1:1/x' must be a customer id: two numbers with a colon between them, such as '45678:1001'.",
    ),
    (params.numbered("", "employee"), "1:1", "it='1:1' must be an employee id: a whole number, such as 12."),
    (params.numbered("", "employee"), True, "it=True must be an employee id: a whole number, such as 12."),
    (params.phone(""), "12", "it='12' must be a phone number: its 10 digits, or 11 with the leading 1."),
    (
        DEPARTMENT,
        "Hot Wax",
        (
            "it='Hot Wax' is not a department; "
            "it must be one of Wash, Detail, Service, Merchandise, Discount, GiftCard, "
            "WashBook, Recurring_Plan, Add_On, Vacuum_sales, Prepaid_Wash, Prepaid_vacuum, food, beverage, recipe."
        ),
    ),
    (DEPARTMENT, ["Wash"], None),  # type: ignore[list-item]
    (params.whole(""), True, "it=True must be a whole number from 1 up."),
]


@pytest.mark.parametrize(("takes", "value", "sentence"), BAD, ids=[str(number) for number in range(len(BAD))])
def test_what_is_not_allowed_gets_one_sentence(takes: Takes, value: Any, sentence: str | None) -> None:
    with pytest.raises(ValidationError) as caught:
        takes.read("it", value)
    assert str(caught.value) == sentence or sentence is None


@pytest.mark.parametrize("value", ["Dormant", 16, 0, True, None, 7.0])
def test_a_status_that_is_none_names_those_that_are(value: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        STATUS.read("recurringAccountStatus", value)
    said = str(caught.value)
    assert said.startswith(
        f"recurringAccountStatus={value!r} is not a recurring status; it must be one of Active (1), "
    )
    assert said.endswith(", Unknown error error (15).")


def test_the_numbers_are_those_of_the_spec() -> None:
    assert len(STATUSES) == 15
    assert (STATUSES[1], STATUSES[5], STATUSES[7], STATUSES[15]) == (
        "Active",
        "Suspended",
        "Cancelled",
        "Unknown error error",
    )
    assert len(MODIFICATIONS) == 9
    assert (MODIFICATIONS[1], MODIFICATIONS[2], MODIFICATIONS[7], MODIFICATIONS[9]) == (
        "Tag Added",
        "Tags Removed",
        "Account Status Changed",
        "Payment Card Number Updated",
    )


class Base(TypedDict, total=False):
    first: Annotated[int, params.whole("The first.")]


class Both(Base, total=False):
    second: Annotated[str, params.text("The second.", "name")]


def test_parameters_are_read_off_their_types_those_of_the_bases_first() -> None:
    assert {name: takes.help for name, takes in params.parameters(Both).items()} == {
        "first": "The first.",
        "second": "The second.",
    }
    assert params.parameters(params.NoParams) == {}


@pytest.mark.parametrize(
    ("known", "sentence"),
    [
        (["b", "a"], "c is not a parameter of this call, which takes a, b."),
        ([], "c is not a parameter of this call, which takes none."),
    ],
)
def test_an_unknown_parameter_names_those_that_are(known: list[str], sentence: str) -> None:
    params.check_known(known, known)
    with pytest.raises(ValidationError) as caught:
        params.check_known(["c"], known)
    assert str(caught.value) == sentence
