"""The clock of a served sandbox."""

from __future__ import annotations

import asyncio
import math
import time
from email.utils import formatdate

__all__ = ["SandboxClock"]


class SandboxClock:
    """A clock that starts at the real time, runs `speed` times as fast, and never jumps.

    Args:
        speed: Sandbox seconds in one real second.
        ahead: Seconds that it starts ahead of this machine's clock; negative for behind. For tests of wrong clocks.
    """

    def __init__(self, speed: float = 1.0, *, ahead: float = 0.0) -> None:
        if not 0 < speed < math.inf:
            raise ValueError(f"speed must be a number above 0, the sandbox seconds in one real second; not {speed:g}.")
        if not math.isfinite(ahead):
            raise ValueError(f"ahead must be a number of seconds, negative for a clock that is behind; not {ahead:g}.")
        self.speed = speed
        self._epoch = time.time() + ahead
        self._started = time.monotonic()

    def now(self) -> float:
        """Return the sandbox's time in epoch seconds."""
        return self._epoch + (time.monotonic() - self._started) * self.speed

    def date(self) -> str | None:
        """Return the time as the value of a `Date` header; None at any speed but 1.

        At another speed the clock runs away from UTC, and RFC 9110 (6.6.1) tells a server without the right time to
        send no `Date`.
        """
        return formatdate(self.now(), usegmt=True) if self.speed == 1 else None

    async def sleep(self, sandbox_s: float) -> None:
        """Wait for a number of sandbox seconds."""
        if sandbox_s > 0:
            await asyncio.sleep(sandbox_s / self.speed)
