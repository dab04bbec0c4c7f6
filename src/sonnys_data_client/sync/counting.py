"""Ask the server how many transactions or events it counts in a range, without reading them.

Each page of a list names the total of the whole range, so one request is enough for a count.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sonnys_data_client.archive.evidence import day_of
from sonnys_data_client.client.catalog import find
from sonnys_data_client.client.sync import SonnysClient
from sonnys_data_client.endpoints.context import Context
from sonnys_data_client.endpoints.transactions import TRANSACTIONS
from sonnys_data_client.engine.effects import Flow
from sonnys_data_client.engine.export.schedule import count_request
from sonnys_data_client.engine.gather import gather
from sonnys_data_client.engine.listing import Listing
from sonnys_data_client.engine.sites import site_codes
from sonnys_data_client.engine.verdicts import is_about_site, may_be_too_long
from sonnys_data_client.engine.windows import DAY_S, LIST_DAYS_MAX, Span, Window
from sonnys_data_client.engine.wire import Request
from sonnys_data_client.errors import APIError, NotFoundError
from sonnys_data_client.sync.lists import SOURCES, Source

_ROWS_OF_A_COUNT = 100
"""Rows to ask for where only the total is wanted: the fewest that every list of events allows (spec)."""


def count_spans(client: SonnysClient, spans: Sequence[Span]) -> list[int | None]:
    """Ask the server for its count of each span. Arguments, result, errors and cost: see `count_transactions`."""
    return client.workings.driver.run(count_transactions(client.workings.settings.context, spans))


def count_transactions(context: Context, spans: Sequence[Span]) -> Flow[list[int | None]]:
    """Ask for the server's count of each span.

    Cost: one request for each span. A server that wants every request to name its site takes one for each span and
    site, and the first time one more for the site list.

    Args:
        context: The client's settings, and what it has learnt about the server.
        spans: Ranges of at most `LIST_DAYS_MAX` days.

    Returns:
        A count for each span, in order; None where the server does not say. A server that takes `endDate` as the last
        second of the range, and not as the second after it, also counts the rows of the second `stop`.

    Raises:
        APIError: A request was refused, or the API cannot be reached.
    """
    findings, listing, by_site = context.findings, TRANSACTIONS.listing(TRANSACTIONS.path), _is_by_site(context)
    sites: Sequence[str | None] = (yield from site_codes(context.policy, findings)) if by_site else [None]
    requests = [count_request(Window(span.start, span.stop, site), listing.limit) for span in spans for site in sites]
    answers = yield from gather(requests, context.policy)
    if not by_site and context.site_code is None and any(map(_wants_site, answers)):
        findings.site_required = True
        return (yield from count_transactions(context, spans))
    totals = [_total(listing, request, answer) for request, answer in zip(requests, answers, strict=True)]
    return [_sum(totals[first : first + len(sites)]) for first in range(0, len(totals), len(sites))]


def count_events(client: SonnysClient, name: str, spans: Sequence[Span]) -> list[int | None]:
    """Ask for the server's count of rows of an event table in each span. Cost: one request for each.

    Args:
        client: The account.
        name: The table; its source must be one that counts.
        spans: Ranges of whole UTC days, at most `CALL_DAYS_MAX` of them.

    Returns:
        A count for each span, in order; None where the server does not say.

    Raises:
        APIError: A request was refused, or the API cannot be reached.
    """
    return [_count_of_events(client, SOURCES[name], span) for span in spans]


def _count_of_events(client: SonnysClient, source: Source, span: Span) -> int | None:
    # A bare day would be read in a time zone where the list takes instants, and an instant where it takes days.
    bounds: tuple[date | int, date | int] = (span.start, span.stop - 1)
    if source.counted_by == "days":
        bounds = (day_of(span.start), day_of(span.stop - 1))
    start, end = bounds
    entry = find(source.resource, source.method)
    totals = [
        page.total for page in entry.pages(client, startDate=start, endDate=end, limit=_ROWS_OF_A_COUNT, offset=1)
    ]
    return _sum(totals) if totals else None


def days_a_count(context: Context) -> int:
    """Return the most days of one count, as far as is known. Sends nothing."""
    longest_s = context.findings.longest_range_s.get(TRANSACTIONS.path, LIST_DAYS_MAX * DAY_S)
    return max(1, min(LIST_DAYS_MAX, longest_s // DAY_S))


def count_fewer_days(context: Context, error: APIError) -> bool:
    """Remember that the server finds a range too long, if a refusal says so. Return whether to count fewer days."""
    days = days_a_count(context)
    if days == 1 or not may_be_too_long(error):
        return False
    context.findings.longest_range_s[TRANSACTIONS.path] = days // 2 * DAY_S
    return True


def requests_a_count(context: Context) -> int:
    """Return how many requests one count takes, as far as is known: one, or one for each site. Sends nothing."""
    return len(context.findings.sites or [None]) if _is_by_site(context) else 1


def _is_by_site(context: Context) -> bool:
    return context.findings.site_required and context.site_code is None


def _wants_site(answer: dict[str, Any] | APIError) -> bool:
    return isinstance(answer, APIError) and is_about_site(answer)


def _total(listing: Listing, request: Request, answer: dict[str, Any] | APIError) -> int | None:
    if isinstance(answer, dict):
        return listing.read(request, answer, 1, listing.limit).total
    if isinstance(answer, NotFoundError) or is_about_site(answer):
        return None  # there may be no rows; or the web shop, which has no site code, cannot be asked about
    raise answer


def _sum(totals: Sequence[int | None]) -> int | None:
    known = [total for total in totals if total is not None]
    return sum(known) if len(known) == len(totals) else None
