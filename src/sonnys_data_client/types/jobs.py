"""One reply about a batch job, its rows still raw.

Only a job that passed has rows. Nobody knows what other jobs send in their place, so it is kept as it came.
"""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import model_validator

from sonnys_data_client.types.fields import Count, Id, Text
from sonnys_data_client.types.record import Record
from sonnys_data_client.types.values import unparsable

__all__ = ["JobData"]


class JobData(Record):
    """The object below `data` in a reply of `/transaction/get-job-data`.

    One hash is one page of one window: `offset`, `limit` and `total` repeat what was submitted.
    """

    is_row: ClassVar[bool] = False

    hash: Text = None
    """The job's key. Spec."""
    status: Id
    """`working`, `pass` or `fail`; an unknown word stays as it came. Spec."""
    offset: Count = None
    """Page number, from 1. Spec; null when the window is empty (seen live)."""
    limit: Count = None
    """Most rows a page can have. Spec; null when the window is empty (seen live)."""
    total: Count = None
    """Rows of the whole window, all pages together. Spec; null when the window is empty (seen live)."""
    data: Any = None
    """What came with the status, unchanged: the raw rows if the job passed (spec), anything if it did not."""

    @model_validator(mode="after")
    def _passes_with_rows(self) -> JobData:
        if self.status == "pass" and self.data and not isinstance(self.data, list):
            raise unparsable("data is not a list")
        return self

    @property
    def rows(self) -> list[Any]:
        """The raw rows of this page, in order; empty when there are none or the job has not passed."""
        return self.data if isinstance(self.data, list) else []
