"""How transactions and sites are written as JSON."""

from __future__ import annotations

from typing import Any

import pytest

from sonnys_data_client.sandbox import Quirks
from sonnys_data_client.sandbox.render import Renderer
from tests.sandbox.rig import SITES, WASH, YESTERDAY, wash

NOBODY = ("customerName", "customerId", "vehicleLicensePlate", "employeeCashier", "employeeGreeter")


def shown(**quirks: Any) -> dict[str, Any]:
    return Renderer(Quirks(**quirks)).job_row(WASH)


def test_a_row_is_spelt_as_the_contract_spells_it() -> None:
    assert shown() == {
        "id": "1:1",
        "number": 1,
        "type": "Sale",
        "completeDate": "2026-11-22T00:00:00.000Z",
        "locationCode": "MAIN",
        "salesDeviceName": "POS1",
        "total": 1500.75,
        "tenders": [
            {
                "tender": "Cash",
                "tenderSubType": None,
                "amount": 1501.0,
                "change": -0.25,
                "total": 1500.75,
                "referenceNumber": None,
                "creditCardLastFour": None,
                "creditCardExpirationDate": None,
            }
        ],
        "items": [
            {
                "name": "Fleet Wash",
                "sku": "17",
                "department": "Wash",
                "quantity": 100,
                "gross": 1600.0,
                "net": 1500.0,
                "discount": 100.0,
                "tax": 0.75,
                "additionalFee": 0.0,
                "isVoided": False,
            }
        ],
        "customerName": "",
        "customerId": "",
        "vehicleLicensePlate": "ABC123",
        "employeeCashier": "Kim",
        "employeeGreeter": "",
        "discount": [
            {
                "discountName": "Fleet",
                "discountSku": None,
                "appliedToItemName": "Fleet Wash",
                "discount": 100.0,
                "discountCode": "F1",
            }
        ],
        "isRecurringPayment": False,
        "isRecurringRedemption": False,
        "isRecurringSale": False,
        "isPrepaidRedemption": False,
        "isPrepaidSale": False,
    }


def test_the_two_lists_and_the_sites() -> None:
    render = Renderer(Quirks())
    summary = {"transNumber": 1, "transId": "1:1", "total": 1500.75, "date": "2026-11-22T00:00:00.000Z"}
    assert render.summary(WASH) == summary
    assert render.summary_v2(WASH) == {
        **summary,
        "customerId": "",
        "isRecurringPlanSale": True,
        "isRecurringPlanRedemption": False,
        "transactionStatus": "Completed",
    }
    assert [render.site(site) for site in SITES[1:]] == [
        {"siteID": 2, "code": "NORTH", "name": "North Loop", "timezone": None},
        {"siteID": 3, "code": "", "name": "Web Shop", "timezone": "America/Chicago"},
    ]


def test_the_empty_code_may_be_null() -> None:
    render = Renderer(Quirks(blank_code="null"))
    assert [render.site(site)["code"] for site in SITES] == ["MAIN", "NORTH", None]


def test_the_flags_that_jobs_omit() -> None:
    extra = shown(omit_job_flags=False).keys() - shown().keys()
    assert extra == {"isRecurringPlanSale", "isRecurringPlanRedemption", "transactionStatus"}
    assert not extra & Renderer(Quirks(omit_job_flags=False)).detail(WASH).keys()


@pytest.mark.parametrize("key", ["discount", "discounts"])
@pytest.mark.parametrize("amount_key", ["discount", "discountAmount"])
def test_discounts_have_two_spellings_twice(key: str, amount_key: str) -> None:
    row = shown(discount_key=key, discount_amount_key=amount_key)
    assert {"discount", "discounts"} & row.keys() == {key}
    assert {"discount", "discountAmount"} & row[key][0].keys() == {amount_key}


@pytest.mark.parametrize(("none_as", "value"), [("empty", ""), ("null", None), ("absent", "missing")])
def test_nobody_has_three_spellings(none_as: str, value: str | None) -> None:
    row = shown(none_as=none_as)
    assert [row.get(key, "missing") for key in NOBODY] == [value, value, "ABC123", "Kim", value]
    assert row["tenders"][0]["tenderSubType"] is None, "only the people's fields are quirky"


def test_dates_have_two_spellings() -> None:
    assert shown(date_format="space")["completeDate"] == "2026-11-22 00:00:00"
    assert Renderer(Quirks(date_format="space")).summary(WASH)["date"] == "2026-11-22 00:00:00"


def test_money_may_be_text_with_commas() -> None:
    row = shown(money="string")
    assert row["total"] == "1,500.75"
    assert row["tenders"][0]["change"] == "-0.25"
    assert row["items"][0]["tax"] == "0.75"
    assert row["items"][0]["quantity"] == 100
    assert row["discount"][0]["discount"] == "100.00"


def test_unknown_fields_come_at_every_level() -> None:
    row = shown(extra_fields=True)
    assert "weather" in row
    assert "isContactless" in row["tenders"][0]
    assert "waterLitres" in row["items"][0]
    render = Renderer(Quirks(extra_fields=True))
    assert "lane" in render.summary(WASH)
    assert "phase" in render.site(SITES[0])


def test_every_fifth_row_has_unheard_of_words() -> None:
    render = Renderer(Quirks(unknown_enums=True, omit_job_flags=False))
    rows = [render.job_row(wash(number, YESTERDAY)) for number in range(4, 7)]
    assert [row["type"] for row in rows] == ["Sale", "Exchange", "Sale"]
    assert [row["transactionStatus"] for row in rows] == ["Completed", "Reconciling", "Completed"]
    assert [row["tenders"][0]["tender"] for row in rows] == ["Cash", "Crypto", "Cash"]
    assert [row["items"][0]["department"] for row in rows] == ["Wash", "Robotics", "Wash"]
