"""From a client's arguments to its parts: what the sync and the async client build alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

from sonnys_data_client.config import Account, read_timezone
from sonnys_data_client.drivers.seams import Seams, Throttle
from sonnys_data_client.endpoints.context import Context
from sonnys_data_client.engine.call import CallPolicy
from sonnys_data_client.engine.throttle import ThrottleLimits
from sonnys_data_client.errors import ValidationError
from sonnys_data_client.throttles.process import ProcessThrottle

DEFAULT_TIMEOUT_S = 30.0
DEFAULT_CALL_TIMEOUT_S = 180.0
DEFAULT_MAX_RETRIES = 4


@dataclass(frozen=True, slots=True)
class Settings:
    """A client's arguments, checked. Making one does no I/O.

    Attributes:
        account: Credentials and address.
        timeout_s: Request timeout in seconds.
        context: What the endpoints need.
        seams: The side effects but the network.
    """

    account: Account
    timeout_s: float
    context: Context
    seams: Seams


def read_settings(
    account: Account,
    *,
    timeout: float,
    call_timeout: float,
    max_retries: int,
    throttle: ThrottleLimits | Throttle | None,
    timezone: str | tzinfo | None,
) -> Settings:
    """Check a client's arguments.

    Raises:
        ValidationError: One is not allowed.
    """
    for name, value in (("timeout", timeout), ("call_timeout", call_timeout)):
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
            raise ValidationError(f"{name}={value!r} must be a number of seconds above 0.")
    if isinstance(max_retries, bool) or not isinstance(max_retries, int) or max_retries < 0:
        raise ValidationError(f"max_retries={max_retries!r} must be a whole number, 0 or more.")
    limits = throttle if isinstance(throttle, ThrottleLimits) else ThrottleLimits()
    if throttle is None or isinstance(throttle, ThrottleLimits):
        throttle = ProcessThrottle.shared(account.base_url, account.api_id, limits)
    context = Context(
        policy=CallPolicy(max_retries=max_retries, call_timeout_s=call_timeout),
        slots=limits.limit,
        window_s=limits.window_s,
        site_code=account.site_code,
        zone=read_timezone(timezone),
    )
    return Settings(account, timeout, context, Seams(throttle))
