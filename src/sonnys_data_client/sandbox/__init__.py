"""A local Sonny's BackOffice Data API, for trying, testing and benchmarking.

```text
world/      the truth: an operator with its sites, members and transactions, made from a seed
render      transactions and sites as shapes              quirks   the open questions about the live service
jobs        batch jobs and their workers                  faults   what goes wrong on purpose
gate        credentials and the throttle                  log      what the server saw
route, params, listing                                    what an endpoint is, as data, and how lists are cut
transactions, customers, items, employees, prepaids,      the endpoints
  recurring, sites, outcomes
shape, spelling                                           facts -> JSON and its schema, in one statement
openapi                                                   the description, made from the routes
api         `Sandbox.handle(request, now)`: pure, no clock, no network
http        the same behind a real socket on this machine; options, `python -m`: the command
```

It shares no code with the client but the shape of a request and of a reply: a stand-in that shares our code
shares our mistakes.
"""

from __future__ import annotations

from sonnys_data_client.sandbox.api import Reply, Sandbox
from sonnys_data_client.sandbox.config import API_ID, API_KEY, Account, SandboxConfig
from sonnys_data_client.sandbox.faults import Faults, Scripted
from sonnys_data_client.sandbox.gate import Window
from sonnys_data_client.sandbox.log import Entry
from sonnys_data_client.sandbox.quirks import JobQuirks, Quirks

__all__ = [
    "API_ID",
    "API_KEY",
    "Account",
    "Entry",
    "Faults",
    "JobQuirks",
    "Quirks",
    "Reply",
    "Sandbox",
    "SandboxConfig",
    "Scripted",
    "Window",
]
