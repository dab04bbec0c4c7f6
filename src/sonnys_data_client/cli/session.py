"""Who we are and where things lie, as the options of every command say: profile and archive.

A command that needs an account takes a `Session` as its parameter `session`; `app` puts it in.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Unpack

from cyclopts import Parameter

from sonnys_data_client.cli.errors import Refusal
from sonnys_data_client.errors import ValidationError

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
    """What the options that every command has say about the account.

    Attributes:
        profile_name: `--profile`, or None.
        archive: `--archive`, or None.
        command: The command as it was typed, to say how to run it again.
    """

    profile_name: str | None = None
    archive: str | None = None
    command: str = "sonnys"

    @cached_property
    def profile(self) -> Profile:
        """The account that is meant.

        Raises:
            ConfigurationError: There is none, or it cannot be right.
        """
        from sonnys_data_client.profiles import read_profile

        return read_profile(self.profile_name)

    @property
    def archive_address(self) -> str:
        """Where the archive is: `--archive`, else what profile or environment say, else where the system keeps data.

        Raises:
            ConfigurationError: The file of profiles cannot be right, or has no such profile.
        """
        from sonnys_data_client.profiles import archive_place

        place = self.archive or archive_place(self.profile_name)
        if place is None:
            import platformdirs

            return str(platformdirs.user_data_path("sonnys") / "archive")
        return place

    def open_archive(self) -> Archive:
        """The archive, which must be there.

        Raises:
            ConfigurationError: As for `archive_address`.
            Refusal: There is none.
            ArchiveError: Its address is not understood.
        """
        from sonnys_data_client.archive import Archive

        archive = Archive(self.archive_address)
        if not archive.exists():
            raise Refusal(f"There is no archive at {archive.address}: name one with --archive, or run sonnys sync.")
        return archive

    @property
    def limits(self) -> ThrottleLimits | None:
        """The account's own limits, or None for the API's."""
        from sonnys_data_client import ThrottleLimits

        return ThrottleLimits(*self.profile.throttle) if self.profile.throttle else None

    def client(self, **options: Unpack[ClientOptions]) -> SonnysClient:
        """Make a client of the account. Sends nothing.

        Args:
            **options: As for `SonnysClient`; its throttle is the account's unless given.

        Raises:
            ConfigurationError: There is no account, or it cannot be right.
        """
        from sonnys_data_client import SonnysClient

        account = self.profile.account
        options.setdefault("throttle", self.limits)
        return SonnysClient(account.api_id, account.api_key, account.site_code, base_url=account.base_url, **options)

    def now(self, zone: tzinfo) -> datetime:
        """The time, by this machine's clock."""
        return datetime.fromtimestamp(time.time(), zone)

    def zone(self, texts: Iterable[str], timezone: str | None, sites: Callable[[], list[Site]]) -> tzinfo:
        """The zone whose days are meant in what somebody wrote.

        Args:
            texts: What was written: ranges of time.
            timezone: The zone that was named, or None for the profile's, else the sites' own.
            sites: Gives the account's sites; asked only if neither option nor profile names a zone.

        Raises:
            ValidationError: A text or the zone cannot be read. Nothing was sent then.
        """
        from sonnys_data_client.cli.dates import read_when
        from sonnys_data_client.config import read_timezone

        zone = read_timezone(timezone or self.profile.timezone)
        for text in texts:
            read_when(text, self.now(zone or UTC))  # a word that no zone can read costs no request
        return zone or common_zone(sites())

    def when(self, text: str, timezone: str | None, sites: Callable[[], list[Site]]) -> When:
        """Read a range that somebody wrote; the arguments and errors are those of `zone`."""
        from sonnys_data_client.cli.dates import read_when

        return read_when(text, self.now(self.zone([text], timezone, sites)))


Given = Annotated[Session, Parameter(parse=False)]
"""The type of a command's parameter `session`."""


def zones_of(sites: Iterable[Site]) -> dict[str | None, tzinfo]:
    """The time zone of each site that has one, by its code."""
    from sonnys_data_client.config import read_timezone

    zones: dict[str | None, tzinfo] = {}
    for site in sites:
        with suppress(ValidationError):  # a zone that this machine does not know is as good as none
            zone = read_timezone(site.timezone)
            if zone is not None:
                zones[site.code] = zone
    return zones


def common_zone(sites: Iterable[Site]) -> tzinfo:
    """The zone whose days are meant when nobody named one: that of most sites, else UTC."""
    zones = list(zones_of(sites).values())
    return max(zones, key=zones.count) if zones else UTC
