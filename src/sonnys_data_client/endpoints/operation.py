"""An operation of the API as data.

Each module here that is named after a resource holds that resource's operations.

A `Detail` gives one object; a `Listed` gives rows, which `list_reader` reads. A call of either is checked first
(`ask`), without sending anything, and then carried out by a flow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from sonnys_data_client.endpoints.context import Context
from sonnys_data_client.endpoints.dates import Dates
from sonnys_data_client.endpoints.params import (
    NoParams,
    Takes,
    check_known,
    parameters,
    whole_number,
)
from sonnys_data_client.engine.call import call
from sonnys_data_client.engine.effects import Flow
from sonnys_data_client.engine.isolation import Effort
from sonnys_data_client.engine.listing import Criteria, Listing, PageSource
from sonnys_data_client.engine.mismatch import check_id
from sonnys_data_client.engine.verdicts import unexpected
from sonnys_data_client.engine.wire import Request
from sonnys_data_client.types import Record, parse_one

R = TypeVar("R", bound=Record)

Opener = Callable[["Listed[Any]", Context, "Asked", Effort], Flow[Sequence[PageSource]]]
"""Returns what to read for a call of a list, in order."""

_NOT_CRITERIA = ("startDate", "endDate", "since", "limit", "offset")
"""Parameters that are not sent as they are, but become ranges and pages."""


class _Filled(dict[str, str]):
    """The values for a path's names in braces.

    A name whose argument was left out stays as it is.
    """

    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"


@dataclass(frozen=True, slots=True)
class Asked:
    """A call's parameters, checked.

    Attributes:
        path: Path below the base URL, filled in.
        criteria: Query parameters as text, without dates and paging.
        values: All parameters as the caller gave them, without those that were None.
    """

    path: str
    criteria: Criteria
    values: Mapping[str, Any]

    @property
    def page(self) -> int | None:
        """The page that was asked for; None for all pages."""
        return self.values.get("offset")


@dataclass(frozen=True, kw_only=True)
class Operation(Generic[R]):
    """One operation of the API.

    Attributes:
        path: Path below the base URL, with a name in braces for each argument that is part of it.
        model: Model of a row or of the object.
        arguments: The positional parameters, in order.
        optional: Those of them that may be left out.
        params: The named parameters, a `TypedDict`.
        cached_s: How long the server repeats its answer to the same request, in seconds (spec).
    """

    path: str
    model: type[R]
    arguments: Mapping[str, Takes] = field(default_factory=lambda: MappingProxyType({}))
    optional: frozenset[str] = frozenset()
    params: type = NoParams
    cached_s: int = 0

    @property
    def parameters(self) -> Mapping[str, Takes]:
        """All parameters of a call: the positional ones, then the named ones."""
        return {**self.arguments, **parameters(self.params)}

    def ask(self, values: Mapping[str, Any]) -> Asked:
        """Check a call's parameters.

        Raises:
            ValidationError: A parameter is unknown or not allowed, or an argument is missing.
        """
        known = self.parameters
        check_known(values, known)
        given = {name: value for name, value in values.items() if value is not None}
        written = {name: takes.read(name, given[name]) for name, takes in known.items() if name in given}
        for name, takes in self.arguments.items():
            if name not in written and name not in self.optional:
                takes.read(name, None)  # refuses it: nothing may be sent for an id that is None
        return Asked(
            self.path.format_map(_Filled((name, quote(value, safe=":")) for name, value in written.items())),
            tuple((name, value) for name, value in written.items() if self._is_criterion(name)),
            given,
        )

    def _is_criterion(self, name: str) -> bool:
        return name not in self.arguments and name not in _NOT_CRITERIA


@dataclass(frozen=True, kw_only=True)
class Detail(Operation[R]):
    """An operation that gives one object.

    Attributes:
        id_field: Field of the object that repeats the id it was asked for by.
    """

    id_field: str = "id"

    def read(self, context: Context, values: Mapping[str, Any]) -> Flow[R]:
        """Read the object: one request.

        Raises:
            ValidationError: An argument is not allowed; nothing was sent.
            NotFoundError: There is no such object.
            MismatchError: The replies are another object, three times over.
            RowError: The object could not be parsed.
            APIError: The API refused or could not be reached.
        """
        request = Request("GET", self.ask(values).path)
        [asked] = (values[name] for name in self.arguments)

        def check(body: dict[str, Any]) -> None:
            check_id(request, self.id_field, asked, data_of(request, body))

        body = yield from call(request, context.policy, check)
        return parse_one(self.model, data_of(request, body), method=request.method, path=request.path)


def data_of(request: Request, body: dict[str, Any]) -> dict[str, Any]:
    """Return the object `data` of a reply.

    Raises:
        UnexpectedResponseError: The reply has no such object.
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
        id_field: Field that identifies a row; None if only the whole row does.
        rows_max: Most rows a page. It is asked for unless the caller wants fewer.
        rows_min: Fewest rows a page that the API allows.
        paged: Whether the spec promises pages.
        dates: What its date range means.
        sources: Opens a call that is read in its own way; None for an ordinary list with pages.
    """

    key: str
    id_field: str | None = None
    rows_max: int = 100
    rows_min: int = 1
    paged: bool = True
    dates: Dates = field(default_factory=Dates)
    sources: Opener | None = None

    def ask(self, values: Mapping[str, Any]) -> Asked:
        """Check a call's parameters: see `Operation.ask`."""
        if values.get("limit") is not None and "limit" in self.parameters:
            whole_number("limit", values["limit"], self.rows_min, self.rows_max)
        return super().ask(values)

    def with_listed_sites(self, asked: Asked, context: Context) -> Flow[Asked]:
        """Return a call with each site's code as the site list has it.

        Costs one request the first time, if the call names a site.

        Raises:
            ValidationError: The list has no such code.
            APIError: The list could not be read, and was not refused.
        """
        codes: dict[str, str] = {}
        for name, code in asked.criteria:
            if self.parameters[name].kind in {"site", "sites"}:
                given = code.split(",") if self.parameters[name].kind == "sites" else [code]
                codes[name] = ",".join((yield from context.listed_sites(name, given)))
        if not codes:
            return asked
        criteria = tuple((name, codes.get(name, value)) for name, value in asked.criteria)
        return replace(asked, criteria=criteria, values={**asked.values, **codes})

    def listing(self, path: str) -> Listing:
        """Return the description that the engine needs to read the list."""
        return Listing(path, self.key, self.id_field, self.rows_max, self.paged, self.rows_min)

    def can_go_by_site(self, context: Context, asked: Asked) -> bool:
        """Return whether a call can be replaced by one call for each site."""
        takes_site = any(takes.kind == "site" for takes in self.parameters.values())
        return takes_site and context.site_code is None and not {"site", "region"} & asked.values.keys()
