"""The day on which the tests run: the same one in every year, unless somebody asks for another.

Much of the product asks what time it is: a sandbox over HTTP, `sonnys sync`, whatever understands "yesterday". A test
of it that read the machine's clock would see other data on each day, and fail on some of them. So the clock of every
test process is pinned to `NOON`, and runs on from there. Processes that a test starts are pinned to the same clock:
Python imports `tests/clock/sitecustomize.py` when it starts.

What is pinned is `time.time`, the one wall clock that the package reads; `tests/test_tidy.py` sees to that. What other
libraries read is the machine's clock: DuckDB, the S3 server of the tests, the times of files. `NOON` is earlier than
any file of this project, so that to the product no file looks older than it is.

`TESTS_NOW` changes the moment: `TESTS_NOW=2028-02-29T23:58Z make test`. `TESTS_NOW=machine` pins nothing; that is for
`make days`, which sets the machine's clock.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, date, datetime
from pathlib import Path

from tests.clock.sitecustomize import EPOCH, pin

NOON = "2026-01-14T18:00Z"
"""A Wednesday, noon in Chicago; no clock changes and no month ends for two weeks around it."""
_NOW = "TESTS_NOW"
_MACHINE = "machine"


def pin_the_day() -> None:
    """Pin the clock of this process and of its children. Once is enough: workers of xdist are children, too."""
    now = os.environ.get(_NOW, NOON)
    if now == _MACHINE or EPOCH in os.environ:
        return
    epoch = datetime.fromisoformat(now).timestamp() - time.monotonic()
    path = [str(Path(__file__).with_name("clock")), os.environ.get("PYTHONPATH")]
    os.environ |= {EPOCH: repr(epoch), "PYTHONPATH": os.pathsep.join(filter(None, path))}
    pin(epoch)


def machines_time() -> float:
    """Read the machine's clock, for what has to agree with a process that is not pinned; epoch seconds."""
    return time.clock_gettime(time.CLOCK_REALTIME)


def unpinned() -> dict[str, str]:
    """Return the environment of a child that is to live by the machine's clock."""
    return {name: value for name, value in os.environ.items() if name != EPOCH}


def today() -> date:
    """Today in UTC, by the clock of the tests."""
    return datetime.fromtimestamp(time.time(), UTC).date()
