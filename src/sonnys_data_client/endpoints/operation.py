"""What an operation of the API is: data. Each module of this room that is named after a resource holds some.

A `Detail` gives one object, a `Listed` gives rows. A call of either is checked first (`ask`), without spending a
request, and then carried out by a flow. A list is read page by page: `Reading` is one call of it, from the first page
to the last, and `next_page` the flow for the next step. Nothing is on the wire between two steps, so a caller may
stop anywhere.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from sonnys_data_client.endpoints.context import Context
from sonnys_data_client.endpoints.dates import Dates, Range
from sonnys_data_client.endpoints.params import (
    NoParams,
    Takes,
    check_known,
    check_site,
    parameters,
    whole_number,
)
from sonnys_data_client.engine.call import call
from sonnys_data_client.engine.effects import Flow
from sonnys_data_client.engine.paging import Criteria, Listing, Pager, PageSource, RawPage, read_page
from sonnys_data_client.engine.verdicts import unexpected
from sonnys_data_client.engine.wire import Request
from sonnys_data_client.errors import IncompleteError, ValidationError
from sonnys_data_client.models import Record, misfits, parse_one, sort_rows

R = TypeVar("R", bound=Record)

_NOT_CRITERIA = ("startDate", "endDate", "since", "limit", "offset")
"""Parameters that are no criteria as they stand: they are turned into ranges and pages."""


class _Filled(dict[str, str]):
    """What a path is filled in with; an argument that was left out stays as it is."""

    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"


@dataclass(frozen=True, slots=True)
class Asked:
    """A call's parameters, checked.

    Attributes:
        path: Path below the base URL, filled in.
        criteria: Query parameters as text, but for dates and paging.
        values: All parameters as the caller gave them; those that are None were not given.
    """

    path: str
    criteria: Criteria
    values: Mapping[str, Any]

    @property
    def page(self) -> int | None:
        """The one page that is asked for; None for all."""
        return self.values.get("offset")


@dataclass(frozen=True, kw_only=True)
class Operation(Generic[R]):
    """One operation of the API.

    Attributes:
        path: Path below the base URL, with a name in braces for each argument that is part of it.
        model: What a row or the object is.
        arguments: What goes before the named parameters, in order.
        params: The named parameters, a `TypedDict`.
        cached_s: How long the server gives the same old answer to the same question, in seconds (spec).
    """

    path: str
    model: type[R]
    arguments: Mapping[str, Takes] = field(default_factory=lambda: MappingProxyType({}))
    params: type = NoParams
    cached_s: int = 0

    @property
    def parameters(self) -> Mapping[str, Takes]:
        """Everything that a call takes: the arguments, then the named parameters."""
        return {**self.arguments, **parameters(self.params)}

    def ask(self, values: Mapping[str, Any], context: Context) -> Asked:
        """Check a call's parameters.

        Raises:
            ValidationError: One is unknown or not allowed.
        """
        known = self.parameters
        check_known(values, known)
        given = {name: value for name, value in values.items() if value is not None}
        written = {name: takes.read(name, given[name]) for name, takes in known.items() if name in given}
        for name in written:
            if known[name].kind == "site":
                check_site(name, given[name], context.findings.sites)
        return Asked(
            self.path.format_map(_Filled((name, quote(value, safe=":")) for name, value in written.items())),
            tuple((name, value) for name, value in written.items() if self._is_criterion(name)),
            given,
        )

    def _is_criterion(self, name: str) -> bool:
        return name not in self.arguments and name not in _NOT_CRITERIA


@dataclass(frozen=True, kw_only=True)
class Detail(Operation[R]):
    """An operation that gives one object."""

    def read(self, context: Context, values: Mapping[str, Any]) -> Flow[R]:
        """Read it: one request.

        Raises:
            ValidationError: An argument is not allowed; nothing was sent.
            NotFoundError: There is no such object.
            RowError: It does not fit the model.
            APIError: The API refused or could not be reached.
        """
        request = Request("GET", self.ask(values, context).path)
        body = yield from call(request, context.policy)
        return parse_one(self.model, data_of(request, body), method=request.method, path=request.path)


def data_of(request: Request, body: dict[str, Any]) -> dict[str, Any]:
    """The object below `data` in a reply.

    Raises:
        UnexpectedResponseError: There is none.
    """
    data = body.get("data")
    if not isinstance(data, dict):
        raise unexpected(request, "an object `data` was due", body)
    return data


@dataclass(frozen=True, kw_only=True)
class Listed(Operation[R]):
    """An operation that gives rows.

    Attributes:
        key: Name of the list in the reply's `data`.
        id_field: Field that tells rows apart; None if only the whole row does.
        rows_max: Most rows a page: what is asked for unless the caller wants fewer.
        rows_min: Fewest rows a page that may be asked for.
        dates: How the list is bounded in time.
        sources: Opens a call: what is to be read, in order.
    """

    key: str
    id_field: str | None = None
    rows_max: int = 100
    rows_min: int = 1
    dates: Dates = field(default_factory=Dates)
    sources: Callable[[Listed[Any], Context, Asked], Flow[Sequence[PageSource]]] = field(
        default_factory=lambda: open_pages
    )

    def ask(self, values: Mapping[str, Any], context: Context) -> Asked:
        """Check a call's parameters: see `Operation.ask`."""
        if values.get("limit") is not None and "limit" in self.parameters:
            whole_number("limit", values["limit"], self.rows_min, self.rows_max)
        return super().ask(values, context)

    def reading(self, context: Context, values: Mapping[str, Any]) -> Reading[R]:
        """Begin a call. Sends nothing.

        Raises:
            ValidationError: A parameter is not allowed.
        """
        return Reading(self, context, self.ask(values, context))


