"""What happens to a member's account between its sale and its end, and to prepaid goods.

```text
 the sale         the account is Active
 a billing night  now and then the authorizer cannot be reached: an hour in another status, before the run
 a pause          Suspended in the morning of its first day, Active again after its last
 an upgrade       the billing amount changes
 any day          some members add a tag for a second car, whose plate may change; some of these tags are disabled
 the end          by choice: Cancelled, up to three weeks before the paid time is over
                  by the card: refused on the day of the recharge, given up some days later
```

All this is drawn for each member separately, so an account is the same whoever asks and whenever.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from .accounts import Modification, PlanTerm, Recharge, RecurringAccount, StatusChange
from .customers import KEPT_DAYS, customer
from .days import LocalDay, month_after
from .demand import OPENING_HOUR, moment
from .dice import pick
from .facts import Site
from .histories import UNLIMITED, GiftCard, Tag, Vehicle, Washbook
from .members import BillingRun, Member
from .menu import Plan
from .people import plate
from .prepaid import LIFE_DAYS, Good
from .sites import Plant
from .till import line, total_cents

GIVEN_UP_DAYS = 10
"""The last change of an account comes at most this many days after its end."""

_BILLING = "Recurring Billing"
_PORTAL = "Customer Portal"
_OTHER_ID = 10_000_000
_TAG_BASE = 300_000_000
_VEHICLE_BASE = 400_000_000
_CARD_TROUBLES = ("Payment Failed", "Declined", "Payment CC Expired")
_BLIP_SHARE = 0.08
_SECOND_CAR_SHARE = 0.12


@dataclass(frozen=True, slots=True)
class Branch:
    """A physical site, and the site that sells online for it.

    Attributes:
        seed: The world's seed.
        plant: The physical site.
        shop: The site that sells online for it: the web shop if there is one, else the same site.
        shop_zone: Time zone of the online sales.
    """

    seed: int
    plant: Plant
    shop: Site
    shop_zone: ZoneInfo

    def day(self, on: date) -> LocalDay:
        """Return a local day of the site."""
        return LocalDay.of(on, self.plant.zone)

    def sale_day(self, on: date, *, is_online: bool) -> LocalDay:
        """Return the local day of a sale in the time zone of the site that made it."""
        return LocalDay.of(on, self.shop_zone if is_online else self.plant.zone)

    def item_id(self, sku: str) -> str:
        """Return the id of an item that the site sells."""
        return f"{sku}:{self.plant.site.id}"


def account_of(branch: Branch, member: Member) -> RecurringAccount:
    """Return a member's account with its whole history."""
    return _Life(branch, member).account()


def recharges_of(branch: Branch, member: Member) -> list[Recharge]:
    """Return every monthly charge of a member, in order.

    The billing run rings up the same charges.
    """
    found: list[Recharge] = []
    for months in range(1, member.life_months):
        day = branch.day(month_after(member.joined, months))
        found.append(
            Recharge(
                BillingRun(branch.seed, member.site_id, day).at_ms(member.account),
                _month_cents(branch, member.plan_on(day.on)),
                member.card.last_four,
                member.card.expiry,
            )
        )
    return found


