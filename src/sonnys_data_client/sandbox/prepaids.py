"""The routes of gift cards and washbooks.

The detail of a washbook also takes the id of a recurring account (S).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from sonnys_data_client.sandbox.listing import detail_route, list_route
from sonnys_data_client.sandbox.office import Office
from sonnys_data_client.sandbox.params import (
    DAY_S,
    END,
    LIMIT,
    OFFSET,
    SIGNED_UP_FROM,
    SITE,
    START,
    choice,
    identifier,
    in_range,
    known_places,
    optional,
    signed_up_in_time,
    site_ids_seen,
    sites_asked,
)
from sonnys_data_client.sandbox.quirks import Quirks
from sonnys_data_client.sandbox.replies import not_found
from sonnys_data_client.sandbox.route import Call, Param, Route
from sonnys_data_client.sandbox.shape import Field, Format, Shape, many, one
from sonnys_data_client.sandbox.spelling import DAY, FLAG, NUMBER, TEXT, WHOLE, Spelling
from sonnys_data_client.sandbox.world.accounts import RecurringAccount
from sonnys_data_client.sandbox.world.histories import UNLIMITED, Customer, GiftCard, Tag, Vehicle, Washbook

__all__ = ["ACCOUNT_ID", "CUSTOMER_ID", "ITEM_ID", "AccountParts", "routes"]

ACCOUNT_ID: Param[str | None] = identifier("account_id", "an account", is_in_path=True)
CUSTOMER_ID: Param[str | None] = identifier("customerId", "a customer")
ITEM_ID: Param[str | None] = identifier("itemId", "an item")
STATUS: Param[str | None] = choice("accountStatus", "active", "inactive")
NUMBER_OF_CARD: Param[str | None] = optional("prepaidNumber")


class GiftCardAt(NamedTuple):
    """A gift card, and the epoch second at which it is looked at."""

    it: GiftCard
    at: float


class WashbookAt(NamedTuple):
    """A washbook, and the epoch second at which it is looked at."""

    it: Washbook
    at: float


class TagAt(NamedTuple):
    """A tag, and the epoch second at which it is looked at."""

    it: Tag
    at: float


class RecurringInfo(NamedTuple):
    """The billing part of a washbook's detail: empty, unless the account is recurring."""

    amount_cents: int = 0
    next_bill: date | None = None
    last_bill: date | None = None
    is_on_trial: bool = False
    trials_left: int = 0


class WashbookDetail(NamedTuple):
    """The facts that a washbook's detail shows."""

    id: str
    name: str
    balance: int | None
    customer: Customer | None
    is_active: bool
    info: RecurringInfo
    tags: Sequence[TagAt]
    vehicles: Sequence[Vehicle]


class _Nobody(NamedTuple):
    """Stands for the customer of an account without one."""

    id: None = None
    number: None = None
    first_name: None = None
    last_name: None = None


class AccountParts:
    """The formats that all details of accounts share.

    Attributes:
        holder: Format of a customer, or of nobody.
        tags: Format of a list of `TagAt`.
        vehicles: Format of a list of vehicles.
    """

    def __init__(self, spelling: Spelling) -> None:
        null = spelling.null
        holders: Shape[Any] = Shape(
            "Holder",
            [
                Field("id", TEXT, "id", null),
                Field("number", TEXT, "number", null),
                Field("firstName", TEXT, "first_name", null),
                Field("lastName", TEXT, "last_name", null),
            ],
        )
        tags: Shape[TagAt] = Shape(
            "Tag",
            [
                Field("id", TEXT, "it.id"),
                Field("number", TEXT, "it.number"),
                Field("enabled", FLAG, lambda tag: tag.it.disabled_ms is None or tag.at * 1000 < tag.it.disabled_ms),
            ],
        )
        vehicles: Shape[Vehicle] = Shape("Vehicle", [Field("id", TEXT, "id"), Field("plate", TEXT, "plate", null)])
        self.holder: Format = one(holders)
        self.tags: Format = many(tags)
        self.vehicles: Format = many(vehicles)


def tags_at(tags: Sequence[Tag], at: float) -> list[TagAt]:
    """Return the tags that an account has at an epoch second."""
    return [TagAt(tag, at) for tag in tags if tag.from_ms <= at * 1000]


def holder_or_nobody(customer: Customer | None) -> Customer | _Nobody:
    """Return the customer, or a stand-in with no data."""
    return customer or _Nobody()


def routes(quirks: Quirks, spelling: Spelling) -> list[Route]:
    """Return the routes of gift cards and washbooks."""
    cards = Shape("GiftCard", _card_fields(quirks, spelling))
    books = Shape("WashbookRow", _book_fields(quirks, spelling))
    details = Shape("Washbook", _detail_fields(quirks, spelling))

    return [
        list_route(
            "/giftcard-liablilty",
            "giftcards",
            cards,
            _find_cards,
            spelling,
            takes=(NUMBER_OF_CARD, START, END, SITE, LIMIT, OFFSET),
            checks=(in_range(31 * DAY_S, "31 days"), known_places),
        ),
        list_route(
            "/washbook/account/list",
            "accounts",
            books,
            _find_books,
            spelling,
            takes=(STATUS, CUSTOMER_ID, SIGNED_UP_FROM, END, ITEM_ID, LIMIT, OFFSET),
            checks=(signed_up_in_time(184 * DAY_S, "6 months"),),
        ),
        detail_route("/washbook/account/{account_id}/detail", details, _detail, ACCOUNT_ID),
    ]


