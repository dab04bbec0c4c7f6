"""The account and the archive of a command, by the options that every command has.

A command that needs them takes a `Session` as its parameter `session`; `app` puts it in.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Unpack

from cyclopts import Parameter

from sonnys_data_client.cli.errors import Refusal
from sonnys_data_client.errors import PayloadValidationError, SiteAuthorizationError, SonnysError, ValidationError

if TYPE_CHECKING:
    from sonnys_data_client import SonnysClient, ThrottleLimits
    from sonnys_data_client.archive import Archive
    from sonnys_data_client.cli.dates import When
    from sonnys_data_client.client.settings import ClientOptions
    from sonnys_data_client.profiles import Profile
    from sonnys_data_client.types import Site

__all__ = ["Given", "Session", "common_zone", "zones_of"]


@dataclass(frozen=True)
class Session:
    """The account and the archive that the command is about.

    Attributes:
        profile_name: `--profile`, or None.
        archive: `--archive`, or None.
        command: The command as it was typed, for messages that say how to run it again.
    """

    profile_name: str | None = None
    archive: str | None = None
    command: str = "sonnys"

    @cached_property
    def profile(self) -> Profile:
        """The account.

        Raises:
            ConfigurationError: There is none, or one of its settings is wrong.
        """
        from sonnys_data_client.profiles import read_profile

        return read_profile(self.profile_name)

    @property
    def archive_address(self) -> str:
        """Address of the archive: `--archive`, else that of the profile or environment, else the system's data folder.

        Raises:
            ConfigurationError: The file of profiles is wrong, or has no such profile.
        """
        from sonnys_data_client.profiles import archive_place

        place = self.archive or archive_place(self.profile_name)
        if place is None:
            import platformdirs

            return str(platformdirs.user_data_path("sonnys") / "archive")
        return place

    def open_archive(self) -> Archive:
        """Open the archive, which must be there.

        Raises:
            ConfigurationError: As for `archive_address`.
            Refusal: There is no archive.
            ArchiveError: Its address is not understood.
        """
        from sonnys_data_client.archive import Archive

        archive = Archive(self.archive_address)
        if not archive.exists():
            raise Refusal(
                f"There is no archive at {archive.address}.", "Name one with --archive, or run sonnys sync to make one."
            )
        return archive

    @contextmanager
    def naming_sites(self, client: SonnysClient, *codes: str) -> Generator[None]:
        """If the server refuses a site in the block, say which sites there are. That costs one request.

        Args:
            client: The client that the block uses.
            *codes: The site codes that were typed.

        Raises:
            ValidationError: One of the codes is not a site of this account.
        """
        try:
            yield
        except (PayloadValidationError, SiteAuthorizationError) as refusal:
            try:
                there = [site.code for site in client.sites.list() if site.code]
            except SonnysError:  # then the server's own words must do
                raise refusal from None
            for code in codes:
                if code not in there:
                    raise ValidationError(
                        "is not a site of this account", parameter="site", value=code, allowed=there
                    ) from refusal
            raise

    @property
    def limits(self) -> ThrottleLimits | None:
        """The throttle limits of the profile; None for those of the API."""
        from sonnys_data_client import ThrottleLimits

        return ThrottleLimits(*self.profile.throttle) if self.profile.throttle else None

    def client(self, **options: Unpack[ClientOptions]) -> SonnysClient:
        """Make a client for the account. Sends nothing.

        Args:
            **options: As for `SonnysClient`. The throttle is the account's unless given.

        Raises:
            ConfigurationError: There is no account, or one of its settings is wrong.
        """
        from sonnys_data_client import SonnysClient

        account = self.profile.account
        options.setdefault("throttle", self.limits)
        return SonnysClient(account.api_id, account.api_key, account.site_code, base_url=account.base_url, **options)

    def now(self, zone: tzinfo) -> datetime:
        """Return the time by this machine's clock."""
        return datetime.fromtimestamp(time.time(), zone)

    def zone(self, texts: Mapping[str, str], timezone: str | None, sites: Callable[[], list[Site]]) -> tzinfo:
        """Find the zone in which ranges of time are read.

        Args:
            texts: The ranges as they were typed, by the Python parameters that they are for.
            timezone: The zone that was named; None for the profile's, else that of most sites.
            sites: Gives the account's sites. It is asked only if neither option nor profile names a zone.

        Raises:
            ValidationError: A text or the zone cannot be read. Nothing was sent.
        """
        from sonnys_data_client.cli.dates import read_when
        from sonnys_data_client.config import read_timezone

        zone = read_timezone(timezone or self.profile.timezone)
        for parameter, text in texts.items():
            read_when(text, self.now(zone or UTC), parameter)  # a word that no zone can read costs no request
        return zone or common_zone(sites())

    def when(self, text: str, timezone: str | None, sites: Callable[[], list[Site]]) -> When:
        """Read a range of time that was typed; the arguments and errors are those of `zone`."""
        from sonnys_data_client.cli.dates import read_when

        return read_when(text, self.now(self.zone({"startDate": text}, timezone, sites)))


Given = Annotated[Session, Parameter(parse=False)]
"""The type of a command's parameter `session`."""


def zones_of(sites: Iterable[Site]) -> dict[str | None, tzinfo]:
    """Return the time zone of each site that has one, by the site's code."""
    from sonnys_data_client.config import read_timezone

    zones: dict[str | None, tzinfo] = {}
    for site in sites:
        with suppress(ValidationError):  # a zone that this machine does not know counts as none
            zone = read_timezone(site.timezone)
            if zone is not None:
                zones[site.code] = zone
    return zones


def common_zone(sites: Iterable[Site]) -> tzinfo:
    """Return the zone of most sites, else UTC: the one that is used if nobody names one."""
    zones = list(zones_of(sites).values())
    return max(zones, key=zones.count) if zones else UTC
