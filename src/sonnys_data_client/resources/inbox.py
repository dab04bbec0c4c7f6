"""An export's rows between flow and caller: parsed, or in quarantine."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from sonnys_data_client.drivers.seams import Shelf
from sonnys_data_client.engine import jobs
from sonnys_data_client.engine.effects import Delivery, Settle
from sonnys_data_client.engine.export.flow import Report
from sonnys_data_client.engine.jobs import Handle
from sonnys_data_client.engine.windows import Window
from sonnys_data_client.errors import (
    APIError,
    IncompleteError,
    IncompleteExportError,
    RowError,
    SonnysError,
    ValidationError,
)
from sonnys_data_client.types import TransactionJobItem, parse_rows
from sonnys_data_client.words import plural

OnGap = Literal["raise", "report"]
_SHOWN_GAPS_MAX = 3


@dataclass(frozen=True, slots=True)
class QuarantinedRow:
    """A row that could not be parsed. It was fetched, so the export keeps it.

    Attributes:
        window: The window of the plan that it belongs to.
        raw: The row as it came. It may hold personal data, so `repr()` leaves it out.
        reason: Which fields could not be read, and why; never a value.
    """

    window: Window
    raw: Any = field(repr=False)
    reason: str


class Inbox:
    """Rows that have come and were not taken yet, as models.

    Attributes:
        quarantine: Rows that could not be parsed, in the order in which they came.
    """

    def __init__(self, on_gap: OnGap) -> None:
        if on_gap not in ("raise", "report"):
            raise ValidationError(parameter="on_gap", value=on_gap, allowed="'raise' or 'report'")
        self.quarantine: list[QuarantinedRow] = []
        self._rows: deque[TransactionJobItem] = deque()
        self._on_gap = on_gap
        self._report: Report | None = None

    def put(self, delivery: Delivery) -> None:
        """Add the rows of a `Deliver`. A `Settle` changes nothing here."""
        if isinstance(delivery, Settle):
            return
        try:
            self._rows.extend(parse_rows(TransactionJobItem, delivery.rows, method="GET", path=jobs.POLL_PATH))
        except RowError as error:
            self._rows.extend(error.rows)
            self.quarantine += [QuarantinedRow(delivery.window, row.raw, row.reason) for row in error.unparsed]

    def take(self) -> TransactionJobItem | None:
        """Return the next row that has come, or None."""
        return self._rows.popleft() if self._rows else None

    @property
    def ended(self) -> bool:
        """Whether the flow has ended, with gaps or without, so that no more rows will come."""
        return self._report is not None

    def end(self, report: Report) -> None:
        """Record that the flow has ended with this report.

        Raises:
            IncompleteExportError: There are gaps, and the caller chose `on_gap="raise"`.
        """
        quarantined = Counter(row.window for row in self.quarantine)
        self._report = replace(
            report, windows=[replace(window, quarantined=quarantined[window.window]) for window in report.windows]
        )
        if self._report.gaps and self._on_gap == "raise":
            gaps = [str(gap) for gap in self._report.gaps]
            parts = f"{len(gaps)} {plural(len(gaps), 'part')}"
            more = f" and {len(gaps) - _SHOWN_GAPS_MAX} more" if len(gaps) > _SHOWN_GAPS_MAX else ""
            raise IncompleteExportError(
                f"All rows that could be read were delivered, but {parts} of the range may lack rows: "
                f"{'; '.join(gaps[:_SHOWN_GAPS_MAX])}{more}. Export these again later.",
                gaps=gaps,
                report=self._report,
            ) from self._report.gaps[0].error

    def report(self) -> Report:
        """Return the report.

        Raises:
            SonnysError: The export has not ended yet.
        """
        if self._report is None:
            raise SonnysError("The export has no report yet: take all its rows first.")
        return self._report


def live_handles(shelf: Shelf) -> Sequence[Handle]:
    """Read the handles on a shelf.

    Those that an earlier version of this package kept do not say whose they are, and nobody may go on with them.
    """
    found = (dict(handle) for handle in shelf.live())
    return [Handle.from_dict(handle) for handle in found if "owner" in handle or "submitted_at" not in handle]


def in_order(raw: Sequence[Any]) -> list[TransactionJobItem]:
    """Return the rows as models, oldest first.

    Pages come in the order in which their jobs end.

    Raises:
        RowError: Some could not be parsed.
    """
    rows = parse_rows(TransactionJobItem, raw, method="GET", path=jobs.POLL_PATH)
    return sorted(rows, key=lambda row: (row.complete_date, row.id))


@contextmanager
def attach_rows(raw: Sequence[Any]) -> Generator[None]:
    """Attach the rows read so far to an error that leaves the block, as models.

    `raw` may grow meanwhile.
    """
    try:
        yield
    except RowError:
        raise
    except (APIError, IncompleteError) as error:
        try:
            error.rows = list(parse_rows(TransactionJobItem, raw, method="GET", path=jobs.POLL_PATH))
        except RowError as unparsed:
            error.rows = unparsed.rows
        raise
