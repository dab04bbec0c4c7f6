"""A local Sonny's BackOffice Data API, for trying, testing and benchmarking.

```text
world/      the data: an operator with its sites, members and transactions, made from a seed
render      transactions and sites as JSON                quirks   the open questions about the live service
jobs        batch jobs and their workers                  faults   what goes wrong on purpose
gate        credentials and the throttle                  log      the requests so far
route, params, listing                                    endpoints as data, and lists in pages
transactions, customers, items, employees, prepaids,      the endpoints
  recurring, sites, outcomes
shape, spelling                                           facts -> JSON and its schema, from one list of fields
config, office, replies                                   settings; what routes share; how a reply is written
dice, samples                                             random draws; one transaction for each kind of tender
openapi                                                   the API's description, made from the routes
api         `Sandbox.handle(request, now)`: pure, no clock, no network
http        the same on a socket of this machine; options, `python -m`: the command
```

The sandbox shares no code with the client except the classes of a request and a reply. Code that the two shared
would give both the same mistakes.
"""

from __future__ import annotations

from sonnys_data_client.sandbox.api import Reply, Sandbox
from sonnys_data_client.sandbox.config import API_ID, API_KEY, ApiAccount, SandboxConfig
from sonnys_data_client.sandbox.faults import Faults, Scripted
from sonnys_data_client.sandbox.gate import Period
from sonnys_data_client.sandbox.log import LogEntry
from sonnys_data_client.sandbox.quirks import JobQuirks, Quirks

__all__ = [
    "API_ID",
    "API_KEY",
    "ApiAccount",
    "Faults",
    "JobQuirks",
    "LogEntry",
    "Period",
    "Quirks",
    "Reply",
    "Sandbox",
    "SandboxConfig",
    "Scripted",
]
