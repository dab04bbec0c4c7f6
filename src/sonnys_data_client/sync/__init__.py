"""Bring an archive up to date with the API, and say what is missing.

```python
with SonnysClient.from_env() as client:
    archive = Archive("~/car-wash")
    print(sync.plan(client, archive))   # sends nothing
    report = sync.run(client, archive)
```

| module | does |
|---|---|
| `runner` | runs a sync: start reading here |
| `preview` | says what a sync would read and cost |
| `planning` | decides which days of transactions to read, and why |
| `feed` | reads days of transactions as one export |
| `recount` | finds closed days whose count has changed at the server |
| `counting` | asks the server for these counts |
| `audit` | decides which days are compared with the server's short list, and finds what differs |
| `short_lists` | reads these lists, and joins their statuses |
| `lists` | reads all other tables |
| `rereading` | decides when days of events are read again |
| `source` | checks that the account is the one whose rows the archive has |
| `account` | the account's clock, throttle, costs and calendars |
| `budget` | limits requests and minutes |
| `report` | live counters, and the report at the end |
| `fleet` | many accounts side by side; one account as a task for any executor |
| `leases` | shares the accounts among workers on several machines |
| `descriptors` | raises the limit of file descriptors for many accounts |
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sonnys_data_client.lazy import lazy_names

if TYPE_CHECKING:
    from sonnys_data_client.sync.fleet import sync_account as sync_account
    from sonnys_data_client.sync.planning import SyncPlan as SyncPlan
    from sonnys_data_client.sync.planning import SyncSettings as SyncSettings
    from sonnys_data_client.sync.planning import expiry_warnings as expiry_warnings
    from sonnys_data_client.sync.preview import plan as plan
    from sonnys_data_client.sync.report import SyncProgress as SyncProgress
    from sonnys_data_client.sync.report import SyncReport as SyncReport
    from sonnys_data_client.sync.runner import run as run

_HOMES = {
    "SyncPlan": "sync.planning",
    "SyncProgress": "sync.report",
    "SyncReport": "sync.report",
    "SyncSettings": "sync.planning",
    "expiry_warnings": "sync.planning",
    "plan": "sync.preview",
    "run": "sync.runner",
    "sync_account": "sync.fleet",
}

# One list of names, not two that must agree; checkers read the imports above.
__all__ = list(_HOMES)  # pyright: ignore[reportUnsupportedDunderAll]
__getattr__, __dir__ = lazy_names(__name__, _HOMES)
