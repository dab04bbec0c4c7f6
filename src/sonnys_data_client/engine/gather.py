"""Several requests at once, as fast as the throttle admits them."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush
from typing import Any

from sonnys_data_client.engine.call import Attempt, CallPolicy
from sonnys_data_client.engine.effects import Flow, Moment, Woken, look, pause, reserve, send
from sonnys_data_client.engine.wire import Request
from sonnys_data_client.errors import APIError


def gather(requests: Sequence[Request], policy: CallPolicy) -> Flow[list[dict[str, Any] | APIError]]:
    """Send requests that do not depend on one another, each as often as it takes.

    Args:
        requests: What to send.
        policy: How hard each request tries.

    Returns:
        For each request, in order, its decoded body, or the error that it ended in.
    """
    attempts = [Attempt(request, policy) for request in requests]
    results: dict[int, dict[str, Any] | APIError] = {}
    due = [(float("-inf"), tag) for tag in range(len(requests))]
    moment: Moment = yield from look()
    while len(results) < len(requests):
        until = due[0][0] if due else None
        if until is not None and until <= moment.now:
            slot = yield from reserve()
            if slot.token is not None:
                _, tag = heappop(due)
                moment = yield from send(tag, attempts[tag].request, slot.token)
                continue
            until = slot.retry_at
        woken = yield from pause(until)
        for tag, result in _read(woken, attempts):
            if isinstance(result, dict | APIError):
                results[tag] = result
            else:
                heappush(due, (result, tag))
        moment = woken
    return [results[tag] for tag in range(len(requests))]


def _read(woken: Woken, attempts: Sequence[Attempt]) -> list[tuple[int, dict[str, Any] | float | APIError]]:
    read: list[tuple[int, dict[str, Any] | float | APIError]] = []
    for reply in woken.replies:
        try:
            read.append((reply.tag, attempts[reply.tag].read(reply, woken.wall, woken.draw)))
        except APIError as error:
            read.append((reply.tag, error))
    return read
