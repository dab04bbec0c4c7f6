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
from dataclasses import dataclass, field, replace
from typing import Any

from sonnys_data_client import errors
from sonnys_data_client.engine.effects import Flow, Reply, pause, reserve, send
from sonnys_data_client.engine.verdicts import Denied, Refused, Served, Troubled, Verdict, judge
from sonnys_data_client.engine.wire import Request

_BACKOFF_FIRST_S = 0.5
_BACKOFF_MAX_S = 30.0
_MISFITS_MAX = 3
_UNKNOWN_SITE = "BadSiteCredentialsError"

SITE_HEADER = "x-sonnys-site-code"
"""The header with the code of the one site that a request is about (spec)."""

Check = Callable[[dict[str, Any]], object]
"""Raises `UnexpectedResponseError` if a reply's body cannot be the answer to the request."""


def _check_nothing(_body: dict[str, Any]) -> None:
    """Accept any JSON object."""


@dataclass(slots=True)
class SiteHeader:
    """The header that restricts every request to one site, and how the server spells its code.

    The server may refuse a code that is written in other letters than its own, even for the site list. So the list is
    read once without the header, when that has happened.

    Attributes:
        code: The code: as the caller wrote it, until the site list has shown another spelling.
        other_spelling: Looks a code up on the site list: see `engine.sites.other_spelling`.
        accepted: Whether a request with this code was served.
    """

    code: str
    other_spelling: Callable[[str, errors.SiteAuthorizationError, CallPolicy], Flow[str]] = field(repr=False)
    accepted: bool = False

    def on(self, request: Request) -> Request:
        """Return the request with this header."""
        return replace(request, headers={**request.headers, SITE_HEADER: self.code})

    def correct(self, refusal: errors.SiteAuthorizationError, policy: CallPolicy) -> Flow[None]:
        """Take the site list's spelling after the server refused ours. Costs one request.

        Raises:
            SiteAuthorizationError: The spelling is not the reason, or the site list cannot be read: `refusal`.
        """
        self.code = yield from self.other_spelling(self.code, refusal, replace(policy, site=None))


@dataclass(frozen=True, slots=True)
class CallPolicy:
    """How a call is made, and how hard it tries.

    Attributes:
        max_retries: Tries after the first that ended in trouble.
        call_timeout_s: Seconds after the first trouble or 429 beyond which no further try begins.
        site: The header that restricts requests to one site; None for no restriction.
    """

    max_retries: int = 4
    call_timeout_s: float = 180.0
    site: SiteHeader | None = None


@dataclass(slots=True)
class Attempt:
    """The state of one call: what to do after each reply.

    Attributes:
        request: What is sent, the same every time; with the policy's header.
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

    def __post_init__(self) -> None:
        if self.policy.site is not None:
            self.request = self.policy.site.on(self.request)

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
    site = policy.site
    if site is None:
        return (yield from _call(request, policy, check))
    try:
        body = yield from _call(request, policy, check)
    except errors.SiteAuthorizationError as refusal:
        if site.accepted or refusal.type != _UNKNOWN_SITE:
            raise
        yield from site.correct(refusal, policy)
        body = yield from _call(request, policy, check)
    site.accepted = True
    return body


def _call(request: Request, policy: CallPolicy, check: Check) -> Flow[dict[str, Any]]:
    attempt = Attempt(request, policy, check)
    while True:
        yield from send(0, attempt.request, (yield from take_slot()))
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
