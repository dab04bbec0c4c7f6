"""Reads lists page by page, over all parts of a range.

`ListReader` is one call of a list, and `next_page` the flow for its next step. Nothing is on the wire between two
steps, so a caller may stop anywhere, and pages that it has no use for yet are not read.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Generic, TypeVar

from sonnys_data_client.endpoints.context import Context
from sonnys_data_client.endpoints.dates import Range
from sonnys_data_client.endpoints.operation import Asked, Listed
from sonnys_data_client.endpoints.parts import Part, joined
from sonnys_data_client.engine.call import CallPolicy
from sonnys_data_client.engine.effects import Flow
from sonnys_data_client.engine.isolation import Effort
from sonnys_data_client.engine.listing import Criteria, Listing, PageSource, RawPage, read_page
from sonnys_data_client.engine.paging import FirstPage, Pager
from sonnys_data_client.engine.sites import site_codes
from sonnys_data_client.engine.verdicts import is_about_site
from sonnys_data_client.errors import IncompleteError, PayloadValidationError, Remedy, ValidationError
from sonnys_data_client.types import Record, UnparsedRow, read_rows, row_error
from sonnys_data_client.words import counted

R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class ListPage(Generic[R]):
    """One page of a list.

    Attributes:
        rows: Its rows, without those that came with an earlier page.
        raw: The same rows as decoded JSON, with `Decimal` for decimal numbers.
        number: Its page number, from 1. If the range was cut, each part has a page 1.
        total: The server's count of rows in the whole list, or in this part of it; None if it does not say.
        unfinished: Whether the range, or this part of it, had not ended when the call began: it includes today. Then
            `total` and the number of rows are those of the moment, and more rows may come.
        unparsed: Rows of the page that could not be parsed.
    """

    rows: list[R]
    raw: list[Any]
    number: int
    total: int | None
    unfinished: bool = False
    unparsed: Sequence[UnparsedRow] = ()


class ListReader(Generic[R]):
    """One call of a list. Making one sends nothing.

    Args:
        operation: The list operation.
        context: The client's settings and memory.
        values: The call's parameters.

    Raises:
        ValidationError: A parameter is not allowed.
    """

    def __init__(self, operation: Listed[R], context: Context, values: Mapping[str, Any]) -> None:
        self._operation = operation
        self._context = context
        self._asked = operation.ask(values)
        self._sources: deque[PageSource] | None = None
        self._rows = 0
        self._unparsed: list[UnparsedRow] = []
        self._gaps: list[IncompleteError] = []
        self._effort = Effort()
        self._given_by_source = False
        self._failed_in_row = 0

    def next_page(self) -> Flow[ListPage[R] | None]:
        """Read the next page: usually one request.

        Returns:
            The page; None after the last.

        Raises:
            ValidationError: The range makes no sense.
            APIError: The API refused or could not be reached, or nothing could be read.
            IncompleteError: After the last page: the server counts more rows than came, or could not give some.
            RowError: After the last page: rows could not be parsed; `unparsed` has all of them.
        """
        if self._sources is None:
            self._sources = yield from self._open()
        while self._sources:
            try:
                page = yield from self._sources[0].next_page()
            except IncompleteError as error:
                self._gaps.append(error)
                page = None
                self._stop_if_hopeless()
            except PayloadValidationError as error:
                if not self._learns_from(error):
                    raise
                self._sources = yield from self._open()
                continue
            if page is not None:
                self._failed_in_row, self._given_by_source = 0, True
                return self._sorted(page)
            self._sources.popleft()
            self._given_by_source = False
        self._complain()
        return None

    def _open(self) -> Flow[deque[PageSource]]:
        sources = self._operation.sources or open_pages
        return deque((yield from sources(self._operation, self._context, self._asked, self._effort)))

    def _stop_if_hopeless(self) -> None:
        """Ask for no further part once the server has failed two in a row throughout."""
        self._failed_in_row += not self._given_by_source
        left = len(self._sources or ()) - 1
        if self._effort.spent and self._failed_in_row > 1 and self._sources and left > 0:
            while len(self._sources) > 1:
                self._sources.pop()
            parts = counted(left, "more part")
            gap = f"{parts} of GET {self._asked.path}: not asked for, because the server failed those before"
            self._gaps.append(IncompleteError(f"{gap}.", gaps=[gap], spans=[None]))

    def _learns_from(self, error: PayloadValidationError) -> bool:
        """Remember that the server wants a site, if a refusal says so.

        Return whether to start again site by site.
        """
        findings = self._context.findings
        news = is_about_site(error) and not findings.site_required
        untouched = not self._rows and not self._unparsed and self._asked.page is None
        if news and untouched and self._operation.can_go_by_site(self._context, self._asked):
            findings.site_required = True
            return True
        return False

    def _sorted(self, page: RawPage) -> ListPage[R]:
        rows: list[R] = []
        raws: list[Any] = []
        unparsed: list[UnparsedRow] = []
        for raw, row in zip(page.rows, read_rows(self._operation.model, page.rows), strict=True):
            if isinstance(row, UnparsedRow):
                unparsed.append(row)
            else:
                rows.append(row)
                raws.append(raw)
        self._rows += len(rows)
        self._unparsed += unparsed
        return ListPage(rows, raws, page.number, page.total, page.unfinished, unparsed)

    def _complain(self) -> None:
        problem: Exception | None = None
        if self._unparsed:
            count = self._rows + len(self._unparsed)
            problem = row_error(self._operation.model, (), self._unparsed, count, method="GET", path=self._asked.path)
        if self._gaps:
            if self._effort.first_error is not None and not self._effort.served:
                raise self._effort.first_error  # nothing came, so this is not about a part
            error = joined(self._gaps)
            raise error from problem or error.__cause__
        if problem is not None:
            raise problem


class OnePage:
    """The one page that the caller asked for, as the server cut it."""

    def __init__(self, read: Callable[[], Flow[RawPage]]) -> None:
        self._read: Callable[[], Flow[RawPage]] | None = read

    def next_page(self) -> Flow[RawPage | None]:
        """Read the page; None after that."""
        read, self._read = self._read, None
        return None if read is None else (yield from read())


class _OfShop:
    """The rows of the site without a code.

    A server that wants a site may refuse this one.
    """

    def __init__(self, part: Part, path: str) -> None:
        self._part = part
        self._path = path

    def next_page(self) -> Flow[RawPage | None]:
        try:
            return (yield from self._part.next_page())
        except PayloadValidationError as error:
            if not is_about_site(error):
                raise
            raise IncompleteError(
                f"GET {self._path}: the server wants a site, and refuses the one without a code.",
                gaps=[f"GET {self._path}{_at_site('')}"],
                spans=[None],
                remedy=Remedy.OTHER_SITES,
            ) from error


def open_pages(operation: Listed[Any], context: Context, asked: Asked, effort: Effort) -> Flow[Sequence[PageSource]]:
    """Open a list that the server gives in pages, with one source for each part of the range.

    If the server wants a site, there is one source for each site and part.

    Raises:
        ValidationError: The range makes no sense, or a page of a range that must be cut is asked for.
    """
    listing = operation.listing(asked.path)
    ranges = yield from operation.dates.ranges(context, asked.values)
    limit: int = asked.values.get("limit", operation.rows_max)
    if asked.page is not None and len(ranges) > 1:
        raise ValidationError(
            f"is a page of one list, but the range is longer than one list covers ({operation.dates.days_max} days)",
            parameter="offset",
            value=asked.page,
            remedy=Remedy.ONE_LIST,
        )
    asked = yield from operation.with_listed_sites(asked, context)
    if asked.page is not None:
        return [
            OnePage(partial(_read_one, listing, part, asked, limit=limit, policy=context.policy)) for part in ranges
        ]
    by_site = context.findings.site_required and operation.can_go_by_site(context, asked)
    codes = (yield from site_codes(context.policy, context.findings)) if by_site else [None]
    given: set[Any] = set()
    sources: list[PageSource] = []
    for code in codes:
        criteria = asked.criteria if code is None else (("site", code), *asked.criteria)
        name_of = partial(_name, asked.path, code)

        def open_range(
            part: Range,
            first_page: FirstPage,
            criteria: Criteria = criteria,
            name_of: Callable[[Range], str] = name_of,
        ) -> Pager:
            return Pager(
                listing,
                part.criteria + criteria,
                context.policy,
                keep=part.keep,
                limit=limit,
                given=given,
                effort=effort,
                first_page=first_page,
                about=name_of(part),
                span=part.span,
                rows_on_a_page=context.findings.rows_on_a_page,
            )

        for part in ranges:
            whole = Part(part, open_range, name_of, findings=context.findings, effort=effort, path=asked.path)
            sources.append(_OfShop(whole, asked.path) if code == "" else whole)
    return sources


def _read_one(listing: Listing, part: Range, asked: Asked, *, limit: int, policy: CallPolicy) -> Flow[RawPage]:
    page = yield from read_page(listing, part.criteria + asked.criteria, asked.page or 1, limit, policy)
    return replace(page, unfinished=part.unfinished)


def _name(path: str, code: str | None, part: Range) -> str:
    return f"GET {path}{f', {part.name}' if part.name else ''}{'' if code is None else _at_site(code)}"


def _at_site(code: str) -> str:
    return f" at site {code}" if code else " at the site without a code"
