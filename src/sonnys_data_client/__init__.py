"""Sonny's BackOffice Data API: fast, whole and for good.

```python
from sonnys_data_client import SonnysClient

with SonnysClient("api-id", "api-key") as client:
    rows = client.transactions.load_job(startDate="2026-03-08", endDate="2026-03-08", site="MAIN")
```

Rows are records of `sonnys_data_client.types`; `sonnys_data_client.params` has the parameters of every call as types.
Every error that the package raises on purpose is here too: catch `SonnysError` for all of them.
Names are imported when they are first used, so importing the package is cheap.
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
    from sonnys_data_client.errors import APIConnectionError as APIConnectionError
    from sonnys_data_client.errors import APIError as APIError
    from sonnys_data_client.errors import APIStatusError as APIStatusError
    from sonnys_data_client.errors import APITimeoutError as APITimeoutError
    from sonnys_data_client.errors import ArchiveDamagedError as ArchiveDamagedError
    from sonnys_data_client.errors import ArchiveError as ArchiveError
    from sonnys_data_client.errors import ArchiveHeldError as ArchiveHeldError
    from sonnys_data_client.errors import AuthenticationError as AuthenticationError
    from sonnys_data_client.errors import BadRequestError as BadRequestError
    from sonnys_data_client.errors import BudgetSpentError as BudgetSpentError
    from sonnys_data_client.errors import ConfigurationError as ConfigurationError
    from sonnys_data_client.errors import IncompleteError as IncompleteError
    from sonnys_data_client.errors import IncompleteExportError as IncompleteExportError
    from sonnys_data_client.errors import JobExpiredError as JobExpiredError
    from sonnys_data_client.errors import JobFailedError as JobFailedError
    from sonnys_data_client.errors import JobTimeoutError as JobTimeoutError
    from sonnys_data_client.errors import MismatchError as MismatchError
    from sonnys_data_client.errors import NotFoundError as NotFoundError
    from sonnys_data_client.errors import PayloadValidationError as PayloadValidationError
    from sonnys_data_client.errors import RateLimitError as RateLimitError
    from sonnys_data_client.errors import RowError as RowError
    from sonnys_data_client.errors import ServerError as ServerError
    from sonnys_data_client.errors import SiteAuthorizationError as SiteAuthorizationError
    from sonnys_data_client.errors import SonnysError as SonnysError
    from sonnys_data_client.errors import UnexpectedResponseError as UnexpectedResponseError
    from sonnys_data_client.errors import ValidationError as ValidationError
    from sonnys_data_client.resources.export import AsyncExport as AsyncExport
    from sonnys_data_client.resources.export import Export as Export
    from sonnys_data_client.resources.jobs import AsyncJob as AsyncJob
    from sonnys_data_client.resources.jobs import Job as Job
    from sonnys_data_client.shelves import FileShelf as FileShelf
    from sonnys_data_client.version import __version__ as __version__

_HOMES = {
    "APIConnectionError": "errors",
    "APIError": "errors",
    "APIStatusError": "errors",
    "APITimeoutError": "errors",
    "ArchiveDamagedError": "errors",
    "ArchiveError": "errors",
    "ArchiveHeldError": "errors",
    "AsyncExport": "resources.export",
    "AsyncJob": "resources.jobs",
    "AsyncSonnysClient": "client.aio",
    "AuthenticationError": "errors",
    "BadRequestError": "errors",
    "BudgetSpentError": "errors",
    "ConfigurationError": "errors",
    "Export": "resources.export",
    "FileShelf": "shelves",
    "IncompleteError": "errors",
    "IncompleteExportError": "errors",
    "Job": "resources.jobs",
    "JobExpiredError": "errors",
    "JobFailedError": "errors",
    "JobTimeoutError": "errors",
    "ListPage": "endpoints.list_reader",
    "MismatchError": "errors",
    "NotFoundError": "errors",
    "PRODUCTION_URL": "config",
    "PayloadValidationError": "errors",
    "Progress": "engine.progress",
    "RateLimitError": "errors",
    "RowError": "errors",
    "ServerError": "errors",
    "SiteAuthorizationError": "errors",
    "SonnysClient": "client.sync",
    "SonnysError": "errors",
    "ThrottleLimits": "engine.throttle",
    "UnexpectedResponseError": "errors",
    "VENDOR_SANDBOX_URL": "config",
    "ValidationError": "errors",
    "__version__": "version",
    "catalog": "client.catalog",
}

# One list of names, not two that must agree; checkers read the imports above.
__all__ = list(_HOMES)  # pyright: ignore[reportUnsupportedDunderAll]
__getattr__, __dir__ = lazy_names(__name__, _HOMES)
