"""A sandbox's settings: accounts, size of the world, duration of jobs, quirks and faults.

The credentials of the default account are constants that are printed openly. Nothing here is secret.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from sonnys_data_client.sandbox.faults import Faults
from sonnys_data_client.sandbox.quirks import Quirks

__all__ = ["API_ID", "API_KEY", "OTHER_ENVIRONMENT_KEY", "UNLICENSED_API_ID", "ApiAccount", "SandboxConfig"]

API_ID = "sandbox-id"
"""API ID of the default account."""
API_KEY = "sandbox-key"
"""API key of the default accounts."""
OTHER_ENVIRONMENT_KEY = "production-key"
"""A key of another environment: with a known API ID it gets MismatchCredentialsError."""
UNLICENSED_API_ID = "unlicensed-id"
"""API ID of a default account without a licence: it gets NotAuthorizedError."""


@dataclass(frozen=True, slots=True)
class ApiAccount:
    """One API ID and what it may see.

    Attributes:
        api_id: The API ID; the throttle counts per API ID.
        api_key: Its key.
        licensed: False: every request gets NotAuthorizedError.
        sites: Codes of the sites it may see; None means all sites.
    """

    api_id: str = API_ID
    api_key: str = field(default=API_KEY, repr=False)
    licensed: bool = True
    sites: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    """Settings of one sandbox. All times are sandbox seconds.

    Attributes:
        seed: Decides the world, the job durations and the faults.
        sites: Physical sites of the world that is made if none is given. With 3 or more there is also a web shop.
        cars_per_day: Washes on an average day of a typical site; 350 makes about 1,500 rows a day for 3 sites.
        accounts: The accounts that may send requests.
        period_s: Length of the throttle's fixed period.
        limit: Requests served in one period. Further ones get 429.
        job_s: How long a job runs: the median, if there is jitter.
        jitter: Sigma of the log-normal spread of job durations; 0 makes all equally long.
        workers: How many jobs run at once, in order of submission; None for no limit.
        job_life_s: How long a job's hash and result can be asked for, from its submission.
        list_cache_s: How long `/transaction/version-2` repeats an answer.
        status_cache_s: How long `/recurring/account/status-list` repeats an answer.
        quirks: Answers to the open questions about the live service.
        faults: What goes wrong on purpose.
    """

    seed: int = 1
    sites: int = 3
    cars_per_day: int = 350
    accounts: tuple[ApiAccount, ...] = (ApiAccount(), ApiAccount(UNLICENSED_API_ID, licensed=False))
    period_s: float = 15.0
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
                raise ValueError(f"Setting {name} must be a whole number from 1 up, not {getattr(self, name)}.")
        for name in ("job_s", "jitter", "list_cache_s", "status_cache_s"):
            if not 0 <= getattr(self, name) < math.inf:
                raise ValueError(f"Setting {name} must be a number from 0 up, not {getattr(self, name)}.")
        for name in ("period_s", "job_life_s"):
            if not 0 < getattr(self, name) < math.inf:
                raise ValueError(f"Setting {name} must be a number above 0, not {getattr(self, name)}.")
        if self.workers is not None and self.workers < 1:
            raise ValueError(
                f"Setting workers must be a whole number from 1 up, not {self.workers}; leave it out for no limit."
            )
        ids = [account.api_id for account in self.accounts]
        if twice := {api_id for api_id in ids if ids.count(api_id) > 1}:
            raise ValueError(f"Two accounts have the same API ID, {', '.join(sorted(twice))}: give each its own.")