def _find_cards(call: Call, office: Office) -> Sequence[GiftCardAt]:
    asked, number = sites_asked(call, office), call[NUMBER_OF_CARD]
    cards = office.world.records.gift_cards(call[START], office.stop(call[END]), as_of=call.now)
    found = [
        GiftCardAt(card, call.now)
        for card in cards
        if (asked is None or card.site_code in asked) and number in {None, card.number}
    ]
    return office.in_order(found)


def _find_books(call: Call, office: Office) -> Sequence[WashbookAt]:
    seen, status = site_ids_seen(call, office), call[STATUS]
    customer_id, item_id = call[CUSTOMER_ID], call[ITEM_ID]
    books = office.world.records.washbooks(call[SIGNED_UP_FROM], office.stop(call[END]), as_of=call.now)
    found = [
        WashbookAt(book, call.now)
        for book in books
        if book.site_id in seen
        and (status is None or (status == "active") == book.is_active(call.now))
        and (customer_id is None or (book.customer is not None and book.customer.id == customer_id))
        and item_id in {None, book.item_id}
    ]
    return office.in_order(found)


def _detail(call: Call, office: Office) -> WashbookDetail:
    id, records, seen = call[ACCOUNT_ID] or "", office.world.records, site_ids_seen(call, office)
    book = records.washbook(id, as_of=call.now)
    if book is not None and book.site_id in seen:
        return WashbookDetail(
            book.id,
            book.name,
            book.balance(call.now),
            book.customer,
            book.is_active(call.now),
            RecurringInfo(),
            tags_at(book.tags, call.now),
            book.vehicles,
        )
    account = records.account(id, as_of=call.now)
    if account is None or account.site_id not in seen:
        raise not_found("account with this id")
    return _detail_of(account, call.now)


def _detail_of(account: RecurringAccount, at: float) -> WashbookDetail:
    on_trial = account.months_billed(at) == 0
    amount_cents = account.trial_cents if on_trial else account.term(at).amount_cents
    info = RecurringInfo(amount_cents, account.next_billed(at), account.last_billed(at), on_trial, int(on_trial))
    return WashbookDetail(
        account.id,
        account.term(at).name,
        None,
        account.customer,
        account.status(at) == "Active",
        info,
        tags_at(account.tags, at),
        [vehicle for vehicle in account.vehicles if vehicle.is_known(at)],
    )


def _card_fields(quirks: Quirks, spelling: Spelling) -> list[Field[GiftCardAt]]:
    def complete_ms(card: GiftCardAt) -> int | None:
        is_lost = quirks.lost_card_dates and int(card.it.number) % 7 == 0
        return None if is_lost else card.it.sold_ms

    return [
        Field("siteCode", TEXT, "it.site_code"),
        Field("completeDate", spelling.stamp, complete_ms, spelling.unset),
        Field("number", TEXT, "it.number"),
        Field("value", spelling.money, "it.value_cents"),
        Field("amountUsed", spelling.money, lambda card: card.it.used_cents(card.at)),
        Field("giftcardId", TEXT, "it.id"),
        *spelling.unheard_of("design", "balloons"),
    ]


def _book_fields(quirks: Quirks, spelling: Spelling) -> list[Field[WashbookAt]]:
    def balance(book: WashbookAt) -> str:
        left = book.it.balance(book.at)
        return quirks.unlimited_as if left == UNLIMITED else str(left)

    return [
        Field("id", TEXT, "it.id"),
        Field("name", TEXT, "it.name", spelling.null),
        Field("balance", TEXT, balance),
        Field("signUpDate", spelling.stamp, "it.signed_up_ms"),
        Field("cancelDate", spelling.stamp, lambda _book: None, spelling.null),
        Field("billingSiteId", WHOLE, "it.site_id"),
        Field("customerId", TEXT, lambda book: book.it.customer and book.it.customer.id, spelling.null),
        Field("status", TEXT, lambda book: _status(spelling, book.it.id, is_active=book.it.is_active(book.at))),
        *spelling.unheard_of("expires", "never"),
    ]


def _status(spelling: Spelling, id: str, *, is_active: bool) -> str:
    return spelling.word("Active" if is_active else "Inactive", "Frozen", id)


def _detail_fields(quirks: Quirks, spelling: Spelling) -> list[Field[WashbookDetail]]:
    parts = AccountParts(spelling)
    infos: Shape[RecurringInfo] = Shape(
        "RecurringInfo",
        [
            Field("currentBillableAmount", spelling.money, "amount_cents"),
            Field("nextBillDate", DAY, "next_bill", spelling.null),
            Field("lastBillDate", DAY, "last_bill", spelling.null),
            Field("isOnTrial", FLAG, "is_on_trial"),
            Field("remainingTrialPeriods", NUMBER, "trials_left"),
        ],
    )

    def balance(detail: WashbookDetail) -> int | None:
        return int(quirks.unlimited_as) if detail.balance == UNLIMITED else detail.balance

    return [
        Field("id", TEXT, "id"),
        Field("name", TEXT, "name"),
        Field("balance", NUMBER, balance, spelling.null),
        Field("customer", parts.holder, lambda detail: holder_or_nobody(detail.customer)),
        Field("status", TEXT, lambda detail: _status(spelling, detail.id, is_active=detail.is_active)),
        Field("recurringInfo", one(infos), "info"),
        Field("tags", parts.tags, "tags"),
        Field("vehicles", parts.vehicles, "vehicles"),
        *spelling.unheard_of("expires", "never"),
    ]
