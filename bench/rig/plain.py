"""The plain loop that everybody writes first, as a flow, so that it runs in the same drivers as the engine's export.

It submits a page, polls every two seconds until the job is done, and goes on to the next page. It is a good one of its
kind: it shares our throttle, so it never meets a 429, it pages correctly, and it stops where the total says.
"""

from __future__ import annotations

from collections.abc import Sequence

from sonnys_data_client.engine import jobs
from sonnys_data_client.engine.call import CallPolicy, call
from sonnys_data_client.engine.effects import Flow, deliver, look, pause
from sonnys_data_client.engine.windows import Window

POLL_EVERY_S = 2.0
_POLICY = CallPolicy()


def plain_loop(windows: Sequence[Window], *, poll_every_s: float = POLL_EVERY_S) -> Flow[int]:
    """Read all windows, one job after the other; returns how many requests that took."""
    requests = 0
    for window in windows:
        number, pages = 1, 1
        while number <= pages:
            page = jobs.Page(window, number)
            submission = page.submission("POST")
            poll = jobs.poll_request(jobs.read_hash(submission, (yield from call(submission, _POLICY))))
            requests += 1
            answer = None
            while answer is None or answer.status == jobs.WORKING:
                now = (yield from look()).now
                yield from pause(now + poll_every_s)
                answer = jobs.read_answer(poll, (yield from call(poll, _POLICY)))
                requests += 1
            yield from deliver(answer.rows, window)
            pages = -(-(answer.total or 0) // page.limit)
            number += 1
    return requests
