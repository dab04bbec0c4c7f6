"""A page that the server cannot give is read by smaller pages, until what it cannot give is alone.

One row that the server fails on would otherwise cost the page, and with it the list. Pages of 50, 25, 5 and 1 rows
have numbers of their own, so 100 rows need about 15 requests to find one bad row.

A server that fails everything alike must not be asked hundreds of times. `Effort` holds what one call of a list may
still spend: a failure costs one, and a page that comes gives one back. A request that follows failures is not sent
again by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sonnys_data_client.engine.call import CallPolicy
from sonnys_data_client.engine.effects import Flow
from sonnys_data_client.engine.listing import Criteria, Listing, Lost, RawPage, read_page
from sonnys_data_client.errors import (
    APIConnectionError,
    APIError,
    BadRequestError,
    MismatchError,
    NotFoundError,
    PayloadValidationError,
    ServerError,
    UnexpectedResponseError,
)

FAILURES_MAX = 6
"""Failures in a row beyond which nothing is isolated any more. With the five tries of the first request, a list that
fails throughout costs about a dozen requests."""
_FACTORS = (2, 3, 5, 7, 11, 13)
"""By these a page is cut. A page of another size is lost whole."""

PAGE_ERRORS = (ServerError, APIConnectionError, UnexpectedResponseError)
"""What may be about one page alone. A denial, or a 429, is about the call."""
PART_ERRORS = (*PAGE_ERRORS, BadRequestError, NotFoundError, PayloadValidationError)
"""What may be about a smaller page: a server may refuse its size."""


@dataclass(slots=True)
class Effort:
    """What one call of a list may still spend on pages that fail.

    Attributes:
        left: Failures that it may still put up with.
        served: Pages that came with rows, or before anything failed.
        first_error: The first failure; None if there was none.
    """

    left: int = FAILURES_MAX
    served: int = 0
    first_error: APIError | None = None

    @property
    def spent(self) -> bool:
        """Whether nothing is to be isolated any more."""
        return self.left <= 0

    def policy(self, usual: CallPolicy) -> CallPolicy:
        """How hard the next request tries: as usual unless something has just failed."""
        return usual if self.left == FAILURES_MAX else replace(usual, max_retries=0)

    def read(
        self, listing: Listing, criteria: Criteria, number: int, limit: int, *, policy: CallPolicy, first: int
    ) -> Flow[RawPage]:
        """Read one page, and count what becomes of it: see `read_page`. A denial does not count."""
        try:
            page = yield from read_page(listing, criteria, number, limit, policy, first=first)
        except PAGE_ERRORS as error:
            self.note_failed(error)
            raise
        self.note_served(rows=bool(page.rows))
        return page

    def note_failed(self, error: APIError) -> None:
        """Count a failure."""
        self.left -= 1
        self.first_error = self.first_error or error

    def note_served(self, *, rows: bool) -> None:
        """Count a page that came. One without rows, after a failure, does not show that rows can be had."""
        self.left = min(FAILURES_MAX, self.left + 1)
        self.served += rows or self.first_error is None


def smaller(listing: Listing, size: int) -> int | None:
    """The largest size into which a page of `size` rows can be cut; None if there is none."""
    sizes = (size // factor for factor in _FACTORS if size % factor == 0)
    return next((part for part in sizes if part >= listing.limit_min), None)


class _OtherSizeError(Exception):
    """The server applies page sizes of its own, so no smaller page is a part of the one that failed."""


@dataclass(frozen=True, slots=True)
class Isolation:
    """How the pages of one list are read by smaller pages.

    Attributes:
        listing: Which list.
        criteria: Query parameters other than `limit` and `offset`.
        effort: What may be spent.
        policy: How hard a request tries for rows that cannot be cut further.
        first: See `read_page`.
        known: Returns whether a row has come on a page before.
    """

    listing: Listing
    criteria: Criteria
    effort: Effort
    policy: CallPolicy
    first: int = 1
    known: Callable[[Any], bool] = lambda _: False

    def read(self, failed: Lost, *, splits: bool = False) -> Flow[RawPage]:
        """Read a page that failed by smaller pages.

        Args:
            failed: The rows of the page, and how it failed.
            splits: Whether the caller has a better way if two smaller pages fail as the page did.

        Returns:
            The rows that came, and in `lost` those that did not.

        Raises:
            APIError: The call is denied; the server cannot be reached; or the caller has a better way.
        """
        size, number = failed.count, (failed.first - 1) // failed.count + 1
        part = None if isinstance(failed.error, MismatchError) else smaller(self.listing, size)
        if part is None or self.effort.spent:
            return RawPage([], number, None, None, lost=(failed,))
        try:
            pieces = yield from self._pieces(failed, part, splits=splits)
        except _OtherSizeError:
            return RawPage([], number, None, None, lost=(failed,))
        pages: list[RawPage] = []
        for piece in pieces:
            page = (yield from self.read(piece)) if isinstance(piece, Lost) else piece
            pages.append(page)
        lost = [each for page in pages for each in page.lost]
        rows = [row for page in pages for row in page.rows]
        if not rows and not lost:
            lost = [failed]  # a page that failed has something that its parts do not show
        totals = [page.total for page in pages if page.total is not None]
        named = any(page.limit is not None for page in pages)
        return RawPage(rows, number, totals[-1] if totals else None, size if named else None, lost=tuple(merged(lost)))

    def _pieces(self, failed: Lost, part: int, *, splits: bool) -> Flow[list[RawPage | Lost]]:
        """Read the parts of a page, as far as the effort goes and there are rows."""
        pieces: list[RawPage | Lost] = []
        last = failed.first + failed.count - 1
        for first_row in range(failed.first, last + 1, part):
            if self.effort.spent:
                pieces.append(Lost(first_row, last, failed.error))
                break
            try:
                page = yield from self._read_part(failed, first_row, part)
            except PART_ERRORS as error:
                pieces.append(Lost(first_row, first_row + part - 1, error))
                self._raise_if_alike(pieces, failed, splits=splits)
                continue
            pieces.append(page)
            if not page.rows:
                break  # behind the last row
        return pieces

    def _read_part(self, failed: Lost, first_row: int, part: int) -> Flow[RawPage]:
        last_try = smaller(self.listing, part) is None
        policy = replace(self.policy, max_retries=min(1, self.policy.max_retries) if last_try else 0)
        number = (first_row - 1) // part + 1
        try:
            page = yield from read_page(self.listing, self.criteria, number, part, policy, first=self.first)
        except PART_ERRORS as error:
            self.effort.note_failed(error)
            raise
        if not self._is_part(page, part):
            self.effort.note_failed(failed.error)
            raise _OtherSizeError
        self.effort.note_served(rows=bool(page.rows))
        return page

    def _is_part(self, page: RawPage, part: int) -> bool:
        """Whether a page can be a part of the one that failed.

        A server with page sizes of its own gives other rows under this number, perhaps some that have come before.
        """
        if not self.listing.paged or not page.rows:
            return True
        named = page.limit is None or page.limit >= part
        return named and len(page.rows) <= part and not all(map(self.known, page.rows))

    def _raise_if_alike(self, pieces: Sequence[RawPage | Lost], failed: Lost, *, splits: bool) -> None:
        """Raise the page's error once the first two parts have failed, where this is not about a row."""
        errors = [piece.error for piece in pieces if isinstance(piece, Lost)]
        if len(pieces) != 2 or len(errors) != 2:
            return
        nobody_answers = all(isinstance(error, APIConnectionError) for error in (failed.error, *errors))
        if splits or nobody_answers:
            raise failed.error


def merged(lost: Sequence[Lost]) -> Iterator[Lost]:
    """Join neighbours, so that a page that cannot be read is one gap and not a hundred."""
    held: Lost | None = None
    for each in lost:
        if held is not None and held.last is not None and each.first == held.last + 1:
            held = replace(held, last=each.last)
            continue
        if held is not None:
            yield held
        held = each
    if held is not None:
        yield held
