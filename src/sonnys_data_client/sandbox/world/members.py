"""The members of a site: when they join, what they pay, when they leave.

Members come in *cohorts*: all who joined on one local day. A cohort depends on nothing but its day. Drawn are its
size and a shift, which decides how it shrinks. Of a cohort of `n`, the number that stays longer than `m` months is

    n * (1 - churn)**m + shift, rounded down            0 <= shift < 1

This falls with the churn, and its average over many cohorts is exact. The first of a cohort leaves first, so those
who stay are always its last few. Nothing is stored, and any member can be looked up for any day in constant time: an
account number is the join day and the place in the cohort, and all else about the member is a hash of it.

    day          who
    join         all of the day's cohort: a plan sale, in the lane or online
    + m months   all who stay longer than m months: a recharge, on the same day of the month or the month's last day
    + 10..59 d   now and then one of the cohort: an upgrade to the next higher plan
    some month   now and then a member pauses for one or two weeks between two recharges
    + life       the first day without a plan: no recharge and no redemption from here on
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import accumulate, repeat
from operator import mul
from random import Random

from .days import LocalDay, month_after, month_length
from .demand import OPENING_HOUR, moment, sign_up_factor
from .dice import between, draws, fraction, key_bits, whole
from .ids import split_id
from .menu import FAMILY_SHARE, FOUNDERS_SHARE, PLAN_MIX, Plan
from .people import Card, card, person_name, plate
from .sites import OPENED, Plant

ONLINE_HOURS = (6, 22)
"""When the web shop sells: in these hours the date is the same in every time zone of the country."""

DAYS_MAX = (date(2100, 1, 1) - OPENED).days
"""Nobody joins after 2099 and nothing prepaid is sold then, so that numbers of different kinds never collide."""

MONTHS_MAX = 60
"""Nobody stays longer than five years. This limits how many cohorts a day has to look at."""

_ONE_DAY = timedelta(days=1)
_COHORT_MAX = 100
# Enough for all whose customer record may still exist: five years, and a year after the end.
_COHORTS_CACHED = 4096
_ROSTERS_CACHED = 2
_ACCOUNT_BASE = 20_000_000
_CUSTOMER_BASE = 40_000_000
_BILLING_BATCHES = 8
_BILLING_BATCH_MS = 4_000
# About one member in fifty.
_PAUSES_IN_256 = 5
_PAUSE_LIFE_MONTHS_MIN = 3
_TRAITS_MASK = 2**128 - 1
# An upgrade sets the plan-sale flag of the version 2 list. Of these flags, 2.7 % are upgrades (seen live).
_UPGRADES_PER_SALE = 0.0278
_UPGRADE_AFTER_DAYS = range(10, 60)
_FOUNDERS_UNTIL = date(2023, 1, 1)
_VOLUNTARY_SHARE = 0.6
_TRIES_MAX = 60


@dataclass(frozen=True, slots=True)
class Cohort:
    """Everyone who joined a site on one day.

    Attributes:
        day: The local day.
        lives_months: How many months each stays, in ascending order.
        upgrader: Place of the one who upgrades, or -1. The upgrade happens only if that member is still there.
        upgrade_day: Local day of the upgrade.
    """

    day: date
    lives_months: tuple[int, ...]
    upgrader: int
    upgrade_day: date

    @property
    def size(self) -> int:
        """How many joined."""
        return len(self.lives_months)

    def outliving(self, months: int) -> range:
        """Return the places of those who stay longer than `months`."""
        return range(bisect_right(self.lives_months, months), len(self.lives_months))


@dataclass(frozen=True, slots=True)
class Member:
    """One recurring account and the customer who holds it.

    Attributes:
        account: Account number, unique within the site.
        site_id: The site that joined and bills the member.
        joined: Local day of the plan sale.
        joined_online: Whether it was sold by the web shop.
        life_months: Months paid for; the first by the sale, each further one by a recharge.
        first_plan: The plan that was bought.
        later_plan: The plan after an upgrade, or None.
        upgraded: Local day of the upgrade, or None.
        traits: 128 bits from which all else follows.
    """

    account: int
    site_id: int
    joined: date
    joined_online: bool
    life_months: int
    first_plan: Plan
    later_plan: Plan | None
    upgraded: date | None
    traits: int

    @property
    def customer_id(self) -> str:
        """The customer's id, `"<digits>:<site id>"`.

        Its first number is not the account number.
        """
        return f"{_CUSTOMER_BASE + self.account}:{self.site_id}"

    @property
    def account_id(self) -> str:
        """The recurring account's id, `"<digits>:<site id>"`."""
        return f"{_ACCOUNT_BASE + self.account}:{self.site_id}"

    @property
    def name(self) -> str:
        """The customer's name."""
        return person_name(self.traits)

    @property
    def plate(self) -> str:
        """The car's licence plate."""
        return plate(self.traits >> 20)

    @property
    def card(self) -> Card:
        """The card that is charged, valid for as long as the member stays."""
        kind, numbers = fraction(self.traits >> 52), self.traits >> 84
        return card(kind, numbers, self.joined.year - -self.life_months // 12)

    @property
    def left_by_choice(self) -> bool:
        """Whether the member cancels in the end; otherwise the card fails."""
        return fraction(self.traits >> 44) < _VOLUNTARY_SHARE

    @property
    def ended(self) -> date:
        """First local day without a plan."""
        return month_after(self.joined, self.life_months)

    @property
    def paused(self) -> tuple[date, date] | None:
        """First and last local day of the pause, or None.

        Few members pause: once, between two recharges.

        A pause is never in the last two months, so that it is over before the member can leave.
        """
        draw = self.traits >> 104
        if (draw & 0xFF) >= _PAUSES_IN_256 or self.life_months < _PAUSE_LIFE_MONTHS_MIN:
            return None
        month = (draw >> 8) % (self.life_months - 2)
        first = month_after(self.joined, month) + timedelta(days=3 + (draw >> 16) % 4)
        return first, first + timedelta(days=4 + (draw >> 20) % 12)

    def is_paused_on(self, day: date) -> bool:
        """Return whether a local day is in the pause."""
        paused = self.paused
        return paused is not None and paused[0] <= day <= paused[1]

    def draws(self, count: int, what: str) -> list[float]:
        """Return the draws that decide `what` about this member; always the same ones."""
        return draws(count, what, self.traits)

    def sold_ms(self, day: LocalDay) -> int:
        """Return the instant of the plan sale.

        `day` is the join day in the time zone of the site that sold it.
        """
        if self.joined_online:
            open_ms, close_ms = (day.at_ms(hour) for hour in ONLINE_HOURS)
            return int(between(open_ms, close_ms, self.draws(1, "sold")[0]))
        return day.at_ms(OPENING_HOUR) + moment(*self.draws(2, "sold"))

    def upgraded_ms(self, day: LocalDay) -> int:
        """Return the instant of the upgrade on `day`, its local day."""
        return day.at_ms(OPENING_HOUR) + moment(*self.draws(2, "upgraded"))

    def plan_on(self, day: date) -> Plan:
        """Return the plan held on a local day."""
        if self.later_plan is None or self.upgraded is None or day < self.upgraded:
            return self.first_plan
        return self.later_plan


class BillingRun:
    """The recharges of one site's local day.

    They are charged in a few batches, each at one instant.

    Args:
        seed: The world's seed.
        site_id: The site.
        day: The local day.
    """

    def __init__(self, seed: int, site_id: int, day: LocalDay) -> None:
        starts_ms = day.at_ms(3, 30)
        waits = draws(_BILLING_BATCHES, seed, "billing", site_id, day.on.toordinal())
        self._times_ms = [
            starts_ms + batch * _BILLING_BATCH_MS + 1 + int(wait * (_BILLING_BATCH_MS - 1))
            for batch, wait in enumerate(waits)
        ]

    def at_ms(self, account: int) -> int:
        """Return the instant at which an account is charged."""
        return self._times_ms[account % _BILLING_BATCHES]


class Population:
    """The members of one physical site, past, present and to come.

    Args:
        seed: The world's seed.
        plant: The site.
        online_share: Share of members who join online.
    """

    def __init__(self, seed: int, plant: Plant, online_share: float = 0.13) -> None:
        self._seed = seed
        self._plant = plant
        self._online_share = online_share
        keep = 1 - plant.churn
        kept = list(accumulate(repeat(keep, MONTHS_MAX - 1), mul, initial=1.0))
        self._kept_ascending = kept[::-1]
        # In equilibrium as many join as leave.
        self._joins_per_day = plant.members * plant.churn / 30.4
        self.cohort = lru_cache(maxsize=_COHORTS_CACHED)(self._draw_cohort)
        self.roster = lru_cache(maxsize=_ROSTERS_CACHED)(self._enrol)

    def joined(self, day: date) -> list[Member]:
        """Return everyone who joined on a local day."""
        cohort = self.cohort(day)
        return [self._member(cohort, place) for place in range(cohort.size)]

    def accounts(self, day: date) -> range:
        """Return the account numbers of everyone who joined on a local day."""
        first = (day - OPENED).days * _COHORT_MAX
        return range(first, first + self.cohort(day).size)

    def due(self, day: date) -> Iterator[Member]:
        """Return all members whose monthly recharge falls on a local day.

        The longest members come last.
        """
        is_month_end = day.day == month_length(day.year, day.month)
        for months in range(1, MONTHS_MAX):
            past = month_after(day.replace(day=1), -months)
            length = month_length(past.year, past.month)
            # On a short month's last day, those who joined later in the month are due as well.
            join_days = range(day.day, (length if is_month_end else min(day.day, length)) + 1)
            for join_day in join_days:
                cohort = self.cohort(past.replace(day=join_day))
                for place in cohort.outliving(months):
                    yield self._member(cohort, place)

    def upgrades(self, day: date) -> Iterator[Member]:
        """Return all members who upgrade on a local day."""
        for days in _UPGRADE_AFTER_DAYS:
            cohort = self.cohort(day - timedelta(days=days))
            if cohort.upgrader >= 0 and cohort.upgrade_day == day:
                member = self._member(cohort, cohort.upgrader)
                if member.upgraded == day:
                    yield member

    def someone(self, day: date, taken: set[int], rng: Random) -> Member | None:
        """Draw a member with a plan on a local day, and add the account to `taken`.

        All members are equally likely.

        Args:
            day: The local day.
            taken: Accounts that are not drawn, because a plan pays for one wash a day.
            rng: Source of the draws.

        Returns:
            The member, or None if the site has so few members that none was found.
        """
        # Monday's list serves for the whole week. So new members are not drawn before the next Monday.
        roster = self.roster(day - timedelta(days=day.weekday()))
        for _ in range(_TRIES_MAX if roster else 0):
            account = roster[int(rng.random() * len(roster))]
            member = None if account in taken else self.by_account(account)
            if member is not None and day < member.ended and not member.is_paused_on(day):
                taken.add(account)
                return member
        return None

    def by_account(self, account: int) -> Member | None:
        """Return the member with an account number, or None if nobody ever had it."""
        ordinal_days, place = divmod(account, _COHORT_MAX)
        if not 0 <= ordinal_days < DAYS_MAX:
            return None
        cohort = self.cohort(OPENED + timedelta(days=ordinal_days))
        return self._member(cohort, place) if place < cohort.size else None

    def by_customer_id(self, customer_id: str) -> Member | None:
        """Return the member with a customer id, or None if nobody ever had it."""
        member = self._by_digits(customer_id, _CUSTOMER_BASE)
        return member if member is not None and member.customer_id == customer_id else None

    def by_account_id(self, account_id: str) -> Member | None:
        """Return the member with an account id, or None if nobody ever had it."""
        member = self._by_digits(account_id, _ACCOUNT_BASE)
        return member if member is not None and member.account_id == account_id else None

    def _by_digits(self, id: str, base: int) -> Member | None:
        numbers = split_id(id)
        if numbers is None or numbers[1] != self._plant.site.id:
            return None
        return self.by_account(numbers[0] - base)

    def enrolled(self, first: date, last: date) -> array[int]:
        """Return the accounts with a plan on any day from `first` to `last`, newest first."""
        accounts: array[int] = array("q")
        months = 0
        joined = last
        while months < MONTHS_MAX and joined >= OPENED:
            places = self.cohort(joined).outliving(months)
            accounts.extend(self.accounts(joined)[places.start : places.stop])
            joined -= _ONE_DAY
            if month_after(joined, months + 1) <= first:
                months += 1
        return accounts

    def _enrol(self, day: date) -> array[int]:
        """Return the accounts that joined before a local day and have a plan on it."""
        return self.enrolled(day, day - _ONE_DAY)

    def _draw_cohort(self, day: date) -> Cohort:
        if day < OPENED:
            return Cohort(day, (), -1, day)
        luck, part, shift, upgrade_draw, place_draw, wait_draw = draws(
            6, self._seed, "cohort", self._plant.site.id, day.toordinal()
        )
        size = min(whole(self._joins_per_day * sign_up_factor(day) * (0.5 + luck), part), _COHORT_MAX)
        # The place stays as long as `size * kept + shift` still reaches it.
        lives = (MONTHS_MAX - bisect_left(self._kept_ascending, (size - place - shift) / size) for place in range(size))
        upgrader = int(place_draw * size) if upgrade_draw < size * _UPGRADES_PER_SALE else -1
        wait = _UPGRADE_AFTER_DAYS[int(wait_draw * len(_UPGRADE_AFTER_DAYS))]
        return Cohort(day, tuple(lives), upgrader, day + timedelta(days=wait))

    def _member(self, cohort: Cohort, place: int) -> Member:
        plant, day = self._plant, cohort.day
        account = (day - OPENED).days * _COHORT_MAX + place
        bits = key_bits(self._seed, "member", plant.site.id, account, size=24)
        traits, bits = bits & _TRAITS_MASK, bits >> 128
        life_months = cohort.lives_months[place]
        first_plan, later_plan = self._plans(day, fraction(bits), upgrades=place == cohort.upgrader)
        if later_plan is not None and cohort.upgrade_day >= month_after(day, life_months):
            later_plan = None
        return Member(
            account=account,
            site_id=plant.site.id,
            joined=day,
            joined_online=fraction(bits >> 32) < self._online_share,
            life_months=life_months,
            first_plan=first_plan,
            later_plan=later_plan,
            upgraded=cohort.upgrade_day if later_plan is not None else None,
            traits=traits,
        )

    def _plans(self, joined: date, draw: float, *, upgrades: bool) -> tuple[Plan, Plan | None]:
        menu = self._plant.menu
        if upgrades:
            # A member who will upgrade starts below the top plan.
            tier = 1 + int(draw * (len(menu.plans) - 1))
            return menu.plans[tier], menu.plans[tier - 1]
        special = FAMILY_SHARE + (FOUNDERS_SHARE if joined < _FOUNDERS_UNTIL else 0)
        if draw < FAMILY_SHARE:
            return menu.family, None
        if draw < special:
            return menu.founders, None
        return menu.plans[PLAN_MIX.spin((draw - special) / (1 - special))], None
