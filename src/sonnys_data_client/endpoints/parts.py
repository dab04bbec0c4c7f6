"""One part of a call's range: read as one list, and by halves where the server cannot give it as one.

A server may find a range too long: a calendar month where the contract has 31 days. Its length is halved until the
server takes it, and remembered. Or it fails on a range, whatever page is asked for. Then the halves are read, and
theirs, until the seconds that it fails on are alone; these are a gap.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace

from sonnys_data_client.endpoints.dates import Range
from sonnys_data_client.engine.effects import Flow
from sonnys_data_client.engine.findings import Findings
from sonnys_data_client.engine.isolation import PAGE_ERRORS, Effort
from sonnys_data_client.engine.listing import RawPage
from sonnys_data_client.engine.paging import FirstPage, Pager, reason_of
from sonnys_data_client.engine.verdicts import may_be_too_long
from sonnys_data_client.engine.windows import DAY_S
from sonnys_data_client.errors import (
    APIConnectionError,
    APIError,
    BadRequestError,
    IncompleteError,
    PayloadValidationError,
    Remedy,
)
from sonnys_data_client.words import plural

SPLIT_S_MIN = 120
"""Halves of a range that fails are not shorter than this. Single rows are found by smaller pages."""


class Part:
    """One part of a call's range.

    Args:
        whole: The part.
        open_range: Makes the pager of a range.
        name_of: Names what is read, with a range.
        findings: Where the length that the server takes is remembered.
        effort: What the call may spend on pages that fail.
        path: Path of the list.
    """

    def __init__(
        self,
        whole: Range,
        open_range: Callable[[Range, FirstPage], Pager],
        name_of: Callable[[Range], str],
        *,
        findings: Findings,
        effort: Effort,
        path: str,
    ) -> None:
        self._todo = deque([whole])
        self._open_range = open_range
        self._name_of = name_of
        self._findings = findings
        self._effort = effort
        self._path = path
        self._pager: Pager | None = None
        self._refused: APIError | None = None
        self._unreachable: APIError | None = None
        self._in_halves = False
        self._lost_in_row = 0
        self._errors: list[IncompleteError] = []

    def next_page(self) -> Flow[RawPage | None]:
        """Read the next page; None after the last.

        Raises:
            APIError: The call is denied, or the server cannot be reached.
            IncompleteError: After the last page: rows are missing, or may be.
        """
        while self._todo:
            pager = self._pager = self._pager or self._open()
            try:
                page = yield from pager.next_page()
            except IncompleteError as error:
                self._errors.append(error)
                page = None
            except (PayloadValidationError, BadRequestError) as error:
                self._halve_refused(error)
                continue
            except PAGE_ERRORS as error:
                self._halve_failed(error)
                continue
            if page is None:
                self._end_range()
                continue
            self._note_served()
            return replace(page, unfinished=self._todo[0].unfinished)
        if self._errors:
            raise joined(self._errors)
        return None

    def _open(self) -> Pager:
        longest_s = self._findings.longest_range_s.get(self._path)
        if longest_s is not None and self._todo[0].length_s > longest_s:
            self._todo.extendleft(reversed(self._todo.popleft().cut(longest_s)))
        first_page: FirstPage = "isolate"
        if self._todo[0].halves(SPLIT_S_MIN):
            first_page = "raise" if self._in_halves else "probe"
        return self._open_range(self._todo[0], first_page)

    def _end_range(self) -> Range:
        self._pager = None
        return self._todo.popleft()

    def _note_served(self) -> None:
        self._lost_in_row = 0
        self._unreachable = None
        if self._refused is not None:
            self._findings.longest_range_s[self._path] = self._todo[0].length_s
            self._refused = None

    def _halve_refused(self, error: APIError) -> None:
        """Go on with the halves of a range that the server may find too long."""
        halves = self._todo[0].halves(DAY_S) if may_be_too_long(error) else ()
        self._refused = self._refused or error
        if not halves:
            raise self._refused
        self._end_range()
        self._todo.extendleft(reversed(halves))

    def _halve_failed(self, error: APIError) -> None:
        """Go on with the halves of a range of which the server gives nothing, or give the range up.

        The halves are read after all other ranges. So one bad second at the beginning does not use up the effort before
        a good half has been read.
        """
        if isinstance(error, APIConnectionError):
            self._unreachable = self._unreachable or error
            if self._in_halves or self._effort.spent:
                raise self._unreachable  # nobody answers, so this is not about the range
        failed = self._end_range()
        halves = () if self._effort.spent else failed.halves(SPLIT_S_MIN)
        self._in_halves = True
        self._todo.extend(halves)
        if not halves:
            self._lost_in_row += 1
            lost = [failed]
            if self._lost_in_row > 1:
                lost += self._todo
                self._todo.clear()
            self._errors += [self._gap(each, error) for each in lost]

    def _gap(self, lost: Range, error: APIError) -> IncompleteError:
        gap = f"{self._name_of(lost)}: {reason_of(error)}"
        made = IncompleteError(f"{gap}.", gaps=[gap], spans=[lost.span], remedy=Remedy.LATER)
        made.__cause__ = error
        return made


def joined(errors: Sequence[IncompleteError]) -> IncompleteError:
    """One error for the gaps of several: it says the first, and how many more there are."""
    first = errors[0]
    gaps = [gap for error in errors for gap in error.gaps]
    spans = [span for error in errors for span in error.spans]
    more = f" Besides, {len(gaps) - 1} more {plural(len(gaps) - 1, 'part is', 'parts are')} missing."
    made = IncompleteError(
        f"{first.problem}{more if len(gaps) > 1 else ''}", gaps=gaps, spans=spans, remedy=first.remedy
    )
    made.__cause__ = first.__cause__
    return made
