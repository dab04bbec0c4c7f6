"""What goes wrong on purpose, and when.

A fault happens at one of three places:

```text
on the way in    the server does not see the request, and the throttle does not count it
at the server    the throttle counts the request; all but error_500 also serve it
in a job         decided once, when the job is made
```

| fault           | where         | what the caller sees                                                    |
|-----------------|---------------|-------------------------------------------------------------------------|
| unreachable     | on the way in | no connection                                                           |
| reset_before    | on the way in | the connection broke                                                    |
| html_502        | on the way in | a gateway's web page                                                    |
| unavailable_503 | on the way in | plain text                                                              |
| error_500       | at the server | ServerUnexpectedFailure with a code                                     |
| reset_after     | at the server | the connection broke; the reply is lost                                 |
| cut_off         | at the server | the connection broke in the middle of the reply                         |
| stall           | at the server | the right reply, `stall_s` late                                         |
| truncated       | at the server | status 200, and half of the JSON                                        |
| job_fail        | in a job      | status `fail`                                                           |
| early_expiry    | in a job      | 404 well before the 20 minutes are over                                 |
| bad_row         | in a job      | a row that cannot be parsed: its `total` is not a number; list pages too|

Each draw depends on the seed and on the request's number or the job's hash, so a run can be repeated. `rival` is
other traffic on the same API ID. It is here because it, too, ends at `until`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from itertools import accumulate

from sonnys_data_client.engine.wire import Request
from sonnys_data_client.sandbox.dice import chance

__all__ = [
    "AT_THE_SERVER",
    "IN_A_JOB",
    "ON_THE_WAY_IN",
    "RATES",
    "FaultDice",
    "Faults",
    "JobFate",
    "Scripted",
]

ON_THE_WAY_IN = ("unreachable", "reset_before", "html_502", "unavailable_503")
AT_THE_SERVER = ("error_500", "reset_after", "cut_off", "stall", "truncated")
IN_A_JOB = ("job_fail", "early_expiry", "bad_row")
RATES = ON_THE_WAY_IN + AT_THE_SERVER + IN_A_JOB
_OF_A_REQUEST = ON_THE_WAY_IN + AT_THE_SERVER


@dataclass(frozen=True, slots=True)
class Scripted:
    """A fault of chosen requests: from the `nth` matching one on, `times` times.

    Attributes:
        fault: One of `RATES`. For `job_fail`, `early_expiry` and `bad_row`, "request" below means a request
            that made a new job.
        path: Only requests to this path match, such as `"/transaction/load-job"`; None means any path.
        when: Only requests for which this returns true match; None means any request.
        nth: The first matching request that gets the fault, counted from 1.
        times: How many matching requests in a row get it.
    """

    fault: str
    path: str | None = None
    when: Callable[[Request], bool] | None = None
    nth: int = 1
    times: int = 1

    def __post_init__(self) -> None:
        if self.fault not in RATES:
            raise ValueError(f"There is no fault {self.fault!r} to script; choose from {', '.join(RATES)}.")
        if self.nth < 1 or self.times < 1:
            raise ValueError(
                f"A scripted fault's nth and times must be 1 or more, not nth={self.nth} and times={self.times}."
            )

    def fits(self, request: Request) -> bool:
        """Return whether `request` counts towards `nth`."""
        return self.path in (None, request.path) and (self.when is None or self.when(request))


@dataclass(frozen=True, slots=True)
class Faults:
    """How often each fault happens. The module's docstring says what each one is.

    Attributes:
        unreachable: This and the following eleven are rates from 0 to 1.
        stall_s: How long a stall lasts, in seconds.
        rival: Requests per throttle period that another program sends with the same API ID; may be a fraction.
        until: Epoch second after which nothing goes wrong any more.
        script: Faults of chosen requests, which go before the random ones.
    """

    unreachable: float = 0.0
    reset_before: float = 0.0
    html_502: float = 0.0
    unavailable_503: float = 0.0
    error_500: float = 0.0
    reset_after: float = 0.0
    cut_off: float = 0.0
    stall: float = 0.0
    truncated: float = 0.0
    job_fail: float = 0.0
    early_expiry: float = 0.0
    bad_row: float = 0.0
    stall_s: float = 30.0
    rival: float = 0.0
    until: float = math.inf
    script: tuple[Scripted, ...] = ()

    def __post_init__(self) -> None:
        for name in RATES:
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"Fault {name} must be a rate from 0 to 1, not {getattr(self, name)}.")
        if (rates := sum(getattr(self, name) for name in _OF_A_REQUEST)) > 1:
            raise ValueError(
                f"A request has at most one fault, but the rates of {', '.join(_OF_A_REQUEST)} sum to {rates:g}: "
                "lower them to 1 or less."
            )
        for name in ("stall_s", "rival"):
            if not 0 <= getattr(self, name) < math.inf:
                raise ValueError(f"Fault setting {name} must be a number from 0 up, not {getattr(self, name)}.")
        if math.isnan(self.until):
            raise ValueError("Fault setting until must be an epoch second, not nan.")

    @classmethod
    def names(cls) -> list[str]:
        """Return the names that `from_text` accepts."""
        return [spec.name for spec in fields(cls) if spec.name != "script"]

    @classmethod
    def from_text(cls, settings: Iterable[str]) -> Faults:
        """Build faults from texts such as `"reset_after=0.02"`, `"stall_s=5"` or `"rival=8"`.

        Raises:
            ValueError: A name or its value is not allowed; the message says what is.
        """
        chosen: dict[str, float] = {}
        for setting in settings:
            name, _, text = setting.partition("=")
            if name not in cls.names():
                raise ValueError(f"There is no fault {name!r}; choose from {', '.join(cls.names())}.")
            try:
                chosen[name] = float(text)
            except ValueError:
                raise ValueError(f"Fault {name} must be a number, as in {name}=0.05, not {text!r}.") from None
        return cls(**chosen)  # type: ignore[arg-type]  # `script` is not among the names


@dataclass(frozen=True, slots=True)
class JobFate:
    """What is decided about a job when it is made.

    Attributes:
        fails: Whether it ends in `fail`.
        life: For which share of the 20 minutes its hash is valid.
        bad_row: Whether one of its rows cannot be parsed.
    """

    fails: bool = False
    life: float = 1.0
    bad_row: bool = False


_FINE = JobFate()


class FaultDice:
    """Decides which requests and jobs of one sandbox get a fault. Reads no clock."""

    def __init__(self, faults: Faults, seed: int) -> None:
        self._faults = faults
        self._seed = seed
        rates = [getattr(faults, name) for name in _OF_A_REQUEST]
        self._steps = [
            (step, name) for step, name, rate in zip(accumulate(rates), _OF_A_REQUEST, rates, strict=True) if rate
        ]
        self._jobs_suffer = any(getattr(faults, name) for name in IN_A_JOB)
        self._met = [0] * len(faults.script)

    def strike(self, request: Request, number: int, now: float) -> str | None:
        """Return the fault of request `number`, on the way in or at the server.

        None if it has none.
        """
        faults = self._faults
        struck = self._scripted(request, _OF_A_REQUEST) if faults.script else set[str]()
        if now >= faults.until:
            return None
        if struck:
            return next(name for name in _OF_A_REQUEST if name in struck)
        if self._steps:
            draw = chance(self._seed, "request", number)
            for step, name in self._steps:
                if draw < step:
                    return name
        return None

    def fate(self, request: Request, hash: str, now: float) -> JobFate:
        """Decide what will happen to the job `hash` that `request` makes."""
        struck = self._scripted(request, IN_A_JOB) if self._faults.script else set[str]()
        if now >= self._faults.until or not (struck or self._jobs_suffer):
            return _FINE
        hit = {name: name in struck or self._hits(name, hash) for name in IN_A_JOB}
        life = 0.05 + 0.45 * chance(self._seed, "life", hash) if hit["early_expiry"] else 1.0
        return JobFate(fails=hit["job_fail"], life=life, bad_row=hit["bad_row"])

    def spoils_list(self, number: int, now: float) -> bool:
        """Return whether the list page for request `number` has a row that cannot be parsed."""
        return now < self._faults.until and self._hits("bad_row", number)

    def rival_times(self, api_id: str, bucket: int, period_s: float) -> list[float]:
        """Return when the rival sends in the `bucket`-th `period_s` since the epoch."""
        rate = self._faults.rival
        count = int(rate) + (chance(self._seed, "rival", api_id, bucket) < rate % 1)
        times = [(bucket + chance(self._seed, "rival", api_id, bucket, turn)) * period_s for turn in range(count)]
        return sorted(at for at in times if at < self._faults.until)

    def _hits(self, name: str, about: str | int) -> bool:
        rate: float = getattr(self._faults, name)
        return rate > 0 and chance(self._seed, name, about) < rate

    def _scripted(self, request: Request, places: tuple[str, ...]) -> set[str]:
        struck: set[str] = set()
        for index, line in enumerate(self._faults.script):
            if line.fault in places and line.fits(request):
                self._met[index] += 1
                if line.nth <= self._met[index] < line.nth + line.times:
                    struck.add(line.fault)
        return struck
