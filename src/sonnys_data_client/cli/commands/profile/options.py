"""`sonnys profile`: accounts by name. The options and the help; `run` does the work."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from sonnys_data_client.cli.family import Family

__all__ = ["PROFILE"]

_Switch = Parameter(negative=(), show_default=False)


def add(
    name: str,
    /,
    *,
    api_id: str | None = None,
    site_code: str | None = None,
    base_url: str | None = None,
    timezone: str | None = None,
    archive: str | None = None,
    throttle: str | None = None,
    keyring: Annotated[bool, _Switch] = False,
    check: Annotated[bool, Parameter(negative="--no-check", show_default=False)] = True,
) -> None:
    """Add an account: ask for its API ID and key, try them, and save them.

    The key is shown neither while you type nor later. It is saved in a file that only you may read, or in the system's
    keyring. If standard input is not a terminal, the key is read from its first line.

    Args:
        name: A name for the account.
        api_id: The API ID; if left out, it is asked for.
        site_code: Restrict every request to this site.
        base_url: Address of the API; if left out, that of the live service.
        timezone: Time zone of your days, such as America/Chicago; if left out, that of most sites.
        archive: Folder or address of the account's archive.
        throttle: Requests/seconds, if the vendor has agreed to other limits than 20/15.
        keyring: Save the key in the system's keyring.
        check: Try the key first, which costs one request.

    Examples:
        sonnys profile add acme
        sonnys profile add acme --timezone America/Chicago --keyring
    """
    from sonnys_data_client.cli.commands.profile.run import add_by_asking

    wishes = {
        "api_id": api_id,
        "site_code": site_code,
        "base_url": base_url,
        "timezone": timezone,
        "archive": archive,
        "throttle": throttle,
    }
    add_by_asking(name, {key: value for key, value in wishes.items() if value}, keyring=keyring, check=check)


def list_() -> None:
    """List the names of the accounts, the default first. At a terminal, say where the key of each is.

    Into a pipe or a file go the names alone, for a script.

    Examples:
        sonnys profile list
    """
    from sonnys_data_client.cli.commands.profile.run import print_names

    print_names()


def show(name: str, /) -> None:
    """Show the settings of an account, and where its key is. The key is not shown, and not read.

    Args:
        name: The name of the account.

    Examples:
        sonnys profile show acme
    """
    from sonnys_data_client.cli.commands.profile.run import print_profile

    print_profile(name)


def path() -> None:
    """Print the path of the file that holds the profiles.

    Examples:
        sonnys profile path
    """
    from sonnys_data_client.profiles import config_path

    print(config_path())


PROFILE = Family("profile", "Save accounts by name, so that keys need not be typed.", (add, list_, show, path))
