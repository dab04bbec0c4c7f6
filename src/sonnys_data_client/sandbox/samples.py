"""Sample transactions that are made when they are asked for, one for each kind of tender.

Like the vendor's own sandbox, this one has a transaction for every id `<number>:999`. The number's last digit says
how it was paid. `999:999` does not exist.
"""

from __future__ import annotations

from sonnys_data_client.sandbox.dice import chance
from sonnys_data_client.sandbox.world.facts import LineItem, Tender, Transaction

__all__ = ["NOT_THERE", "sample"]

NOT_THERE = "999:999"
"""The id that never has a transaction."""

_CARDS = ("Visa", "MasterCard", "Discover", "Amex")
_TENDERS: dict[str, tuple[str, str | None]] = {
    "1": ("Prepaid", "RFID"),
    "2": ("Prepaid", "RFID Recurring"),
    "3": ("Prepaid", "LPR"),
    "4": ("Prepaid", "Giftcard"),
    "5": ("Paid On Account", "House Account RFID"),
    "6": ("Prepaid Wash", "Code"),
}
"""Last digit -> tender and sub type. `0` is a card of a random brand; any other digit is cash."""


def sample(id: str, now: float, site_code: str) -> Transaction | None:
    """Return the sample transaction for an id that ends in `:999`, or None for other ids.

    Args:
        id: Two numbers with a colon between them.
        now: Epoch seconds. The transaction was completed at the start of this UTC day.
        site_code: The site that rang it up.
    """
    number, _, site_id = id.partition(":")
    if site_id != "999" or id == NOT_THERE:
        return None
    tender = _tender(number)
    return Transaction(
        id=id,
        number=int(number[-9:]),
        type="Sale",
        completed_ms=int(now // 86_400) * 86_400_000,
        site_code=site_code,
        device="POS1",
        total_cents=1284,
        tenders=(tender,),
        items=(LineItem("Basic Wash", "1281127182", "Wash", 1, 1200, 1200, 0, 84, 0),),
        discounts=(),
        customer_name=None,
        customer_id=None,
        plate=None,
        cashier="Sam Sample",
        greeter=None,
        is_recurring_payment=False,
        is_recurring_redemption=number[-1] == "2",
        is_recurring_sale=False,
        is_prepaid_redemption=number[-1] in "46",
        is_prepaid_sale=False,
        status="Completed",
        is_plan_sale_v2=False,
        is_plan_redemption_v2=number[-1] == "2",
        visible_from=0.0,
    )


def _tender(number: str) -> Tender:
    if number[-1] == "0":
        brand = _CARDS[int(chance("card", number) * len(_CARDS))]
        return Tender("Credit", brand, 1284, 0, 1284, "62375401832", "1111", "2028-01")
    if number[-1] in _TENDERS:
        tender, sub_type = _TENDERS[number[-1]]
        return Tender(tender, sub_type, 1284, 0, 1284, f"S{number}")
    return Tender("Cash", None, 2000, 716, 1284)
