"""Operations as methods, written once for both clients.

A resource's class declares its methods: for each a signature, a docstring, and the operation that it calls.

```python
class Customers(Resource[D]):
    @listed(CUSTOMERS)
    def list(self, **params: Unpack[CustomerParams]) -> None:
        \"\"\"List customers. ...\"\"\"

    iter = each(list)
    pages = paged(list)
```

The declaration is never run. `client.customers.list` is a function with its signature. A sync client's function
returns the rows; an async client's is awaited. Type checkers know both.
"""

from __future__ import annotations

import builtins
import inspect
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Iterator, Mapping
from contextlib import contextmanager
from functools import update_wrapper
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeVar, overload

from sonnys_data_client.drivers.aio import AsyncDriver
from sonnys_data_client.drivers.seams import Driver
from sonnys_data_client.endpoints.context import Context
from sonnys_data_client.endpoints.list_reader import ListPage, ListReader
from sonnys_data_client.endpoints.operation import Detail, Listed, Operation
from sonnys_data_client.engine.effects import interactive
from sonnys_data_client.errors import APIError, IncompleteError
from sonnys_data_client.types import Record

P = ParamSpec("P")
R = TypeVar("R", bound=Record)
D = TypeVar("D", bound=Driver | AsyncDriver)

Declaration = Callable[Concatenate[Any, P], None]


class Resource(Generic[D]):
    """One resource of a client, with the driver and the context that its operations need."""

    def __init__(self, driver: D, context: Context) -> None:
        self._driver = driver
        self._context = context

    def _method(self, call: Call[P, R]) -> Any:
        """Return an operation as a function with the declaration's signature and docs."""
        driver: Driver | AsyncDriver = self._driver

        def method(*args: Any, **kwargs: Any) -> Any:
            values = call.values(args, kwargs)
            if isinstance(driver, AsyncDriver):
                return call.start(driver, self._context, values)
            return call.run(driver, self._context, values)

        dressed: Any = update_wrapper(method, call.declaration)
        dressed.__name__, dressed.__qualname__, dressed.__doc__ = call.name, call.qualname, call.__doc__
        dressed.__signature__ = call.signature
        return dressed


