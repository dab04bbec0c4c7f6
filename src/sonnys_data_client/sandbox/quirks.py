"""Everything nobody knows for sure about the live service, as switches.

The vendor's contract is silent in places, and in others the live service was seen to differ from it. A client
must get the same rows whatever the answer is, so each open question is one field here: its type lists the
answers that are possible, its default is the answer thought most likely. `Quirks.variants()` lists every
other answer, for tests that try each one, and all pairs of them.

Facts are marked S (the contract says so), L (seen on the live service) or ? (unknown).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Literal, get_args, get_type_hints

__all__ = ["Quirks"]


@dataclass(frozen=True, slots=True)
class Quirks:
    """How this sandbox answers the open questions. The defaults are the likeliest answers.

    Attributes:
        submit_method: Which method submits a job. L: POST works; the contract's own sample sends GET.
        wrong_submit: Status of the reply to the other method. ?
        site_required: Lists and jobs without a site get a 422 that says so. ?
        empty_site: What `site=` with nothing behind it means: the e-commerce site, whose code is empty, or no
            filter at all. ?
        blank_code: How `/site/list` spells the empty code of the e-commerce site. L: `""`; S: may be null.
        job_limit: Whether a job may ask for fewer than 100 rows. S says that it must ask for 100.
        end: Whether a row in the very second `endDate` belongs to the range. A row at 12:00:00.500 counts as
            second 12:00:00. ?
        history_edge: Where the six months begin: at the start of that UTC day, or at this very time of it. ?
        order: Which rows come first. ?
        totals: Whether `total` of lists and jobs is a number. L: it may be null.
        empty_job_nulls: A job page without rows has null for offset, limit and total. L.
        omit_job_flags: Job rows lack `isRecurringPlanSale`, `isRecurringPlanRedemption` and
            `transactionStatus`. L, against S.
        discount_key: Key of a row's list of discounts. L: both.
        discount_amount_key: Key of a discount's amount. L: both.
        none_as: How an absent customer, plate, cashier or greeter is spelt. L: `""`; S: null.
        date_format: `2018-05-19T05:32:32.000Z` or `2020-05-19 08:45:00`, both UTC. L: both.
        money: JSON numbers, or text with two decimals and thousands commas. L for some fields.
        extra_fields: Rows, tenders and items carry fields that the contract does not know. L: they come.
        unknown_enums: Every fifth row has a type, tender, status and department nobody has heard of. L.
        working_data: How `data` of a job that still works looks. ?
        fail_data: What a failed job carries: no rows, a null, or a message. ?
        hash_in_body: Whether get-job-data repeats the hash. S.
        sticky_failures: Submitting a failed job again returns the same failed hash while it lives. ?
        retry_after: A 429 says in a `Retry-After` header how long to wait. ?
        window_opens: Whether the 15 seconds start when the first request arrives or when its reply goes out.
            S: the reply.
    """

    submit_method: Literal["post", "get", "both"] = "post"
    wrong_submit: Literal["405", "404"] = "405"
    site_required: bool = False
    empty_site: Literal["site", "ignored"] = "site"
    blank_code: Literal["empty", "null"] = "empty"
    job_limit: Literal["any", "hundred"] = "any"
    end: Literal["inclusive", "exclusive"] = "inclusive"
    history_edge: Literal["day", "instant"] = "day"
    order: Literal["oldest", "newest"] = "oldest"
    totals: Literal["number", "null"] = "number"
    empty_job_nulls: bool = True
    omit_job_flags: bool = True
    discount_key: Literal["discount", "discounts"] = "discount"
    discount_amount_key: Literal["discount", "discountAmount"] = "discount"
    none_as: Literal["empty", "null", "absent"] = "empty"
    date_format: Literal["iso", "space"] = "iso"
    money: Literal["number", "string"] = "number"
    extra_fields: bool = False
    unknown_enums: bool = False
    working_data: Literal["empty", "null", "absent"] = "empty"
    fail_data: Literal["empty", "null", "message"] = "empty"
    hash_in_body: bool = True
    sticky_failures: bool = False
    retry_after: bool = False
    window_opens: Literal["reply", "arrival"] = "reply"

    def __post_init__(self) -> None:
        for name, values in _choices().items():
            if getattr(self, name) not in values:
                raise ValueError(_not_allowed(name, getattr(self, name), values))

    @classmethod
    def choices(cls) -> dict[str, tuple[Any, ...]]:
        """Return each quirk's possible values, the default first."""
        return dict(_choices())

    @classmethod
    def variants(cls) -> list[tuple[str, Any]]:
        """Return every (quirk, value) that differs from the default."""
        return [(name, value) for name, values in cls.choices().items() for value in values[1:]]

    @classmethod
    def from_text(cls, settings: Iterable[str]) -> Quirks:
        """Build quirks from texts such as `"end=exclusive"` or `"retry_after=yes"`.

        Raises:
            ValueError: A name or a value is not known; the message lists those that are.
        """
        choices = cls.choices()
        chosen: dict[str, Any] = {}
        for setting in settings:
            name, _, text = setting.partition("=")
            if name not in choices:
                raise ValueError(f"There is no quirk {name!r}; choose from {', '.join(choices)}.")
            values = {_spell(value): value for value in choices[name]}
            if text not in values:
                raise ValueError(_not_allowed(name, text, choices[name]))
            chosen[name] = values[text]
        return cls(**chosen)


@cache
def _choices() -> dict[str, tuple[Any, ...]]:
    hints = get_type_hints(Quirks)
    result: dict[str, tuple[Any, ...]] = {}
    for spec in fields(Quirks):
        hint = hints[spec.name]
        values: tuple[Any, ...] = (False, True) if hint is bool else get_args(hint)
        result[spec.name] = (spec.default, *(value for value in values if value != spec.default))
    return result


def _spell(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _not_allowed(name: str, value: Any, values: Iterable[Any]) -> str:
    allowed = ", ".join(_spell(choice) for choice in values)
    return f"Quirk {name} cannot be {_spell(value)!r}; choose from {allowed}."
