"""The open questions about the live service, as switches.

In some places the vendor's contract is silent, and in others the live service was seen to differ from it. A client
must get the same rows whatever the answer is. So each open question is one field here: its type lists the possible
answers, and its default is the likeliest one. `Quirks.variants()` lists all other answers, for tests that try each
one and all pairs of them.

Facts are marked S (the contract says so), L (seen on the live service) or ? (unknown).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Literal, Self, get_args, get_type_hints

__all__ = ["JobQuirks", "Quirks", "spelt"]


@dataclass(frozen=True, slots=True)
class JobQuirks:
    """The open questions that concern batch jobs and exports.

    The defaults are the likeliest answers.

    Attributes:
        submit_method: Which method submits a job. L: POST works; the contract's own sample sends GET.
        wrong_submit: Status of the reply to the other method. ?
        site_required: Lists and jobs without a site get a 422 that says so. ?
        empty_site: What an empty `site=` means: the e-commerce site, whose code is empty, or no filter. ?
        blank_code: How `/site/list` spells the empty code of the e-commerce site. L: `""`; S: may be null.
        job_limit: Whether a job may ask for fewer than 100 rows. S says that it must ask for 100.
        end: Whether a row in the second `endDate` itself belongs to the range. A row at 12:00:00.500 counts as
            second 12:00:00. ?
        history_edge: Whether the six months of history begin at the start of that UTC day, or at the present time of
            that day. ?
        order: Which rows come first. ?
        totals: Whether `total` of lists and jobs is a number. L: it may be null.
        empty_job_nulls: A job page without rows has null for offset, limit and total. L.
        omit_job_flags: Job rows lack `isRecurringPlanSale`, `isRecurringPlanRedemption` and
            `transactionStatus`. L, against S.
        discount_key: Key of a row's list of discounts. L: both.
        discount_amount_key: Key of a discount's amount. L: both.
        none_as: How a missing customer, plate, cashier or greeter is spelt. L: `""`; S: null.
        date_format: `2018-05-19T05:32:32.000Z` or `2020-05-19 08:45:00`, both UTC. L: both.
        money: JSON numbers, or text with two decimals and thousands commas. L for some fields.
        extra_fields: Rows, tenders and items have fields that the contract does not know. L.
        unknown_enums: Every fifth row has a type, tender, status and department that the contract does not list. L.
        working_data: What `data` of a working job holds. ?
        fail_data: What `data` of a failed job holds: no rows, a null, or null beside a message. ?
        hash_in_body: Whether get-job-data repeats the hash. S.
        sticky_failures: Submitting a failed job again returns the same failed hash while it lives. ?
        retry_after: A 429 says in a `Retry-After` header how long to wait. ?
        period_opens: Whether the 15 seconds start when the first request arrives or when its reply goes out.
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
    period_opens: Literal["reply", "arrival"] = "reply"

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
            ValueError: A name or a value is not allowed; the message lists those that are.
        """
        choices = cls.choices()
        chosen: dict[str, Any] = {}
        for setting in settings:
            name, _, text = setting.partition("=")
            if name not in choices:
                raise ValueError(f"There is no quirk {name!r}; choose from {', '.join(choices)}.")
            values = {spelt(value): value for value in choices[name]}
            if text not in values:
                raise ValueError(_not_allowed(name, text, choices[name]))
            chosen[name] = values[text]
        return cls(**chosen)


@dataclass(frozen=True, slots=True)
class Quirks(JobQuirks):
    """The answers to all open questions: those about jobs, and those about lists and records.

    Attributes:
        granted_limit: Whether a list page holds as many rows as were asked for, or at most 25 and says so. ?
        offset: Whether a list gives the page asked for, or the first page every time. ?
        empty_list: Whether a list without rows is an empty list or a 404. S says both.
        employee_pages: Whether `/employee` gives all employees at once, or pages like other lists. S names no
            parameters for it, but an offset and a limit in its reply.
        record_dates: Whether dates outside transactions are spelt as S shows them, or the other way (ISO 8601
            where S has a blank, and a blank where S has ISO 8601). L for some fields.
        unset_as: How a missing `modifiedDate`, `companyName`, `loyaltyNumber`, `startDateChange` or `completeDate`
            is spelt. L: null, against S.
        lost_card_dates: Some gift cards have no `completeDate`. L.
        price_commas: Prices of items have thousands commas. L.
        unlimited_as: Balance of a washbook that never runs out. S: near 900, or 999.
        modification_keys: `name`, `date` and `comment` (L), or `modificationType` and so on (S).
        modified_range: Whether the range of `/recurring/account/modifications` is about the modifications or
            about the sign-up of the accounts. S says both.
        status_as_of: Whether `/recurring/account/list` shows the status at the end of the range, if one is sent. S: it
            does.
        signup_history: Whether a range of sign-ups may begin more than six months ago. S says both.
        clock_dates: Whether clock entries take days (L), epoch seconds (S), or either.
        clock_site: Whether clock entries obey the site of the header. L: they do not.
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


def spelt(value: Any) -> str:
    """Return a quirk's value as users write it."""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _not_allowed(name: str, value: Any, values: Iterable[Any]) -> str:
    allowed = ", ".join(spelt(choice) for choice in values)
    return f"Quirk {name} cannot be {spelt(value)!r}; choose from {allowed}."