class Call(ABC, Generic[P, R]):
    """An operation as a descriptor of a resource's class.

    Attributes:
        declaration: The function that declares its signature and docstring.
        operation: The operation that it calls.
        signature: Its signature without `self`.
        name: Its name in the class.
        qualname: Its name with the class's name.
    """

    name: str
    qualname: str

    def __init__(self, declaration: Declaration[P], operation: Operation[R]) -> None:
        self.declaration = declaration
        self.operation = operation
        found = inspect.signature(declaration)
        parameters = [*found.parameters.values()][1:]
        self.signature = found.replace(parameters=parameters, return_annotation=inspect.Signature.empty)
        self.__doc__ = declaration.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        self.qualname = f"{owner.__qualname__}.{name}"

    def values(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """Return a call's parameters by name.

        Raises:
            TypeError: As for any function, an argument is missing or there is one too many.
        """
        values = dict(self.signature.bind(*args, **kwargs).arguments)
        for name, parameter in self.signature.parameters.items():
            if parameter.kind is inspect.Parameter.VAR_KEYWORD:
                values |= values.pop(name, {})
        return values

    @abstractmethod
    def run(self, driver: Driver, context: Context, values: Mapping[str, Any]) -> Any:
        """Carry out a call of a sync client."""

    @abstractmethod
    def start(self, driver: AsyncDriver, context: Context, values: Mapping[str, Any]) -> Any:
        """Carry out a call of an async client."""


class DetailCall(Call[P, R]):
    """A method that returns one object."""

    operation: Detail[R]

    @overload
    def __get__(self, resource: None, owner: type) -> Self: ...
    @overload
    def __get__(self, resource: Resource[Driver], owner: type) -> Callable[P, R]: ...
    @overload
    def __get__(self, resource: Resource[AsyncDriver], owner: type) -> Callable[P, Coroutine[Any, Any, R]]: ...
    def __get__(self, resource: Any, owner: type) -> Any:
        """Bound method; on the class, the descriptor."""
        return self if resource is None else resource._method(self)  # noqa: SLF001 - a friend

    def run(self, driver: Driver, context: Context, values: Mapping[str, Any]) -> R:
        """Read the object."""
        return driver.run(interactive(self.operation.read(context, values)))

    async def start(self, driver: AsyncDriver, context: Context, values: Mapping[str, Any]) -> R:
        """Read the object."""
        return await driver.run(interactive(self.operation.read(context, values)))


class ListCall(Call[P, R]):
    """A method that returns all rows, as a list."""

    operation: Listed[R]

    @overload
    def __get__(self, resource: None, owner: type) -> Self: ...
    @overload
    def __get__(self, resource: Resource[Driver], owner: type) -> Callable[P, builtins.list[R]]: ...
    @overload
    def __get__(
        self, resource: Resource[AsyncDriver], owner: type
    ) -> Callable[P, Coroutine[Any, Any, builtins.list[R]]]: ...
    def __get__(self, resource: Any, owner: type) -> Any:
        """Bound method; on the class, the descriptor."""
        return self if resource is None else resource._method(self)  # noqa: SLF001

    def run(self, driver: Driver, context: Context, values: Mapping[str, Any]) -> builtins.list[R]:
        """Read all rows."""
        rows: builtins.list[R] = []
        with _carrying(rows):
            for page in _pages(driver, ListReader(self.operation, context, values)):
                rows += page.rows
        return rows

    async def start(self, driver: AsyncDriver, context: Context, values: Mapping[str, Any]) -> builtins.list[R]:
        """Read all rows."""
        rows: builtins.list[R] = []
        with _carrying(rows):
            async for page in _async_pages(driver, ListReader(self.operation, context, values)):
                rows += page.rows
        return rows


class IterCall(Call[P, R]):
    """A method that gives all rows, one by one."""

    operation: Listed[R]

    @overload
    def __get__(self, resource: None, owner: type) -> Self: ...
    @overload
    def __get__(self, resource: Resource[Driver], owner: type) -> Callable[P, Iterator[R]]: ...
    @overload
    def __get__(self, resource: Resource[AsyncDriver], owner: type) -> Callable[P, AsyncIterator[R]]: ...
    def __get__(self, resource: Any, owner: type) -> Any:
        """Bound method; on the class, the descriptor."""
        return self if resource is None else resource._method(self)  # noqa: SLF001

    def run(self, driver: Driver, context: Context, values: Mapping[str, Any]) -> Iterator[R]:
        """Read the rows, a page whenever those of the last are used up."""
        reader = ListReader(self.operation, context, values)
        return (row for page in _pages(driver, reader) for row in page.rows)

    def start(self, driver: AsyncDriver, context: Context, values: Mapping[str, Any]) -> AsyncIterator[R]:
        """Read the rows, a page whenever those of the last are used up."""
        reader = ListReader(self.operation, context, values)
        return (row async for page in _async_pages(driver, reader) for row in page.rows)


class PagesCall(Call[P, R]):
    """A method that gives all rows, page by page."""

    operation: Listed[R]

    @overload
    def __get__(self, resource: None, owner: type) -> Self: ...
    @overload
    def __get__(self, resource: Resource[Driver], owner: type) -> Callable[P, Iterator[ListPage[R]]]: ...
    @overload
    def __get__(self, resource: Resource[AsyncDriver], owner: type) -> Callable[P, AsyncIterator[ListPage[R]]]: ...
    def __get__(self, resource: Any, owner: type) -> Any:
        """Bound method; on the class, the descriptor."""
        return self if resource is None else resource._method(self)  # noqa: SLF001

    def run(self, driver: Driver, context: Context, values: Mapping[str, Any]) -> Iterator[ListPage[R]]:
        """Read the pages."""
        return _pages(driver, ListReader(self.operation, context, values))

    def start(self, driver: AsyncDriver, context: Context, values: Mapping[str, Any]) -> AsyncIterator[ListPage[R]]:
        """Read the pages."""
        return _async_pages(driver, ListReader(self.operation, context, values))


def detail(operation: Detail[R]) -> Callable[[Declaration[P]], DetailCall[P, R]]:
    """Declare an operation that gives one object."""
    return lambda declaration: DetailCall(declaration, operation)


def listed(operation: Listed[R]) -> Callable[[Declaration[P]], ListCall[P, R]]:
    """Declare an operation that gives rows. The method returns all of them in a list."""
    return lambda declaration: ListCall(declaration, operation)


def each(call: ListCall[P, R]) -> IterCall[P, R]:
    """Declare the same operation as a stream of rows, with one page in memory."""
    return _sibling(IterCall, call, "row by row, with one page in memory")


def paged(call: ListCall[P, R]) -> PagesCall[P, R]:
    """Declare the same operation as a stream of pages, with the server's totals."""
    return _sibling(PagesCall, call, "page by page, with the server's `total`")


C = TypeVar("C", bound=Call[Any, Any])


def _sibling(kind: Callable[[Any, Any], C], call: ListCall[Any, Any], how: str) -> C:
    made = kind(call.declaration, call.operation)
    made.__doc__ = (
        f"Read the rows of `{call.declaration.__name__}` {how}. See there for parameters and cost.\n\n"
        "Errors are raised when the next row or page is asked for. A `RowError` is raised after the last row. What\n"
        "this returns belongs to one thread at a time; each thread can make one of its own."
    )
    return made


def _pages(driver: Driver, reader: ListReader[R]) -> Iterator[ListPage[R]]:
    while (page := driver.run(interactive(reader.next_page()))) is not None:
        yield page


async def _async_pages(driver: AsyncDriver, reader: ListReader[R]) -> AsyncIterator[ListPage[R]]:
    while (page := await driver.run(interactive(reader.next_page()))) is not None:
        yield page


@contextmanager
def _carrying(rows: builtins.list[Any]) -> Generator[None]:
    """Attach the rows read so far to an error that leaves the block.

    So no fetched row is lost.
    """
    try:
        yield
    except (APIError, IncompleteError) as error:
        error.rows = rows
        raise
