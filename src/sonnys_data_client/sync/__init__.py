"""Sync: bring an archive up to date with the API, and say what is missing.

```python
with SonnysClient.from_env() as client:
    archive = Archive("~/car-wash")
    print(sync.plan(client, archive))   # spends nothing
    report = sync.run(client, archive)
```

`planning` decides which days to read, and why; `recount` finds closed days that have changed; `others` knows the other
tables; `running` reads what is due and puts it away, and `report` says what came of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sonnys_data_client.lazy import lazy_names

if TYPE_CHECKING:
    from sonnys_data_client.sync.planning import SyncPlan as SyncPlan
    from sonnys_data_client.sync.planning import SyncSettings as SyncSettings
    from sonnys_data_client.sync.planning import closing_history as closing_history
    from sonnys_data_client.sync.report import SyncProgress as SyncProgress
    from sonnys_data_client.sync.report import SyncReport as SyncReport
    from sonnys_data_client.sync.runner import plan as plan
    from sonnys_data_client.sync.runner import run as run

_HOMES = {
    "SyncPlan": "sync.planning",
    "SyncProgress": "sync.report",
    "SyncReport": "sync.report",
    "SyncSettings": "sync.planning",
    "closing_history": "sync.planning",
    "plan": "sync.runner",
    "run": "sync.runner",
}

# One list of names, not two that must agree; checkers read the imports above.
__all__ = list(_HOMES)  # pyright: ignore[reportUnsupportedDunderAll]
__getattr__, __dir__ = lazy_names(__name__, _HOMES)
