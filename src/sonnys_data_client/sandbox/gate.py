"""Credentials and the throttle.

How the throttle works: an API ID has at most one period open. The first request that finds none open opens one.
Every authenticated request counts in the period that is open when it arrives, refused ones too. Once more than
`limit` are counted, further requests in that period get 429. Nothing makes a period longer.

| state  | on a request        | then                                                                  |
|--------|---------------------|-----------------------------------------------------------------------|
| closed | arrives             | open, count 1; resets `period_s` after it, or the first reply (quirk) |
| open   | arrives             | count + 1; served up to `limit`, else 429                             |
| open   | the reset time      | closed                                                                |

The requests of a rival on the same API ID (see `faults`) are counted here too, whenever one of ours arrives.
Requests that fail authentication are not counted.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from sonnys_data_client.sandbox.config import OTHER_ENVIRONMENT_KEY, ApiAccount, SandboxConfig
from sonnys_data_client.sandbox.faults import FaultDice
from sonnys_data_client.sandbox.replies import Refusal

__all__ = ["Gate", "Period"]

_BUCKETS_BACK = 4
"""How many periods a rival's requests go back after a long silence: enough to know the period that is open now."""


@dataclass(slots=True)
class Period:
    """One throttle period of one API ID.

    Attributes:
        api_id: The API ID.
        number: 1 for the first period of this API ID.
        start: Epoch second of the arrival that opened it.
        resets_at: Epoch second at which it is over.
        ours: Counted requests of the client under test, refused ones included.
        rival: Counted requests of the rival.
        refused: How many of `ours` got a 429.
    """

    api_id: str
    number: int
    start: float
    resets_at: float
    ours: int = 0
    rival: int = 0
    refused: int = 0

    @property
    def count(self) -> int:
        """Requests counted so far."""
        return self.ours + self.rival


class Gate:
    """Checks credentials and counts requests. It remembers the periods of each API ID."""

    def __init__(self, config: SandboxConfig, dice: FaultDice) -> None:
        self._config = config
        self._dice = dice
        self._accounts = {account.api_id: account for account in config.accounts}
        self._periods: dict[str, list[Period]] = {account.api_id: [] for account in config.accounts}
        self._rival_played_to: dict[str, float] = {}

    def identify(self, headers: Mapping[str, str]) -> ApiAccount:
        """Return the account behind the credentials.

        Raises:
            Refusal: 403, with one of the four error types about the API ID and key.
        """
        api_id, api_key = headers.get("x-sonnys-api-id"), headers.get("x-sonnys-api-key")
        if not api_id or not api_key:
            raise Refusal(403, "MissingClientCredentialsError", "Send both X-Sonnys-API-ID and X-Sonnys-API-Key.")
        account = self._accounts.get(api_id)
        if account is not None and api_key == OTHER_ENVIRONMENT_KEY:
            raise Refusal(403, "MismatchCredentialsError", "This key belongs to the other environment.")
        if account is None or api_key != account.api_key:
            raise Refusal(403, "BadClientCredentialsError", "This API ID and key do not fit together.")
        if not account.licensed:
            raise Refusal(403, "NotAuthorizedError", "This API ID has no licence for the data API.")
        return account

    def count(self, api_id: str, now: float, hold_s: float) -> Period:
        """Count one request of ours that arrives at `now` and is answered `hold_s` later.

        Returns:
            The period it counts in. `refuse` tells whether it is one too many.
        """
        if self._config.faults.rival:
            self._play_rival(api_id, now)
        opens_at = now + hold_s if self._config.quirks.period_opens == "reply" else now
        period = self._period(api_id, now, opens_at)
        period.ours += 1
        return period

    def refuse(self, period: Period, now: float) -> None:
        """Refuse the request just counted if it exceeds the limit.

        Raises:
            Refusal: 429.
        """
        limit = self._config.limit
        if period.count <= limit:
            return
        period.refused += 1
        headers = {}
        if self._config.quirks.retry_after:
            headers["retry-after"] = str(max(1, math.ceil(period.resets_at - now)))
        raise Refusal(
            429,
            "RequestRateExceedError",
            f"More than {limit} requests in {self._config.period_s:g} seconds.",
            headers=headers,
        )

    def periods(self) -> list[Period]:
        """Return every period opened so far, grouped by API ID and in order of time."""
        return [period for periods in self._periods.values() for period in periods]

    def _period(self, api_id: str, now: float, opens_at: float) -> Period:
        periods = self._periods[api_id]
        resets_at = opens_at + self._config.period_s
        if not periods or now >= periods[-1].resets_at:
            periods.append(Period(api_id, len(periods) + 1, now, resets_at))
        # The first reply starts the 15 seconds. If the first request stalls, a later one may get the first reply.
        periods[-1].resets_at = min(periods[-1].resets_at, resets_at)
        return periods[-1]

    def _play_rival(self, api_id: str, now: float) -> None:
        period_s = self._config.period_s
        bucket_now = int(now // period_s)
        played_to = self._rival_played_to.get(api_id, -math.inf)
        first = bucket_now - _BUCKETS_BACK
        if played_to >= first * period_s:
            first = int(played_to // period_s)
        for bucket in range(first, bucket_now + 1):
            for at in self._dice.rival_times(api_id, bucket, period_s):
                if played_to < at <= now:
                    self._period(api_id, at, at).rival += 1
        self._rival_played_to[api_id] = now
