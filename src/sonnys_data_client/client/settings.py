"""A client's arguments, checked, and what the sync and the async client make of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import tzinfo
from itertools import count
from typing import Self, TypedDict, Unpack

from sonnys_data_client.config import PRODUCTION_URL, Account, account_from_env
from sonnys_data_client.drivers.seams import Seams, Throttle
from sonnys_data_client.endpoints.context import Context
from sonnys_data_client.endpoints.params import check_seconds, whole_number
from sonnys_data_client.engine.call import CallPolicy, SiteHeader
from sonnys_data_client.engine.sites import other_spelling
from sonnys_data_client.engine.throttle import ThrottleLimits
from sonnys_data_client.throttles.keepers import PROCESS, keeper_from_env, throttle_at
from sonnys_data_client.transport import DEFAULT_MAX_BODY_BYTES
from sonnys_data_client.zones import read_timezone

DEFAULT_TIMEOUT_S = 30.0
DEFAULT_CALL_TIMEOUT_S = 180.0
DEFAULT_MAX_RETRIES = 4

_holders = count(1)


class ClientOptions(TypedDict, total=False):
    """A client's arguments besides the account. `ClientBase` describes them."""

    timeout: float
    call_timeout: float
    max_retries: int
    throttle: ThrottleLimits | Throttle | None
    throttle_keeper: str
    timezone: str | tzinfo | None
    max_body_bytes: int


@dataclass(frozen=True, slots=True)
class Settings:
    """A client's arguments, checked. Making one does no I/O.

    Attributes:
        account: Credentials and address.
        timeout_s: Request timeout in seconds.
        max_body_bytes: The largest reply that is read.
        context: What the operations need.
        seams: All side effects except the network.
    """

    account: Account
    timeout_s: float
    max_body_bytes: int
    context: Context
    seams: Seams


def read_settings(
    account: Account,
    *,
    timeout: float,
    call_timeout: float,
    max_retries: int,
    throttle: ThrottleLimits | Throttle | None,
    throttle_keeper: str,
    timezone: str | tzinfo | None,
    max_body_bytes: int,
) -> Settings:
    """Check a client's arguments.

    Raises:
        ValidationError: An argument is not allowed.
    """
    check_seconds(timeout=timeout, call_timeout=call_timeout)
    whole_number("max_retries", max_retries, 0, None)
    whole_number("max_body_bytes", max_body_bytes, 1, None)
    if throttle is None or isinstance(throttle, ThrottleLimits):
        throttle = throttle_at(throttle_keeper, account.base_url, account.api_id, throttle)
        limits, bookkeeper = throttle.limits, throttle.bookkeeper
    else:  # plans and the scheduler assume the API's own limits, unless it says others
        limits, bookkeeper = getattr(throttle, "limits", ThrottleLimits()), getattr(throttle, "bookkeeper", None)
    context = Context(
        policy=CallPolicy(
            max_retries=max_retries,
            call_timeout_s=call_timeout,
            site=None if account.site_code is None else SiteHeader(account.site_code, other_spelling),
        ),
        slots=limits.limit,
        period_s=limits.period_s,
        site_code=account.site_code,
        zone=read_timezone(timezone),
        owner=account.owner,
    )
    return Settings(
        account, timeout, max_body_bytes, context, Seams(throttle, holder=str(next(_holders)), bookkeeper=bookkeeper)
    )


