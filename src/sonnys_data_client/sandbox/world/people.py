"""Names, plates and payment cards, made from the bits of a key.

None of these people exists.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from .dice import Wheel, between, dice, pick

_FIRST = (
    "Aaron Abigail Alan Alice Amber Andre Angela Anita Arturo Beth Brandon Brenda Caleb Carla Carlos "
    "Carmen Chloe Cody Dana Darius Dawn Derek Diana Diego Elena Eli Emma Erin Felix Frank Gina Grace "
    "Hannah Harold Hector Ian Irene Isaac Ivan Jade Jamal James Janet Jason Joan Jorge Julia Kara Keith "
    "Kenji Kyle Lara Leon Linda Logan Luis Mara Marcus Maria Mei Miles Monica Nadia Nathan Nina Noah Olga "
    "Omar Owen Pablo Paige Paul Priya Quinn Rachel Raj Renee Rhonda Robert Rosa Ruth Sam Sara Sean Sofia "
    "Steve Tara Theo Tina Tom Uma Vera Victor Wade Wendy Will Xavier Yara Yusuf Zane Zoe"
).split()
_LAST = (
    "Abbott Adams Aguilar Allen Bailey Baker Banks Barnes Becker Bell Bishop Boyd Brooks Burke Cain "
    "Campos Carter Castro Chan Clark Cole Conner Cruz Dalton Davis Delgado Dixon Doyle Duran Ellis Evans "
    "Farmer Fisher Flores Ford Foster Fuentes Garza Gibson Gomez Grant Green Hale Harper Hayes Hill Holt "
    "Hughes Hunt Ingram Jensen Johnson Jordan Kane Keller Kim King Klein Lane Le Lopez Lowe Lucas Marsh "
    "Mason Mejia Miller Mills Moore Morgan Nash Neal Nguyen Norris O'Brien Olsen Ortiz Owens Parker Patel "
    "Perez Pham Pope Ramos Reed Reyes Rios Rowe Salas Santos Sharp Shaw Singh Snow Stone Torres Tran "
    "Tucker Vance Vega Walsh Ward Webb West Wong Wood Yang Young Zuniga"
).split()
_TRADES = "Couriers Electric Florists Limousines Plumbing Rentals Roofing Taxis".split()
# Without the letters that look like digits, which plates avoid.
_PLATE_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_CARDS: Wheel[tuple[str, str]] = Wheel(
    [
        (("Credit", "Visa"), 48),
        (("Credit", "MasterCard"), 24),
        (("Credit", "Amex"), 9),
        (("Credit", "Discover"), 5),
        (("Debit", "Debit"), 14),
    ]
)


@dataclass(frozen=True, slots=True)
class Card:
    """The data of a payment card that a till reports.

    Attributes:
        tender: `"Credit"` or `"Debit"`.
        sub_type: The network, or `"Debit"`.
        last_four: Last four digits.
        expiry: Month of expiry, `"2027-03"`.
    """

    tender: str
    sub_type: str
    last_four: str
    expiry: str


def person_name(bits: int) -> str:
    """Return a name from the low 20 of `bits`."""
    return f"{_FIRST[(bits & 0x3FF) % len(_FIRST)]} {_LAST[(bits >> 10 & 0x3FF) % len(_LAST)]}"


def plate(bits: int) -> str:
    """Return a licence plate, three letters and four digits, from the low 32 of `bits`."""
    rest, digits = divmod(bits & 0xFFFFFFFF, 10_000)
    rest, third = divmod(rest, len(_PLATE_LETTERS))
    first, second = divmod(rest, len(_PLATE_LETTERS))
    letters = _PLATE_LETTERS[first % len(_PLATE_LETTERS)] + _PLATE_LETTERS[second] + _PLATE_LETTERS[third]
    return f"{letters}{digits:04}"


def card(kind: float, bits: int, year: int) -> Card:
    """Return a card that is valid from `year` for one to four years more."""
    tender, network = _CARDS.spin(kind)
    expiry = f"{year + 1 + (bits >> 18 & 0x3)}-{(bits >> 14 & 0xF) % 12 + 1:02}"
    return Card(tender, network, f"{(bits & 0x3FFF) % 10_000:04}", expiry)


def passing_card(rng: Random, year: int) -> Card:
    """Return the card of a customer whom the site does not know."""
    return card(rng.random(), int(rng.random() * 0x100000), year)


def phone(rng: Random) -> str:
    """Return a telephone number of ten digits, with the 555 of made-up numbers."""
    return f"{int(between(201, 990, rng.random()))}555{int(rng.random() * 10_000):04}"


def email_of(first: str, last: str) -> str:
    """Return an e-mail address that reaches nobody."""
    return f"{first}.{last}@example.com".lower().replace("'", "")


def company_name(rng: Random) -> str:
    """Return the name of a company that has cars."""
    return f"{pick(_LAST, rng.random())} {pick(_TRADES, rng.random())}"


def staff(seed: int, site_id: int, count: int = 12) -> tuple[str, ...]:
    """Return the names of a site's employees.

    All are different, because tickets have nothing but the name.
    """
    rng = dice(seed, "staff", site_id)
    names: dict[str, None] = {}
    while len(names) < count:
        names[f"{pick(_FIRST, rng.random())} {pick(_LAST, rng.random())}"] = None
    return tuple(names)
