"""A few records for the sandbox's tests: one or two of each kind, with all that can be odd about them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from sonnys_data_client.sandbox.world import (
    ClockEntry,
    Customer,
    Employee,
    GiftCard,
    Item,
    ListedRecords,
    Modification,
    Outcome,
    Recharge,
    RecurringAccount,
    StatusChange,
    Washbook,
)
from sonnys_data_client.sandbox.world.accounts import PlanTerm
from sonnys_data_client.sandbox.world.histories import UNLIMITED, Address, Tag, Vehicle
from tests.sandbox.rig import DAY, TODAY, YESTERDAY

JOINED = TODAY - 40 * DAY
"""2026-10-14, when the accounts began."""


def ms(at: float) -> int:
    return round(at * 1000)


ANN = Customer(
    id="41:1",
    number="000041",
    first_name="Ann",
    last_name="Able",
    company=None,
    loyalty_number=None,
    address=Address("1 Elm Street", None, "Fairview", "TX", "US", "75000"),
    phone="2145550100",
    email=None,
    birth_date=None,
    allow_sms=True,
    sms_since_ms=ms(JOINED),
    created_ms=ms(JOINED),
    changed_ms=(),
    active_until_ms=None,
    kept_until_ms=None,
    site_id=1,
)
BOB = replace(
    ANN,
    id="42:2",
    first_name="Bob",
    last_name="Baker",
    company="Baker Taxis",
    loyalty_number="77",
    phone="2145550142",
    birth_date=date(1980, 2, 29),
    changed_ms=(ms(JOINED + 10 * DAY), ms(YESTERDAY)),
    active_until_ms=ms(YESTERDAY),
    site_id=2,
)
PAUSED = RecurringAccount(
    id="21:1",
    recurring_id="31:1",
    site_id=1,
    site_code="MAIN",
    creation_site_code="",
    zone=ZoneInfo("America/Chicago"),
    joined=date(2026, 10, 14),
    life_months=9,
    signed_up_ms=ms(JOINED + 3600 * 15),
    trial_cents=995,
    terms=(PlanTerm(0, "Foam Unlimited", "2003:1", 3000),),
    customer=ANN,
    tags=(Tag("1:1", "98001", 0), Tag("2:1", "98002", ms(JOINED + DAY), ms(YESTERDAY))),
    vehicles=(Vehicle("3:1", "OLD1", 0, ms(YESTERDAY)), Vehicle("3:1", "NEW1", ms(YESTERDAY))),
    status_changes=(
        StatusChange("21:1", "31:1", ms(YESTERDAY), "Active", "Suspended", "Kim Kline", "MAIN"),
        StatusChange("21:1", "31:1", ms(TODAY + 9 * DAY), "Suspended", "Active", "Recurring Billing", "MAIN"),
    ),
    modifications=(
        Modification(ms(JOINED + DAY), "Tag Added", None),
        Modification(ms(YESTERDAY), "Account Status Changed", "Active to Suspended"),
        Modification(ms(TODAY + 9 * DAY), "Account Status Changed", "Suspended to Active"),
    ),
    suspended=(date(2026, 11, 22), date(2026, 12, 1)),
    kept_until_ms=None,
)
GONE = replace(
    PAUSED,
    id="25:2",
    recurring_id="35:2",
    site_id=2,
    site_code="NORTH",
    customer=BOB,
    status_changes=(
        StatusChange("25:2", "35:2", ms(JOINED + 10 * DAY), "Active", "Cancelled", "Customer Portal", "NORTH"),
    ),
    modifications=(Modification(ms(JOINED + 10 * DAY), "Account Status Changed", "Active to Cancelled"),),
    suspended=None,
)
BOOK = Washbook(
    id="61:1",
    name="Foam Wash Book of 5",
    item_id="7003:1",
    site_id=1,
    size=5,
    signed_up_ms=ms(JOINED),
    used_ms=(ms(JOINED + DAY), ms(YESTERDAY)),
    customer=ANN,
    tags=(Tag("9:1", "98009", ms(JOINED)),),
    vehicles=(),
    kept_until_ms=None,
)
PASS = replace(BOOK, id="62:2", name="Year Pass", item_id="7009:2", site_id=2, size=UNLIMITED, customer=None)
USED_UP = replace(BOOK, id="63:1", size=2)
CARD = GiftCard("71:1", "1000008", "MAIN", ms(YESTERDAY), 124_900, ((ms(YESTERDAY + 60), 1605), (ms(TODAY + DAY), 500)))
LOST_CARD = replace(CARD, id="72:2", number="1000006", site_code="NORTH")
"""Its number can be divided by 7, so it has no date under the default of `lost_card_dates`."""
KIM = Employee(
    id=101,
    first_name="Kim",
    last_name="Kline",
    site_id=1,
    site_code="MAIN",
    started=date(2024, 5, 6),
    start_changed=None,
    phone=None,
    email=None,
    adp_id="",
    rate_cents=1800,
)
LEE = replace(KIM, id=201, first_name="Lee", last_name="Lowe", site_id=2, site_code="NORTH", rate_cents=0)
SHIFT = ClockEntry(101, "MAIN", ms(YESTERDAY + 36_000), ms(YESTERDAY + 68_400), 1800, None, False, YESTERDAY + 68_400)
"""Nine hours."""
NOW_ON = ClockEntry(101, "MAIN", ms(TODAY + 36_000), None, 1800, None, False, TODAY + 36_000)
TALK = Outcome(ms(YESTERDAY + 50_000), KIM, 1, "Main Street", False, "1003:1", "Foam Wash", 2000, "Lane 1")
SOLD = Outcome(ms(YESTERDAY + 51_000), LEE, 2, "North Loop", True, "2003:2", "Foam Unlimited", 3000, "POS 1")
DETAILING = Item("8002:1", "8002", "Showroom Detail", "Detail", 124_900, None, False, "MAIN")
GIFT = Item("6001:2", "6001", "Gift Card", "GiftCard", 2500, 40, True, "NORTH")

RECORDS = ListedRecords(
    all_items=(DETAILING, GIFT),
    all_employees=(KIM, LEE),
    all_clock_entries=(SHIFT, NOW_ON),
    all_outcomes=(TALK, SOLD),
    all_customers=(ANN, BOB),
    all_accounts=(PAUSED, GONE),
    all_recharges={"21:1": (Recharge(ms(JOINED + 31 * DAY), 3210, "4242", "2029-01"),)},
    all_washbooks=(BOOK, PASS, USED_UP),
    all_gift_cards=(CARD, LOST_CARD),
)
