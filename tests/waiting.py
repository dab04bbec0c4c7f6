"""How tests wait for what happens in real time: for the event, and never for a number of seconds."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_S = 100.0
"""Seconds after which a test gives up on what has to come. How soon it comes is up to the machine: no test says."""
_LOOK_EVERY_S = 0.005


def wait_until(condition: Callable[[], object]) -> None:
    """Wait until a condition holds.

    Raises:
        TimeoutError: It still did not after `PATIENCE_S`.
    """
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"it did not come within {PATIENCE_S:g} s")
        time.sleep(_LOOK_EVERY_S)
