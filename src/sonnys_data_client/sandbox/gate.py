"""Who may come in, and how often: credentials and the throttle.

Theory of the throttle. Each API ID has at most one window open. The first request that finds none open opens
one; every authenticated request counts in the window that is open when it arrives, refused ones too; once
more than `limit` are counted, the rest of that window gets 429. Nothing prolongs a window.

| state  | on a request        | then                                                                  |
|--------|---------------------|-----------------------------------------------------------------------|
| closed | arrives             | open, count 1; resets `window_s` after it, or the first reply (quirk) |
| open   | arrives             | count + 1; served up to `limit`, else 429                             |
| open   | the reset time      | closed                                                                |

A rival on the same API ID (see `faults`) is played in here, up to the moment of each request of ours.
Requests that fail authentication count nowhere.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from sonnys_data_client.sandbox.config import OTHER_ENVIRONMENT_KEY, Account, SandboxConfig
from sonnys_data_client.sandbox.faults import FaultDice
from sonnys_data_client.sandbox.replies import Refusal

__all__ = ["Gate", "Window"]

_BUCKETS_BACK = 4
"""How many windows back a rival is played after a long silence: enough to settle the one we meet."""


@dataclass(slots=True)
class Window:
    """One throttle window of one API ID.

    Attributes:
        api_id: Whose it is.
        number: 1 for this API ID's first window.
        start: Epoch seconds of the arrival that opened it.
        resets_at: Epoch seconds at which it is over.
        ours: Requests of the client under test that were counted, refused ones included.
        rival: Requests of the rival that were counted.
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
    """Checks credentials and counts requests. State: the windows of each API ID."""

    def __init__(self, config: SandboxConfig, dice: FaultDice) -> None:
        self._config = config
        self._dice = dice
        self._accounts = {account.api_id: account for account in config.accounts}
        self._windows: dict[str, list[Window]] = {account.api_id: [] for account in config.accounts}
        self._rival_played_to: dict[str, float] = {}

    def identify(self, headers: Mapping[str, str]) -> Account:
        """Return the account behind the credentials.

        Raises:
            Refusal: 403, one of the four types about the API ID and key.
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

    def count(self, api_id: str, now: float, hold_s: float) -> Window:
        """Count one request of ours that arrives at `now` and is answered `hold_s` later.

        Returns:
            The window it counts in; see `refuse` for whether it is one too many.
        """
        if self._config.faults.rival:
            self._play_rival(api_id, now)
        opens_at = now + hold_s if self._config.quirks.window_opens == "reply" else now
        window = self._window(api_id, now, opens_at)
        window.ours += 1
        return window

    def refuse(self, window: Window, now: float) -> None:
        """Raise the 429 if the request just counted is more than the limit.

        Raises:
            Refusal: 429.
        """
        limit = self._config.limit
        if window.count <= limit:
            return
        window.refused += 1
        headers = {}
        if self._config.quirks.retry_after:
            headers["retry-after"] = str(max(1, math.ceil(window.resets_at - now)))
        raise Refusal(
            429,
            "RequestRateExceedError",
            f"More than {limit} requests in {self._config.window_s:g} seconds.",
            headers=headers,
        )

    def windows(self) -> list[Window]:
        """Return every window opened so far, by API ID and in order of time."""
        return [window for windows in self._windows.values() for window in windows]

    def _window(self, api_id: str, now: float, opens_at: float) -> Window:
        windows = self._windows[api_id]
        resets_at = opens_at + self._config.window_s
        if not windows or now >= windows[-1].resets_at:
            windows.append(Window(api_id, len(windows) + 1, now, resets_at))
        # The first reply starts the 15 seconds, and a request that stalls is not the first to be replied to.
        windows[-1].resets_at = min(windows[-1].resets_at, resets_at)
        return windows[-1]

    def _play_rival(self, api_id: str, now: float) -> None:
        window_s = self._config.window_s
        bucket_now = int(now // window_s)
        played_to = self._rival_played_to.get(api_id, -math.inf)
        first = bucket_now - _BUCKETS_BACK
        if played_to >= first * window_s:
            first = int(played_to // window_s)
        for bucket in range(first, bucket_now + 1):
            for at in self._dice.rival_times(api_id, bucket, window_s):
                if played_to < at <= now:
                    self._window(api_id, at, at).rival += 1
        self._rival_played_to[api_id] = now
