"""What the route of the items answers."""

from __future__ import annotations

import pytest

from tests.sandbox.rig import header_of, record_rig, refusal

DETAILING = {
    "sku": "8002",
    "name": "Showroom Detail",
    "departmentName": "Detail",
    "priceAtSite": "1,249.00",
    "costPerItem": None,
    "isPromptForPrice": False,
    "siteLocation": "MAIN",
}


def test_rows_are_spelt_as_they_were_seen() -> None:
    rows = record_rig().get("/item")["items"]
    assert rows[0] == DETAILING
    assert (rows[1]["costPerItem"], rows[1]["isPromptForPrice"]) == ("0.40", True)
    assert record_rig(price_commas=False).get("/item")["items"][0]["priceAtSite"] == "1249.00"


@pytest.mark.parametrize(("department", "skus"), [("Detail", ["8002"]), ("GiftCard", ["6001"]), ("food", [])])
def test_a_department_has_its_items(department: str, skus: list[str]) -> None:
    page = record_rig().get("/item", departmentName=department)
    assert ([row["sku"] for row in page["items"]], page["total"]) == (skus, len(skus))


def test_an_unknown_department_is_refused_with_those_there_are() -> None:
    status, _, messages = refusal(record_rig().ask("GET", "/item", departmentName="Recurring Plan"))
    assert status == 422
    assert "Recurring_Plan" in messages[0]


def test_the_header_s_site_has_its_own_items() -> None:
    rows = record_rig().get("/item", header_of("NORTH"))["items"]
    assert [row["siteLocation"] for row in rows] == ["NORTH"]
