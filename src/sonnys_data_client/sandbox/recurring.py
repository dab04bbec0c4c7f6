"""The routes of recurring accounts: lists, a detail, changes, modifications."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

from sonnys_data_client.sandbox.listing import detail_route, list_page, list_route, listed
from sonnys_data_client.sandbox.office import Office
from sonnys_data_client.sandbox.params import (
    DAY_S,
    END,
    LIMIT,
    OFFSET,
    SIGNED_UP_FROM,
    START,
    in_range,
    limit_of,
    may_see,
    number,
    optional,
    places_seen,
    signed_up_in_time,
    site_ids_seen,
    words,
)
from sonnys_data_client.sandbox.prepaids import ACCOUNT_ID, CUSTOMER_ID, ITEM_ID, AccountParts, TagAt, tags_at
from sonnys_data_client.sandbox.quirks import Quirks
from sonnys_data_client.sandbox.replies import Refusal, not_found
from sonnys_data_client.sandbox.route import Call, Param, Route
from sonnys_data_client.sandbox.shape import Field, Shape, many
from sonnys_data_client.sandbox.spelling import DAY, FLAG, NUMBER, TEXT, WHOLE, Spelling
from sonnys_data_client.sandbox.world.accounts import (
    MODIFICATIONS,
    STATUSES,
    Modification,
    Recharge,
    RecurringAccount,
    StatusChange,
)
from sonnys_data_client.sandbox.world.histories import Vehicle, happened

__all__ = ["routes"]

_CHANGES_MIN = 100
"""The smallest page of changes (S)."""

STATUS: Param[int | None] = number("recurringAccountStatus", len(STATUSES))
MODIFICATION: Param[int | None] = number("modifications", len(MODIFICATIONS))
SITES: Param[str | None] = optional("sites")
LIMIT_OF_CHANGES: Param[int] = limit_of(1000, _CHANGES_MIN, least=_CHANGES_MIN)

_IN_DETAILS = {"Active": "Active", "Cancelled": "Canceled", "Suspended": "Suspended"}
"""The statuses that a detail lists, and how it spells them (S)."""

_MODIFICATION_KEYS = {
    "short": ("name", "date", "comment"),
    "long": ("modificationType", "modificationDate", "modificationComment"),
}


class Turn(NamedTuple):
    """A status, and the instant at which the account got it."""

    status: str
    at_ms: int


class AccountAt(NamedTuple):
    """A recurring account, and the time at which it is looked at.

    Attributes:
        it: The account.
        at: The epoch second.
        recharges: Its monthly charges so far, if the reply shows them.
        modifications: The modifications that were asked for, if the reply shows them.
    """

    it: RecurringAccount
    at: float
    recharges: Sequence[Recharge] = ()
    modifications: Sequence[Modification] = ()

    @property
    def status(self) -> str:
        """The account's status."""
        return self.it.status(self.at)

    @property
    def tags(self) -> list[TagAt]:
        """The account's tags."""
        return tags_at(self.it.tags, self.at)

    @property
    def vehicles(self) -> list[Vehicle]:
        """The account's vehicles."""
        return [vehicle for vehicle in self.it.vehicles if vehicle.is_known(self.at)]

    @property
    def is_suspended(self) -> bool:
        """Whether the account is paused."""
        return self.status == "Suspended"

    @property
    def suspended_until(self) -> date | None:
        """The last day of the account's pause; None unless it is paused."""
        return self.it.suspended[1] if self.is_suspended and self.it.suspended else None

    @property
    def turns(self) -> list[Turn]:
        """The statuses that a detail lists, each with the instant at which it began.

        The first began with the sale.
        """
        turns = [
            Turn("Active", self.it.signed_up_ms),
            *(Turn(each.new, each.at_ms) for each in self.it.changes(self.at)),
        ]
        return [Turn(_IN_DETAILS[turn.status], turn.at_ms) for turn in turns if turn.status in _IN_DETAILS]


