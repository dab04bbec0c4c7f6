"""One answer about a batch job, before anybody looks into its rows.

Only a job that passed has rows. What the others put in their place is unknown, so it is kept as it came.
"""

from __future__ import annotations

from typing import Any

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from sonnys_data_client.types.fields import UNPARSABLE, Id, Text, Whole
from sonnys_data_client.types.record import Record

__all__ = ["JobData"]


class JobData(Record):
    """What `/transaction/get-job-data` says of a job: the object below `data`.

    One hash is one page of one window: `offset`, `limit` and `total` repeat what was submitted.
    """

    hash: Text = None
    """The job's key. Spec."""
    status: Id
    """`working`, `pass` or `fail`, or a word that nobody has met yet, as it came. Spec."""
    offset: Whole = None
    """The page's number, from 1. None when the window is empty (seen live)."""
    limit: Whole = None
    """The most rows a page can have. None when the window is empty (seen live)."""
    total: Whole = None
    """Rows in the whole window, all pages together. None when the window is empty (seen live)."""
    data: Any = None
    """What came with the status, untouched: a list of raw rows if the job passed, anything if it did not."""

    @model_validator(mode="after")
    def _passes_with_rows(self) -> JobData:
        if self.status == "pass" and self.data and not isinstance(self.data, list):
            raise PydanticCustomError(UNPARSABLE, "data is not a list")
        return self

    @property
    def rows(self) -> list[Any]:
        """The raw rows of this page, in order; empty when there are none, or none yet."""
        return self.data if isinstance(self.data, list) else []
