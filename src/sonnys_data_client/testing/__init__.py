"""For your own tests: a client in virtual time, a simulation, a pytest fixture.

```python
from sonnys_data_client.sandbox import Sandbox, SandboxConfig
from sonnys_data_client.testing import SimulatedClient

client = SimulatedClient(Sandbox(SandboxConfig(job_s=60)), start=1_774_000_000)
```

`plugin` holds the fixture `sonnys_sandbox`, which pytest finds by itself. Nothing here waits, and the same seed gives
the same run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sonnys_data_client.lazy import lazy_names

if TYPE_CHECKING:
    from sonnys_data_client.shelves import MemoryShelf as MemoryShelf
    from sonnys_data_client.testing.client import SimulatedClient as SimulatedClient
    from sonnys_data_client.testing.client import SimulatedDriver as SimulatedDriver
    from sonnys_data_client.testing.simulation import Network as Network
    from sonnys_data_client.testing.simulation import Process as Process
    from sonnys_data_client.testing.simulation import Simulation as Simulation

_HOMES = {
    "MemoryShelf": "shelves",
    "Network": "testing.simulation",
    "Process": "testing.simulation",
    "SimulatedClient": "testing.client",
    "SimulatedDriver": "testing.client",
    "Simulation": "testing.simulation",
}

# One list of names, not two that must agree; checkers read the imports above.
__all__ = list(_HOMES)  # pyright: ignore[reportUnsupportedDunderAll]

__getattr__, __dir__ = lazy_names(__name__, _HOMES)