def routes(quirks: Quirks, spelling: Spelling) -> list[Route]:
    """Return the routes of recurring accounts."""
    rows = Shape("RecurringAccountRow", _row_fields(spelling))
    detail_fields = _detail_fields(spelling)
    details = Shape("RecurringAccount", detail_fields)
    modified = Shape("ModifiedAccount", [*detail_fields, _modifications_field(quirks, spelling)])
    changes = Shape("StatusChange", _change_fields(spelling))

    def details_list(call: Call, office: Office) -> bytes:
        def write(found: AccountAt) -> dict[str, Any]:
            return details.write(_billed(found.it, call, office))

        return list_page(call, office, "accounts", _find_as_of(call.now, call, office), write)

    def modified_list(call: Call, office: Office) -> bytes:
        def write(found: AccountAt) -> dict[str, Any]:
            return modified.write(_billed(found.it, call, office)._replace(modifications=found.modifications))

        return list_page(call, office, "accounts", _find_modified(call, office), write)

    def status_list(call: Call, office: Office) -> bytes:
        body = office.cached(call.criteria(), call.now)
        if body is None:
            found = _find_changes(call, office)
            body = list_page(call, office, "accounts", found, changes.write, least=_CHANGES_MIN)
            office.cache(call.criteria(), body, call.now + office.config.status_cache_s)
        return body

    return [
        list_route(
            "/recurring/account/list",
            "accounts",
            rows,
            _find,
            spelling,
            takes=(STATUS, CUSTOMER_ID, SIGNED_UP_FROM, END, ITEM_ID, LIMIT, OFFSET),
            checks=(signed_up_in_time(184 * DAY_S, "6 months"),),
        ),
        Route(
            ("GET",),
            "/recurring/account/status-list",
            status_list,
            listed("accounts", changes, spelling),
            (STATUS, START, END, LIMIT_OF_CHANGES, OFFSET),
            (in_range(math.inf, "any", has_history=False),),
        ),
        Route(
            ("GET",),
            "/recurring/account/modifications",
            modified_list,
            listed("accounts", modified, spelling),
            (MODIFICATION, SITES, SIGNED_UP_FROM, END, LIMIT, OFFSET),
            (signed_up_in_time(184 * DAY_S, "6 months"), _known_sites),
        ),
        Route(
            ("GET",),
            "/recurring/account/details/list",
            details_list,
            listed("accounts", details, spelling),
            (STATUS, SIGNED_UP_FROM, END, LIMIT, OFFSET),
            (signed_up_in_time(31 * DAY_S, "1 month"),),
        ),
        detail_route("/recurring/account/{account_id}/detail", details, _detail, ACCOUNT_ID),
    ]


# ------------------------------------------------------------------------------------------------------ finding


def _find(call: Call, office: Office) -> Sequence[AccountAt]:
    """Return the accounts sold in the range.

    If a range was sent, their status is as of its end (S).
    """
    is_range = bool({SIGNED_UP_FROM.name, END.name} & call.sent.keys())
    is_about_then = is_range and office.config.quirks.status_as_of == "range"
    return _find_as_of(min(call.now, office.stop(call[END])) if is_about_then else call.now, call, office)


def _find_as_of(at: float, call: Call, office: Office) -> Sequence[AccountAt]:
    seen, status = site_ids_seen(call, office), call[STATUS]
    customer_id, item_id = call.get(CUSTOMER_ID), call.get(ITEM_ID)
    accounts = office.world.records.accounts(call[SIGNED_UP_FROM], office.stop(call[END]), as_of=call.now)
    found = [
        AccountAt(account, at)
        for account in accounts
        if account.site_id in seen
        and (status is None or account.status(at) == STATUSES[status - 1])
        and customer_id in {None, account.customer.id}
        and item_id in {None, account.term(at).item_id}
    ]
    return office.in_order(found)


def _detail(call: Call, office: Office) -> AccountAt:
    found = office.world.records.account(call[ACCOUNT_ID] or "", as_of=call.now)
    if found is None or found.site_id not in site_ids_seen(call, office):
        raise not_found("recurring account with this id")
    return _billed(found, call, office)


def _billed(account: RecurringAccount, call: Call, office: Office) -> AccountAt:
    return AccountAt(account, call.now, office.world.records.recharges(account, as_of=call.now))


def _find_changes(call: Call, office: Office) -> Sequence[StatusChange]:
    codes, status = {site.code for site in places_seen(call, office)}, call[STATUS]
    changes = office.world.records.status_changes(call[START], office.stop(call[END]), as_of=call.now)
    found = [
        change
        for change in changes
        if change.site_code in codes and (status is None or change.new == STATUSES[status - 1])
    ]
    return office.in_order(found)


def _known_sites(call: Call, office: Office) -> Iterator[str]:
    for code in words(SITES, call):
        if code not in office.sites:
            yield f"sites: {code!r} is not the code of a site."
        elif not may_see(call, code) or call.site not in {None, code}:
            raise Refusal(403, "NotAuthorizedSiteArgsError", f"The account may not see the query's site {code!r}.")


def _find_modified(call: Call, office: Office) -> Sequence[AccountAt]:
    """Return the modified accounts, each with the modifications that were asked for."""
    records = office.world.records
    start, stop = call[SIGNED_UP_FROM], office.stop(call[END])
    codes, asked = {site.code for site in places_seen(call, office)}, words(SITES, call)
    wanted = None if (place := call[MODIFICATION]) is None else MODIFICATIONS[place - 1]
    if office.config.quirks.modified_range == "joined":
        accounts, start, stop = records.accounts(start, stop, as_of=call.now), 0, int(call.now) + 1
    else:
        accounts = records.modified(start, stop, as_of=call.now)
    found: list[AccountAt] = []
    for account in accounts:
        done = [
            each
            for each in account.modifications
            if happened(each.at_ms, start, stop, call.now) and wanted in {None, each.type}
        ]
        if done and account.site_code in codes and (not asked or account.site_code in asked):
            found.append(AccountAt(account, call.now, modifications=done))
    return office.in_order(found)


