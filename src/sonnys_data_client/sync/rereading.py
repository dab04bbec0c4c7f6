"""When days of an event table are read again. Pure.

Events change late, and each table in its own way: a shift is corrected until payroll closes, an offer is taken a week
later. So each table has a window of its own: `lists.SOURCES` has one line for each, with the reason.

```text
within `days` of its end            every sync reads the day again
within `unsettled_days` of its end  the first sync of each week does, while the day is unsettled: a row of it is not
                                    finished, or its last reading changed one
later                               when its count differs, where the API counts (`recount`)
```

The weeks are the same for all days. So the days that are unsettled are read together, in one or two calls.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sonnys_data_client.archive.evidence import Evidence, day_end, day_of
from sonnys_data_client.engine.windows import DAY_S

_WEEK_DAYS = 7


@dataclass(frozen=True, slots=True)
class Rereading:
    """The window in which days of a table are read again.

    Attributes:
        why: Why rows of the table change late.
        days: Days after its end in which every sync reads a day again.
        unsettled_days: Days after its end in which a day that is unsettled is read again, once a week; 0 for none.
        unfinished: The field that has no value while a row is not finished; empty if there is none.
    """

    why: str = ""
    days: float = 0
    unsettled_days: float = 0
    unfinished: str = ""

    def is_due(self, evidence: Evidence | None, day: date, now: float, *, days_min: float = 0) -> bool:
        """Tell whether a day is to be read.

        Args:
            evidence: What the archive has of the day; None if nothing.
            day: The UTC day.
            now: Epoch seconds.
            days_min: At least so many days after its end, every sync reads a day again.
        """
        end = day_end(day)
        if evidence is None or evidence.gaps or evidence.doubt or evidence.dispute or evidence.through < end:
            return True
        age_days = (now - end) / DAY_S
        if age_days < max(self.days, days_min):
            return True
        return evidence.unsettled and age_days < self.unsettled_days and _week(evidence.read_at) != _week(now)

    def at_rest(
        self, known: Mapping[date, Evidence], now: float, *, days_min: float, cached_s: int
    ) -> dict[date, Evidence]:
        """Return the days that no sync reads any more by themselves, without those that the server would only repeat.

        Args:
            known: What the archive has of the table, by UTC day.
            now: Epoch seconds.
            days_min: As for `is_due`.
            cached_s: Seconds for which the server repeats its answers.
        """
        return {
            day: evidence
            for day, evidence in known.items()
            if not self.is_due(evidence, day, now, days_min=days_min) and now - evidence.read_at >= cached_s
        }


def _week(second: float) -> int:
    return day_of(second).toordinal() // _WEEK_DAYS
