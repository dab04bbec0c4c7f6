"""One call: a request, sent again for as long as that can help.

There are three timeouts. The *request timeout* bounds one exchange on the wire and belongs to the transport. The *call
timeout*, here, bounds how long one call goes on after its first trouble. The *job timeout* (`jobs`, `export`) bounds
how long a job may stay unfinished.

A 429 is not a failure: it is waited out, under the call timeout only. Trouble (no reply, 5xx, a web page instead
of JSON) is tried again up to `max_retries` times, with exponential backoff and full jitter above half the step.
A *misfit*, a reply that cannot be the answer to this request, is trouble too, and is tried again twice at most: who
sends one has heard the question. A denial (400, 403, 404, 405, 422) is raised at once.

`Attempt` decides. It is all that an export needs, which has many requests on the wire; `call` is the flow for one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sonnys_data_client import errors
from sonnys_data_client.engine.effects import Flow, Reply, pause, reserve, send
from sonnys_data_client.engine.verdicts import Denied, Refused, Served, Troubled, Verdict, judge
from sonnys_data_client.engine.wire import Request

_BACKOFF_FIRST_S = 0.5
_BACKOFF_MAX_S = 30.0
_MISFITS_MAX = 3

Check = Callable[[dict[str, Any]], object]
"""Raises `UnexpectedResponseError` if a reply's body cannot be the answer to the request."""


def _check_nothing(_body: dict[str, Any]) -> None:
    """Accept any JSON object."""


@dataclass(frozen=True, slots=True)
class CallPolicy:
    """How hard one call tries.

    Attributes:
        max_retries: Tries after the first that ended in trouble.
        call_timeout_s: Seconds after the first trouble or 429 beyond which no further try begins.
    """

    max_retries: int = 4
    call_timeout_s: float = 180.0


@dataclass(slots=True)
class Attempt:
    """The state of one call: what to do after each reply.

    Attributes:
        request: What is sent, the same every time.
        policy: How hard to try.
        check: Whether a body can be the answer.
        tries: Replies and faults seen so far.
        refusals: How many of them were 429s.
        troubled_since: Monotonic second of the first trouble or 429; None while there was none.
        exhausted: Whether it was given up after trouble that might have passed. A denial does not count.
    """

    request: Request
    policy: CallPolicy
    check: Check = field(default=_check_nothing, repr=False)
    tries: int = 0
    refusals: int = 0
    troubled_since: float | None = None
    exhausted: bool = False
    _troubles: int = field(default=0, repr=False)
    _misfits: int = field(default=0, repr=False)

    def read(self, reply: Reply, wall: float, draw: float) -> dict[str, Any] | float:
        """Take a reply in.

        Args:
            reply: The reply or fault.
            wall: Epoch seconds now.
            draw: A random number in [0, 1).

        Returns:
            The decoded body, or the monotonic second from which to send the request again.

        Raises:
            APIError: The request was denied, or has been tried for long enough.
        """
        self.tries += 1
        verdict = self._judge(reply, wall)
        try:
            if isinstance(verdict, Served):
                return verdict.body
            if isinstance(verdict, Denied):
                raise verdict.error
            if self.troubled_since is None:
                self.troubled_since = reply.at
            if isinstance(verdict, Refused):
                self.refusals += 1
                wait_s = verdict.retry_after_s or 0.0  # the throttle waits for the period's end itself
            else:
                self._troubles += 1
                self._misfits += isinstance(verdict.error, errors.UnexpectedResponseError)
                step_s = min(_BACKOFF_MAX_S, _BACKOFF_FIRST_S * 2.0 ** (self._troubles - 1))
                wait_s = max(step_s * (0.5 + 0.5 * draw), verdict.retry_after_s or 0.0)
            again_at = reply.at + wait_s
            spent = self._troubles > self.policy.max_retries or self._misfits >= _MISFITS_MAX
            if spent or again_at - self.troubled_since > self.policy.call_timeout_s:
                raise self._exhausted(verdict.error)
            return again_at
        finally:
            # An error's traceback holds this frame. If the frame held the error in turn, the reply would stay in memory
            # until the garbage collector next looks.
            del verdict

    def _judge(self, reply: Reply, wall: float) -> Verdict:
        verdict = judge(self.request, reply.outcome, wall)
        if isinstance(verdict, Served):
            try:
                self.check(verdict.body)
            except errors.UnexpectedResponseError as misfit:
                misfit.body = verdict.body
                return Troubled(misfit)
        return verdict

    def _exhausted(self, error: errors.APIError) -> errors.APIError:
        self.exhausted = True
        if isinstance(error, errors.RateLimitError):
            error.args = (
                (
                    f"{error.problem} Waited {self.policy.call_timeout_s:g} s through {self.refusals} such replies: "
                    "something else is spending this API ID's requests."
                ),
            )
            error.remedy = errors.Remedy.RIVAL
        elif self.tries > 1:
            error.args = (f"{error.problem} Tried {self.tries} times.",)
        return error


def call(request: Request, policy: CallPolicy, check: Check = _check_nothing) -> Flow[dict[str, Any]]:
    """Send one request, as often as it takes, and return the decoded body.

    Args:
        request: What to send.
        policy: How hard to try.
        check: Raises `UnexpectedResponseError` if a body cannot be the answer to this request. Then it is sent again.

    Raises:
        APIError: The request was denied, or has been tried for long enough.
    """
    attempt = Attempt(request, policy, check)
    while True:
        yield from send(0, request, (yield from take_slot()))
        woken = yield from pause(None)
        result = attempt.read(woken.replies[0], woken.wall, woken.draw)
        if isinstance(result, dict):
            return result
        yield from pause(result)


def take_slot() -> Flow[int]:
    """Wait for a slot, however long it takes, and return its token. For flows with nothing on the wire only."""
    while True:
        slot = yield from reserve()
        if slot.token is not None:
            return slot.token
        yield from pause(slot.retry_at)