# ------------------------------------------------------------------------------------------------------ writing


def _row_fields(spelling: Spelling) -> list[Field[AccountAt]]:
    def status(account: AccountAt) -> int:
        is_strange = spelling.word("", "strange", account.it.id) == "strange"
        return len(STATUSES) + 1 if is_strange else STATUSES.index(account.status) + 1

    return [
        Field("id", TEXT, "it.id"),
        Field("name", TEXT, lambda account: account.it.term(account.at).name, spelling.null),
        Field("balance", NUMBER, lambda _account: None, spelling.null),
        Field("signUpDate", spelling.stamp, "it.signed_up_ms"),
        Field("cancelDate", spelling.stamp, lambda account: account.it.cancelled_ms(account.at), spelling.null),
        Field("billingSiteId", WHOLE, "it.site_id"),
        Field("customerId", TEXT, "it.customer.id", spelling.null),
        Field("status", WHOLE, status),
        Field("statusName", TEXT, lambda account: _status_name(spelling, account)),
        Field("billingSiteCode", TEXT, "it.site_code"),
        *spelling.unheard_of("source", "kiosk"),
    ]


def _change_fields(spelling: Spelling) -> list[Field[StatusChange]]:
    return [
        Field("washbook_account_id", TEXT, "account_id"),
        Field("recurring_id", TEXT, "recurring_id"),
        Field("old_status", TEXT, "old"),
        Field("new_status", TEXT, lambda change: spelling.word(change.new, "On Holiday", change.account_id)),
        Field("status_date", spelling.moment, "at_ms"),
        Field("employee_name", TEXT, "by"),
        Field("site_code", TEXT, "site_code"),
        *spelling.unheard_of("source", "kiosk"),
    ]


def _modifications_field(quirks: Quirks, spelling: Spelling) -> Field[AccountAt]:
    type, date, comment = _MODIFICATION_KEYS[quirks.modification_keys]
    modifications: Shape[Modification] = Shape(
        "Modification",
        [
            Field(type, TEXT, "type"),
            Field(date, spelling.stamp, "at_ms"),
            Field(comment, TEXT, "comment", spelling.null),
        ],
    )
    return Field("modifications", many(modifications), "modifications")


def _detail_fields(spelling: Spelling) -> list[Field[AccountAt]]:
    parts, null = AccountParts(spelling), spelling.null
    statuses: Shape[Turn] = Shape("Status", [Field("status", TEXT, "status"), Field("date", spelling.moment, "at_ms")])
    billings: Shape[Recharge] = Shape(
        "Billing",
        [
            Field("amountCharged", spelling.money, "amount_cents"),
            Field("date", spelling.moment, "at_ms"),
            Field("lastFourCC", TEXT, lambda charge: f"XXXXXXXXXXXX{charge.card_last_four}"),
            Field("creditCardExpirationDate", TEXT, "card_expiry", null),
        ],
    )
    return [
        Field("id", TEXT, "it.id"),
        Field("isOnTrial", FLAG, lambda account: account.it.months_billed(account.at) == 0),
        Field("trialAmount", spelling.money, "it.trial_cents"),
        Field("billingSiteCode", TEXT, "it.site_code"),
        Field("creationSiteCode", TEXT, "it.creation_site_code"),
        Field("nextBillDate", DAY, lambda account: account.it.next_billed(account.at)),
        Field("tags", parts.tags, "tags"),
        Field("vehicles", parts.vehicles, "vehicles"),
        Field("lastBillDate", DAY, lambda account: account.it.last_billed(account.at), null),
        Field("billingAmount", spelling.money, lambda account: _last_charge(account.recharges), null),
        Field("isSuspended", FLAG, "is_suspended"),
        Field("suspendedUntil", DAY, "suspended_until", null),
        Field("currentRecurringStatusName", TEXT, lambda account: _status_name(spelling, account)),
        Field("planName", TEXT, lambda account: account.it.term(account.at).name),
        Field("customer", parts.holder, "it.customer"),
        Field("recurringStatuses", many(statuses), "turns"),
        Field("recurringBillings", many(billings), "recharges"),
        Field("additionalTagPrice", spelling.money, lambda account: 0 if len(account.tags) > 1 else None, null),
        *spelling.unheard_of("source", "kiosk"),
    ]


def _last_charge(recharges: Sequence[Recharge]) -> int | None:
    return recharges[-1].amount_cents if recharges else None


def _status_name(spelling: Spelling, account: AccountAt) -> str:
    return spelling.word(account.status, "On Holiday", account.it.id)
