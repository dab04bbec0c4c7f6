"""Routes as data: method, path, parameters, checks, and the function that answers.

Serving a call takes four steps: find the route by its path, read the parameters from text, run the checks, answer.
Checks may look things up in the world. All problems with the parameters are refused with one 422 that lists them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from sonnys_data_client.engine.wire import Request
from sonnys_data_client.sandbox.config import ApiAccount
from sonnys_data_client.sandbox.jobs import Job, Status
from sonnys_data_client.sandbox.office import Office
from sonnys_data_client.sandbox.replies import Refusal, invalid, not_found
from sonnys_data_client.sandbox.shape import Schema

__all__ = ["Call", "Check", "Param", "Route", "Router"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Param(Generic[T]):
    """A parameter, in the query or in the path.

    Attributes:
        name: Its name.
        read: Turns its text into a value, or raises ValueError with a message that names the parameter.
        default: Makes its value if it is not sent, from the time of the call; None if it must be sent.
        schema: Its JSON schema, for the API's description.
        is_in_path: Whether it is a part of the path in braces, not of the query.
    """

    name: str
    read: Callable[[str], T]
    default: Callable[[float], T] | None
    schema: Schema = field(default_factory=lambda: {"type": "string"})
    is_in_path: bool = False


class Call:
    """One authenticated request while a route serves it.

    Attributes:
        account: The account that sent it.
        site: Site code of the header, or None.
        request: The request.
        number: Ordinal among all requests of this sandbox, from 1.
        now: Its arrival, epoch seconds.
        path_args: The variable parts of its path.
        sent: Its query by parameter. If a parameter is sent twice, the last one counts.
        job: The job that the route's function found or made; for the log.
        job_status: The status that it replied for that job; for the log.
    """

    __slots__ = (
        "_args",
        "account",
        "job",
        "job_status",
        "now",
        "number",
        "path_args",
        "request",
        "sent",
        "site",
    )

    def __init__(self, account: ApiAccount, site: str | None, request: Request, number: int, now: float) -> None:
        self.account = account
        self.site = site
        self.request = request
        self.number = number
        self.now = now
        self.path_args: Mapping[str, str] = {}
        self.job: Job | None = None
        self.job_status: Status | None = None
        self.sent = dict(request.query)
        self._args: dict[str, Any] = {}

    def __getitem__(self, param: Param[T]) -> T:
        """Return the value of one of the route's parameters."""
        value: T = self._args[param.name]
        return value

    def get(self, param: Param[T]) -> T | None:
        """Return the value of a parameter, or None if the route does not take it."""
        value: T | None = self._args.get(param.name)
        return value

    def read(self, takes: Iterable[Param[Any]]) -> list[str]:
        """Read the parameters that a route takes, and return the problems found."""
        complaints: list[str] = []
        for param in takes:
            text = (self.path_args if param.is_in_path else self.sent).get(param.name)
            try:
                if text is not None:
                    self._args[param.name] = param.read(text)
                elif param.default is not None:
                    self._args[param.name] = param.default(self.now)
                else:
                    complaints.append(f"{param.name} is required.")
            except ValueError as complaint:
                complaints.append(str(complaint))
        return complaints

    def criteria(self) -> tuple[object, ...]:
        """Return the key of the response cache: two calls with the same key get the same answer."""
        return (self.account.api_id, self.request.path, self.site, *self._args.values())


Check = Callable[[Call, Office], Iterable[str]]
Answer = Callable[[Call, Office], bytes]


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint.

    Attributes:
        methods: The HTTP methods that it takes.
        path: Its path. A part in braces, as in `"/transaction/{trans_id}"`, matches any text without a slash.
        answer: Makes the body of the 200, or raises a `Refusal`.
        gives: Schema of the body's `data`, for the API's description.
        takes: Its parameters. Others are ignored, as by the live service.
        checks: Run in order once all parameters are read. Each returns the problems that it finds.
        wrong_method: Status of the reply to any other method: 405 or 404.
    """

    methods: tuple[str, ...]
    path: str
    answer: Answer
    gives: Schema
    takes: tuple[Param[Any], ...] = ()
    checks: tuple[Check, ...] = ()
    wrong_method: int = 405

    def serve(self, call: Call, office: Office) -> bytes:
        """Return the body of the 200.

        Raises:
            Refusal: 404 or 405 for the method, 422 for the parameters, or a refusal of the route's own.
        """
        if call.request.method not in self.methods:
            if self.wrong_method == 404:
                raise not_found("route for this path and method")
            allowed = ", ".join(self.methods)
            raise Refusal(405, "UnexpectedFailure", f"This path takes {allowed} only.", headers={"allow": allowed})
        complaints = call.read(self.takes)
        if not complaints:
            complaints = [complaint for check in self.checks for complaint in check(call, office)]
        if complaints:
            raise invalid(*complaints)
        return self.answer(call, office)


class Router:
    """Finds a path's route. Routes without braces are tried first."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._fixed: dict[str, Route] = {}
        self._open: list[tuple[re.Pattern[str], Route]] = []
        for route in routes:
            if "{" in route.path:
                self._open.append((re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", route.path)), route))
            else:
                self._fixed[route.path] = route

    def find(self, path: str) -> tuple[Route, Mapping[str, str]]:
        """Return the route of `path`, and the path's variable parts.

        Raises:
            Refusal: 404, because there is no such route.
        """
        route = self._fixed.get(path)
        if route is not None:
            return route, {}
        for pattern, route in self._open:
            if match := pattern.fullmatch(path):
                return route, match.groupdict()
        raise not_found("route for this path and method")
