"""A gateway before the sandbox that mixes replies up."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from sonnys_data_client.engine.wire import Outcome, Request, Response
from sonnys_data_client.sandbox import Reply, Sandbox, SandboxConfig
from sonnys_data_client.sandbox.world.protocol import World
from tests.engine.rig import FETCH, SUBMIT, data, said

__all__ = ["Gateway", "MixedUp"]


@dataclass
class Gateway:
    """Gives some requests the reply to an earlier one of their kind, or makes two replies change places.

    Args:
        seed: Decides which.
        share: Which share of the requests.
        paths: Whose replies it mixes up.
        keeps_hash: Whether replies to polls repeat the hash and the page.
    """

    seed: int
    share: float
    paths: tuple[str, ...] = (SUBMIT, FETCH)
    keeps_hash: bool = True
    mixed: int = 0
    before: dict[str, list[Outcome]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)

    def __call__(self, request: Request, outcome: Outcome) -> Outcome:
        if request.path not in self.paths:
            return outcome
        if request.path == FETCH and not self.keeps_hash and isinstance(outcome, Response) and outcome.status == 200:
            outcome = said(
                {name: value for name, value in data(outcome).items() if name not in ("hash", "offset", "limit")}
            )
        earlier = self.before.setdefault(request.path, [])
        if earlier and self.dice.random() < self.share:
            self.mixed += 1
            place = self.dice.randrange(len(earlier))
            if self.dice.random() < 0.5:
                earlier[place], outcome = outcome, earlier[place]  # they change places: the next one may get this
            else:
                outcome = earlier[place]
        elif isinstance(outcome, Response) and outcome.status == 200:
            earlier.append(outcome)
        return outcome


class MixedUp(Sandbox):
    """A sandbox behind a gateway."""

    def __init__(self, config: SandboxConfig, world: World, gateway: Gateway) -> None:
        super().__init__(config, world)
        self.gateway = gateway

    def handle(self, request: Request, now: float) -> Reply:
        reply = super().handle(request, now)
        return Reply(self.gateway(request, reply.outcome), reply.hold_s)