class _Life:
    """Builds one member's account."""

    def __init__(self, branch: Branch, member: Member) -> None:
        self._branch = branch
        self._member = member
        digits, _, site_id = member.account_id.partition(":")
        self._number = int(digits)
        self._recurring_id = f"{self._number + _OTHER_ID}:{site_id}"
        self._changes: list[StatusChange] = []
        self._modifications: list[Modification] = []
        self._sold_ms = member.sold_ms(branch.sale_day(member.joined, is_online=member.joined_online))
        self._tags = [self._tag(0, self._sold_ms)]
        self._vehicles = [self._vehicle(0, member.plate, self._sold_ms)]

    def account(self) -> RecurringAccount:
        member, branch = self._member, self._branch
        self._meet_blips()
        self._pause()
        self._add_a_car()
        terms = self._terms()
        self._leave()
        self._changes.sort(key=lambda change: change.at_ms)
        self._modifications.sort(key=lambda modification: modification.at_ms)
        kept_until_ms = branch.day(member.ended + timedelta(days=KEPT_DAYS)).start_ms
        return RecurringAccount(
            id=member.account_id,
            recurring_id=self._recurring_id,
            site_id=member.site_id,
            site_code=branch.plant.site.code,
            creation_site_code=branch.shop.code if member.joined_online else branch.plant.site.code,
            zone=branch.plant.zone,
            joined=member.joined,
            life_months=member.life_months,
            signed_up_ms=self._sold_ms,
            trial_cents=_month_cents(branch, member.first_plan, off_cents=_promotion_cents(member.first_plan)),
            terms=terms,
            customer=customer(
                branch.seed,
                member.customer_id,
                member.name,
                member.site_id,
                created_ms=self._sold_ms,
                changed_ms=tuple(modification.at_ms for modification in self._modifications),
                active_until_ms=branch.day(member.ended).start_ms,
                kept_until_ms=kept_until_ms,
            ),
            tags=tuple(self._tags),
            vehicles=tuple(self._vehicles),
            status_changes=tuple(self._changes),
            modifications=tuple(self._modifications),
            suspended=member.paused,
            kept_until_ms=kept_until_ms,
        )

    def _terms(self) -> tuple[PlanTerm, ...]:
        member, branch = self._member, self._branch
        terms = [self._term(member.first_plan, self._sold_ms)]
        if member.later_plan is not None and member.upgraded is not None:
            upgraded_ms = member.upgraded_ms(branch.day(member.upgraded))
            terms.append(self._term(member.later_plan, upgraded_ms))
            comment = f"Now on {terms[1].name}. Plan price: {terms[1].amount_cents / 100:.2f}"
            self._modify(upgraded_ms, "Billing Amount Change", comment)
        return tuple(terms)

    def _term(self, plan: Plan, from_ms: int) -> PlanTerm:
        product = plan.product
        return PlanTerm(from_ms, product.name, self._branch.item_id(product.sku), _month_cents(self._branch, plan))

    def _meet_blips(self) -> None:
        member = self._member
        happens, when = member.draws(2, "blip")
        if happens < _BLIP_SHARE and member.life_months > 1:
            months = 1 + int(when * (member.life_months - 1))
            day = self._branch.day(month_after(member.joined, months))
            self._turn(day.at_ms(2, 10), "Authorizer communication error", _BILLING)
            self._turn(day.at_ms(3, 15), "Active", _BILLING)

    def _pause(self) -> None:
        paused = self._member.paused
        if paused is not None:
            first, last = paused
            self._turn(self._branch.day(first).at_ms(OPENING_HOUR), "Suspended", self._somebody("pause"))
            self._turn(self._branch.day(last + timedelta(days=1)).at_ms(2), "Active", _BILLING)

    def _leave(self) -> None:
        member, branch = self._member, self._branch
        where, days, hour, rest = member.draws(4, "leave")
        if member.left_by_choice:
            day = branch.day(member.ended - timedelta(days=1 + int(days * 20)))
            by = _PORTAL if where < 0.4 else self._somebody("leave")
            self._turn(day.at_ms(OPENING_HOUR) + moment(hour, rest), "Cancelled", by)
            return
        refused = branch.day(member.ended)
        given_up = branch.day(member.ended + timedelta(days=3 + int(days * (GIVEN_UP_DAYS - 3))))
        self._turn(refused.at_ms(3, 31), pick(_CARD_TROUBLES, where), _BILLING)
        self._turn(given_up.at_ms(3, 31), "Payment Retries Exceeded", _BILLING)

    def _add_a_car(self) -> None:
        member = self._member
        happens, wait, hour, rest, repainted, disabled = member.draws(6, "car")
        if happens >= _SECOND_CAR_SHARE or member.life_months < 2:
            return
        added_ms = self._open_ms(5 + int(wait * 20)) + moment(hour, rest)
        self._modify(added_ms, "Tag Added", None)
        first_plate, next_plate = (plate(int(draw * 2**32)) for draw in member.draws(2, "plates"))
        changed_ms = self._open_ms(26) + moment(hour, rest) if repainted < 0.3 else None
        self._vehicles.append(self._vehicle(1, first_plate, added_ms, changed_ms))
        if changed_ms is not None:
            self._modify(changed_ms, "Vehicle Plate Changed", f"{first_plate} to {next_plate}")
            self._vehicles.append(self._vehicle(1, next_plate, changed_ms))
        disabled_ms = self._open_ms(27) + moment(hour, rest) if disabled < 0.3 else None
        self._tags.append(self._tag(1, added_ms, disabled_ms))
        if disabled_ms is not None:
            self._modify(disabled_ms, "Tag Disabled", None)

    def _open_ms(self, days: int) -> int:
        """Return when the site opens on a day, so many days after the sale."""
        return self._branch.day(self._member.joined + timedelta(days=days)).at_ms(OPENING_HOUR)

    def _turn(self, at_ms: int, new: str, by: str) -> None:
        old = self._changes[-1].new if self._changes else "Active"
        site_code = self._branch.plant.site.code
        change = StatusChange(self._member.account_id, self._recurring_id, at_ms, old, new, by, site_code)
        self._changes.append(change)
        self._modify(at_ms, "Account Status Changed", f"{old} to {new}")

    def _modify(self, at_ms: int, type: str, comment: str | None) -> None:
        self._modifications.append(Modification(at_ms, type, comment))

    def _somebody(self, what: str) -> str:
        return pick(self._branch.plant.staff, self._member.draws(1, f"{what} by")[0])

    def _tag(self, place: int, from_ms: int, disabled_ms: int | None = None) -> Tag:
        bits = self._member.traits >> 64
        number = f"98{bits & 0xFFFFFFFF:010}{place}"
        return Tag(f"{_TAG_BASE + self._number * 2 + place}:{self._member.site_id}", number, from_ms, disabled_ms)

    def _vehicle(self, place: int, shown: str, from_ms: int, until_ms: int | None = None) -> Vehicle:
        id = f"{_VEHICLE_BASE + self._number * 2 + place}:{self._member.site_id}"
        return Vehicle(id, shown, from_ms, until_ms)


