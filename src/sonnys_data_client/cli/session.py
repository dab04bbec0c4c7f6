"""The account and the archive of a command, by the options that every command has.

A command that needs them takes a `Session` as its parameter `session`; `app` puts it in.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Unpack

from cyclopts import Parameter

from sonnys_data_client.cli.errors import Refusal

if TYPE_CHECKING:
    from sonnys_data_client import SonnysClient, ThrottleLimits
    from sonnys_data_client.archive import Archive
    from sonnys_data_client.cli.dates import When
    from sonnys_data_client.client.settings import ClientOptions
    from sonnys_data_client.profile import Profile

__all__ = ["Given", "Session"]


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
            ConfigurationError: The file of profiles is wrong, or has no such profile; or no setting names an archive,
                and this user has no home folder.
        """
        from sonnys_data_client.profiles import archive_address

        return self.archive or archive_address(self.profile_name)

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
        options.setdefault("throttle_keeper", self.profile.throttle_keeper)
        return SonnysClient(
            account.api_id, account.api_key.reveal(), account.site_code, base_url=account.base_url, **options
        )

    def now(self, zone: tzinfo) -> datetime:
        """Return the time by this machine's clock."""
        return datetime.fromtimestamp(time.time(), zone)

    def named_zone(self, timezone: str | None) -> tzinfo | None:
        """Return the zone that was named: by an option, else by the profile; None if by neither.

        Raises:
            ValidationError: No zone has this name.
        """
        from sonnys_data_client.zones import read_timezone

        return read_timezone(timezone or self.profile.timezone)

    def check_when(self, text: str, zone: tzinfo | None, parameter: str = "startDate") -> None:
        """Check a range of time that was typed. Needs no client.

        Raises:
            ValidationError: The text cannot be read.
        """
        from sonnys_data_client.cli.dates import read_when

        read_when(text, self.now(zone or UTC), parameter)

    def when(
        self,
        text: str,
        client: SonnysClient,
        site: str | None = None,
        *,
        parameter: str = "startDate",
        history: bool = False,
    ) -> When:
        """Read a range of time that was typed, in the zone in which the client reads days.

        May cost one request, for the site list: see `Context.zone_of`.

        Args:
            text: The range.
            client: The client that is to be asked for it.
            site: The only site that is asked for, or None.
            parameter: The Python parameter that the range is for.
            history: Whether the server has only six months of it. A range that was not typed with its first day then
                begins with the oldest day that the server has, and a message says so.

        Raises:
            ValidationError: The text cannot be read, or there is no such site. Nothing was sent for a bad text.
            APIError: The site list cannot be read.
        """
        from sonnys_data_client.cli.dates import read_when
        from sonnys_data_client.cli.show.screen import say, screen
        from sonnys_data_client.engine.windows import first_whole_day

        context = client.workings.settings.context
        self.check_when(text, context.zone, parameter)  # a word that no zone can read costs no request
        now = self.now(client.workings.driver.run(context.zone_of(site)))
        when = read_when(text, now, parameter)
        if not history:
            return when
        found = when.from_oldest(first_whole_day(now.timestamp(), now.tzinfo or UTC))
        if found != when:
            say(screen(), f"The server keeps six months, so {text} begins on {found.first}.")
        return found


Given = Annotated[Session, Parameter(parse=False)]
"""The type of a command's parameter `session`."""
