"""Which throttle counts the requests of an API ID: one for each in a process, and where its ledger lies.

| keeper             | who is counted together                                         |
|--------------------|-----------------------------------------------------------------|
| `process`          | all clients and threads of this process                         |
| `machine`          | all processes of this user on this machine                      |
| `machine:FOLDER`   | the same, in a folder of your own                               |
| `redis://HOST/...` | all that reach that server: several machines (`rediss` for TLS) |
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from sonnys_data_client.engine.throttle import ThrottleLimits
from sonnys_data_client.errors import ConfigurationError, ValidationError
from sonnys_data_client.throttles.process import ProcessThrottle

if TYPE_CHECKING:
    from sonnys_data_client.throttles.shared import SharedThrottle

__all__ = ["ENV_THROTTLE_KEEPER", "MACHINE", "PROCESS", "check_keeper", "keeper_from_env", "throttle_at"]

ENV_THROTTLE_KEEPER = "SONNYS_THROTTLE_KEEPER"
PROCESS, MACHINE = "process", "machine"
_REDIS = ("redis://", "rediss://", "unix://")

_throttles: dict[tuple[str, str, str], ProcessThrottle | SharedThrottle] = {}


def keeper_from_env() -> str:
    """Return the keeper that the environment names, else this machine.

    Raises:
        ConfigurationError: The environment names none that there is.
    """
    try:
        return check_keeper(os.environ.get(ENV_THROTTLE_KEEPER) or MACHINE)
    except ValidationError as problem:
        raise ConfigurationError("is none", parameter=ENV_THROTTLE_KEEPER, allowed=problem.allowed) from None


def check_keeper(keeper: str) -> str:
    """Return a keeper's name if it is one.

    Raises:
        ValidationError: It is none. Its value is not shown, because it may hold a password.
    """
    folder = keeper.removeprefix(f"{MACHINE}:")
    if keeper in {PROCESS, MACHINE} or (folder != keeper and Path(folder).is_absolute()) or keeper.startswith(_REDIS):
        return keeper
    raise ValidationError(
        "is none",
        parameter="throttle_keeper",
        allowed="'process', 'machine', 'machine:' with an absolute folder, or the address of a Redis server such as "
        "redis://host:6379/0",
    )


def throttle_at(
    keeper: str, base_url: str, api_id: str, limits: ThrottleLimits | None = None
) -> ProcessThrottle | SharedThrottle:
    """Return this process's throttle for an API ID. The API counts by API ID and not by client.

    Args:
        keeper: Where its ledger lies.
        base_url: Address of the API.
        api_id: The API ID.
        limits: Its limits. None takes those of the existing throttle; for a new one, the API's own.

    Raises:
        ValidationError: There is a throttle for this API ID, with other limits; or there is no such keeper.
        ConfigurationError: The keeper needs a package that is missing.
    """
    check_keeper(keeper)
    key = (keeper, base_url, api_id)
    # Atomic by itself: a lock could be held by another thread during a fork, and stay locked in the child.
    throttle = _throttles.get(key) or _throttles.setdefault(key, _made(*key, limits or ThrottleLimits()))
    if limits is not None and limits != throttle.limits:
        raise ValidationError(
            f"throttle={limits} differs from {throttle.limits}, which another client of API ID {api_id} set in "
            "this process: the API counts their requests together, so give both the same."
        )
    return throttle


def _made(keeper: str, base_url: str, api_id: str, limits: ThrottleLimits) -> ProcessThrottle | SharedThrottle:
    if keeper == PROCESS:
        return ProcessThrottle(limits)
    from sonnys_data_client.throttles.shared import SharedThrottle  # only needed for these

    if keeper.startswith(_REDIS):
        from sonnys_data_client.throttles.redis import RedisKeeper

        RedisKeeper(keeper, base_url, api_id)  # tells at once if it cannot be used
        return SharedThrottle(lambda: RedisKeeper(keeper, base_url, api_id), limits, "Redis")
    from sonnys_data_client.throttles.machine import MachineKeeper, machine_folder

    _, _, folder = keeper.partition(":")
    place = Path(folder) if folder else machine_folder()
    return SharedThrottle(lambda: MachineKeeper(place, base_url, api_id), limits, f"this machine, {place}")