def _month_cents(branch: Branch, plan: Plan, *, off_cents: int = 0) -> int:
    return total_cents((line(branch.plant.menu, plan.product, off_cents=off_cents),))


def _promotion_cents(plan: Plan) -> int:
    return plan.product.price_cents - plan.first_month_cents


def washbook_of(branch: Branch, good: Good) -> Washbook:
    """Return a washbook with its whole history."""
    sold_ms = good.sold_ms(branch.sale_day(good.sold_on, is_online=good.is_online))
    used_ms = tuple(use.at_ms(branch.day(use.on)) for use in good.uses)
    kept_until_ms = branch.day(good.sold_on + timedelta(days=LIFE_DAYS + KEPT_DAYS)).start_ms
    holder, site = None, branch.plant.site
    if good.customer_id is not None and good.holder is not None:
        holder = customer(
            branch.seed,
            good.customer_id,
            good.holder,
            site.id,
            created_ms=sold_ms,
            changed_ms=used_ms[:1],
            kept_until_ms=kept_until_ms,
        )
    digits = int(good.id.partition(":")[0])
    return Washbook(
        id=good.id,
        name=good.product.name,
        item_id=branch.item_id(good.product.sku),
        site_id=site.id,
        size=UNLIMITED if good.product is branch.plant.menu.year_pass else 5,
        signed_up_ms=sold_ms,
        used_ms=used_ms,
        customer=holder,
        tags=(Tag(f"{_TAG_BASE + digits}:{site.id}", good.number, sold_ms),),
        vehicles=(Vehicle(f"{_VEHICLE_BASE + digits}:{site.id}", good.plate, sold_ms),) if good.plate else (),
        kept_until_ms=kept_until_ms,
    )


def gift_card_of(branch: Branch, good: Good) -> GiftCard:
    """Return a gift card with its whole history."""
    return GiftCard(
        id=good.id,
        number=good.number,
        site_code=branch.shop.code if good.is_online else branch.plant.site.code,
        sold_ms=good.sold_ms(branch.sale_day(good.sold_on, is_online=good.is_online)),
        value_cents=good.price_cents,
        uses=tuple((use.at_ms(branch.day(use.on)), use.paid_cents) for use in good.uses),
    )
