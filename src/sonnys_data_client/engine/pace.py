"""When to poll: learned while running, per account.

Nobody knows how long a job takes. A poll that finds `working` is a wasted slot. A poll that comes late costs nothing
while other work waits for slots, and is all the delay there is once none does.

*Pace* holds a belief about durations: log-logistic laws of many medians and a few spreads, each with a weight. Every
answered poll says that a job's duration lies above an age, or between two; the weights follow by Bayes' rule. Old
evidence fades, so that a server that slows down is noticed. From the belief comes the age at which a job is done with a
given probability, also for one that was found working before: that is when to poll it. How sure a poll should be
depends on how much else there is to do with a slot (`poll_odds`).

Until a job has passed, the belief is worth little, and one job at a time is polled as a *scout*, at ages that grow by a
fixed share. After that *trust* bounds how many first polls may be on the wire together. It doubles with a pass and
halves with a `working`, so that a wrong belief costs a slot or two and not a whole period's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

_MEDIAN_MIN_S = 0.25
_MEDIAN_STEP = 1.22
_MEDIANS = 38
_SHARPNESSES = {24.0: 0.6, 7.0: 0.25, 3.2: 0.15}
"""Exponents of the laws, and how likely each is at first: nearly fixed durations, and log-normal ones with a sigma of
about 0.25 and 0.55."""
_LAWS = tuple(
    (math.log(_MEDIAN_MIN_S * _MEDIAN_STEP**step), sharpness) for step in range(_MEDIANS) for sharpness in _SHARPNESSES
)
_PRIOR = tuple(share / _MEDIANS for _ in range(_MEDIANS) for share in _SHARPNESSES.values())
_FADING = 0.985
"""Exponent that each answer puts on all weights: how fast old evidence fades."""
_FLOOR = 1e-6
"""The least weight of a law, so that none is ruled out for good."""
_AGE_S_MAX = 1200.0
"""The latest age that `Pace.age_s` gives: results are lost then."""
_TRUST_MAX = 64.0
_FIRST_SCOUT_AGE_S = 1.0


def _done(age_s: float) -> list[float]:
    """For each law, the share of jobs that are done by this age."""
    if age_s <= 0.0:
        return [0.0] * len(_LAWS)
    log_age = math.log(age_s)
    # tanh never overflows, as exp would for a sharp law far from its median.
    return [0.5 + 0.5 * math.tanh(0.5 * sharpness * (log_age - log_median)) for log_median, sharpness in _LAWS]


@dataclass(slots=True)
class Pace:
    """What is known of how long jobs take.

    Attributes:
        scouting: Whether no job has passed yet, so that nothing is known.
        trust: How many first polls may be on the wire together.
        shortest_s: Lowest age at which a job was found passed.
    """

    scouting: bool = True
    trust: float = 1.0
    shortest_s: float = math.inf
    _weights: list[float] = field(default_factory=lambda: list(_PRIOR), repr=False)
    _ages: dict[float, float] = field(default_factory=dict, repr=False)

    def passed(self, age_s: float, working_age_s: float) -> None:
        """Take in that a poll at this age found the job done; the one before, at `working_age_s` (0: none), did not."""
        self.scouting = False
        self.trust = min(self.trust * 2.0, _TRUST_MAX)
        self.shortest_s = min(self.shortest_s, age_s)
        earlier = _done(working_age_s)
        self._learn([late - early for late, early in zip(_done(age_s), earlier, strict=True)], earlier)

    def working(self, age_s: float, working_age_s: float) -> None:
        """Take in that a poll at this age found the job working, as the one before at `working_age_s` (0: none)."""
        self.trust = max(1.0, self.trust / 2.0)
        self._learn([1.0 - share for share in _done(age_s)], _done(working_age_s))

    def _learn(self, likelihoods: list[float], earlier: list[float]) -> None:
        """Weigh the laws anew: each by how likely it made what was seen, given what was known of the job."""
        weights = [
            weight**_FADING * (max(likelihood, 0.0) / max(1.0 - early, _FLOOR) + _FLOOR)
            for weight, likelihood, early in zip(self._weights, likelihoods, earlier, strict=True)
        ]
        scale = 1.0 / sum(weights)
        self._weights = [max(weight * scale, _FLOOR) for weight in weights]
        self._ages.clear()

    def age_s(self, odds: float, working_age_s: float = 0.0) -> float:
        """The age by which a job that was still working at `working_age_s` is done with probability `odds`."""
        if working_age_s == 0.0 and odds in self._ages:
            return self._ages[odds]
        left = [weight * (1.0 - share) for weight, share in zip(self._weights, _done(working_age_s), strict=True)]
        due = (1.0 - odds) * sum(left)
        low, high = max(working_age_s, _MEDIAN_MIN_S / 8), _AGE_S_MAX
        for _ in range(12):
            middle = math.sqrt(low * high)
            still = sum(w * (1.0 - share) for w, share in zip(self._weights, _done(middle), strict=True) if w > _FLOOR)
            low, high = (middle, high) if still > due else (low, middle)
        if working_age_s == 0.0:
            self._ages[odds] = high
        return high

    def scout_age_s(self) -> float:
        """The age at which the first scout goes out."""
        return _FIRST_SCOUT_AGE_S


def poll_odds(jobs_left: int) -> float:
    """How likely a job should be done before a slot is spent on asking.

    With few jobs left slots go unused, and waiting to be surer is all the delay that a caller sees. With many, a wasted
    slot is a page that comes later.
    """
    if jobs_left <= 2:
        return 0.45
    if jobs_left <= 20:
        return 0.72
    return 0.78 if jobs_left <= 100 else 0.88


def repoll_share_max(jobs_left: int) -> float:
    """The largest share of its age that a job waits for its next poll, however unlikely it is to be done by then.

    A job that takes far longer than all before it shows that the belief is wrong about it, not that it never ends.
    """
    if jobs_left <= 1:
        return 0.15
    return 0.35 if jobs_left <= 20 else 0.4


def scout_gap_s(age_s: float, poll_interval_s: float, jobs_left: int) -> float:
    """How long to wait before a job of this age is asked again while nothing is known of durations.

    A share of its age, so that the answer comes late by no more than that share, and `poll_interval_s` at least.
    """
    return max(poll_interval_s, age_s * (0.15 if jobs_left <= 2 else 0.2))
