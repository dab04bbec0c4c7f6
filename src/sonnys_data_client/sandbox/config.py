"""What a sandbox is made of: who may ask, how big the world is, how fast jobs run, what is odd, what breaks.

Credentials of the default account are constants, printed everywhere: nothing here is secret.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from sonnys_data_client.sandbox.faults import Faults
from sonnys_data_client.sandbox.quirks import Quirks

__all__ = ["API_ID", "API_KEY", "OTHER_ENVIRONMENT_KEY", "UNLICENSED_API_ID", "Account", "SandboxConfig"]

API_ID = "sandbox-id"
"""API ID of the default account."""
API_KEY = "sandbox-key"
"""API key of the default accounts."""
OTHER_ENVIRONMENT_KEY = "production-key"
"""A key that is good elsewhere: with a known API ID it gets MismatchCredentialsError."""
UNLICENSED_API_ID = "unlicensed-id"
"""API ID of a default account without a licence: it gets NotAuthorizedError."""


@dataclass(frozen=True, slots=True)
class Account:
    """One API ID and what it may see.

    Attributes:
        api_id: The API ID; the throttle counts per API ID.
        api_key: Its key.
        licensed: False: every request gets NotAuthorizedError.
        sites: Codes of the sites it may see; None: all.
    """

    api_id: str = API_ID
    api_key: str = field(default=API_KEY, repr=False)
    licensed: bool = True
    sites: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    """Settings of one sandbox; all times in (sandbox) seconds.

    Attributes:
        seed: Decides the world, the job durations and the faults.
        sites: Physical sites of the world, when none is given; from three on there is a web shop besides.
        cars_per_day: Washes on an average day of a typical site; 350 makes about 1,500 rows a day of 3 sites.
        accounts: Who may ask.
        window_s: Length of the throttle's fixed window.
        limit: Requests in one window that are served; the next ones get 429.
        job_s: How long a job runs, in seconds: the median, if there is jitter.
        jitter: Sigma of the log-normal spread of job durations; 0: all alike.
        workers: How many jobs run at once, first come first served; None: all.
        job_life_s: How long a job's result and hash live, from its submission.
        list_cache_s: How long `/transaction/version-2` repeats an answer.
        status_cache_s: How long `/recurring/account/status-list` repeats an answer.
        quirks: Answers to the open questions about the live service.
        faults: What goes wrong on purpose.
    """

    seed: int = 1
    sites: int = 3
    cars_per_day: int = 350
    accounts: tuple[Account, ...] = (Account(), Account(UNLICENSED_API_ID, licensed=False))
    window_s: float = 15.0
    limit: int = 20
    job_s: float = 2.0
    jitter: float = 0.0
    workers: int | None = None
    job_life_s: float = 1200.0
    list_cache_s: float = 600.0
    status_cache_s: float = 3600.0
    quirks: Quirks = field(default_factory=Quirks)
    faults: Faults = field(default_factory=Faults)

    def __post_init__(self) -> None:
        for name in ("sites", "limit", "cars_per_day"):
            if getattr(self, name) < 1:
                raise ValueError(f"Setting {name} must be a whole number from 1 up.")
        for name in ("job_s", "jitter", "list_cache_s", "status_cache_s"):
            if not 0 <= getattr(self, name) < math.inf:
                raise ValueError(f"Setting {name} must be a number from 0 up.")
        for name in ("window_s", "job_life_s"):
            if not 0 < getattr(self, name) < math.inf:
                raise ValueError(f"Setting {name} must be a number above 0.")
        if self.workers is not None and self.workers < 1:
            raise ValueError("Setting workers must be a whole number from 1 up, or be left out for no limit.")
        if len({account.api_id for account in self.accounts}) != len(self.accounts):
            raise ValueError("Two accounts cannot have the same API ID.")
