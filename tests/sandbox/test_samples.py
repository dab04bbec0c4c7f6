"""The sample transactions."""

from __future__ import annotations

import pytest

from sonnys_data_client.sandbox.samples import sample
from tests.sandbox.rig import KEYS, NOW, TODAY, SandboxRig, refusal, world_of


@pytest.mark.parametrize(
    ("id", "tender", "sub_type"),
    [
        ("4971:999", "Prepaid", "RFID"),
        ("4292:999", "Prepaid", "RFID Recurring"),
        ("3:999", "Prepaid", "LPR"),
        ("54:999", "Prepaid", "Giftcard"),
        ("5:999", "Paid On Account", "House Account RFID"),
        ("16:999", "Prepaid Wash", "Code"),
        ("4978:999", "Cash", None),
        ("9:999", "Cash", None),
    ],
)
def test_the_last_digit_says_how_it_was_paid(id: str, tender: str, sub_type: str | None) -> None:
    row = SandboxRig().get(f"/transaction/{id}")
    assert row["id"] == id
    assert [(paid["tender"], paid["tenderSubType"]) for paid in row["tenders"]] == [(tender, sub_type)]
    assert sum(paid["total"] for paid in row["tenders"]) == row["total"] == 12.84


def test_a_zero_is_a_card_of_some_brand() -> None:
    rig = SandboxRig()
    brands = {rig.get(f"/transaction/{n}0:999")["tenders"][0]["tenderSubType"] for n in range(40)}
    assert brands == {"Visa", "MasterCard", "Discover", "Amex"}


def test_cash_gets_change() -> None:
    paid = SandboxRig().get("/transaction/7:999")["tenders"][0]
    assert (paid["amount"], paid["change"], paid["total"]) == (20.0, -7.16, 12.84)


def test_one_id_is_never_found_and_other_sites_have_no_samples() -> None:
    assert refusal(SandboxRig().ask("GET", "/transaction/999:999"))[:2] == (404, "EntityNotFoundError")
    assert sample("12:998", NOW, "MAIN") is None


def test_samples_are_of_today_and_of_the_first_site_or_the_header_s() -> None:
    row = sample("7:999", NOW, "MAIN")
    assert row is not None
    assert (row.completed_ms, row.site_code) == (TODAY * 1000, "MAIN")
    assert SandboxRig(world_of([])).get("/transaction/7:999", KEYS)["locationCode"] == "MAIN"
