"""How far a load or export has come: counters that the engine sets and anybody may read at any time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Progress:
    """Live counters of one load or export.

    Attributes:
        rows: Rows delivered.
        pages_done: Pages whose job has passed.
        pages_known: Pages that are known so far; grows while windows reveal their totals.
        windows_done: Windows settled.
        windows: Windows of the plan.
        requests: Requests sent.
        refusals: 429s received.
        in_flight: Jobs submitted and not yet collected.
        days: Which days are read and in which time zones, in words; empty before that is known.
        seconds_left: Estimated time until the end, from the requests still needed and the throttle's pace;
            None before the first page is in.
    """

    rows: int = 0
    pages_done: int = 0
    pages_known: int = 0
    windows_done: int = 0
    windows: int = 0
    requests: int = 0
    refusals: int = 0
    in_flight: int = 0
    days: str = ""
    seconds_left: float | None = None
