"""What one account's server has taught us: kept by the client, shared by all its calls.

Nothing here is a setting. Each finding answers a question that the API's description leaves open. It is found out once,
by asking, and remembered.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sonnys_data_client.engine.flight import InFlightLimit
from sonnys_data_client.engine.pace import Pace


@dataclass(slots=True)
class Findings:
    """What is known of the server behind one account.

    Attributes:
        submit_method: How jobs are submitted: `"POST"`, unless only `"GET"` turned out to work.
        submit_proved: Whether a submission by `submit_method` has been served.
        site_required: Whether the server refuses jobs that name no site.
        sites: Raw rows of the site list, once it was read; None before.
        sites_at: Epoch second at which it was read.
        sites_denied: Whether the server refused the site list. Then it decides about site codes.
        clock_in_days: Whether clock entries are asked for by days (True) or by epoch seconds (False); None before it
            is known.
        pace: How long jobs take.
        in_flight_limit: How many unfinished jobs the server can take.
        rows_a_site_day: Rows a day of one site, by the last export of named sites; None before the first.
        rows_a_day: Rows a day of all sites together, by the last export of all sites; None before the first.
        longest_range_s: For the path of a list or of jobs, the longest range that the server takes, in seconds, where
            that is less than the contract says.
        rows_on_a_page: For the path of a list or of jobs, the most rows that one page has had. A server may name the
            page size that it was asked for, and grant less; so much it does grant.
    """

    submit_method: str = "POST"
    submit_proved: bool = False
    site_required: bool = False
    sites: list[Any] | None = None
    sites_at: float = 0.0
    sites_denied: bool = False
    clock_in_days: bool | None = None
    pace: Pace = field(default_factory=Pace)
    in_flight_limit: InFlightLimit = field(default_factory=InFlightLimit)
    rows_a_site_day: float | None = None
    rows_a_day: float | None = None
    longest_range_s: dict[str, int] = field(default_factory=dict[str, int])
    rows_on_a_page: dict[str, int] = field(default_factory=dict[str, int])

    def other_method(self) -> str:
        """The method for submissions that is not in use."""
        return "GET" if self.submit_method == "POST" else "POST"