class ClientBase(ABC):
    """The arguments of the sync and the async client. Making a client does no I/O.

    Every request passes the throttle: in any 15 s at most 20 requests start for this API ID, from all threads, tasks
    and clients of this process together, or of all processes that share its `throttle_keeper`. They take turns, and one
    slot is left for single calls while such calls are about. So only a stranger can cause a 429, which is waited out.

    There are three timeouts, all in seconds. `timeout` limits one request. `call_timeout` limits how long one call
    goes on after its first failure or 429. `load_job(timeout=...)` limits one job.

    Args:
        api_id: The API ID (spec: header `X-Sonnys-API-ID`).
        api_key: The secret key (spec: header `X-Sonnys-API-Key`). Never shown or logged.
        site_code: Restricts every request to this site (spec: header `X-Sonnys-Site-Code`). Its case
            does not matter: should the server refuse the spelling, one request for the site list finds its own.
        base_url: Address of the API; by default `PRODUCTION_URL`. Plain http is for this machine only.
        timeout: Request timeout in seconds.
        call_timeout: Call timeout in seconds.
        max_retries: How often a request is sent again that got no reply, a 5xx, or a web page instead of JSON.
        throttle: Other limits than 20 requests in 15 s, or a throttle of your own.
        throttle_keeper: Who is counted together: `"process"`, `"machine"` (all processes of this user on this
            machine) or the address of a Redis server, such as `"redis://host:6379/0"` (all that reach it; extra
            `redis`). `from_env`, `from_profile` and `sonnys` take `"machine"`, unless the profile or
            `SONNYS_THROTTLE_KEEPER` names another. If the keeper is away, the process goes on alone, with its share of
            the slots.
        timezone: Zone for bare dates and for times without an offset, as IANA name or `tzinfo`; a zone of pytz is read
            by its name. None means the site's own zone if one site is asked for, else that of most sites: one request
            for the site list, which is remembered. Loads and exports of all sites then give each site's own days.
            A site's zone that is not understood is named in a `UserWarning`.
        max_body_bytes: The largest reply that is read, in bytes after unpacking: 64 MB. A larger one is an
            `UnexpectedResponseError`, and so is JSON that would take half as much again in memory (text and values).

    A client may be used in processes that are forked from its own (`multiprocessing`, gunicorn, Celery). Each process
    opens its own connections. With the keeper `"process"` each also counts its requests alone.

    Raises:
        ConfigurationError: The credentials or the address are not allowed, or the environment names a proxy or
            certificates (`HTTPS_PROXY`, `ALL_PROXY`, `SSL_CERT_FILE`) that cannot be used.
        ValidationError: Another argument is not allowed.
    """

    def __init__(
        self,
        api_id: str,
        api_key: str,
        site_code: str | None = None,
        *,
        base_url: str = PRODUCTION_URL,
        timeout: float = DEFAULT_TIMEOUT_S,
        call_timeout: float = DEFAULT_CALL_TIMEOUT_S,
        max_retries: int = DEFAULT_MAX_RETRIES,
        throttle: ThrottleLimits | Throttle | None = None,
        throttle_keeper: str = PROCESS,
        timezone: str | tzinfo | None = None,
        max_body_bytes: int = DEFAULT_MAX_BODY_BYTES,
    ) -> None:
        self._account = Account(api_id, api_key, site_code, base_url)
        self._open(
            read_settings(
                self._account,
                timeout=timeout,
                call_timeout=call_timeout,
                max_retries=max_retries,
                throttle=throttle,
                throttle_keeper=throttle_keeper,
                timezone=timezone,
                max_body_bytes=max_body_bytes,
            )
        )

    @abstractmethod
    def _open(self, settings: Settings) -> None:
        """Build the transport, the driver and the resources."""

    @classmethod
    def from_env(cls, **options: Unpack[ClientOptions]) -> Self:
        """Make a client with the credentials of the environment.

        The other arguments are the constructor's.

        The variables are `SONNYS_API_ID` and `SONNYS_API_KEY`, and optionally `SONNYS_SITE_CODE`,
        `SONNYS_BASE_URL` and `SONNYS_THROTTLE_KEEPER`.

        Raises:
            ConfigurationError: The API ID or key is missing.
        """
        account = account_from_env()
        options.setdefault("throttle_keeper", keeper_from_env())
        return cls(account.api_id, account.api_key.reveal(), account.site_code, base_url=account.base_url, **options)

    @classmethod
    def from_profile(cls, name: str | None = None, **options: Unpack[ClientOptions]) -> Self:
        """Make a client with a profile of `sonnys profile add`.

        The other arguments are the constructor's.

        The profile gives the credentials and the address. It also gives the time zone and the throttle, unless they
        are given here.

        Args:
            name: The profile's name. None takes the account that `sonnys` would take, perhaps the environment's.
            **options: As for the constructor.

        Raises:
            ConfigurationError: There is no such profile, or the file or a value in it is not allowed.
            ValidationError: Another argument is not allowed.
        """
        from sonnys_data_client.profiles import read_profile  # only needed with a profile

        profile = read_profile(name)
        account = profile.account
        options.setdefault("timezone", profile.timezone)
        options.setdefault("throttle", ThrottleLimits(*profile.throttle) if profile.throttle else None)
        options.setdefault("throttle_keeper", profile.throttle_keeper)
        return cls(account.api_id, account.api_key.reveal(), account.site_code, base_url=account.base_url, **options)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._account!r})"
