"""Sonny's BackOffice Data API: fast, whole and for good.

```python
from sonnys_data_client import SonnysClient

with SonnysClient("api-id", "api-key") as client:
    rows = client.transactions.load_job(startDate="2026-03-08", endDate="2026-03-08", site="MAIN")
```

Rows are records of `sonnys_data_client.types`; `sonnys_data_client.params` has the parameters of every call as types.
Names are imported when they are first used, so that importing the package is cheap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sonnys_data_client.lazy import lazy_names

if TYPE_CHECKING:
    from sonnys_data_client.client.aio import AsyncSonnysClient as AsyncSonnysClient
    from sonnys_data_client.client.catalog import catalog as catalog
    from sonnys_data_client.client.sync import SonnysClient as SonnysClient
    from sonnys_data_client.config import PRODUCTION_URL as PRODUCTION_URL
    from sonnys_data_client.config import VENDOR_SANDBOX_URL as VENDOR_SANDBOX_URL
    from sonnys_data_client.endpoints.list_reader import ListPage as ListPage
    from sonnys_data_client.engine.progress import Progress as Progress
    from sonnys_data_client.engine.throttle import ThrottleLimits as ThrottleLimits
    from sonnys_data_client.errors import APIError as APIError
    from sonnys_data_client.errors import IncompleteExportError as IncompleteExportError
    from sonnys_data_client.errors import SonnysError as SonnysError
    from sonnys_data_client.errors import ValidationError as ValidationError
    from sonnys_data_client.resources.export import AsyncExport as AsyncExport
    from sonnys_data_client.resources.export import Export as Export
    from sonnys_data_client.resources.jobs import AsyncJob as AsyncJob
    from sonnys_data_client.resources.jobs import Job as Job
    from sonnys_data_client.shelves import FileShelf as FileShelf

_HOMES = {
    "APIError": "errors",
    "AsyncExport": "resources.export",
    "AsyncJob": "resources.jobs",
    "AsyncSonnysClient": "client.aio",
    "Export": "resources.export",
    "FileShelf": "shelves",
    "IncompleteExportError": "errors",
    "Job": "resources.jobs",
    "ListPage": "endpoints.list_reader",
    "PRODUCTION_URL": "config",
    "Progress": "engine.progress",
    "SonnysClient": "client.sync",
    "SonnysError": "errors",
    "ThrottleLimits": "engine.throttle",
    "VENDOR_SANDBOX_URL": "config",
    "ValidationError": "errors",
    "catalog": "client.catalog",
}

# One list of names, not two that must agree; checkers read the imports above.
__all__ = list(_HOMES)  # pyright: ignore[reportUnsupportedDunderAll]
__getattr__, __dir__ = lazy_names(__name__, _HOMES)