@dataclass(frozen=True, slots=True)
class ListPage(Generic[R]):
    """One page of a list.

    Attributes:
        rows: Its rows, without those of an earlier page that came again.
        number: Its page number, from 1. A range that was cut has a page 1 for each part.
        total: Rows of the whole list, or of this part of it, by the server's count; None when it does not say.
    """

    rows: list[R]
    number: int
    total: int | None


class Reading(Generic[R]):
    """One call of a list."""

    def __init__(self, operation: Listed[R], context: Context, asked: Asked) -> None:
        self._operation = operation
        self._context = context
        self._asked = asked
        self._sources: deque[PageSource] | None = None
        self._rows = 0
        self._bad: list[tuple[Any, str]] = []
        self._gaps: list[IncompleteError] = []

    def next_page(self) -> Flow[ListPage[R] | None]:
        """Read the next page: usually one request.

        Returns:
            The page; None after the last.

        Raises:
            ValidationError: The range makes no sense.
            APIError: The API refused or could not be reached.
            IncompleteError: After the last page: the server counts more rows than came.
            RowError: After the last page: rows did not fit the model; `bad` has all of them.
        """
        if self._sources is None:
            self._sources = deque((yield from self._operation.sources(self._operation, self._context, self._asked)))
        while self._sources:
            try:
                page = yield from self._sources[0].next_page()
            except IncompleteError as error:
                self._gaps.append(error)
                page = None
            if page is not None:
                return self._sorted(page)
            self._sources.popleft()
        self._complain()
        return None

    def _sorted(self, page: RawPage) -> ListPage[R]:
        rows, bad = sort_rows(self._operation.model, page.rows)
        self._rows += len(rows)
        self._bad += bad
        return ListPage(rows, page.number, page.total)

    def _complain(self) -> None:
        problem: Exception | None = None
        if self._bad:
            count = self._rows + len(self._bad)
            problem = misfits(self._operation.model, (), self._bad, count, method="GET", path=self._asked.path)
        if self._gaps:
            gaps = [gap for error in self._gaps for gap in error.gaps]
            raise IncompleteError(str(self._gaps[0]), gaps=gaps) from problem
        if problem is not None:
            raise problem


class OnePage:
    """A page by hand: as the server cut it."""

    def __init__(self, read: Callable[[], Flow[RawPage]]) -> None:
        self._read: Callable[[], Flow[RawPage]] | None = read

    def next_page(self) -> Flow[RawPage | None]:
        """Read it; then None."""
        read, self._read = self._read, None
        return None if read is None else (yield from read())


def open_pages(operation: Listed[Any], context: Context, asked: Asked) -> Flow[Sequence[PageSource]]:
    """Open a list that the server gives in pages: one source for each part of the range.

    Raises:
        ValidationError: The range makes no sense, or a page of a range that must be cut is asked for.
    """
    listing = Listing(asked.path, operation.key, operation.id_field, operation.rows_max)
    ranges = yield from operation.dates.ranges(context, asked.values)
    limit: int = asked.values.get("limit", operation.rows_max)
    if asked.page is not None:
        if len(ranges) > 1:
            raise ValidationError(
                f"offset={asked.page} names a page of one list, but startDate to endDate is longer than one list "
                f"covers ({operation.dates.days_max} days): give a shorter range, or leave offset out."
            )
        return [
            OnePage(partial(read_page, listing, part.criteria + asked.criteria, asked.page, limit, context.policy))
            for part in ranges
        ]
    given: set[Any] = set()

    def pager(part: Range) -> Pager:
        criteria = part.criteria + asked.criteria
        return Pager(listing, criteria, context.policy, keep=part.keep, limit=limit, given=given)

    return [pager(part) for part in ranges]
