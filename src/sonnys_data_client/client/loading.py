"""Nothing fetched is lost: an error that ends a load carries the rows that had come."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any

from sonnys_data_client.engine import jobs
from sonnys_data_client.errors import APIError, IncompleteError, RowError
from sonnys_data_client.models import TransactionJobItem, parse_rows


def in_order(raw: Sequence[Any]) -> list[TransactionJobItem]:
    """The rows as models, oldest first: pages come in whenever their jobs are done.

    Raises:
        RowError: Some do not fit.
    """
    rows = parse_rows(TransactionJobItem, raw, method="GET", path=jobs.POLL_PATH)
    return sorted(rows, key=lambda row: (row.completed_at, row.id))


@contextmanager
def attach_rows(raw: Sequence[Any]) -> Generator[None]:
    """Give an error that leaves the block the rows read so far, as models; `raw` may grow meanwhile."""
    try:
        yield
    except RowError:
        raise
    except (APIError, IncompleteError) as error:
        try:
            error.rows = list(parse_rows(TransactionJobItem, raw, method="GET", path=jobs.POLL_PATH))
        except RowError as misfits:
            error.rows = misfits.rows
        raise
