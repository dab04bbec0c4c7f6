"""`sonnys profile`: accounts by name, so that keys need not be typed."""

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
    """Add an account: asks for its API ID and key, tries them, and keeps them.

    The key is not shown while you type, and never later. It is kept in a file that only you may read, or in the
    system's keyring. Where nobody types, the key is read from standard input.

    Args:
        name: What you want to call it.
        api_id: The API ID, so that it is not asked for.
        site_code: Restrict every request to this site.
        base_url: Another address than the live service's.
        timezone: Zone whose days you mean, such as America/Chicago; the sites' own if left out.
        archive: Where its archive is to be.
        throttle: Requests/seconds, if the vendor has agreed to others than 20/15.
        keyring: Keep the key in the system's keyring.
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
    """List the accounts by name, the default first.

    Examples:
        sonnys profile list
    """
    from sonnys_data_client.profiles import profile_names

    for name in profile_names():
        print(name)


def path() -> None:
    """Print where the file of profiles is.

    Examples:
        sonnys profile path
    """
    from sonnys_data_client.profiles import config_path

    print(config_path())


PROFILE = Family("profile", "Accounts by name, so that keys need not be typed.", (add, list_, path))
