"""A server of one list for tests of the engine, that may behave in the ways that servers do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from sonnys_data_client.engine.call import CallPolicy
from sonnys_data_client.engine.listing import Listing
from sonnys_data_client.engine.paging import read_all
from sonnys_data_client.engine.wire import Outcome, Request
from tests.engine.flows import Play, play, refused, served

LISTING = Listing("/transaction", "transactions", "transId", 100)
CRITERIA = (("startDate", "1"), ("endDate", "2"))
POLICY = CallPolicy(max_retries=0)

Row = dict[str, Any]
FAILURE = refused(500, "ServerUnexpectedFailure", "Oh no.")


def rows(count: int, first: int = 0) -> list[Row]:
    return [{"transId": f"{number}:1", "n": number} for number in range(first, first + count)]


class Lister:
    """A server of one list, that may behave in the ways that servers do.

    Attributes:
        most: The most rows that it gives on a page.
        total: What it says about the total: a number, or a function of the request's number, or None.
        says_limit: Whether it names the page size that it applied; or `"asked"`: the one that was asked for.
        ignores_offset: Whether every page is the first.
        says: The page number in the reply: that of the request, or what a function makes of number and limit.
        bad: Numbers of rows on which it fails.
        breaks: Its outcome for a page with such a row.
    """

    def __init__(
        self,
        found: list[Row],
        *,
        most: int = 1000,
        total: int | Callable[[int], int | None] | None = None,
        says_limit: bool | Literal["asked"] = True,
        ignores_offset: bool = False,
        says: Callable[[int, int], int | None] = lambda number, _: number,
        bad: frozenset[int] | set[int] = frozenset(),
        breaks: Outcome = FAILURE,
    ) -> None:
        self.found = found
        self.most = most
        self.total = total
        self.says_limit = says_limit
        self.ignores_offset = ignores_offset
        self.says = says
        self.bad = bad
        self.breaks = breaks
        self.asked: list[tuple[int, int]] = []

    def __call__(self, request: Request, now: float) -> Outcome:
        query = dict(request.query)
        limit, number = int(query["limit"]), int(query["offset"])
        self.asked.append((number, limit))
        size = min(limit, self.most)
        page = self.found if self.ignores_offset else self.found[(number - 1) * size : number * size]
        if any(isinstance(row, dict) and row.get("n") in self.bad for row in page):
            return self.breaks
        total = self.total(len(self.asked)) if callable(self.total) else self.total
        named = limit if self.says_limit == "asked" else size if self.says_limit else None
        return served({"transactions": page, "offset": self.says(number, limit), "limit": named, "total": total})


def read(server: Callable[[Request, float], Outcome], listing: Listing = LISTING, **options: Any) -> Play[list[Any]]:
    """Read all of a list."""
    return play(read_all(listing, CRITERIA, options.pop("policy", POLICY), **options), server)
