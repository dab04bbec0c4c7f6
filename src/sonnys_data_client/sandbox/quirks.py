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
from typing import Any, Literal, Self, get_args, get_type_hints

__all__ = ["JobQuirks", "Quirks"]


@dataclass(frozen=True, slots=True)
class JobQuirks:
    """The open questions that a batch job or an export can meet. The defaults are the likeliest answers.

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
        for name, values in self.choices().items():
            if getattr(self, name) not in values:
                raise ValueError(_not_allowed(name, getattr(self, name), values))

    @classmethod
    def choices(cls) -> dict[str, tuple[Any, ...]]:
        """Return each quirk's possible values, the default first."""
        return dict(_choices(cls))  # type: ignore[arg-type]  # mypy looks at the instances' __hash__

    @classmethod
    def variants(cls) -> list[tuple[str, Any]]:
        """Return every (quirk, value) that differs from the default."""
        return [(name, value) for name, values in cls.choices().items() for value in values[1:]]

    @classmethod
    def from_text(cls, settings: Iterable[str]) -> Self:
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


@dataclass(frozen=True, slots=True)
class Quirks(JobQuirks):
    """How this sandbox answers all open questions: those about jobs, and those about lists and records.

    Attributes:
        granted_limit: Whether a list page holds as many rows as were asked for, or 25 at most, and says so. ?
        offset: Whether a list goes on to the page asked for, or gives the first page again and again. ?
        empty_list: What a list without any rows is: an empty list, or a 404. S says both.
        employee_pages: Whether `/employee` gives everybody at once, or pages like other lists. S names no
            parameters for it, but an offset and a limit in its reply.
        record_dates: Whether dates outside transactions are spelt as S shows them, or the other way (ISO 8601
            where S has a blank, and the reverse). L for some fields.
        unset_as: How an absent `modifiedDate`, `companyName`, `loyaltyNumber`, `startDateChange` or `completeDate`
            is spelt. L: null, against S.
        lost_card_dates: Some gift cards have no `completeDate`. L.
        price_commas: Prices of items carry thousands commas. L.
        unlimited_as: Balance of a washbook that never runs out. S: near 900, or 999.
        modification_keys: `name`, `date` and `comment` (L), or `modificationType` and so on (S).
        modified_range: Whether the range of `/recurring/account/modifications` is about the modifications or
            about the sign-up of the accounts. S says both.
        status_as_of: Whether a range makes `/recurring/account/list` tell the status at its end. S says so.
        signup_history: Whether accounts may be asked for by sign-ups older than six months. S says both.
        clock_dates: How clock entries take dates: days (L), epoch seconds (S), or either.
        clock_site: Whether clock entries heed the site of the header. L: they do not.
        outcome_range: How long a range of sales outcomes may be: 31 days (L for lists), or any.
    """

    granted_limit: Literal["asked", "fewer"] = "asked"
    offset: Literal["honoured", "ignored"] = "honoured"
    empty_list: Literal["empty", "404"] = "empty"
    employee_pages: Literal["whole", "pages"] = "whole"
    record_dates: Literal["documented", "swapped"] = "documented"
    unset_as: Literal["null", "empty", "absent"] = "null"
    lost_card_dates: bool = True
    price_commas: bool = True
    unlimited_as: Literal["999", "900"] = "999"
    modification_keys: Literal["short", "long"] = "short"
    modified_range: Literal["modified", "joined"] = "modified"
    status_as_of: Literal["range", "now"] = "range"
    signup_history: Literal["any", "six_months"] = "any"
    clock_dates: Literal["both", "day", "epoch"] = "both"
    clock_site: Literal["ignored", "honoured"] = "ignored"
    outcome_range: Literal["month", "any"] = "month"


@cache
def _choices(quirks: type[JobQuirks]) -> dict[str, tuple[Any, ...]]:
    hints = get_type_hints(quirks)
    result: dict[str, tuple[Any, ...]] = {}
    for spec in fields(quirks):
        hint = hints[spec.name]
        values: tuple[Any, ...] = (False, True) if hint is bool else get_args(hint)
        result[spec.name] = (spec.default, *(value for value in values if value != spec.default))
    return result


def _spell(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _not_allowed(name: str, value: Any, values: Iterable[Any]) -> str:
    allowed = ", ".join(_spell(choice) for choice in values)
    return f"Quirk {name} cannot be {_spell(value)!r}; choose from {allowed}."
