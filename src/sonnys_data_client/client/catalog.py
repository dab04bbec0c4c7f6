"""All operations of the clients by name.

For programs that offer them to users or go through all of them.

Nothing is listed here: the catalogue is read off the clients' resources, so it is always complete.

```python
for entry in catalog():
    print(entry.resource, entry.name, [parameter.name for parameter in entry.parameters])
find("customers", "list").iter(client, status="active")
```
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, get_origin, get_type_hints, overload

from sonnys_data_client.endpoints.dates import Dates
from sonnys_data_client.endpoints.list_reader import ListPage
from sonnys_data_client.endpoints.operation import Listed
from sonnys_data_client.endpoints.params import Kind, check_known
from sonnys_data_client.errors import ValidationError
from sonnys_data_client.resources import Resources
from sonnys_data_client.resources.calls import Call, DetailCall, IterCall, ListCall, PagesCall, Resource
from sonnys_data_client.resources.transactions import TransactionLists
from sonnys_data_client.types import Record

if TYPE_CHECKING:
    from sonnys_data_client.client.aio import AsyncSonnysClient
    from sonnys_data_client.client.sync import SonnysClient


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an operation.

    Attributes:
        name: Its name, which is the API's.
        help: A short description.
        kind: `text`, `site`, `sites` (codes with commas between them), `id`, `choice`, `whole` (a whole number of 1 or
            more) or `date` (anything that names a day or an instant).
        choices: The allowed words, if only some are allowed.
        required: Whether a call needs it.
    """

    name: str
    help: str
    kind: Kind
    choices: tuple[str, ...]
    required: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One operation: its parameters, its model, and how to call it.

    Attributes:
        resource: The client's attribute, such as `customers`.
        name: The method that gives one object, or all rows as a list, such as `get` or `list`.
        path: Its path below the base URL, with the name of each argument that is part of it in braces.
        model: Model of a row or of the object.
        parameters: Its parameters, in order.
        streams: The method that gives rows one by one, such as `iter`; None if it gives one object.
        paged: The method that gives rows page by page, such as `pages`; None if it gives one object.
        doc: The method's docstring.
        cached_s: How long the server repeats its answer to the same request, in seconds (spec).
        unasked: What a missing range means, in words; empty if it means everything, or if it takes none.
        history: Whether the server keeps only six months of it.
    """

    resource: str
    name: str
    path: str
    model: type[Record]
    parameters: tuple[Parameter, ...]
    streams: str | None
    paged: str | None
    doc: str
    cached_s: int
    unasked: str
    history: bool
    _ask: Callable[[dict[str, Any]], object] = field(repr=False)

    @property
    def summary(self) -> str:
        """The docstring's first line."""
        return self.doc.partition("\n")[0]

    @property
    def gives_rows(self) -> bool:
        """Whether it gives rows; otherwise it gives one object."""
        return self.streams is not None

    def call(self, client: SonnysClient | AsyncSonnysClient, **values: Any) -> Any:
        """Call the operation.

        Returns:
            A record or a list of records; with an async client, an awaitable of it.

        Raises:
            ValidationError: A parameter is missing, unknown or not allowed; nothing was sent.
            SonnysError: As the method's docstring says.
        """
        self._check(values)
        return getattr(getattr(client, self.resource), self.name)(**values)

    def check(self, **values: Any) -> None:
        """Check the parameters of a call, but for what only the time or the server can tell. Sends nothing.

        Raises:
            ValidationError: A parameter is missing, unknown or not allowed.
        """
        self._check(values)
        self._ask(values)

    @overload
    def iter(self, client: SonnysClient, **values: Any) -> Iterator[Record]: ...
    @overload
    def iter(self, client: AsyncSonnysClient, **values: Any) -> AsyncIterator[Record]: ...
    def iter(self, client: SonnysClient | AsyncSonnysClient, **values: Any) -> Any:
        """Stream its rows.

        Raises:
            ValidationError: It gives one object and no rows, or as for `call`.
        """
        return self._rows_by(self.streams, client, values)

    @overload
    def pages(self, client: SonnysClient, **values: Any) -> Iterator[ListPage[Record]]: ...
    @overload
    def pages(self, client: AsyncSonnysClient, **values: Any) -> AsyncIterator[ListPage[Record]]: ...
    def pages(self, client: SonnysClient | AsyncSonnysClient, **values: Any) -> Any:
        """Stream its pages, which also have the raw rows.

        Raises:
            ValidationError: It gives one object and no rows, or as for `call`.
        """
        return self._rows_by(self.paged, client, values)

    def _rows_by(self, method: str | None, client: SonnysClient | AsyncSonnysClient, values: dict[str, Any]) -> Any:
        if method is None:
            raise ValidationError(f"{self.resource}.{self.name} gives one object: call it instead.")
        self._check(values)
        return getattr(getattr(client, self.resource), method)(**values)

    def _check(self, values: dict[str, Any]) -> None:
        check_known(values, [parameter.name for parameter in self.parameters])
        for parameter in self.parameters:
            if parameter.required and values.get(parameter.name) is None:
                raise ValidationError(f"{self.resource}.{self.name} needs {parameter.name}: {parameter.help}")


@cache
def catalog() -> tuple[Entry, ...]:
    """Return all operations that list or get something, resource by resource."""
    kinds: dict[str, type[Resource[Any]]] = {"transactions": TransactionLists}
    for name, hint in get_type_hints(Resources).items():
        kinds[name] = get_origin(hint)
    return tuple(
        _entry(resource, kind, call)
        for resource, kind in kinds.items()
        for call in vars(kind).values()
        if isinstance(call, ListCall | DetailCall)
    )


def find(resource: str, name: str) -> Entry:
    """Return one operation by name.

    Raises:
        ValidationError: There is no such operation; the message names those that there are.
    """
    entries = catalog()
    for entry in entries:
        if (entry.resource, entry.name) == (resource, name):
            return entry
    names = [entry.name for entry in entries if entry.resource == resource]
    if names:
        raise ValidationError(f"{resource} has no {name!r}: use one of {', '.join(names)}.")
    resources = dict.fromkeys(entry.resource for entry in entries)
    raise ValidationError(f"There is no resource {resource!r}: use one of {', '.join(resources)}.")


def _entry(resource: str, kind: type[Resource[Any]], call: Call[Any, Any]) -> Entry:
    siblings = {
        type(each): each.name
        for each in vars(kind).values()
        if isinstance(each, Call) and each.declaration is call.declaration
    }
    required = {
        name
        for name, parameter in call.signature.parameters.items()
        if parameter.default is parameter.empty and parameter.kind is not parameter.VAR_KEYWORD
    }
    dates = call.operation.dates if isinstance(call.operation, Listed) else Dates()
    return Entry(
        resource,
        call.name,
        call.operation.path,
        call.operation.model,
        tuple(
            Parameter(name, takes.help, takes.kind, takes.choices, name in required)
            for name, takes in call.operation.parameters.items()
        ),
        siblings.get(IterCall),
        siblings.get(PagesCall),
        inspect.getdoc(call) or "",
        call.operation.cached_s,
        dates.unasked,
        dates.history,
        call.operation.ask,
    )
