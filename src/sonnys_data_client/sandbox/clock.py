"""The time that a served sandbox lives by."""

from __future__ import annotations

import asyncio
import math
import time
from email.utils import formatdate

__all__ = ["SandboxClock"]


class SandboxClock:
    """Sandbox time: starts at the real time, runs `speed` times as fast, and never jumps.

    Args:
        speed: Sandbox seconds in one real second.
        ahead: Seconds that it starts ahead of this machine's clock, or behind if negative: to try a wrong clock.
    """

    def __init__(self, speed: float = 1.0, *, ahead: float = 0.0) -> None:
        if not 0 < speed < math.inf:
            raise ValueError("speed must be a number above 0: the sandbox seconds in one real second.")
        if not math.isfinite(ahead):
            raise ValueError("ahead must be a number: the seconds that the sandbox's clock starts ahead of this one's.")
        self.speed = speed
        self._epoch = time.time() + ahead
        self._started = time.monotonic()

    def now(self) -> float:
        """Return the sandbox's time, epoch seconds."""
        return self._epoch + (time.monotonic() - self._started) * self.speed

    def date(self) -> str | None:
        """Return the time as the header `Date` has it; None at another speed than 1.

        Such a clock runs away from UTC, and RFC 9110 (6.6.1) bids a server whose clock is not near it to send none.
        """
        return formatdate(self.now(), usegmt=True) if self.speed == 1 else None

    async def sleep(self, sandbox_s: float) -> None:
        """Wait for some sandbox seconds."""
        if sandbox_s > 0:
            await asyncio.sleep(sandbox_s / self.speed)
